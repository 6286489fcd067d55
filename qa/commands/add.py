"""``pincite add``: files, folders, web pages and standard input become documents."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import rich_click as click

from index.errors import SourceError, UnreadableSource
from index.types import Link, Source
from qa import tables
from qa.commands.options import as_json, metadata
from qa.commands.progress import Bars, adding
from qa.commands.target import Target, target_options
from qa.service import Service
from qa.tables import Outcome

FAILED = 3
_STDIN = "-"


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says about an article, over what the article says itself."""

    title: str | None
    metadata: dict[str, str]
    max_bytes: int


@click.command(short_help="Add articles from files, folders or the web.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--title", help="The article's title, over the one it states.")
@click.option(
    "--metadata",
    "labels",
    metavar="KEY=VALUE",
    multiple=True,
    callback=metadata,
    help="Kept with each document, for --filter; may be repeated.",
)
@as_json("Print each document as the REST API gives it, one a line.")
@target_options
@click.pass_obj
def add(
    target: Target, *, paths: tuple[str, ...], title: str | None, labels: dict[str, str], json: bool
) -> int:
    """Add the articles at each PATH: a file, a folder, a web address, or - for standard input.

    Plain text, Markdown, HTML, PDF, DOCX and EPUB are read. What cannot be read is reported, the
    others are added all the same. Adding the same article again changes nothing. Web pages are
    fetched from the public internet only (PINCITE_FETCH_ALLOW names other hosts), and where the
    site's robots.txt has nothing against it.

    Exit status: 0 all were added or there already, 2 a usage error, 3 anything else.

    \b
    Examples:
    $ pincite add article.html
    $ pincite add articles/ notes.md
    $ pincite add https://example.org/article
    $ curl -s https://example.org/article | pincite add --title "An example" -
    """
    places = list(_places(paths))
    if title is not None and len(places) > 1:
        raise click.UsageError(f"--title is for one article, and {len(places)} were given.")
    overrides = Overrides(title, labels, target.index.max_bytes)
    outcomes: list[Outcome] = []
    try:
        with adding(len(places)) as bars, target.opened(writable=True) as service:
            for place in places:
                outcomes.append(_add(service, place, overrides, bars))
    finally:
        # Whatever stopped it half-way, those that were added are in.
        tables.outcomes(outcomes, json=json)
    return FAILED if any(outcome.failure for outcome in outcomes) else 0


def _places(paths: Iterable[str]) -> Iterator[str]:
    """The paths as given, with each folder replaced by the files in it."""
    # Imported here, since detecting encodings brings tables that asking a question does not need.
    from index.sources import walk

    for path in paths:
        inside = [str(file) for file in walk(Path(path))] if Path(path).is_dir() else []
        # An empty folder stays in the list, to be reported.
        yield from inside or [path]


def _add(service: Service, place: str, overrides: Overrides, bars: Bars) -> Outcome:
    bars.begin(place)
    try:
        added = service.add(_read(place, overrides), progress=bars.stage)
    except SourceError as error:
        reason = str(error)
        return Outcome(None, reason if Path(place).name in reason else f"{place}: {reason}")
    finally:
        bars.end()
    return Outcome(added, None)


def _read(place: str, overrides: Overrides) -> Source | Link:
    from index.sources import read_path, read_stdin

    if "://" in place:
        return Link(place, overrides.title, overrides.metadata)
    if Path(place).is_dir():
        raise UnreadableSource(f"{place}: the folder holds no file that is read")
    if place == _STDIN:
        source = read_stdin(max_bytes=overrides.max_bytes)
    else:
        source = read_path(Path(place), max_bytes=overrides.max_bytes)
    return replace(source, title=overrides.title, metadata=overrides.metadata)
