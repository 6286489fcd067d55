"""Options and arguments that several commands share."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import rich_click as click

from index.errors import DocumentNotFound
from index.types import Document
from qa.commands.target import help_of
from qa.errors import InvalidRequest
from qa.service import Service, every_document
from qa.settings import AnswerSettings

Decorated = TypeVar("Decorated", bound=Callable[..., object])


def as_json(help: str) -> Callable[[Decorated], Decorated]:
    """The ``--json`` flag, with what it prints."""
    return click.option("--json", is_flag=True, help=help)


def question_options(command: Decorated) -> Decorated:
    """``--limit`` and ``--min-confidence``: how much is read, and from when on it is answered."""
    limit = click.option(
        "--limit",
        metavar="N",
        type=click.IntRange(1, 20),
        help=f"{help_of(AnswerSettings, 'passages')} [default: 5, or PINCITE_PASSAGES].",
    )
    min_confidence = click.option(
        "--min-confidence",
        metavar="P",
        type=click.FloatRange(0, 1),
        help="Answer from this confidence up; 0 always gives the best guess.",
    )
    return limit(min_confidence(command))


def metadata(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """``KEY=VALUE`` options as a mapping. Raises BadParameter for one without ``=``."""
    pairs = [value.partition("=") for value in values]
    for key, equals, value in pairs:
        if not (key and equals):
            raise click.BadParameter(f"{key + equals + value!r} is not KEY=VALUE.")
    return {key: value for key, _equals, value in pairs}


def scope_options(command: Decorated) -> Decorated:
    """``--doc`` and ``--filter``: which documents to look in."""
    document = click.option(
        "--doc",
        "ids",
        metavar="ID",
        multiple=True,
        help="Look only in this document; may be repeated, and an id may be cut short.",
    )
    having = click.option(
        "--filter",
        "having",
        metavar="KEY=VALUE",
        multiple=True,
        callback=metadata,
        help="Look only in documents added with this metadata; may be repeated.",
    )
    return document(having(command))


def named_documents(service: Service, given: Sequence[str]) -> tuple[Document, ...]:
    """The documents that ids, or beginnings of ids, stand for; each once, in the order given.

    Raises DocumentNotFound, or InvalidRequest for a beginning that several ids share.
    """
    found = [_named(service, name) for name in given]
    return tuple({document.id: document for document in found}.values())


def _named(service: Service, given: str) -> Document:
    if not given:
        raise InvalidRequest("an id is empty: `pincite docs` lists them")
    try:
        return service.document(given)
    except DocumentNotFound:
        found = [document for document in every_document(service) if document.id.startswith(given)]
    if not found:
        raise DocumentNotFound(f"no document has the id {given!r}: `pincite docs` lists them")
    if len(found) > 1:
        raise InvalidRequest(f"{len(found)} ids begin with {given!r}: give more of the id")
    return found[0]


def scope_ids(service: Service, given: Sequence[str]) -> tuple[str, ...] | None:
    """The ids of the named documents, or None, which means all, where none is named."""
    return tuple(document.id for document in named_documents(service, given)) or None
