"""Lines of a PDF to its paragraphs: where one ends, what goes on over a page, what is a heading."""

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from index.formats.pdf_lines import Piece, above

_STEP = 1.35
"""Lines of one paragraph are at most so many times the usual step apart."""
_DOUBLE = 2.2
_OTHER_SIZE = 0.08
_INDENT = 0.6
_SLACK = 1.0
_CENTRED = 3.0
_NEIGHBOURS = 8
_LARGE, _SMALL = 1.12, 0.92
_HEADING, _BOLD_HEADING, _HEADING_LINES = 200, 120, 4
_STOPPED = re.compile(r"[.!?…:;。！？।؟][\"'”’»」』)\]]*$")
_ITEM = re.compile(r"(?:[•‣▪●○◦·*–—-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\[\d{1,3}\])\s")
_BULLET = re.compile(r"[•‣▪●○◦·*–—-]\s")
_NOTE = re.compile(r"[\d*†‡§¹²³⁴-⁹]{1,3}")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LEADER = re.compile(r"(?:\.\s?){4}\W*\w{0,6}$")
_KEPT_AFTER = frozenset(
    "one two three four five six seven eight nine ten half self well ex non anti".split()
)
"""After these a hyphen at a line's end is the word's own more often than not."""
_BROKEN = re.compile(r"(?P<word>[^\W\d_]+)[-\u2010]$")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff\uff00-\uffef]"
)


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together, each with the page on which it stands.

    ``opens`` says that it is the first of its column, ``full`` that its last line is.
    """

    lines: list[Piece] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    level: int = 0
    opens: bool = False
    full: bool = False

    @property
    def text(self) -> str:
        """Its lines, as they were."""
        return "\n".join(line.text for line in self.lines)

    @property
    def size(self) -> float:
        """The size of its first line."""
        return self.lines[0].size

    @property
    def row(self) -> bool:
        """Whether it is a row of a table."""
        return "\t" in self.lines[0].text

    @property
    def item(self) -> bool:
        """Whether it is an item of a list."""
        return _ITEM.match(self.lines[0].text) is not None

    def take(self, other: "Paragraph") -> None:
        """Add the lines with which it goes on."""
        self.lines += other.lines
        self.pages += other.pages
        self.full = other.full

    @property
    def bold(self) -> bool:
        """Whether all of it is."""
        return all(line.bold for line in self.lines)


def body_size(pages: Sequence[Sequence[Piece]]) -> float:
    """The size in which most characters are set, in points."""
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[round(2 * line.size) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def split_notes(lines: Sequence[Piece], usual: float) -> tuple[list[Piece], list[Piece]]:
    """The text of a page, and the notes at the foot of its columns, in order."""
    small = [line for line in lines if line.size < _SMALL * usual]
    text = [line for line in lines if line.size >= _SMALL * usual]
    if not text:
        return list(lines), []
    notes: list[Piece] = []
    begun = False
    for line in small:
        lowest = not any(above(line, other) for other in text)
        begun = lowest and (begun or _NOTE.match(line.text) is not None)
        if begun:
            notes.append(line)
    kept = {id(line) for line in notes}
    return [line for line in lines if id(line) not in kept], notes


def paragraphs(lines: Sequence[Piece], page: int) -> list[Paragraph]:
    """The paragraphs of a page's lines, which are in reading order."""
    found: list[Paragraph] = []
    step = _usual_step(lines)
    for column in _columns(lines):
        for at, line in enumerate(column):
            near = column[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]
            edges = [other for other in near if not _differs(other.size, line.size)]
            left, right = min(one.left for one in edges), max(one.right for one in edges)
            if at == 0 or _begins(column[at - 1], line, left, right, step):
                found.append(Paragraph(opens=at == 0))
            found[-1].lines.append(line)
            found[-1].pages.append(page)
            end = line.left - left if line.leftward else right - line.right
            found[-1].full = end < 3 * line.size
    return found


def goes_on(before: Paragraph, after: Paragraph) -> bool:
    """Whether a paragraph goes on in another column or on another page."""
    last, first = before.lines[-1], after.lines[0]
    if (
        not after.opens
        or _differs(last.size, first.size)
        or last.bold != first.bold
        or "\t" in last.text + first.text
    ):
        return False
    if _STOPPED.search(last.text) or _ITEM.match(first.text):
        return False
    opening = next((one for one in first.text if one.isalnum()), "")
    return opening.islower() or _BROKEN.search(last.text) is not None or before.full


def mark_headings(found: Sequence[Paragraph], usual: float) -> None:
    """Gives short paragraphs in larger or bold letters their level; 0 is none."""
    short = [one for one in found if len(one.lines) <= _HEADING_LINES and _is_said(one)]
    large = [one for one in short if one.size > _LARGE * usual and len(one.text) <= _HEADING]
    sizes: list[float] = []
    for size in sorted({one.size for one in large}, reverse=True):
        if not sizes or _differs(sizes[-1], size):
            sizes.append(size)
    for one in large:
        one.level = min(1 + sum(_differs(one.size, size) for size in sizes if size > one.size), 5)
    bold = sum(len(one.text) for one in found if one.bold)
    if 2 * bold > sum(len(one.text) for one in found):
        return
    for one in short:
        plain = not one.level and one.bold and one.size > _SMALL * usual
        if plain and len(one.text) <= _BOLD_HEADING and not one.text.endswith((".", ",", ";")):
            one.level = min(len(sizes) + 1, 6)


def vocabulary(pages: Sequence[Sequence[Piece]]) -> Counter[str]:
    """The words of all lines, with hyphens within them, without those that a line breaks."""
    words: Counter[str] = Counter()
    for lines in pages:
        for line in lines:
            words.update(_WORD.findall(_BROKEN.sub("", line.text).casefold()))
    return words


def written(found: Paragraph, words: Counter[str]) -> Iterator[str]:
    """The lines as they are written one after the other, hyphens at their ends resolved."""
    for at, line in enumerate(found.lines):
        following = found.lines[at + 1].text if at + 1 < len(found.lines) else None
        yield line.text if following is None else _before(line.text, following, words)


def _before(line: str, following: str, words: Counter[str]) -> str:
    """The line with what stands between it and the next: a space, or nothing."""
    broken = _BROKEN.search(line)
    rest = _WORD.match(following)
    if broken and rest:
        whole = (broken["word"] + rest.group()).casefold()
        hyphenated = f"{broken['word']}-{rest.group()}".casefold()
        known = words[broken["word"].casefold()] and words[rest.group().casefold()]
        own = known or broken["word"].casefold() in _KEPT_AFTER
        kept = words[hyphenated] > words[whole] or (own and not words[whole])
        return line if kept or not rest.group()[0].islower() else line[:-1]
    if line.endswith(("-", "\u2010")) and len(line) > 1 and line[-2].isalnum():
        return line
    if _UNSPACED.match(line[-1]) and _UNSPACED.match(following):
        return line
    return f"{line} "


def _usual_step(lines: Sequence[Piece]) -> float:
    """From line to line, in times a line's size."""
    steps = [
        (one.bottom - other.bottom) / one.size
        for one, other in pairwise(lines)
        if above(one, other) and not _differs(one.size, other.size)
    ]
    near = [step for step in steps if step < _DOUBLE]
    return statistics.median_low(near) if near else 1.2


def _columns(lines: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Runs of lines each of which stands under the one before."""
    column: list[Piece] = []
    for line in lines:
        if column and not (above(column[-1], line) and column[-1].turned == line.turned):
            yield column
            column = []
        column.append(line)
    if column:
        yield column


def _begins(before: Piece, line: Piece, left: float, right: float, step: float) -> bool:
    """Whether a line is the first of a paragraph; ``left`` and ``right`` are its column's edges."""
    if _differs(before.size, line.size) or before.bold != line.bold:
        return True
    if before.bottom - line.bottom > _STEP * step * line.size:
        return True
    if "\t" in before.text + line.text or _LEADER.search(before.text):
        return True
    if _BULLET.match(line.text):
        return True
    if _BROKEN.search(before.text):
        return False
    stopped = _STOPPED.search(before.text) is not None
    word = line.text.split(maxsplit=1)[0]
    width = (line.right - line.left) * min(1.0, (len(word) + 1) / len(line.text))
    space = before.left - left if line.leftward else right - before.right
    short = space > width + _SLACK * line.size and not _is_unspaced(word)
    centred = abs(before.left + before.right - line.left - line.right) < _CENTRED
    if centred and abs(before.left - line.left) > _CENTRED and not stopped:
        return False
    indent = before.right - line.right if line.leftward else line.left - before.left
    if abs(indent) > _INDENT * line.size and (stopped or short):
        outer = before.right if line.leftward else before.left
        first = (right - outer if line.leftward else outer - left) > _INDENT * line.size
        return indent > 0 or not first or short
    return short or (stopped and _ITEM.match(line.text) is not None)


def _is_unspaced(word: str) -> bool:
    return _UNSPACED.match(word) is not None


def _differs(size: float, other: float) -> bool:
    return abs(size - other) > _OTHER_SIZE * max(size, other)


def _is_said(found: Paragraph) -> bool:
    """Whether it holds words, and not only signs or numbers."""
    letters = sum(unicodedata.category(one)[0] == "L" for one in found.text)
    return letters >= 2 and "\t" not in found.text and not _LEADER.search(found.text)
