"""An article's head: its title, author and date, and the lines that state them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.boilerplate import tokens
from index.bylines import Credit, alone, beside_date, credit, is_caption, signed
from index.dates import first_date
from index.names import words

_REACH = 10
_LONGEST = 700
_TITLE_WORDS = 30
_DATE_WORDS = 24
_NAME_WORDS = 14
_PROSE_WORDS = 20
_PROSE_BEFORE = 2
_SENTENCE_WORDS = 8
_ROLE_WORDS = 4
_SHOUT_WORDS = 8
_PAPER_WORDS = 5
_MENU_WORDS = 3
_TAIL = 3
_SAMPLE = 50_000
_MARKS = "#*_=> \t"
_BREADCRUMB = re.compile(r"\s[|›>»]\s|\s[-–—]\s.*\s[-–—]\s")
_NUMBERED = re.compile(r"\D{2,12}\s?[\divxIVX.]+")
_DATELINE = 140
_PLACE = re.compile(r"(?:[^\W\d_a-z]{3}.*|[^\W\d_a-z][^.!?:]{2,40}),\s*$")
_DASH = re.compile(r"[^.–—(/:-]{0,12}(?:\s?[–—(/]|\s--?\s|\.\s)")
_LOWER = re.compile(r"(?<![\w@./])[^\W\d_A-Z]\w+(?![\w@])")


@dataclass(frozen=True, slots=True)
class Head:
    """What an article says of itself, and how many of its blocks are its head."""

    title: str | None
    author: str | None
    published: str | None
    blocks: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A line near the top: what it states, and what it looks like."""

    text: str
    words: int
    credit: Credit | None = None
    name: str | None = None
    date: str | None = None
    caption: bool = False

    @property
    def meta(self) -> bool:
        return bool(self.credit or self.name or self.date) and not self.caption


def head(blocks: Sequence[str], *, title: str | None = None, menu: bool = False) -> Head:
    """The head of an article whose blocks, without furniture, are given in order.

    ``title`` is what its format or its reader says, if anything; ``menu`` whether there was
    furniture above it.
    """
    common = _common(blocks)
    lines = [_line(text, common) for text in blocks[:_REACH]]
    known = _known(lines, title)
    named = _heading(lines, menu=menu) if known is None else known
    meta = _last_meta(lines, named)
    end = _end(lines, named, meta)
    above = list(lines[: min(end, named or 0)])
    below = list(lines[0 if named is None else named + 1 : end])
    return Head(
        title=title or (_cleaned(lines[named].text) if named is not None else None),
        author=_author(above, below) or _signer(blocks, end, common),
        published=_published(above + below, blocks[end : end + 5]),
        blocks=end if end < len(blocks) else 0,
    )


def states(text: str) -> bool:
    """Whether a line states the author or the date."""
    line = _line(text, frozenset())
    return bool(line.credit or line.date)


def _line(text: str, common: frozenset[str]) -> _Line:
    if len(text) > _LONGEST:
        return _Line(text[:_LONGEST], words=len(text) // 6)
    count = len(tokens(text))
    date = first_date(text) if count <= _DATE_WORDS else None
    by = credit(text, dated=date is not None)
    name = None
    if not by and count <= _NAME_WORDS:
        name = _uncommon(beside_date(text) if date else alone(text), common)
    caption = not by and is_caption(text)
    return _Line(text, count, by, name, date.iso if date else None, caption)


def _common(blocks: Sequence[str]) -> frozenset[str]:
    """The words that the text writes in lower case, and that hence are no names."""
    return frozenset(_LOWER.findall("\n".join(blocks[:200])[:_SAMPLE]))


def _uncommon(name: str | None, common: frozenset[str]) -> str | None:
    """The name, unless words of it are common ones: "Early Life", "For Sale By Owner"."""
    parts = [part for part in name.casefold().split() if part not in words("and")] if name else []
    ordinary = [part in common and part not in words("particle") for part in parts]
    short = any(len(part) < 4 for part, is_one in zip(parts, ordinary, strict=True) if is_one)
    return None if short or 2 * sum(ordinary) >= len(parts) else name


def _known(lines: Sequence[_Line], title: str | None) -> int | None:
    """Which line is the title that is known."""
    wanted = tokens(title or "")
    for index, line in enumerate(lines):
        if wanted and tokens(_unlabelled(line.text))[: len(wanted)] == wanted:
            return index
    return None


def _heading(lines: Sequence[_Line], *, menu: bool) -> int | None:
    """The first line that looks like a title and not only like a kicker above one."""
    candidates: list[int] = []
    for index, line in enumerate(lines):
        if line.words >= _PROSE_WORDS and (candidates or not _is_heading(line)):
            break
        if _is_heading(line) or (line.name and not line.date and not candidates):
            candidates.append(index)
    titles = [index for index in candidates if not _is_kicker(lines, index)]
    if menu:  # what is left of it is short
        titles = [index for index in titles if lines[index].words > _MENU_WORDS] or titles
    return next(iter(titles or candidates), None)


def _is_heading(line: _Line) -> bool:
    if not 0 < line.words <= _TITLE_WORDS or line.caption or line.credit or line.name:
        return False
    if line.date and line.words <= _NAME_WORDS:
        return False
    return line.words < _SENTENCE_WORDS or not line.text.endswith(".")


def _is_kicker(lines: Sequence[_Line], index: int) -> bool:
    """Whether the line only says what kind of piece it is, or whose, above the title."""
    line = lines[index]
    said = tokens(line.text)
    if " ".join(said) in words("kicker") or _BREADCRUMB.search(line.text):
        return True
    later = lines[index + 1 : index + 4]
    if not any(_is_heading(other) and other.words > len(said) - 3 for other in later):
        return False
    if not later or later[0].words >= _PROSE_WORDS:
        return False
    shouts = line.text.isupper() and not any(other.text.isupper() for other in later)
    whose = tokens(line.text.partition(",")[0])[-1:]
    papers = len(said) <= _PAPER_WORDS and (
        (whose and whose[0] in words("outlet"))
        or (later[0].date is not None and not words("outlet").isdisjoint(said))
    )
    numbered = bool(_NUMBERED.fullmatch(line.text))
    return (shouts and len(said) <= _SHOUT_WORDS) or bool(papers) or numbered


def _last_meta(lines: Sequence[_Line], named: int | None) -> int | None:
    """The last of the lines at the top that state an author or a date."""
    last, prose = None, 0
    for index, line in enumerate(lines):
        if index != named and line.meta:
            last = index
        elif line.words >= _PROSE_WORDS and not line.caption:
            prose += 1
            if prose > _PROSE_BEFORE or last is not None:
                break
    return last


def _end(lines: Sequence[_Line], named: int | None, meta: int | None) -> int:
    """How many lines are the head: up to the title or the last line about the article."""
    end = max(-1 if named is None else named, -1 if meta is None else meta) + 1
    while 0 < end < len(lines) and (lines[end].caption or _is_role(lines[end])):
        end += 1
    return end


def _is_role(line: _Line) -> bool:
    """Whether the line is the author's role: "Staff writer"."""
    said = tokens(line.text)
    return 0 < len(said) <= _ROLE_WORDS and said[-1] in words("outlet")


def _author(above: Sequence[_Line], below: Sequence[_Line]) -> str | None:
    """Who the lines above or below the title credit, or whose name stands alone below it."""
    given = [line.credit for line in (*above, *below) if line.credit]
    if given:
        return min(given, key=lambda credit: credit.rank).names
    undated = [line.name for line in below if line.name and not line.date]
    dated = [line.name for line in (*above, *below) if line.name and line.date]
    return next(iter(undated + dated), None)


def _signer(blocks: Sequence[str], end: int, common: frozenset[str]) -> str | None:
    start = max(end, len(blocks) - _TAIL)
    return _uncommon(signed(blocks[start:], "\n".join(blocks[end:start])), common)


def _published(lines: Sequence[_Line], body: Sequence[str]) -> str | None:
    """The date the head states, or the dateline that the body begins with."""
    for line in lines:
        if line.date and not line.caption:
            return line.date
    return next(filter(None, map(_dateline, body)), None)


def _dateline(text: str) -> str | None:
    """The date of a paragraph that begins like "GENEVA, 3 May 2021 (Agency) - "."""
    date = first_date(text[:_DATELINE]) if len(text) > _DATELINE else None
    if date and _PLACE.match(text[: date.start]) and _DASH.match(text, date.end):
        return date.iso
    return None


def _unlabelled(text: str) -> str:
    """The line without "Title:" before it."""
    label, colon, rest = text.partition(":")
    return rest if colon and label.strip(_MARKS).casefold() in words("title") else text


def _cleaned(text: str) -> str:
    return " ".join(_unlabelled(text).strip(_MARKS).split())
