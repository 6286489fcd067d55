"""Where the article is in its page: its head, its body, and what is neither."""

from collections.abc import Sequence

from index.blocks import Block, blocks
from index.boilerplate import Reading, read
from index.dates import first_date
from index.furniture import furniture
from index.header import Head, head
from index.types import Article, Extract, Span


def locate(
    extract: Extract,
    *,
    title: str | None = None,
    author: str | None = None,
    published: str | None = None,
) -> Article:
    """The article in an extracted text.

    What is given outright wins over what the format states, and that over what the text
    itself says. Of a given date the ISO form is kept; one that is no date is passed over.
    """
    title = title or extract.title
    found = _outside(blocks(extract.text), extract.furniture)
    readings = [read(block.text) for block in found]
    marks = furniture(readings, read(title) if title else None)
    kept = [block for block, mark in zip(found, marks, strict=True) if not mark]
    top = head([block.text for block in kept], title=title)
    return Article(
        title=top.title,
        author=author or extract.author or top.author,
        published=_iso(published) or _iso(extract.published) or top.published,
        header=tuple(block.span for block in kept[: top.blocks]),
        body=tuple(block.span for block in kept[top.blocks :]),
    )


def _outside(found: Sequence[Block], ranges: Sequence[Span]) -> list[Block]:
    """The blocks that do not begin in any of the ranges, both being in order."""
    outside = []
    remaining = iter(ranges)
    current = next(remaining, None)
    for block in found:
        while current and current.end <= block.span.start:
            current = next(remaining, None)
        if current is None or block.span.start < current.start:
            outside.append(block)
    return outside


def _iso(date: str | None) -> str | None:
    found = first_date(date) if date else None
    return found.iso if found else date if date and date.isdecimal() and len(date) == 4 else None
