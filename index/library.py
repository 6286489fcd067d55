"""The write path: a source becomes a document that is stored, searchable, and durable."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index.article import locate
from index.chunks import Chunker
from index.embedding import Embedder
from index.errors import EmptySource, StoreUnwritable, UndecodableText
from index.headings import headings
from index.sandbox import Sandbox
from index.settings import IndexSettings
from index.store import Entry, Store
from index.tables.meta import Recipe
from index.tokens import TokenCounter
from index.types import (
    Added,
    Article,
    Chunk,
    Document,
    Extract,
    Landmarks,
    Progress,
    Source,
    Stage,
)
from index.vector_cache import VectorCache
from index.vectors import VectorIndex

_EMBED_AT_ONCE = 32


class Library:
    """Documents in, chunks to search out. Safe to use from many threads.

    ``store`` holds the truth; ``vectors`` is the dense index over it, caught up at each access,
    so take it anew for each search.
    """

    def __init__(
        self, store: Store, vectors: VectorCache, embedder: Embedder, chunker: Chunker
    ) -> None:
        self.store = store
        self._vectors = vectors
        self._embedder = embedder
        self._chunker = chunker
        self._sandbox = Sandbox()

    @classmethod
    def open(cls, settings: IndexSettings, *, embedder: Embedder, writable: bool) -> Self:
        """Open the store in ``settings.data``; see ``Store.open`` for what it raises."""
        counter = TokenCounter(settings.tokenizer)
        chunker = Chunker(
            counter, embedder, limit=settings.chunk_tokens, overlap=settings.overlap_sentences
        )
        recipe = Recipe(embedder.name, embedder.fingerprint, embedder.dimension, settings.tokenizer)
        store = Store.open(settings.data, recipe, writable=writable)
        try:
            return cls(store, VectorCache(store), embedder, chunker)
        except BaseException:
            store.close()
            raise

    @property
    def vectors(self) -> VectorIndex:
        """The dense index, caught up with what any process has committed."""
        return self._vectors.index

    def add(self, source: Source, *, progress: Progress | None = None) -> Added:
        """Store and index a source; returns only when that is durable.

        The same canonical text again gives the document that is there. Raises SourceError
        where nothing can be made of the source, StoreFull and the like from ``Store.add``.
        """
        if not self.store.writable:
            raise StoreUnwritable(f"the store in {self.store.folder} was opened for reading only")
        report = progress or _unreported
        report(Stage.EXTRACT, 0, 1)
        found = self._sandbox.extract(source)
        sha256 = _sha256(found.text, source.name)
        if there := self.store.with_content(sha256):
            return Added(there, created=False)
        article = locate(
            found, title=source.title, author=source.author, published=source.published
        )
        report(Stage.EXTRACT, 1, 1)
        entry = self._entry(source, found, article, report)
        report(Stage.STORE, 0, 1)
        added = self._stored(entry)
        report(Stage.STORE, 1, 1)
        return added

    def remove(self, document_id: str) -> None:
        """Take a document out of everything, durably. Raises DocumentNotFound."""
        with self._vectors.change() as vectors:
            vectors.remove(self.store.remove(document_id))

    def rebuild(self) -> None:
        """Make all that is derived anew from the documents, chunks and embeddings in SQLite."""
        self.store.rebuild_words()
        self._vectors.rebuild()
        self._vectors.save()

    def close(self) -> None:
        """Save the dense index for the next start, and let go of the store."""
        self._sandbox.close()
        try:
            self._vectors.save()
        finally:
            self.store.close()

    def _entry(self, source: Source, found: Extract, article: Article, report: Progress) -> Entry:
        report(Stage.CHUNK, 0, 1)
        document_id = secrets.token_hex(8)
        chunks = self._chunker.chunks(found.text, article, document_id)
        if not chunks:
            raise EmptySource(
                f"{source.name} holds nothing to index: it is blank, or no article is in it;"
                " add the article's text itself"
            )
        report(Stage.CHUNK, 1, 1)
        document = _document(document_id, source, found, article, len(chunks))
        landmarks = Landmarks(headings(found.text, article.body, found.headings), found.pages)
        embeddings = self._embedded(chunks, report)
        return Entry(document, found.text, article, chunks, embeddings, landmarks)

    def _embedded(self, chunks: Sequence[Chunk], report: Progress) -> NDArray[np.float32]:
        """The chunks' embeddings, shape (chunks, dimension)."""
        report(Stage.EMBED, 0, len(chunks))
        parts = []
        for start in range(0, len(chunks), _EMBED_AT_ONCE):
            part = chunks[start : start + _EMBED_AT_ONCE]
            parts.append(self._embedder.embed([chunk.text for chunk in part]))
            report(Stage.EMBED, start + len(part), len(chunks))
        return np.concatenate(parts)

    def _stored(self, entry: Entry) -> Added:
        with self._vectors.change() as vectors:
            # Another thread may have added the same text while this one embedded it.
            if there := self.store.with_content(entry.document.sha256):
                return Added(there, created=False)
            vectors.add(self.store.add(entry), entry.embeddings)
            return Added(self.store.document(entry.document.id), created=True)


def _document(
    document_id: str, source: Source, found: Extract, article: Article, chunks: int
) -> Document:
    return Document(
        id=document_id,
        name=source.name,
        title=article.title,
        author=article.author,
        published=article.published,
        url=source.url or found.url,
        media_type=found.media_type,
        sha256=_sha256(found.text, source.name),
        characters=len(found.text),
        chunks=chunks,
        created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        metadata=source.metadata,
    )


def _sha256(text: str, name: str) -> str:
    try:
        return hashlib.sha256(text.encode()).hexdigest()
    except UnicodeEncodeError as error:
        raise UndecodableText(
            f"{name} holds half a character at {error.start} (a lone surrogate);"
            " save it as UTF-8 and add it again"
        ) from error


def _unreported(stage: Stage, done: int, total: int) -> None:
    """No one asked for progress."""
