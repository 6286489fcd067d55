"""Sentences packed into pieces of at most so many tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.cuts import pieces
from index.embedding import Embedder
from index.lines import is_heading
from index.sentences import sentences
from index.tokens import TokenCounter
from index.types import Span


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is packed: a sentence, or a piece of one that is too long.

    ``opens`` says that a paragraph begins with it, ``heading`` that it stands over the next.
    """

    span: Span
    tokens: int
    opens: bool
    heading: bool


class Packer:
    """Packs sentences up to ``limit`` tokens of ``counter``, never beyond what ``embedder`` reads.

    A piece ends with a paragraph where that leaves it at least half full, not with a heading,
    and shares its last ``overlap`` sentences with the next unless a heading stands between.
    """

    def __init__(
        self, counter: TokenCounter, embedder: Embedder, *, limit: int, overlap: int
    ) -> None:
        self._counter = counter
        self._embedder = embedder
        self._limit = limit
        self._overlap = overlap

    def packed(self, text: str, paragraphs: Sequence[Span]) -> Iterator[Span]:
        """The pieces of some paragraphs that have nothing but white space between them."""
        units = self._units(text, paragraphs)
        first = done = 0
        while done < len(units):
            stop = self._stop(text, units, first, done)
            if stop <= done:  # only what it shares with the one before would fit: share nothing
                first = done
                continue
            yield Span(units[first].span.start, units[stop - 1].span.end)
            first, done = self._resume(units, first, stop), stop

    def _units(self, text: str, paragraphs: Sequence[Span]) -> list[_Unit]:
        units: list[_Unit] = []
        whole = set(paragraphs)
        starts = {paragraph.start for paragraph in paragraphs}
        for sentence in sentences(text, Span(paragraphs[0].start, paragraphs[-1].end)):
            heading = sentence in whole and is_heading(sentence.of(text))
            units += self._measured(text, sentence, opens=sentence.start in starts, heading=heading)
        return units

    def _measured(self, text: str, span: Span, *, opens: bool, heading: bool) -> Iterator[_Unit]:
        """The span as a unit, or as several where it has more tokens than the limit."""
        tokens = self._counter.count(span.of(text))
        if tokens <= self._limit or len(span) == 1:
            yield _Unit(span, tokens, opens, heading)
        else:
            unit = _Unit(span, tokens, opens, heading)
            yield from self._split(text, unit, tokens / self._limit)

    def _split(self, text: str, unit: _Unit, excess: float) -> Iterator[_Unit]:
        """Units from one that is ``excess`` times too long."""
        for piece in pieces(text, unit.span, reach=_share(len(unit.span), excess)):
            opens = unit.opens and piece.start == unit.span.start
            yield from self._measured(text, piece, opens=opens, heading=unit.heading)

    def _stop(self, text: str, units: list[_Unit], first: int, done: int) -> int:
        """Where the piece that begins with ``first`` ends; it should go beyond ``done``."""
        stop = self._full(units, first)
        if stop < len(units):
            stop = self._before_headings(units, done, self._at_border(units, first, done, stop))
        while (excess := self._excess(text, units[first].span.start, units[stop - 1].span.end)) > 1:
            if stop - first > 1:
                stop -= 1
            elif first < done or len(units[first].span) == 1:
                break
            else:
                units[first:stop] = self._split(text, units[first], excess)
        return stop

    def _full(self, units: list[_Unit], first: int) -> int:
        """Where the limit is reached."""
        stop, total = first + 1, units[first].tokens
        while stop < len(units):
            total += _cost(units, stop)
            if total > self._limit:
                break
            stop += 1
        return stop

    def _at_border(self, units: list[_Unit], first: int, done: int, stop: int) -> int:
        """The last paragraph's end that leaves the piece half full and adds more than a sentence.

        ``stop`` where there is none.
        """
        total = sum(_cost(units, place) for place in range(first, stop))
        for place in range(stop, done + 1, -1):
            if total < self._limit / 2:
                break
            if units[place].opens:
                return place
            total -= _cost(units, place - 1)
        return stop

    def _before_headings(self, units: list[_Unit], done: int, stop: int) -> int:
        """``stop``, moved before the headings that the piece would end with, if they are few."""
        place, total = stop, 0
        while place - 1 > done and units[place - 1].heading:
            place -= 1
            total += _cost(units, place)
        return place if total <= self._limit / 4 else stop

    def _resume(self, units: list[_Unit], first: int, stop: int) -> int:
        """Where the next piece begins: with the sentences it shares, if one more still fits."""
        if stop == len(units):
            return stop
        start, total = stop, units[stop].tokens
        while start > max(first + 1, stop - self._overlap) and not units[start].heading:
            total += _cost(units, start - 1)
            if total > self._limit:
                break
            start -= 1
        return start

    def _excess(self, text: str, start: int, end: int) -> float:
        """How many times too long the range is, for the limit or for the embedder."""
        piece = text[start:end]
        return max(
            self._counter.count(piece) / self._limit,
            self._embedder.count(piece) / self._embedder.max_tokens,
        )


def _cost(units: list[_Unit], place: int) -> int:
    """Tokens that the unit adds to a piece: its own, and about as many as spaces before it."""
    gap = units[place].span.start - units[place - 1].span.end if place else 0
    return units[place].tokens + gap


def _share(length: int, excess: float) -> int:
    """How much of a length that is so many times too long should fit: less than all, at least 1."""
    return max(1, min(length - 1, int(length / excess)))
