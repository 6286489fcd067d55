"""The headings of an article's body: those its format marks, or lines that can be nothing else."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.bylines import is_caption
from index.header import states
from index.lines import is_heading
from index.types import Heading, Span

LONGEST = 300
"""Characters: what is marked as a heading and longer than this is none."""

GUESSED_LEVEL = 2
"""Of a heading that nothing marks: below the title."""

_MOST_WORDS = 12
_PROSE = 80  # characters
_SENTENCE_END = re.compile(r"[.!?…。！？؟।:][\"'”’»」』)\]]*$")
_QUOTED = re.compile(r"[\"'“”‘„«»「『]")


def headings(text: str, body: Sequence[Span], marked: Sequence[Heading]) -> tuple[Heading, ...]:
    """The headings within the body, in order; guessed where the format marks none at all.

    ``body`` are an article's paragraphs and ``marked`` what its format says, both in order.
    """
    if not marked:
        return tuple(_guessed(text, body))
    return tuple(_within(body, marked))


def _within(body: Sequence[Span], marked: Sequence[Heading]) -> Iterator[Heading]:
    paragraphs = iter(body)
    paragraph = next(paragraphs, None)
    for heading in marked:
        while paragraph and paragraph.end < heading.end:
            paragraph = next(paragraphs, None)
        short = heading.start < heading.end <= heading.start + LONGEST
        if paragraph and short and paragraph.start <= heading.start:
            yield heading


def _guessed(text: str, body: Sequence[Span]) -> Iterator[Heading]:
    """Short lines that are no sentence, each between two paragraphs of prose.

    Rather none than a wrong one: a caption, a by-line or an item of a list is no heading.
    """
    above = True
    for span, following in pairwise(body):
        if above and _is_prose(text, following) and _looks_like_one(span.of(text)):
            yield Heading(span.start, span.end, GUESSED_LEVEL)
        above = _is_prose(text, span)


def _is_prose(text: str, span: Span) -> bool:
    return len(span) >= _PROSE and _SENTENCE_END.search(text, span.end - 3, span.end) is not None


def _looks_like_one(line: str) -> bool:
    if not is_heading(line) or line.count(" ") >= _MOST_WORDS or _QUOTED.match(line):
        return False
    return not (line.endswith(":") or states(line) or is_caption(line))
