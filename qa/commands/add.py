"""``pincite add``: files, folders, web pages and standard input become documents."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from index.errors import SourceError, UnreadableSource
from index.types import Added, Document, Link, Source
from qa import tables
from qa.commands.options import as_json, metadata
from qa.commands.progress import Bars, adding, waiting
from qa.commands.target import Target, target_options
from qa.service import Service, every_document
from qa.tables import Outcome

if TYPE_CHECKING:
    from index.web.articles import Articles
    from qa.folders import Ledger

FAILED = 3
_STDIN = "-"
_ARTICLES = 20


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says about an article, over what the article says itself."""

    title: str | None
    metadata: dict[str, str]
    max_bytes: int

    def over(self, source: Source) -> Source:
        """The source, with what is said of it here."""
        return replace(source, title=self.title, metadata=self.metadata)


@click.command(short_help="Add articles from files, folders or the web.")
@click.argument("paths", metavar="[PATH...]", nargs=-1)
@click.option(
    "--feed",
    metavar="URL",
    help="Add the articles that a feed or sitemap lists, or the feed that a page names.",
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1, 1000),
    help="The most articles of a feed, the newest [default: 20].",
)
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
    target: Target,
    *,
    paths: tuple[str, ...],
    feed: str | None,
    limit: int | None,
    title: str | None,
    labels: dict[str, str],
    json: bool,
) -> int:
    """Add the articles at each PATH: a file, a folder, a web address, or - for standard input.

    Plain text, Markdown, HTML, PDF, DOCX and EPUB are read. What cannot be read is reported, the
    others are added all the same. Adding the same article again changes nothing; of a folder that
    was added before only what is new or has changed is read, and the new version of a file takes
    the place of the old one. Web pages are fetched from the public internet only
    (PINCITE_FETCH_ALLOW names other hosts), and where the site's robots.txt has nothing against
    it. Those that a feed lists (RSS, Atom, JSON Feed or a sitemap, of which the newest) are fetched
    one at a time, with the pause that their site asks for in robots.txt, up to 5 seconds.

    Exit status: 0 all were added or there already, 2 a usage error, 3 anything else.

    \b
    Examples:
    $ pincite add article.html
    $ pincite add articles/ notes.md
    $ pincite add https://example.org/article
    $ pincite add --feed https://example.org/feed.xml --limit 50
    $ curl -s https://example.org/article | pincite add --title "An example" -
    """
    _check_feed(target, paths, feed, limit)
    articles = _articles(target) if feed else None
    inside: frozenset[str] = frozenset()
    if articles and feed:
        with waiting("reading the feed"):
            places = list(articles.listed(feed, limit=limit or _ARTICLES))
    else:
        places, inside = _places(paths)
    if title is not None and len(places) > 1:
        raise click.UsageError(f"--title is for one article, and {len(places)} were given.")
    overrides = Overrides(title, labels, target.index.max_bytes)
    outcomes: list[Outcome] = []
    try:
        what = "articles" if articles else "files"
        with (
            adding(len(places), what=what) as bars,
            target.opened(writable=True) as service,
            _folders(target, service, inside) as folders,
        ):
            for place in places:
                outcomes.append(
                    folders.add(place, overrides, bars)
                    if folders and place in inside
                    else _add(service, place, overrides, bars, articles)
                )
    finally:
        # Whatever stopped it half-way, those that were added are in.
        tables.outcomes(outcomes, json=json)
    return FAILED if any(outcome.failure for outcome in outcomes) else 0


@dataclass(frozen=True, slots=True)
class _Folders:
    """What is known of the files of folders, and of the store."""

    service: Service
    ledger: "Ledger"
    stored: dict[str, Document]

    def add(self, place: str, overrides: Overrides, bars: Bars) -> Outcome:
        """Add a file unless it is unchanged."""
        from qa.folders import keep

        def add(source: Source) -> Added:
            added = self.service.add(overrides.over(source), progress=bars.stage)
            self.stored[added.document.id] = added.document
            return added

        def kept() -> Outcome:
            found = keep(
                Path(place),
                self.ledger,
                self.stored,
                max_bytes=overrides.max_bytes,
                add=add,
                remove=self.service.remove,
            )
            if found.unchanged is not None:
                there = Added(self.stored[found.unchanged], created=False)
                return Outcome(there, None, unchanged=True)
            return Outcome(found.added, None, changed=found.replaced is not None)

        return _tried(place, bars, kept)


@contextmanager
def _folders(
    target: Target, service: Service, inside: frozenset[str]
) -> "Iterator[_Folders | None]":
    """What is known of the files inside of folders; None where there are none."""
    if not inside:
        yield None
        return
    # Imported here, since single files and pages need no ledger.
    from qa.folders import Ledger

    with closing(Ledger(target.index.data, store=target.url or "")) as ledger:
        stored = {document.id: document for document in every_document(service)}
        yield _Folders(service, ledger, stored)


def _places(paths: Iterable[str]) -> tuple[list[str], frozenset[str]]:
    """The paths as given, with each folder replaced by the files in it; and which those are."""
    # Imported here, since detecting encodings brings tables that asking a question does not need.
    from index.sources import walk

    places: list[str] = []
    inside: set[str] = set()
    for path in paths:
        files = [str(file) for file in walk(Path(path))] if Path(path).is_dir() else []
        inside.update(files)
        places += files or [path]  # an empty folder stays in the list, to be reported
    return places, frozenset(inside)


def _check_feed(
    target: Target, paths: tuple[str, ...], feed: str | None, limit: int | None
) -> None:
    if feed is None:
        if not paths:
            raise click.UsageError("Missing argument 'PATH...', or --feed.")
        if limit is not None:
            raise click.UsageError("--limit is for --feed, which was not given.")
    elif paths:
        raise click.UsageError("--feed has its own articles: add the PATHs by another command.")
    elif target.url is not None:
        raise click.UsageError(
            "--feed adds to a store on this machine, not to a server: leave out --url (or "
            "PINCITE_URL), or give --data."
        )


def _articles(target: Target) -> "Articles":
    # Imported here, since files need no network.
    from index.web.articles import Articles
    from index.web.fetcher import Fetcher

    return Articles(Fetcher(target.index))


def _add(
    service: Service, place: str, overrides: Overrides, bars: Bars, articles: "Articles | None"
) -> Outcome:
    def added() -> Outcome:
        found = _read(place, overrides)
        if articles and isinstance(found, Link):
            found = articles.fetch(found)
        return Outcome(service.add(found, progress=bars.stage), None)

    return _tried(place, bars, added)


def _tried(place: str, bars: Bars, work: Callable[[], Outcome]) -> Outcome:
    """What became of a place, with its bar; a failure is told and ends nothing."""
    bars.begin(place)
    try:
        return work()
    except SourceError as error:
        reason = str(error)
        return Outcome(None, reason if Path(place).name in reason else f"{place}: {reason}")
    finally:
        bars.end()


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
    return overrides.over(source)
