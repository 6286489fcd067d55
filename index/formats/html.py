"""HTML: the canonical text is extracted, its head stated first, its furniture marked."""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from lxml import html

from index.dates import first_date
from index.formats.decoding import decode
from index.formats.page import Box, Page, Region, parse, read
from index.formats.plain import declared_charset
from index.formats.written import Writing
from index.names import listed
from index.types import Extract, Heading, Source

if TYPE_CHECKING:
    from trafilatura.settings import Document as Metadata

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]+)|<\?xml[^>]{0,100}encoding=[\"']([\w:.-]+)",
    re.IGNORECASE,
)
_START = 4096
_CONTENT = 0.85
_LEAD, _MEASURED = 12, 400
_TEASER = 20
_CARD, _CARD_WORDS, _SERIES = 6, 60, 2


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
    stated = _metadata(tree, source.url)
    authors = [name.strip() for name in (stated.author or "").split(";") if name.strip()]
    author = listed(authors)
    _mark(page, authors)
    title = _title(stated, tree, page)
    lines = _lines((title, stated.sitename, author and f"By {author}", stated.date), page)
    writing = _written([*lines, *page.boxes])
    return Extract(
        text=writing.text,
        media_type="text/html",
        title=title,
        author=author,
        published=stated.date,
        url=source.url or stated.url,
        furniture=tuple(writing.furniture),
        headings=tuple(writing.headings),
    )


def _declared(source: Source) -> str | None:
    match = _CHARSET.search(source.data[:_START])
    found = (match[1] or match[2]).decode("ascii", "replace") if match else None
    return declared_charset(source) or found


def _metadata(tree: html.HtmlElement, url: str | None) -> "Metadata":
    """What the page's markup states; a date is not guessed from its text."""
    # Imported here, since a question is asked without it, and it takes a tenth of a second.
    from trafilatura.metadata import extract_metadata

    dating = {"extensive_search": False, "original_date": True}
    return extract_metadata(tree, default_url=url, date_config=dating)


def _title(stated: "Metadata", tree: html.HtmlElement, page: Page) -> str | None:
    """The title stated, unless only another heading occurs in that of the window."""
    window = " ".join((tree.findtext(".//title") or "").split())
    if stated.title and stated.title in window:
        return stated.title
    headings = (box.text for box in page.boxes if box.tag in ("h1", "h2") and not box.furniture)
    found = [heading for heading in headings if heading in window]
    first = [heading for heading in found if window.startswith(heading)]
    return next(iter(first + found), stated.title)


def _mark(page: Page, authors: Sequence[str]) -> None:
    """Marks the boxes that stand in furniture, or outside the article's own region."""
    words = _sums(box.words for box in page.boxes)
    for region in page.regions:
        share = (words[region.end] - words[region.start]) / (words[-1] or 1)
        inside = page.boxes[region.start : region.end] if share <= region.most else []
        if not any(box.tag == "h1" for box in inside):
            for box in inside:
                box.furniture = True
    _mark_cards(page, authors)
    if main := _main(page):
        _mark_outside(page, main)


def _sums(counts: Iterable[int]) -> list[int]:
    """The sum of the first n counts, for each n from 0."""
    return list(accumulate(counts, initial=0))


def _mark_outside(page: Page, main: Region) -> None:
    """Before the article links are furniture, after it all but running text."""
    for index, box in enumerate(page.boxes):
        if index >= main.end and not (box.prose and box.words >= _TEASER):
            box.furniture = True
        if index < main.start and box.linked and 2 * box.linked >= len(box.text):
            box.furniture = True


def _mark_cards(page: Page, authors: Sequence[str]) -> None:
    """After the last running text: a series of links, each with the beginning of its article."""
    cards = [
        region
        for region in page.regions
        if _is_card(page.boxes[region.start : region.end], authors)
    ]
    within = {i for card in cards for i in range(card.start, card.end)}
    own = (i for i, box in enumerate(page.boxes) if box.prose and not box.furniture)
    last = max((i for i in own if i not in within), default=-1)
    cards = [card for card in cards if card.start > last]
    if last < 0 or len(cards) < _SERIES:
        return
    for index in range(cards[0].start - 1, cards[-1].end):
        box = page.boxes[index]  # the one before them is their heading
        box.furniture = box.furniture or index in within or not box.prose


def _is_card(boxes: Sequence[Box], authors: Sequence[str]) -> bool:
    """Whether a region holds little more than a line that is a link and a few lines of text."""
    if not 1 < len(boxes) <= _CARD or sum(box.words for box in boxes) > _CARD_WORDS:
        return False
    linked = any(5 * box.linked >= 4 * len(box.text) for box in boxes)
    return linked and not any(author in box.text for author in authors for box in boxes)


def _main(page: Page) -> Region | None:
    """The smallest region that holds nearly all of the page's running text."""
    counts = _sums(box.words if box.prose and not box.furniture else 0 for box in page.boxes)
    if not counts[-1]:
        return None
    holding = [
        region
        for region in page.regions
        if counts[region.end] - counts[region.start] >= _CONTENT * counts[-1]
    ]
    return min(holding, key=lambda region: region.end - region.start, default=None)


def _lines(stated: Iterable[str | None], page: Page) -> list[Box]:
    """What the metadata states and the text does not begin with, a line each."""
    lead = [box.text for box in page.boxes if not box.furniture][:_LEAD]
    said = " ".join(" ".join(lead).casefold().split())
    dates = {date.iso for text in lead if (date := first_date(text[:_MEASURED]))}
    lines = [" ".join(line.split()) for line in stated if line]
    return [
        Box(line, "p")
        for line in lines
        if line.casefold().removeprefix("by ") not in said and line not in dates
    ]


def _written(boxes: Sequence[Box]) -> Writing:
    """The boxes as one text, its headings and furniture marked."""
    writing = Writing()
    before: Box | None = None
    for box in boxes:
        gap = "\n" if before and box.follows(before) else "\n\n"
        span = writing.add(box.text, gap=gap)
        if box.furniture:
            writing.furniture.append(span)
        elif box.level:
            writing.headings.append(Heading(span.start + box.mark, span.end, box.level))
        before = box
    return writing
