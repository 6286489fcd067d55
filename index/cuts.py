"""Where to cut text that is too long for one piece."""

import re
import unicodedata
from collections.abc import Iterator

from index.lines import stripped
from index.types import Span

_CLOSERS = "[\"'”’»」』）)\\]]*"
_PLACES = (
    re.compile(rf"[.!?…؟]{_CLOSERS}\s|[。！？｡।॥]{_CLOSERS}"),
    re.compile(rf"[;:,،؛—–]{_CLOSERS}\s|[；：，、]{_CLOSERS}"),
    re.compile(r"\s"),
)
"""The best places first: after a sentence, after a clause, between words."""

_JOINER = "\u200d"


def pieces(text: str, span: Span, *, reach: int) -> Iterator[Span]:
    """The span in pieces of at most ``reach`` characters, without surrounding white space.

    Together they hold every character of the span that is not white. Linear in its length.
    """
    start = span.start
    while start < span.end:
        end = span.end if span.end - start <= reach else cut(text, start, start + reach)
        if piece := stripped(text, start, end):
            yield piece
        start = end


def cut(text: str, start: int, end: int) -> int:
    """The best place to end a piece that may stretch from ``start`` to ``end``.

    Within the second half of the range; in (start, end].
    """
    middle = start + (end - start) // 2
    for place in _PLACES:
        last = None
        for match in place.finditer(text, middle, end):
            last = match.end()
        if last is not None and last > start:
            return last
    return _between_characters(text, middle, end)


def _between_characters(text: str, middle: int, end: int) -> int:
    for place in range(end, middle, -1):
        if not _inside_character(text, place):
            return place
    return end


def _inside_character(text: str, place: int) -> bool:
    """Whether what a reader sees as one character spans the place."""
    if place >= len(text):
        return False
    before, after = text[place - 1], text[place]
    if after == _JOINER or before == _JOINER or _extends(after):
        return True
    return _is_flag(after) and _flags_before(text, place) % 2 == 1


def _extends(character: str) -> bool:
    is_skin_tone = "\U0001f3fb" <= character <= "\U0001f3ff"
    return is_skin_tone or unicodedata.category(character).startswith("M")


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flags_before(text: str, place: int) -> int:
    count = 0
    while count < place and count < 64 and _is_flag(text[place - 1 - count]):
        count += 1
    return count
