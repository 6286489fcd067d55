"""SQLite: the truth about documents, chunks, embeddings and words, all in one file."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index import migrations
from index.connections import Readers
from index.errors import StoreDamaged, StoreError, StoreFull, StoreMissing, StoreUnwritable
from index.tables import chunks, documents, meta, words
from index.tables.chunks import Vectors
from index.tables.meta import Recipe, Stamp
from index.types import (
    Article,
    Chunk,
    Document,
    DocumentPage,
    Landmarks,
    Outline,
    Scope,
    Scored,
)
from index.writer import Writer

DATABASE = "pincite.sqlite"


@dataclass(frozen=True, slots=True)
class Entry:
    """All of one document, as it is written at once.

    ``embeddings`` has shape (chunks, dimension), a row for each chunk in order.
    """

    document: Document
    text: str
    article: Article
    chunks: Sequence[Chunk]
    embeddings: NDArray[np.float32]
    landmarks: Landmarks = Landmarks((), ())


class Store:
    """One process writes, any number reads, in as many threads as they like.

    Every change is durable when its call returns, and moves the store to a new ``stamp``. Any
    call may raise StoreDamaged, or StoreError where the disk fails or the store is closed;
    those that write also StoreFull and StoreUnwritable. A call that raises has changed nothing.
    """

    def __init__(self, folder: Path, recipe: Recipe, *, writer: Writer | None = None) -> None:
        self.folder = folder
        self.recipe = recipe
        self._path = folder / DATABASE
        self._readers = Readers(self._path)
        self._writer = writer

    @classmethod
    def open(cls, folder: Path, recipe: Recipe, *, writable: bool) -> Self:
        """Open the store in ``folder``, which only a writable one creates.

        Raises StoreTooNew, StoreMismatch and StoreDamaged; writable also StoreLocked,
        StoreUnwritable and StoreFull; read-only StoreMissing.
        """
        if writable:
            return cls(folder, recipe, writer=Writer.open(folder / DATABASE, recipe))
        store = cls(folder, recipe)
        try:
            store._check()
        except BaseException:
            store.close()
            raise
        return store

    def _check(self) -> None:
        try:
            present = self._path.exists()
        except OSError as error:
            raise StoreError(
                f"{self._path} can't be read ({error.strerror}); check who owns the folder"
            ) from error
        if not present:
            raise StoreMissing(f"there is no store in {self.folder} yet; add a document first")
        with self._readers.connection() as connection:
            migrations.require_current(connection, self._path)
            meta.check(connection, self.recipe, self.folder)

    @property
    def writable(self) -> bool:
        """Whether this is the store's writer."""
        return self._writer is not None

    def close(self) -> None:
        """Let go of the files. Harmless when closed already."""
        self._readers.close()
        if self._writer is not None:
            self._writer.close()

    # Changes

    def add(self, entry: Entry) -> NDArray[np.int64]:
        """Store a document; gives its chunks' ids, in order. The content must not be there."""
        with self._transaction() as connection:
            number = documents.insert(
                connection,
                entry.document,
                text=entry.text,
                article=entry.article,
                landmarks=entry.landmarks,
            )
            return chunks.insert(connection, number, entry.chunks, entry.embeddings)

    def remove(self, document_id: str) -> NDArray[np.int64]:
        """Take a document out; gives the ids its chunks had. Raises DocumentNotFound.

        On a full disk the space kept back for it makes this possible.
        """
        try:
            return self._remove(document_id)
        except StoreFull:
            writer = self._writing()
            writer.free_reserve()
            try:
                return self._remove(document_id)
            finally:
                writer.refill_reserve()

    def _remove(self, document_id: str) -> NDArray[np.int64]:
        with self._transaction() as connection:
            documents.one(connection, document_id)
            ids = chunks.of_document(connection, document_id)
            documents.delete(connection, document_id)
            return ids

    def rebuild_words(self) -> None:
        """Make the full-text index anew from the chunks."""
        with self._transaction() as connection:
            words.rebuild(connection)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing().transaction() as connection:
            yield connection

    def _writing(self) -> Writer:
        if self._writer is None:
            raise StoreUnwritable(f"the store in {self.folder} was opened for reading only")
        return self._writer

    # Documents

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentNotFound."""
        with self._readers.connection() as connection:
            return documents.one(connection, document_id)

    def documents(self, *, limit: int = 100, cursor: str | None = None) -> DocumentPage:
        """At most ``limit`` (from 1) documents, oldest first. Raises InvalidCursor."""
        with self._readers.connection() as connection:
            return documents.page(connection, limit=max(limit, 1), cursor=cursor)

    def latest(self, *, limit: int) -> tuple[Document, ...]:
        """At most ``limit`` documents, those added last, the newest first."""
        with self._readers.connection() as connection:
            return documents.latest(connection, limit=limit)

    def with_content(self, sha256: str) -> Document | None:
        """The document whose canonical text has that SHA-256, if there is one."""
        with self._readers.connection() as connection:
            return documents.with_content(connection, sha256)

    def text(self, document_id: str) -> str:
        """A document's canonical text. Raises DocumentNotFound."""
        with self._readers.connection() as connection:
            text, sha256 = documents.text_of(connection, document_id)
        if hashlib.sha256(text.encode()).hexdigest() != sha256:
            raise StoreDamaged(
                f"the text of document {document_id} in {self._path} is not the one that was"
                " stored; restore the database from a backup"
            )
        return text

    def outline(self, document_id: str) -> Outline:
        """How the text is laid out: article, headings, pages. Raises DocumentNotFound."""
        with self._readers.connection() as connection:
            return documents.outline(connection, document_id)

    def landmarks(self, document_id: str) -> Landmarks:
        """Only the headings and pages, which are few. Raises DocumentNotFound."""
        with self._readers.connection() as connection:
            return documents.landmarks(connection, document_id)

    # Chunks

    def chunk_count(self) -> int:
        """How many chunks are stored."""
        with self._readers.connection() as connection:
            return chunks.count(connection)

    def chunks(self, ids: Iterable[int]) -> dict[int, Chunk]:
        """The chunks of those ids, without those that are (no longer) there."""
        with self._readers.connection() as connection:
            return chunks.by_id(connection, ids)

    def neighbours(self, chunk: Chunk, *, reach: int = 1) -> list[Chunk]:
        """The chunks at most ``reach`` places from one, itself among them, in order."""
        with self._readers.connection() as connection:
            return chunks.around(connection, chunk, reach)

    def chunk_ids(self, scope: Scope) -> NDArray[np.int64] | None:
        """The ids of the chunks in scope; None where that is all of them."""
        if chunks.is_everything(scope):
            return None
        with self._readers.connection() as connection:
            return chunks.in_scope(connection, scope)

    def all_chunk_ids(self) -> NDArray[np.int64]:
        """Every chunk's id, ascending."""
        with self._readers.connection() as connection:
            return chunks.all_ids(connection)

    def vectors(self, ids: Iterable[int]) -> Vectors:
        """The embeddings of the chunks of those ids, without those that are not there."""
        with self._readers.connection() as connection:
            return chunks.vectors(connection, ids, self.recipe.dimension)

    def stamp(self) -> Stamp:
        """Which state the store is in."""
        with self._readers.connection() as connection:
            return meta.stamp(connection)

    # Words

    def match(self, expression: str, *, limit: int, scope: Scope = Scope()) -> list[Scored]:
        """The chunks in scope that match an FTS5 expression of quoted terms, best BM25 first."""
        with self._readers.connection() as connection:
            return words.match(connection, expression, limit=limit, scope=scope)

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many chunks each term is, terms being folded and stemmed as in the index."""
        with self._readers.connection() as connection:
            return words.frequencies(connection, terms)

    def present(self, given: Sequence[str], *, scope: Scope) -> frozenset[str]:
        """Those of the words that any document in scope has, in any form of theirs."""
        with self._readers.connection() as connection:
            return words.present(connection, given, scope=scope)

    def words_in(self, document_id: str, given: Sequence[str]) -> frozenset[str]:
        """Those of the words that a document has, in any form of theirs."""
        with self._readers.connection() as connection:
            return words.words_in(connection, document_id, given)
