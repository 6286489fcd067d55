"""``pincite refresh``: web pages that were added are fetched anew."""

from collections.abc import Sequence
from dataclasses import dataclass

import rich_click as click

from index.errors import SourceError
from index.types import Document, Refreshed
from index.web import FETCHED_FROM
from qa import render, tables
from qa.commands.options import as_json, named_documents
from qa.commands.progress import Bars, adding
from qa.commands.target import Target, target_options
from qa.service import Service, every_document
from qa.terminal import printable

FAILED = 3


@dataclass(frozen=True, slots=True)
class _Outcome:
    document: Document
    refreshed: Refreshed | None
    failure: str | None = None


@click.command(short_help="Fetch web pages anew.")
@click.argument("ids", metavar="[ID...]", nargs=-1)
@as_json("Print what refreshing each did as the REST API gives it, one a line.")
@target_options
@click.pass_obj
def refresh(target: Target, *, ids: tuple[str, ...], json: bool) -> int:
    """Fetch the articles with these IDs from the web again; without IDs, all that came from it.

    A page that has changed becomes a new article with an id of its own, and the old one is
    removed once the new one is stored. A page that is gone is reported, and its article stays.

    Exit status: 0 all were fetched, 2 a usage error, 3 anything else.

    \b
    Examples:
    $ pincite refresh
    $ pincite refresh 3f2a
    """
    outcomes: list[_Outcome] = []
    try:
        with target.opened(writable=True) as service:
            chosen = _chosen(service, ids)
            with adding(len(chosen)) as bars:
                for document in chosen:
                    outcomes.append(_refresh(service, document, bars))
    finally:
        # Whatever stopped it half-way, those that were refreshed are.
        for outcome in outcomes:
            _tell(outcome, json=json)
    if not outcomes and not json:
        click.echo("No article came from the web, so there is nothing to refresh.")
    return FAILED if any(outcome.failure for outcome in outcomes) else 0


def _chosen(service: Service, ids: Sequence[str]) -> tuple[Document, ...]:
    if ids:
        return named_documents(service, ids)
    return tuple(one for one in every_document(service) if FETCHED_FROM in one.metadata)


def _refresh(service: Service, document: Document, bars: Bars) -> _Outcome:
    bars.begin(document.name)
    try:
        return _Outcome(document, service.refresh(document.id))
    except SourceError as error:
        return _Outcome(document, None, f"{document.name}: {error}")
    finally:
        bars.end()


def _tell(outcome: _Outcome, *, json: bool) -> None:
    if outcome.refreshed is None:
        click.echo(f"pincite: {printable(outcome.failure or '')}", err=True)
    elif json:
        render.as_json(outcome.refreshed)
    elif outcome.refreshed.replaced is None:
        click.echo(f"unchanged  {tables.called(outcome.document)}")
    else:
        new = outcome.refreshed.document
        click.echo(f"changed    {tables.called(new)} (now {new.id}, was {outcome.document.id})")
