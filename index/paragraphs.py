"""A text cut into paragraphs: a line each, or several where its source wraps lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.types import Span

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ITEM = re.compile(r"(?:[-+•◦‣·–—=]|\*+|\d{1,3}[.)])\s|#{1,6}\s|[|>=]|\*\*")
_WIDTHS = range(40, 121)
"""Columns at which people and programs wrap lines."""
_WRAPPED_SHARE = 0.6
_FEWEST_PAIRS = 4
_FEWEST_LINES = 3
_MEASURED = 4_000
_LONG = 40


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph's place, without surrounding white space, and its text."""

    span: Span
    text: str


def paragraphs(text: str) -> list[Paragraph]:
    """The text's paragraphs in order; together they hold every character that is not a space.

    A line is one, unless the text is wrapped: then the lines that were broken only because
    they were full are one. Wrapping is judged by the whole text, since a title over a by-line
    looks like two wrapped lines.
    """
    groups = list(_groups(text))
    width = _width(text, groups)
    return [
        Paragraph(span, span.of(text)) for group in groups for span in _joined(text, group, width)
    ]


def _groups(text: str) -> Iterator[list[Span]]:
    """The lines between blank lines."""
    group: list[Span] = []
    for match in _LINE.finditer(text):
        line = match.group()
        start = match.start() + len(line) - len(line.lstrip())
        end = match.start() + len(line.rstrip())
        if start >= end:
            continue
        if group and not _adjacent(text, group[-1].end, start):
            yield group
            group = []
        group.append(Span(start, end))
    if group:
        yield group


def _adjacent(text: str, end: int, start: int) -> bool:
    """Whether a single line break stands between two lines."""
    return start - end < _MEASURED and len(_BREAK.findall(text, end, start)) == 1


def _width(text: str, groups: Sequence[Sequence[Span]]) -> int | None:
    """The column at which the text's lines were broken, or None where they were not."""
    pairs = [pair for group in groups[:_MEASURED] for pair in pairwise(group)]
    if len(pairs) < _FEWEST_PAIRS:
        return None
    lengths = sorted(len(line) for line, _ in pairs)
    width = lengths[int(0.98 * (len(lengths) - 1))]  # the odd unbreakable URL sticks out
    full = sum(_is_full(text, line, following, width) for line, following in pairs)
    return width if width in _WIDTHS and full >= _WRAPPED_SHARE * len(pairs) else None


def _is_full(text: str, line: Span, following: Span, width: int) -> bool:
    """Whether the next line's first word would not have fitted on this line."""
    word = text[following.start : min(following.end, following.start + width)].split(None, 1)[0]
    return len(line) <= width + 1 and len(line) + 1 + len(word) > width


def _joined(text: str, group: Sequence[Span], width: int | None) -> Iterator[Span]:
    """The paragraphs that a group of lines forms."""
    if width is None and _is_wrapped(text, group):
        width = max(len(line) for line in group)
    first = last = group[0]
    for line in group[1:]:
        wrapped = width is not None and _is_full(text, last, line, width)
        running = len(line) >= _LONG or not text[line.end - 1].isalnum()
        going_on = running and len(last) >= _LONG and text[line.start].islower()
        if not (wrapped or going_on) or _ITEM.match(text, line.start):
            yield Span(first.start, last.end)
            first = line
        last = line
    yield Span(first.start, last.end)


def _is_wrapped(text: str, group: Sequence[Span]) -> bool:
    """Whether a group by itself shows that it was wrapped: all its lines are full."""
    width = max(len(line) for line in group)
    return (
        len(group) >= _FEWEST_LINES
        and width in _WIDTHS
        and all(_is_full(text, line, following, width) for line, following in pairwise(group))
    )
