"""Lines of a text, and the blocks they form: what one sentence may stretch over."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.types import Span

_BREAK = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_WIDE = re.compile("[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]")
_FIRST_WORD = re.compile(rf"{_WIDE.pattern}|\S+")

_ITEM = re.compile(
    r"(?:[-*+•◦‣▪●○·»>]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)]|\(?[ivxIVX]{1,5}[.)])(?=\s|\[)|[–—]\s+[^\W_a-z]"
)
_DASH = re.compile(r"[–—]\s")
_TABLE = re.compile(r"\||.*(?:\t| \| )")
_MARKUP = re.compile(r"#{1,6}\s|(?:=+|-{3,}|\*{3,}|_{3,})$")
_SPEAKER = re.compile(r"([^\W\d_][\w.'’-]*(?: [\w.'’-]+){0,3})(?: ?\([^()]{1,40}\))?(?:：|:\s)")
_CLOSED = re.compile(r"[.!?…。！？,;:،؛؟।][\"'”’»」』)\]]*$")

_ENDED = re.compile(r"[.!…。！,;،؛।][\"'”’»」』)\]]*$")
_NUMBER = re.compile(r"\A(?:#{1,6}\s+)?(?:(?:\d{1,3}\.)*\d{1,3}[.)]?|[IVX]{1,5}[.)]|[A-Z][.)])\s+")

_WRAPPED = range(40, 121)
"""Widths, in columns, at which people and programs wrap lines."""

_SLACK = 0.9
"""How full a line must be, as a share of the width, for its break to be a wrap."""

_CLEARLY_LONG = 30
"""A line of this many columns that goes on in lower case was broken in mid-sentence."""

_LONGEST_HEADING = 90


def blocks(text: str, within: Span) -> Iterator[Span]:
    """The pieces that sentences don't cross, in order, without surrounding white space.

    A blank line always ends a block. A single line break ends one unless the paragraph is
    wrapped there: headings, list items, table rows and speakers' turns stand alone.
    """
    group: list[Span] = []
    for line in _lines(text, within):
        if line:
            group.append(line)
        else:
            yield from _join(text, group)
            group = []
    yield from _join(text, group)


def is_heading(line: str) -> bool:
    """Whether a paragraph of this one line stands over what follows: a title, a question, …:"""
    if _BREAK.search(line) or len(line) > _LONGEST_HEADING or _ENDED.search(line):
        return False
    words = _NUMBER.sub("", line)
    letter = next((character for character in words if character.isalpha()), "")
    if not letter or letter.islower():
        return False
    return not (_ITEM.match(words) or _TABLE.match(line) or _speaks(line))


def stripped(text: str, start: int, end: int) -> Span:
    """The range without its surrounding white space; empty where all is white."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return Span(start, max(start, end - len(piece) + len(piece.rstrip())))


def _lines(text: str, within: Span) -> Iterator[Span]:
    start = within.start
    for match in _BREAK.finditer(text, within.start, within.end):
        yield stripped(text, start, match.start())
        start = match.end()
    yield stripped(text, start, within.end)


def _join(text: str, lines: Sequence[Span]) -> Iterator[Span]:
    if len(lines) <= 1:
        yield from lines
        return
    width = max(_columns(line.of(text)) for line in lines)
    start = lines[0].start
    for previous, line in pairwise(lines):
        if not _continues(previous.of(text), line.of(text), width, lone=len(lines) == 2):
            yield Span(start, previous.end)
            start = line.start
    yield Span(start, lines[-1].end)


def _continues(previous: str, line: str, width: int, *, lone: bool) -> bool:
    """Whether the text was wrapped between the lines; ``lone`` says that there are no others."""
    if _TABLE.match(previous) or _MARKUP.match(previous) or _stands_out(line):
        return False
    closed = _CLOSED.search(previous)
    if _DASH.match(line) and (closed or _DASH.match(previous)):
        return False
    if lone and line[0].isupper() and not closed:
        return False  # more often a title and its subtitle than a name after a wrapped line
    first = _FIRST_WORD.match(line)
    columns = _columns(previous)
    needed = columns + 1 + (_columns(first.group()) if first else 0)
    if width in _WRAPPED and needed > _SLACK * width:
        return True
    return columns >= _CLEARLY_LONG and line[0].islower()


def _stands_out(line: str) -> bool:
    return bool(_ITEM.match(line) or _TABLE.match(line) or _MARKUP.match(line)) or _speaks(line)


def _speaks(line: str) -> bool:
    name = _SPEAKER.match(line)
    return name is not None and not any(word[0].islower() for word in name[1].split())


def _columns(line: str) -> int:
    return len(line) + (0 if line.isascii() else len(_WIDE.findall(line)))
