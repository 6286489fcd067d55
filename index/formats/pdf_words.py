"""A PDF page's words and where they stand, as pdfium finds them."""

import ctypes
import math
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.formats.pdf_lines import Piece

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage

_HYPHENATED = 0x02
"""What pdfium puts for a hyphen at the end of a line, whose words it runs together."""
_SOFT_HYPHEN = "\xad"
_SPACES = frozenset(
    (0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x3000)
)
_SPACES |= frozenset(range(0x2000, 0x200B))
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl"}
_LIGATURES |= {0xFB05: "st", 0xFB06: "st"}
_BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
_FONT_NAME = 128
_SMALLEST = 1.0
_SAME_LINE = 0.5
_GAP = 0.6
"""Between words of one piece there are at most so many times their size."""
_BACKWARD = 0.3
_SAME_HEIGHT = 1.5
_RIGHT_TO_LEFT = frozenset(("R", "AL"))


@dataclass(slots=True)
class _Word:
    """Characters without a space between them, the first being the page's ``first``.

    ``turn`` counts its quarter turns, clockwise; ``leftward`` says that it runs from right to left.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    turn: int
    first: int
    leftward: bool

    @property
    def height(self) -> float:
        return max(self.top - self.bottom, _SMALLEST)


def page_pieces(page: "PdfTextPage") -> list[Piece]:
    """The pieces of the page's lines, in the order in which the file draws them.

    Text that runs upwards or downwards, where most does not, comes last.
    """
    reader = _Reader(page)
    words = [_turned(word) for word in reader.words()]
    turns = Counter(word.turn for word in words).most_common()
    return [
        reader.piece(group, turned=turn != turns[0][0])
        for turn, _ in turns
        for group in _grouped([word for word in words if word.turn == turn])
    ]


class _Reader:
    """Asks pdfium for a page's characters, their places and their fonts."""

    def __init__(self, page: "PdfTextPage") -> None:
        # Imported here, since a question is asked without it.
        import pypdfium2.raw as pdfium

        self._page = page
        self._pdfium = pdfium
        self._rectangle = pdfium.FS_RECTF()
        self._matrix = pdfium.FS_MATRIX()
        self._name = ctypes.create_string_buffer(_FONT_NAME)

    def words(self) -> Iterator[_Word]:
        """The page's words as they are drawn."""
        page, unicode = self._page, self._pdfium.FPDFText_GetUnicode
        characters: list[str] = []
        first = last = -1
        for at in range(self._pdfium.FPDFText_CountChars(page)):
            code = unicode(page, at)
            if code in _SPACES or code == _HYPHENATED:
                if characters:
                    yield self._word("".join(characters) + "-" * (code == _HYPHENATED), first, last)
                characters = []
            elif character := chr(code) if 0x20 < code < 0x7F else _character(code):
                if not characters:
                    first = at
                characters.append(character)
                last = at
        if characters:
            yield self._word("".join(characters), first, last)

    def piece(self, words: list[_Word], *, turned: bool) -> Piece:
        """Words that stand in one line, as one."""
        return Piece(
            text=" ".join(word.text for word in words),
            left=min(word.left for word in words),
            right=max(word.right for word in words),
            bottom=statistics.median(word.bottom for word in words),
            top=statistics.median(word.top for word in words),
            size=self._size(words[len(words) // 2].first),
            bold=self._is_bold(words[0].first) and self._is_bold(words[-1].first),
            leftward=2 * sum(word.leftward for word in words) > len(words),
            order=words[0].first,
            turned=turned,
        )

    def _word(self, text: str, first: int, last: int) -> _Word:
        if text.endswith(_SOFT_HYPHEN):
            text = text.rstrip(_SOFT_HYPHEN) + "-"
        left, bottom, right, top = self._box(first)
        angle = self._pdfium.FPDFText_GetCharAngle(self._page, first)
        turn = round(max(0.0, angle) / (math.pi / 2)) % 4
        if last != first:
            end = self._box(last)
            left, right = min(left, end[0]), max(right, end[2])
            if turn % 2:
                bottom, top = min(bottom, end[1]), max(top, end[3])
        text = text.replace(_SOFT_HYPHEN, "")
        return _Word(text, left, right, bottom, top, turn, first, _leftward(text))

    def _box(self, at: int) -> tuple[float, float, float, float]:
        """A character's left, bottom, right and top, with its font's height where it has one."""
        box = self._rectangle
        self._pdfium.FPDFText_GetLooseCharBox(self._page, at, box)
        left, right, bottom, top = box.left, box.right, box.bottom, box.top
        if top - bottom >= _SMALLEST and right > left:
            return left, bottom, right, top
        edges = [ctypes.c_double() for _ in range(4)]
        self._pdfium.FPDFText_GetCharBox(self._page, at, *edges)
        left, right, bottom, top = (edge.value for edge in edges)
        return left, bottom, right, max(top, bottom + _SMALLEST)

    def _size(self, at: int) -> float:
        """The size of a character's font as it is drawn, in points."""
        self._pdfium.FPDFText_GetMatrix(self._page, at, self._matrix)
        scale = math.hypot(self._matrix.c, self._matrix.d)
        size: float = self._pdfium.FPDFText_GetFontSize(self._page, at)
        return max(size * (scale or 1.0), _SMALLEST)

    def _is_bold(self, at: int) -> bool:
        name = self._name
        length = self._pdfium.FPDFText_GetFontInfo(self._page, at, name, _FONT_NAME, None)
        return 0 < length <= _FONT_NAME and _BOLD.search(name.value) is not None


def _character(code: int) -> str:
    """What is written for a code; nothing for what is no character."""
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code & 0xFFFE == 0xFFFE:
        return ""
    if code == 0xFEFF or code > 0x10FFFF:
        return ""
    return _LIGATURES.get(code) or chr(code)


def _turned(word: _Word) -> _Word:
    """The word as it stands when its page is turned so that it is upright."""
    left, right, bottom, top = word.left, word.right, word.bottom, word.top
    if word.turn == 1:
        left, right, bottom, top = -top, -bottom, left, right
    elif word.turn == 2:
        left, right, bottom, top = -right, -left, -top, -bottom
    elif word.turn == 3:
        left, right, bottom, top = bottom, top, -right, -left
    word.left, word.right, word.bottom, word.top = left, right, bottom, top
    return word


def _grouped(words: list[_Word]) -> Iterator[list[_Word]]:
    """Words that follow each other in one line."""
    group: list[_Word] = []
    for word in words:
        if group and not _follows(word, group[-1]):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _follows(word: _Word, before: _Word) -> bool:
    height = min(word.height, before.height)
    shared = min(word.top, before.top) - max(word.bottom, before.bottom)
    if shared < _SAME_LINE * height or max(word.height, before.height) > _SAME_HEIGHT * height:
        return False
    gap = before.left - word.right if word.leftward else word.left - before.right
    return -_BACKWARD * height <= gap <= _GAP * height


def _leftward(text: str) -> bool:
    """Whether a word is of a script that runs from right to left."""
    if text.isascii():
        return False
    return any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text[:3])
