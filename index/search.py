"""From a question to the passages worth reading: dense and lexical search, fused, stitched.

The two scores are combined, not the two ranks: ``0.4 x BM25 / its best + 0.6 x cosine``. Ranks
throw away how much better the first is than the second, and lose to BM25 alone on questions
that share words with their answer; a convex combination is better than either part at every
depth (Bruch, Gai and Ingber 2023; figures in the package's README).
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from index.embedding import Embedder
from index.errors import DocumentNotFound
from index.library import Library
from index.types import Chunk, Document, Hit, Passage, Scope
from index.words import any_of, terms

LEXICAL_WEIGHT = 0.4
DEPTH = 100
"""Candidates that each search gives to the fusion."""

PASSAGE_TOKENS = 330
"""The longest stitched passage, in the embedder's tokens: what the reader was trained to read."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each search counts in the fused score; together 1."""

    lexical: float = LEXICAL_WEIGHT

    @property
    def dense(self) -> float:
        """What is left for the dense search."""
        return 1.0 - self.lexical


class Searcher:
    """Finds the chunks and passages of a library that are closest to a question."""

    def __init__(
        self, library: Library, embedder: Embedder, *, weights: Weights = Weights()
    ) -> None:
        self._library = library
        self._embedder = embedder
        self._weights = weights
        self._texts = _RecentTexts(library)

    def weighted(self, weights: Weights) -> "Searcher":
        """The same searcher with other weights, for measuring the parts of the fusion."""
        return Searcher(self._library, self._embedder, weights=weights)

    def hits(self, query: str, *, limit: int, scope: Scope = Scope()) -> list[Hit]:
        """The ``limit`` chunks in scope with the best fused score, best first."""
        store = self._library.store
        vector = self._embedder.embed([query])[0]
        allowed = store.chunk_ids(scope)
        found = self._library.vectors.search(vector, limit=DEPTH, allowed=allowed)
        dense = {scored.chunk_id: scored.score for scored in found}
        expression = any_of(terms(query))
        lexical = {
            scored.chunk_id: scored.score
            for scored in store.match(expression, limit=DEPTH, scope=scope)
        }
        only_lexical = [id for id in lexical if id not in dense]
        vectors = store.vectors(only_lexical)
        dense.update(zip(vectors.ids.tolist(), (vectors.rows @ vector).tolist(), strict=True))
        fused = self._fused(dense, lexical)
        best = sorted(fused, key=lambda id: (-fused[id], id))[:limit]
        chunks = store.chunks(best)
        return [
            Hit(chunks[id], fused[id], dense[id], lexical.get(id, 0.0))
            for id in best
            if id in chunks  # a document may have been removed meanwhile
        ]

    def passages(self, *queries: str, limit: int, scope: Scope = Scope()) -> list[Passage]:
        """The best ``limit`` chunks with adjacent ones stitched, best first.

        Where two adjacent chunks are both among the best, an answer between them is in one
        passage, and the sentence that they share is read once. Of several queries, as a question
        as it was put and as it is understood, the one that fits a chunk best counts for it.
        """
        fitting: dict[int, Hit] = {}
        for query in dict.fromkeys(queries):
            for hit in self.hits(query, limit=limit, scope=scope):
                other = fitting.setdefault(hit.chunk.id, hit)
                fitting[hit.chunk.id] = max(hit, other, key=lambda one: one.score)
        hits = sorted(fitting.values(), key=lambda hit: (-hit.score, hit.chunk.id))[:limit]
        passages = [
            passage for run in self._runs(hits) if (passage := self._passage(run)) is not None
        ]
        return sorted(passages, key=lambda passage: -passage.score)

    def text(self, document_id: str) -> str:
        """A document's canonical text, from memory where it was read lately."""
        return self._texts.text(document_id)

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentNotFound."""
        return self._library.store.document(document_id)

    def _fused(self, dense: dict[int, float], lexical: dict[int, float]) -> dict[int, float]:
        best = max(lexical.values(), default=0.0) or 1.0
        return {
            id: self._weights.lexical * lexical.get(id, 0.0) / best + self._weights.dense * cosine
            for id, cosine in dense.items()
        }

    def _runs(self, hits: Sequence[Hit]) -> list[list[Hit]]:
        """The hits in groups that make one passage each, every group in the text's order."""
        runs: list[list[Hit]] = []
        for hit in sorted(hits, key=lambda hit: (hit.chunk.document_id, hit.chunk.ordinal)):
            if runs and self._joins(runs[-1], hit.chunk):
                runs[-1].append(hit)
            else:
                runs.append([hit])
        return runs

    def _joins(self, run: Sequence[Hit], chunk: Chunk) -> bool:
        first, last = run[0].chunk, run[-1].chunk
        if last.document_id != chunk.document_id or last.ordinal + 1 != chunk.ordinal:
            return False
        try:
            text = self.text(chunk.document_id)
        except DocumentNotFound:
            return False
        # What lies between two chunks, if anything but white space, is boilerplate.
        if text[last.end : chunk.start].strip():
            return False
        return self._embedder.count(text[first.start : chunk.end]) <= PASSAGE_TOKENS

    def _passage(self, run: Sequence[Hit]) -> Passage | None:
        best = max(run, key=lambda hit: hit.score)
        start, end = run[0].chunk.start, run[-1].chunk.end
        try:
            document = self.document(best.chunk.document_id)
            text = self.text(document.id)[start:end]
        except DocumentNotFound:  # removed since it was found
            return None
        return Passage(
            document_id=document.id,
            title=document.title,
            start=start,
            end=end,
            text=text,
            score=best.score,
            dense=best.dense,
            lexical=best.lexical,
            header=any(hit.chunk.header for hit in run),
        )


class _RecentTexts:
    """The texts read last, up to a number of characters. A text never changes under its id."""

    _CHARACTERS = 4_000_000

    def __init__(self, library: Library) -> None:
        self._library = library
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._turn = threading.Lock()

    def text(self, document_id: str) -> str:
        with self._turn:
            if document_id in self._kept:
                self._kept.move_to_end(document_id)
                return self._kept[document_id]
        text = self._library.store.text(document_id)
        with self._turn:
            self._kept[document_id] = text
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > self._CHARACTERS:
                self._kept.popitem(last=False)
        return text
