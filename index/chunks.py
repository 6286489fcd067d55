"""An article to chunks: whole sentences, packed up to a number of tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.cuts import pieces
from index.embedding import Embedder
from index.lines import is_heading
from index.sentences import sentences
from index.tokens import TokenCounter
from index.types import Article, Chunk, Span

SMALLEST_LIMIT = 16
"""The least a chunk may be limited to, in tokens: no single code point takes as many."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What chunks are packed from: a sentence, or a piece of one too long for a chunk.

    ``opens`` says that a paragraph begins with it, ``heading`` that it stands over the next.
    """

    start: int
    end: int
    tokens: int
    opens: bool
    heading: bool


class Chunker:
    """Packs whole sentences into chunks of at most ``limit`` tokens.

    A chunk ends with a paragraph where that leaves it at least half full, shares its last
    ``overlap`` sentences with the next unless a heading stands between them, and is never longer
    than ``embedder`` reads. Raises ValueError on a limit below 16 or a negative overlap.
    """

    def __init__(
        self, counter: TokenCounter, embedder: Embedder, *, limit: int = 160, overlap: int = 1
    ) -> None:
        if limit < SMALLEST_LIMIT or overlap < 0:
            raise ValueError(
                f"can't make chunks of {limit} tokens that share {overlap} sentences; "
                f"take at least {SMALLEST_LIMIT} tokens and 0 sentences"
            )
        self._counter = counter
        self._embedder = embedder
        self._limit = limit
        self._overlap = overlap

    def chunks(self, text: str, article: Article, document_id: str) -> list[Chunk]:
        """The article's chunks in the order of the text, their ids 0 until they are stored.

        Every character of header and body that is not white is in at least one, and nothing
        else of the text is in any but white space.
        """
        headers = self._ranges(text, article.header, overlap=0)
        bodies = self._ranges(text, article.body, overlap=self._overlap)
        of_header = set(headers)
        return [
            Chunk(0, document_id, ordinal, span.start, span.end, span.of(text), span in of_header)
            for ordinal, span in enumerate(sorted([*headers, *bodies]))
        ]

    def _ranges(self, text: str, paragraphs: Sequence[Span], *, overlap: int) -> list[Span]:
        return [
            span
            for run in _runs(text, paragraphs)
            for span in self._packed(text, self._units(text, run), overlap)
        ]

    def _units(self, text: str, run: Sequence[Span]) -> list[_Unit]:
        units: list[_Unit] = []
        paragraphs = set(run)
        starts = {paragraph.start for paragraph in run}
        for sentence in sentences(text, Span(run[0].start, run[-1].end)):
            heading = sentence in paragraphs and is_heading(sentence.of(text))
            units += self._measured(text, sentence, opens=sentence.start in starts, heading=heading)
        return units

    def _measured(self, text: str, span: Span, *, opens: bool, heading: bool) -> Iterator[_Unit]:
        """The sentence as a unit, or as several where it has more tokens than the limit."""
        tokens = self._counter.count(span.of(text))
        if tokens <= self._limit or len(span) == 1:
            yield _Unit(span.start, span.end, tokens, opens, heading)
            return
        for piece in pieces(text, span, reach=_share(len(span), self._limit, tokens)):
            yield from self._measured(
                text, piece, opens=opens and piece.start == span.start, heading=heading
            )

    def _packed(self, text: str, units: list[_Unit], overlap: int) -> Iterator[Span]:
        first = done = 0
        while done < len(units):
            stop = self._stop(text, units, first, done)
            if stop <= done:  # only what the chunk before shares would fit, so it shares nothing
                first = done
                continue
            yield Span(units[first].start, units[stop - 1].end)
            first, done = self._resume(units, first, stop, overlap), stop

    def _stop(self, text: str, units: list[_Unit], first: int, done: int) -> int:
        """Where the chunk that begins with ``first`` ends; it should go beyond ``done``."""
        stop = self._full(units, first)
        if stop < len(units):
            stop = self._at_border(units, first, done, stop)
        while (excess := self._excess(text, units[first].start, units[stop - 1].end)) > 1:
            if stop - first > 1:
                stop = first + _share(stop - first, 1, excess)
            elif units[first].end - units[first].start == 1:
                break
            else:
                self._split(text, units, first, excess)
        return stop

    def _full(self, units: list[_Unit], first: int) -> int:
        stop, total = first + 1, units[first].tokens
        while stop < len(units):
            total += _cost(units, stop)
            if total > self._limit:
                break
            stop += 1
        return stop

    def _at_border(self, units: list[_Unit], first: int, done: int, stop: int) -> int:
        """The last paragraph's end that leaves the chunk half full, else ``stop``."""
        total = sum(_cost(units, place) for place in range(first, stop))
        for place in range(stop, done + 1, -1):
            if units[place].opens:
                stop = place
                break
            total -= _cost(units, place - 1)
            if total < self._limit / 2:
                break
        return self._before_headings(units, done, stop)

    def _before_headings(self, units: list[_Unit], done: int, stop: int) -> int:
        """``stop``, moved before the headings that the chunk would end with, if they are few."""
        place, total = stop, 0
        while place - 1 > done and units[place - 1].heading:
            place -= 1
            total += _cost(units, place)
        return place if total <= self._limit / 4 else stop

    def _resume(self, units: list[_Unit], first: int, stop: int, overlap: int) -> int:
        """Where the next chunk begins: with the sentences it shares, if the next still fits."""
        if stop == len(units):
            return stop
        start, total = stop, units[stop].tokens
        while start > max(first + 1, stop - overlap) and not units[start].heading:
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

    def _split(self, text: str, units: list[_Unit], place: int, excess: float) -> None:
        unit = units[place]
        span = Span(unit.start, unit.end)
        units[place : place + 1] = [
            _Unit(
                piece.start,
                piece.end,
                self._counter.count(piece.of(text)),
                unit.opens and piece.start == span.start,
                unit.heading,
            )
            for piece in pieces(text, span, reach=_share(len(span), 1, excess))
        ]


def _runs(text: str, spans: Sequence[Span]) -> Iterator[list[Span]]:
    """The spans in groups with nothing but white space between them."""
    run: list[Span] = []
    for span in spans:
        if not span.of(text).strip():
            continue
        if run and text[run[-1].end : span.start].strip():
            yield run
            run = []
        run.append(span)
    if run:
        yield run


def _cost(units: list[_Unit], place: int) -> int:
    """Tokens that the unit adds to a chunk, with the white space before it."""
    gap = units[place].start - units[place - 1].end if place else 0
    return units[place].tokens + gap


def _share(length: int, limit: float, tokens: float) -> int:
    """How much of a length that has too many tokens should fit; at least 1, less than all."""
    return max(1, min(length - 1, int(length * limit / tokens)))
