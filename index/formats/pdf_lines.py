"""Pieces of a page to its lines in the order in which they are read, by where they stand.

A line is read after those that stand above it; beside each other stand columns, and those are
read as the file draws them, unless it draws two columns of prose row by row.
"""

import heapq
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

_SAME_ROW = 0.5
_WORD_GAP = 0.5
"""Pieces so near, in times their height, stand in one line, whatever is drawn between them."""
_NO_SPACE = 0.15
_OVERLAP = 0.3
_TALL = 1.6
_TALL_TOP = 0.45
_CELL_GAP = 1.8
"""Cells of a table are so far apart, in times their size; a tab is written between them."""
_FEWEST_ROWS = 6
_FEWEST_WORDS = 3.0
_CANDIDATES = 8
_MOST_LINES = 600
"""A page of more lines is a drawing; they are read from top to bottom."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand in one line without a gap, or such a line as a whole.

    Positions are in points from the page's bottom left, ``size`` is that of its font, ``order``
    is when the file draws it.
    ``leftward`` says that it runs from right to left, ``turned`` that it does not run as most
    of its page does.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    bold: bool = False
    leftward: bool = False
    order: int = 0
    turned: bool = False

    @property
    def height(self) -> float:
        """From the depth of its letters to their height."""
        return self.top - self.bottom

    @property
    def middle(self) -> float:
        """Its height on the page."""
        return (self.top + self.bottom) / 2


def lines(pieces: Sequence[Piece]) -> list[Piece]:
    """The page's lines in reading order; those that are turned come last."""
    found: list[Piece] = []
    for turned in (False, True):
        rows = _whole([piece for piece in pieces if piece.turned is turned])
        found += _ordered(_joined_rows(_by_columns(rows)))
    return found


def beside(one: Piece, other: Piece) -> bool:
    """Whether two pieces stand in the same row."""
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared >= _SAME_ROW * min(one.height, other.height)


def above(one: Piece, other: Piece) -> bool:
    """Whether the first stands over the second, and not only higher up in another column."""
    if one.middle <= other.middle or one.right <= other.left or other.right <= one.left:
        return False
    return not beside(one, other)


def _whole(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces with hardly a gap between them as one, whenever they are drawn."""
    by_height = sorted(pieces, key=lambda piece: (-piece.middle, piece.left))
    groups = {id(piece): [piece] for piece in by_height}
    for at, piece in enumerate(by_height):
        for other in itertools.islice(by_height, at + 1, None):
            if piece.middle - other.middle > max(piece.height, other.height):
                break
            mine, theirs = groups[id(piece)], groups[id(other)]
            if mine is not theirs and _adjoining(piece, other):
                mine += theirs
                groups.update((id(one), mine) for one in theirs)
    unique = {id(group): group for group in groups.values()}
    return [_merged(group) for group in unique.values()]


def _adjoining(one: Piece, other: Piece) -> bool:
    left, right = (one, other) if one.left <= other.left else (other, one)
    gap = right.left - left.right
    height = min(left.height, right.height)
    if not beside(left, right) or gap > _WORD_GAP * height:
        return False
    tall, plain = (left, right) if left.height > right.height else (right, left)
    if tall.height > _TALL * plain.height:  # a large initial belongs to the first of its lines
        return plain.top > tall.top - _TALL_TOP * tall.height
    return gap >= -_OVERLAP * height or left.text == right.text


def _merged(group: Sequence[Piece], *, tabs: bool = False) -> Piece:
    """The pieces of one row as a line; ``tabs`` are written between cells that are far apart."""
    if len(group) == 1:
        return group[0]
    longest = max(group, key=lambda piece: len(piece.text))
    leftward = longest.leftward
    row = sorted(group, key=lambda piece: -piece.right if leftward else piece.left)
    pairs = list(itertools.pairwise(row))
    gaps = [one.left - other.right if leftward else other.left - one.right for one, other in pairs]
    text = row[0].text
    for (before, piece), gap in zip(pairs, gaps, strict=True):
        if piece.text == before.text and abs(piece.left - before.left) < _OVERLAP * piece.height:
            continue  # drawn twice, to look bold
        far = tabs and gap > _CELL_GAP * piece.size and not _is_stretched(row, gaps)
        text += "\t" if far else _space(gap, before, piece)
        text += piece.text
    return replace(
        longest,
        text=text,
        left=min(piece.left for piece in group),
        right=max(piece.right for piece in group),
        bold=all(piece.bold for piece in group),
        order=min(piece.order for piece in group),
    )


def _is_stretched(row: Sequence[Piece], gaps: Sequence[float]) -> bool:
    """Whether words stand at even gaps, as in a line that was stretched to its column."""
    return len(gaps) > 1 and max(gaps) - min(gaps) < row[0].size / 4


def _space(gap: float, before: Piece, piece: Piece) -> str:
    initial = len(before.text) == 1 and before.height > _TALL * piece.height
    return "" if initial or gap < _NO_SPACE * piece.size else " "


def _joined_rows(rows: Sequence[Piece]) -> list[Piece]:
    """Pieces of a row that are drawn one after the other are one line: cells of a table."""
    found: list[list[Piece]] = []
    for piece in sorted(rows, key=lambda piece: piece.order):
        last = found[-1][-1] if found else None
        if last and beside(last, piece) and (last.right <= piece.left or piece.leftward):
            found[-1].append(piece)
        else:
            found.append([piece])
    return [_merged(group, tabs=True) for group in found]


def _ordered(rows: Sequence[Piece]) -> list[Piece]:
    """Each line after those above it, and else as it is drawn."""
    by_height = sorted(rows, key=lambda row: (-row.middle, row.left))
    if len(rows) > _MOST_LINES:
        return by_height
    waiting = [0] * len(rows)
    below: list[list[int]] = [[] for _ in rows]
    for one, other in itertools.combinations(range(len(rows)), 2):
        if above(by_height[one], by_height[other]):
            below[one].append(other)
            waiting[other] += 1
    ready = [(row.order, at) for at, row in enumerate(by_height) if not waiting[at]]
    heapq.heapify(ready)
    found = []
    while ready:
        at = heapq.heappop(ready)[1]
        found.append(by_height[at])
        for other in below[at]:
            waiting[other] -= 1
            if not waiting[other]:
                heapq.heappush(ready, (by_height[other].order, other))
    return found


def _by_columns(rows: list[Piece]) -> list[Piece]:
    """The pieces, numbered as they are read where columns of prose are drawn row by row."""
    if len(rows) > _MOST_LINES:
        return rows
    for gutter in _gutters(rows):
        for band in _bands(rows, gutter):
            left = [piece for piece in band if piece.right <= gutter]
            right = [piece for piece in band if piece.right > gutter]
            if _drawn_by_rows(band, left, right):
                inner = {id(piece) for piece in band}
                outer = [piece for piece in rows if id(piece) not in inner]
                return [*_by_columns(outer), *_side_by_side(left, right)]
    return rows


def _side_by_side(left: list[Piece], right: list[Piece]) -> Iterator[Piece]:
    """The columns with their numbers of drawing dealt out anew: first those of the left one.

    In a script that runs leftward the right one comes first.
    """
    if 2 * sum(piece.leftward for piece in left) > len(left):
        left, right = right, left
    numbers = sorted(piece.order for piece in (*left, *right))
    read = itertools.chain(*(sorted(_by_columns(side), key=_order) for side in (left, right)))
    return (replace(piece, order=order) for piece, order in zip(read, numbers, strict=True))


def _order(piece: Piece) -> int:
    return piece.order


def _gutters(rows: Sequence[Piece]) -> list[float]:
    """Where a gutter may be: just left of where many lines begin, or right of where they end."""
    if not rows:
        return []
    first = min(piece.left for piece in rows)
    starts = Counter(round(piece.left) - 1.0 for piece in rows if piece.left > first + 50)
    ends = Counter(round(piece.right) + 1.0 for piece in rows if piece.leftward)
    common = (starts + ends).most_common(_CANDIDATES)
    return [place for place, count in common if count >= _FEWEST_ROWS]


def _bands(rows: Sequence[Piece], gutter: float) -> Iterator[list[Piece]]:
    """The runs of lines, from top to bottom, none of which stands across the gutter."""
    across = [piece for piece in rows if piece.left < gutter < piece.right]
    band: list[Piece] = []
    for piece in sorted(rows, key=lambda piece: -piece.middle):
        if any(beside(piece, other) for other in across):
            if band:
                yield band
            band = []
        else:
            band.append(piece)
    if band:
        yield band


def _drawn_by_rows(band: Sequence[Piece], left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Whether both sides are prose, and the file goes from one to the other row by row."""
    fewest = _MOST_LINES
    for side in (left, right):
        rows = len({round(2 * piece.middle / piece.height) for piece in side})
        if rows < _FEWEST_ROWS or sum(_words(piece) for piece in side) < _FEWEST_WORDS * rows:
            return False
        fewest = min(fewest, rows)
    sides = {id(piece) for piece in left}
    drawn = [id(piece) in sides for piece in sorted(band, key=_order)]
    return sum(one is not other for one, other in itertools.pairwise(drawn)) >= fewest


def _words(piece: Piece) -> float:
    """About how many words it holds, also where none are parted by spaces."""
    return max(piece.text.count(" ") + 1, len(piece.text) / 8)
