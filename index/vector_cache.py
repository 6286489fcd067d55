"""The dense index kept in step with the store: it is derived, so it can always be made again."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import vector_file
from index.store import Store
from index.tables.meta import Stamp
from index.vector_file import Identity
from index.vectors import FLAT_LIMIT, VectorIndex, sample_size

VECTORS = "vectors.faiss"

_LOAD_AT_ONCE = 10_000
_SAVE_AFTER = 1_000  # changes: the file is written whole, so not at each
_SEED = 7

_log = logging.getLogger(__name__)


class VectorCache:
    """Holds the VectorIndex over a store's embeddings, and its file for the next start.

    The file is used where it is exactly the store's state; else the index is made from SQLite,
    by the store's writer as a clustered one above ``flat_limit`` chunks. Only the writer saves:
    after ``save_after`` changes, and when told to.
    """

    def __init__(
        self, store: Store, *, flat_limit: int = FLAT_LIMIT, save_after: int = _SAVE_AFTER
    ) -> None:
        self._store = store
        self._flat_limit = flat_limit
        self._save_after = save_after
        self._turn = threading.RLock()
        self._seen = store.stamp()
        self._saved: Stamp | None = None
        self._index = VectorIndex(store.recipe.dimension)
        self._start()

    @property
    def index(self) -> VectorIndex:
        """The index, caught up with what this or another process has committed."""
        if self._store.stamp() != self._seen:
            with self._turn:
                self._catch_up()
        return self._index

    @contextlib.contextmanager
    def change(self) -> Iterator[VectorIndex]:
        """Change store and index together: what the store commits, the block does to the index.

        Where the block fails half-way, the next use of ``index`` catches up.
        """
        with self._turn:
            self._catch_up()
            yield self._index
            self._seen = self._store.stamp()
            last = 0 if self._saved is None else self._saved.generation
            if self._seen.generation - last >= self._save_after:
                self.save()

    def rebuild(self) -> None:
        """Make the index anew from the embeddings that are stored."""
        with self._turn:
            self._seen, self._saved = self._store.stamp(), None
            ids = self._store.all_chunk_ids()
            made = self._empty_for(ids)
            self._load(made, ids)
            self._index.replace(made)

    def save(self) -> None:
        """Write the file, if this is the writer and there is anything new.

        Failing costs only time at the next start, so it is logged and nothing else.
        """
        with self._turn:
            if not self._store.writable or self._saved == self._seen:
                return
            try:
                vector_file.save(self._path, self._index, self._identity())
            except OSError as error:
                _log.warning("%s was not saved (%s); it is made again if needed", self._path, error)
            self._saved = self._seen

    def _start(self) -> None:
        found = vector_file.load(self._path, self._identity())
        if found is not None and self._suits(found):
            self._index.replace(found)
            self._saved = self._seen
            return
        self.rebuild()
        self.save()

    def _suits(self, index: VectorIndex) -> bool:
        """Whether it is the kind to have; a reader can't save, so it takes what there is."""
        return not self._store.writable or index.is_clustered == (len(index) > self._flat_limit)

    def _catch_up(self) -> None:
        """Put in what is new in the store, and take out what has gone; ids are never reused."""
        stamp = self._store.stamp()
        if stamp == self._seen:
            return
        stored, held = self._store.all_chunk_ids(), self._index.ids()
        self._index.remove(np.setdiff1d(held, stored, assume_unique=True))
        self._load(self._index, np.setdiff1d(stored, held, assume_unique=True))
        self._seen = stamp

    def _load(self, index: VectorIndex, ids: NDArray[np.int64]) -> None:
        for start in range(0, len(ids), _LOAD_AT_ONCE):
            vectors = self._store.vectors(ids[start : start + _LOAD_AT_ONCE])
            index.add(vectors.ids, vectors.rows)

    def _empty_for(self, ids: NDArray[np.int64]) -> VectorIndex:
        """Without chunks: flat for few of them and for readers, who don't wait for clusters."""
        if len(ids) <= self._flat_limit or not self._store.writable:
            return VectorIndex(self._store.recipe.dimension)
        chosen = np.random.default_rng(_SEED).choice(ids, sample_size(len(ids)), replace=False)
        return VectorIndex.clustered(self._store.vectors(chosen).rows, expected=len(ids))

    def _identity(self) -> Identity:
        recipe = self._store.recipe
        return Identity(
            self._seen.generation, self._seen.token, recipe.fingerprint, recipe.dimension
        )

    @property
    def _path(self) -> Path:
        return self._store.folder / VECTORS
