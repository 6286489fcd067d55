"""HTML: the canonical text is extracted, its head stated first, its furniture marked."""

import re

from lxml import html
from trafilatura.metadata import extract_metadata
from trafilatura.settings import Document as Metadata

from index.dates import first_date
from index.formats.decoding import decode
from index.formats.page import Box, Page, Region, parse, read
from index.formats.plain import declared_charset
from index.types import Extract, Source, Span

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]+)|<\?xml[^>]{0,100}encoding=[\"']([\w:.-]+)",
    re.IGNORECASE,
)
_START = 4096
_MOST = 0.4
_CONTENT = 0.85
_LEAD = 12


def extract(source: Source) -> Extract:
    """The page's text, a paragraph after the other, with what its metadata states.

    Where the text does not begin with the title, author, site and date of the metadata, they
    are put before it, a line each, so that they can be quoted.
    """
    text = decode(source.data, name=source.name, declared=_declared(source))
    tree = parse(text)
    if tree is None:
        return Extract(text="", media_type="text/html", url=source.url)
    page = read(tree)
    _mark(page)
    stated = _metadata(tree, source.url)
    boxes = [*_lines(stated, page), *page.boxes]
    written, furniture = _written(boxes)
    return Extract(
        text=written,
        media_type="text/html",
        title=stated.title,
        author=_author(stated),
        published=stated.date,
        url=source.url or stated.url,
        furniture=furniture,
    )


def _declared(source: Source) -> str | None:
    match = _CHARSET.search(source.data[:_START])
    found = (match[1] or match[2]).decode("ascii", "replace") if match else None
    return declared_charset(source) or found


def _metadata(tree: html.HtmlElement, url: str | None) -> Metadata:
    """What the page's markup states; a date is not guessed from its text."""
    dating = {"extensive_search": False, "original_date": True}
    return extract_metadata(tree, default_url=url, date_config=dating)


def _author(stated: Metadata) -> str | None:
    """Authors as a sentence lists them; trafilatura parts them by semicolons."""
    names = [name.strip() for name in (stated.author or "").split(";") if name.strip()]
    if len(names) < 2:
        return names[0] if names else None
    return ", ".join(names[:-1]) + " and " + names[-1]


def _mark(page: Page) -> None:
    """Marks the boxes that stand in furniture, or outside the article's own region."""
    total = sum(box.words for box in page.boxes) or 1
    for region in page.regions:
        inside = page.boxes[region.start : region.end]
        if region.named and sum(box.words for box in inside) <= _MOST * total:
            for box in inside:
                box.furniture = True
    main = _main(page)
    if main is None:
        return
    for index, box in enumerate(page.boxes):
        if index >= main.end and not (box.prose and box.words >= 20):
            box.furniture = True
        if index < main.start and box.linked and 2 * box.linked >= len(box.text):
            box.furniture = True


def _main(page: Page) -> Region | None:
    """The smallest region that holds nearly all of the page's running text."""
    counts = [0]
    for box in page.boxes:
        counts.append(counts[-1] + (box.words if box.prose and not box.furniture else 0))
    if not counts[-1]:
        return None
    holding = [
        region
        for region in page.regions
        if counts[region.end] - counts[region.start] >= _CONTENT * counts[-1]
    ]
    return min(holding, key=lambda region: region.end - region.start, default=None)


def _lines(stated: Metadata, page: Page) -> list[Box]:
    """What the metadata states and the text does not begin with."""
    lead = [box.text for box in page.boxes if not box.furniture][:_LEAD]
    said = " ".join(" ".join(lead).casefold().split())
    author = _author(stated)
    lines = []
    if stated.title and " ".join(stated.title.casefold().split()) not in said:
        lines.append(stated.title)
    if stated.sitename and stated.sitename.casefold() not in said:
        lines.append(stated.sitename)
    if author and author.split(",")[0].casefold() not in said:
        lines.append(f"By {author}")
    dates = {date.iso for text in lead if (date := first_date(text[:400]))}
    if stated.date and stated.date not in dates:
        lines.append(stated.date)
    return [Box(" ".join(line.split()), "p") for line in lines]


def _written(boxes: list[Box]) -> tuple[str, tuple[Span, ...]]:
    """The boxes as one text, and where the furniture stands in it."""
    parts: list[str] = []
    furniture: list[Span] = []
    at = 0
    before: Box | None = None
    for box in boxes:
        if before:
            parts.append("\n" if box.follows(before) else "\n\n")
            at += len(parts[-1])
        parts.append(box.text)
        if box.furniture:
            furniture.append(Span(at, at + len(box.text)))
        at += len(box.text)
        before = box
    return "".join(parts), tuple(furniture)
