"""Where the article is in its page: its head, its body, and what is neither."""

import re
from collections.abc import Sequence

from index.boilerplate import Reading, glance, read
from index.dates import first_date
from index.furniture import furniture
from index.header import Head, head, states
from index.paragraphs import Paragraph, paragraphs
from index.types import Article, Extract, Span

_TOP = 3
_FAR = 2_000


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
    found = _outside(paragraphs(extract.text), extract.furniture)
    readings = _readings(found)
    kept, top = _judged(found, readings, title or extract.title)
    if top.title and not (title or extract.title) and _speaks(read(top.title)):
        kept, top = _judged(found, readings, top.title)
    writer = author or extract.author or top.author
    header, body = kept[: top.blocks], kept[top.blocks :]
    return Article(
        title=top.title,
        author=writer,
        published=_iso(published) or _iso(extract.published) or top.published,
        header=tuple(paragraph.span for paragraph in header),
        body=tuple(_with_biography(body, found, readings, writer)),
    )


def _judged(
    found: Sequence[Paragraph], readings: Sequence[Reading], title: str | None
) -> tuple[list[Paragraph], Head]:
    """The paragraphs that are no furniture, and the head they begin with."""
    marks = furniture(
        readings,
        title=read(title) if title else None,
        states=lambda index: states(found[index].text),
    )
    kept = [paragraph for paragraph, mark in zip(found, marks, strict=True) if not mark]
    texts = [paragraph.text for paragraph in kept]
    return kept, head(texts, title=title, menu=any(marks[:_TOP]))


def _speaks(title: Reading) -> bool:
    """Whether the title found shows that the article is about what furniture says, too."""
    return bool(title.mentions or title.labels or title.edge)


def _readings(found: Sequence[Paragraph]) -> list[Reading]:
    """What each paragraph says; in the midst of a very long text only its length is looked at."""
    inner = range(_FAR, len(found) - _FAR)
    return [
        glance(paragraph.text) if index in inner else read(paragraph.text)
        for index, paragraph in enumerate(found)
    ]


def _outside(found: Sequence[Paragraph], ranges: Sequence[Span]) -> list[Paragraph]:
    """The paragraphs that do not begin in any of the ranges, both being in order."""
    outside = []
    remaining = iter(ranges)
    current = next(remaining, None)
    for paragraph in found:
        while current and current.end <= paragraph.span.start:
            current = next(remaining, None)
        if current is None or paragraph.span.start < current.start:
            outside.append(paragraph)
    return outside


def _with_biography(
    body: Sequence[Paragraph],
    found: Sequence[Paragraph],
    readings: Sequence[Reading],
    writer: str | None,
) -> list[Span]:
    """The body, and after its beginning the prose that names the author, furniture or not."""
    spans = {paragraph.span.start: paragraph.span for paragraph in body}
    if writer and spans:
        start = body[0].span.start
        names = [name for name in re.split(r", | and ", writer) if " " in name]
        for paragraph, reading in zip(found, readings, strict=True):
            about = (
                reading.prose
                and not reading.labels
                and any(name in paragraph.text for name in names)
            )
            if about and paragraph.span.start > start:
                spans[paragraph.span.start] = paragraph.span
    return [spans[start] for start in sorted(spans)]


def _iso(date: str | None) -> str | None:
    """The ISO form of a date that is given, which may be a year alone."""
    if date and (found := first_date(date)):
        return found.iso
    return date if date and len(date) == 4 and date.isdecimal() else None
