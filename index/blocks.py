"""A text cut into blocks: lines, or paragraphs where the source wraps its lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.types import Span

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ITEM = re.compile(r"(?:[-*+•◦‣·–—>#|=]|\d{1,3}[.)])(?:\s|$)|#{1,6}\s|[|=>]|\*\*")
_WRAP_WIDTHS = range(40, 121)
_WRAPPED_SHARE = 0.6
_MIN_WRAPPED = 4


@dataclass(frozen=True, slots=True)
class Block:
    """A line or paragraph: its place without surrounding white space, and its text."""

    span: Span
    text: str


def blocks(text: str) -> list[Block]:
    """The text's blocks in order; together they hold every character that is not a space.

    A line is a block, unless the text is hard-wrapped: then the lines that were broken only
    because they were full are one block.
    """
    lines = list(_lines(text))
    width = _wrap_width(text, lines)
    if width is None:
        return [Block(line, line.of(text)) for line in lines]
    return list(_joined(text, lines, width))


def _lines(text: str) -> Iterator[Span]:
    for match in _LINE.finditer(text):
        line = match.group()
        start = match.start() + len(line) - len(line.lstrip())
        end = match.start() + len(line.rstrip())
        if start < end:
            yield Span(start, end)


def _wrap_width(text: str, lines: list[Span]) -> int | None:
    """The column at which the text's lines were broken, or None where they were not."""
    pairs = [(a, b) for a, b in zip(lines, lines[1:], strict=False) if _adjacent(text, a, b)]
    lengths = sorted(len(a) for a, _ in pairs)
    if len(pairs) < _MIN_WRAPPED:
        return None
    width = lengths[int(0.98 * (len(lengths) - 1))]  # the odd unbreakable URL sticks out
    full = sum(_is_full(text, a, b, width) for a, b in pairs)
    if width in _WRAP_WIDTHS and full >= _WRAPPED_SHARE * len(pairs):
        return width
    return None


def _adjacent(text: str, line: Span, following: Span) -> bool:
    """Whether no blank line stands between two neighbouring lines."""
    between = text[line.end : min(following.start, line.end + 200)]
    return len(_BREAK.findall(between)) == 1


def _is_full(text: str, line: Span, following: Span, width: int) -> bool:
    """Whether the next line's first word would not have fitted on this line."""
    word = text[following.start : min(following.end, following.start + width)].split(None, 1)[0]
    return len(line) <= width + 1 and len(line) + 1 + len(word) > width


def _joined(text: str, lines: list[Span], width: int) -> Iterator[Block]:
    first = last = lines[0]
    for line in lines[1:]:
        wrapped = _adjacent(text, last, line) and _is_full(text, last, line, width)
        if not wrapped or _ITEM.match(text, line.start):
            yield _block(text, first, last)
            first = line
        last = line
    yield _block(text, first, last)


def _block(text: str, first: Span, last: Span) -> Block:
    span = Span(first.start, last.end)
    return Block(span, span.of(text))
