"""Tables of documents, and of what became of the files that were to be added."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import rich_click as click
from rich.table import Table
from rich.text import Text

from index.types import Added, Document
from qa import refusals
from qa.render import as_json
from qa.terminal import Terminal, printable
from qa.types import Conversation, Reason

_ROOM_FOR_AUTHORS = 76  # columns
_SHORT_ID = 8  # characters of an id that a terminal shows, or more where two begin alike

_STATES = ("added", "changed", "already there", "unchanged", "failed")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one thing to add: the document, or why there is none.

    An ``unchanged`` file is as it was when its folder was last added, a ``changed`` one has taken
    the place of its older version.
    """

    added: Added | None
    failure: str | None
    unchanged: bool = False
    changed: bool = False


def called(document: Document) -> str:
    """A document's name for a person, with its title where that says more."""
    title = document.title if document.title != document.name else None
    return " · ".join(printable(part) for part in (document.name, title) if part)


def documents(found: Sequence[Document]) -> None:
    """Print a table of documents; a terminal gets short ids, a pipe whole ones."""
    out = Terminal()
    if not found:
        out.paragraph(f"{refusals.WHY[Reason.NOTHING_INDEXED]} {refusals.ADD_FIRST}")
        return
    ids = [document.id for document in found]
    length = _distinct(ids) if out.is_terminal else max(map(len, ids))
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    # Titles and authors are folded to fit; a narrow terminal has no room for authors at all.
    wide = out.width >= _ROOM_FOR_AUTHORS
    table.add_column("ID", no_wrap=True)
    table.add_column("Title", overflow="fold")
    if wide:
        table.add_column("Author", overflow="fold")
    table.add_column("Date", no_wrap=True)
    table.add_column("Characters", no_wrap=True, justify="right")
    for document in found:
        table.add_row(
            document.id[:length],
            printable(document.title or document.name),
            *([printable(document.author or "")] if wide else []),
            printable(document.published or ""),
            f"{document.characters:,}",
        )
    out.table(table)


def conversations(found: Sequence[Conversation], *, current: str | None) -> None:
    """Print a table of conversations, the current one marked; ids as ``documents`` gives them."""
    out = Terminal()
    if not found:
        out.paragraph("There is no conversation yet. Ask a question to begin one.")
        return
    ids = [one.id for one in found]
    length = _distinct(ids) if out.is_terminal else max(map(len, ids))
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("ID", no_wrap=True)
    table.add_column("Begun", no_wrap=True)
    table.add_column("Title", overflow="fold")
    for one in found:
        here = "* " if one.id == current else ""
        table.add_row(one.id[:length], _minute(one.created_at), here + printable(one.title))
    out.table(table)


def _minute(at: str) -> str:
    """A time as it is kept (``2026-01-02T03:04:05Z``), to the minute."""
    return printable(at.replace("T", " "))[:16]


def outcomes(found: Sequence[Outcome], *, json: bool) -> None:
    """Print what became of each thing to add; with ``json`` one document a line.

    Without, unchanged files are only counted.

    Failures go to standard error with ``json``, and into the table without.
    """
    if json:
        for outcome in found:
            if outcome.added is not None:
                as_json(outcome.added.document)
            else:
                click.echo(f"pincite: {printable(outcome.failure or '')}", err=True)
    elif found:
        _outcome_table(found)


def _outcome_table(found: Sequence[Outcome]) -> None:
    out = Terminal()
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for outcome in found:
        if not outcome.unchanged:
            table.add_row(*_outcome_row(outcome))
    out.table(table)
    out.paragraph(_summary(found))


def _outcome_row(outcome: Outcome) -> tuple[Text, Text]:
    if outcome.added is None:
        return Text("failed", style="red"), Text(printable(outcome.failure or ""))
    document = outcome.added.document
    state = Text(_state(outcome), style="green" if outcome.added.created else "")
    chunks = f"{document.chunks} chunk{'s' * (document.chunks != 1)}"
    return state, Text.assemble(called(document), (f" · {chunks}", "dim"))


def _summary(found: Sequence[Outcome]) -> str:
    counts = Counter(map(_state, found))
    return ", ".join(f"{counts[state]} {state}" for state in _STATES if counts[state]) + "."


def _state(outcome: Outcome) -> str:
    if outcome.added is None:
        return "failed"
    if outcome.unchanged or outcome.changed:
        return "unchanged" if outcome.unchanged else "changed"
    return "added" if outcome.added.created else "already there"


def _distinct(ids: Sequence[str]) -> int:
    """The fewest characters, but not below the usual, that tell the ids apart."""
    length = _SHORT_ID
    while len({id[:length] for id in ids}) < len(set(ids)):
        length += 1
    return length
