"""Running heads, feet and page numbers: lines that come back at the same place of other pages."""

import re
import statistics
from collections.abc import Sequence
from itertools import pairwise

from index.formats.pdf_lines import Piece

_ZONE = 3
_NEAR_PAGES = 2
_SAME_PLACE = 4.0
_APART = 1.25
_LETTERS = 3
_LONGEST = 150
_NUMBER = re.compile(r"\d+")
_LETTER = re.compile(r"[^\W\d_]")
_PAGE_NUMBER = re.compile(
    r"(?:[-–—|]\s*)?(?:(?:page|seite|pagina|página|p\.)\s*)?(?:\d{1,4}|[ivxlc]{1,7})"
    r"(?:\s*(?:/|of|von|de|di|sur)\s*\d{1,4})?(?:\s*[-–—|])?",
    re.IGNORECASE,
)


def running(pages: Sequence[Sequence[Piece]]) -> list[set[int]]:
    """For each page, given as its lines, the indices of those that only say which page it is.

    Such a line is among the first or last of its page, stands apart from the text, and a page
    near has the same at the same place, numbers aside. A lone page number needs no other page.
    """
    zones = [_zone(lines) for lines in pages]
    found: list[set[int]] = [set() for _ in pages]
    for page, (lines, zone) in enumerate(zip(pages, zones, strict=True)):
        for at in zone:
            near = range(max(0, page - _NEAR_PAGES), min(len(pages), page + _NEAR_PAGES + 1))
            again = any(
                _same(lines[at], pages[other][index], other - page)
                for other in near
                if other != page
                for index in zones[other]
            )
            if again or _is_page_number(lines[at].text):
                found[page].add(at)
    return found


def _zone(lines: Sequence[Piece]) -> list[int]:
    """The lines at the page's edges that stand apart from the rest, from the edge inwards."""
    order = sorted(range(len(lines)), key=lambda at: -lines[at].middle)
    rows: list[list[int]] = []
    for at in order:
        if rows and lines[rows[-1][0]].middle - lines[at].middle < lines[at].height / 2:
            rows[-1].append(at)
        else:
            rows.append([at])
    if len(rows) < 2:
        return []
    heights = [lines[row[0]].middle for row in rows]
    steps = [high - low for high, low in pairwise(heights)]
    usual = statistics.median_low(steps)
    zone: list[int] = []
    for inwards, gaps in ((rows, steps), (rows[::-1], steps[::-1])):
        apart = [at for at, gap in enumerate(gaps[:_ZONE]) if gap > _APART * usual]
        few = len(rows) <= 2 * _ZONE  # too few lines to say which step is usual
        depth = apart[-1] + 1 if apart else int(few)
        zone += [at for row in inwards[:depth] for at in row]
    return [at for at in dict.fromkeys(zone) if len(lines[at].text) <= _LONGEST]


def _same(one: Piece, other: Piece, pages: int) -> bool:
    """Whether two lines say the same at the same height, ``pages`` apart."""
    if abs(one.middle - other.middle) > _SAME_PLACE:
        return False
    if _NUMBER.sub("#", one.text) != _NUMBER.sub("#", other.text):
        return False
    if len(_LETTER.findall(one.text)) >= _LETTERS:
        return True
    numbers = zip(_NUMBER.findall(one.text), _NUMBER.findall(other.text), strict=True)
    return any(int(theirs) - int(mine) == pages for mine, theirs in numbers)


def _is_page_number(text: str) -> bool:
    return _PAGE_NUMBER.fullmatch(text) is not None
