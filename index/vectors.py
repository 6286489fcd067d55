"""The dense search: FAISS over the chunks' embeddings, held in memory."""

import math
import os
import threading
from typing import Self

import faiss
import numpy as np
from numpy.typing import NDArray

from index.types import Scored

FLAT_LIMIT = 50_000
"""Up to so many chunks every vector is compared (exact); above, the likely clusters only."""

_TRAINING_ROUNDS = 10
_SAMPLES_A_CLUSTER = 64
_LEAST_PROBES, _PROBE_ONE_IN = 16, 4
_SEED = 7  # the same vectors give the same clusters


class VectorIndex:
    """Finds the chunks whose embeddings have the largest inner product with a query's.

    Flat as constructed; ``clustered`` gives one for large stores. Safe to use from many threads:
    FAISS must not be searched while it changes, so every call takes its turn.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._index: faiss.Index = faiss.IndexIDMap(faiss.IndexFlatIP(dimension))
        self._turn = threading.Lock()

    @classmethod
    def clustered(cls, sample: NDArray[np.float32], *, expected: int) -> Self:
        """An empty index for about ``expected`` vectors, its clusters learnt from a sample.

        ``sample`` has shape (n, dimension); ``sample_size`` says how large n should be.
        """
        made = cls(sample.shape[1])
        clusters = max(1, min(math.isqrt(expected), len(sample)))
        index = faiss.IndexIVFFlat(
            faiss.IndexFlatIP(made.dimension), made.dimension, clusters, faiss.METRIC_INNER_PRODUCT
        )
        index.cp.niter, index.cp.seed = _TRAINING_ROUNDS, _SEED
        index.cp.min_points_per_centroid = 1
        index.nprobe = max(_LEAST_PROBES, clusters // _PROBE_ONE_IN)
        _use_threads(os.cpu_count() or 1)
        index.train(np.ascontiguousarray(sample, dtype=np.float32))
        made._index = index
        return made

    @classmethod
    def from_bytes(cls, data: NDArray[np.uint8]) -> Self:
        """What ``to_bytes`` gave. FAISS does not notice changed bytes: check them before."""
        index = faiss.deserialize_index(data)
        made = cls(index.d)
        made._index = index
        return made

    def to_bytes(self) -> NDArray[np.uint8]:
        """The index in FAISS's own format."""
        with self._turn:
            data: NDArray[np.uint8] = faiss.serialize_index(self._index)
        return data

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def is_clustered(self) -> bool:
        """Whether it searches likely clusters only."""
        return isinstance(self._index, faiss.IndexIVFFlat)

    def ids(self) -> NDArray[np.int64]:
        """The ids of all chunks in the index, ascending."""
        with self._turn:
            if not self.is_clustered:
                return np.sort(faiss.vector_to_array(self._index.id_map))
            lists = self._index.invlists
            parts = [_list_ids(lists, number) for number in range(self._index.nlist)]
        return np.sort(np.concatenate(parts))

    def add(self, ids: NDArray[np.int64], rows: NDArray[np.float32]) -> None:
        """Put in chunks that are not there: ids of shape (n,), unit vectors (n, dimension)."""
        with self._turn:
            _use_threads(os.cpu_count() or 1)
            self._index.add_with_ids(np.ascontiguousarray(rows, dtype=np.float32), ids)

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Take chunks out; ids that are not there are ignored."""
        with self._turn:
            self._index.remove_ids(ids)

    def replace(self, other: "VectorIndex") -> None:
        """Become what ``other`` is, which is given up by that."""
        with self._turn:
            self._index = other._index

    def search(
        self, query: NDArray[np.float32], *, limit: int, allowed: NDArray[np.int64] | None = None
    ) -> list[Scored]:
        """The ``limit`` chunks closest to ``query``, shape (dimension,), best first.

        ``allowed`` are the ids to choose from, None for all. The score is the inner product: of
        unit vectors the cosine, from -1 to 1. Equal scores come in the order of their ids.
        """
        row = np.ascontiguousarray(query, dtype=np.float32).reshape(1, self.dimension)
        with self._turn:
            count = min(limit, self._index.ntotal)
            if count < 1 or (allowed is not None and not len(allowed)):
                return []
            _use_threads(1)
            scores, ids = self._index.search(row, count, params=self._parameters(allowed))
        found = [
            Scored(int(id), float(score))
            for id, score in zip(ids[0], scores[0], strict=True)
            if id >= 0  # FAISS fills up with -1 where it found fewer
        ]
        return sorted(found, key=lambda scored: (-scored.score, scored.chunk_id))

    def _parameters(self, allowed: NDArray[np.int64] | None) -> faiss.SearchParameters:
        selector = None if allowed is None else _selector(allowed)
        if not self.is_clustered:
            return faiss.SearchParameters(sel=selector)
        # A narrow scope may lie in any cluster; looking through all ids for it is cheap.
        narrow = allowed is not None and len(allowed) <= FLAT_LIMIT
        probes = self._index.nlist if narrow else self._index.nprobe
        return faiss.SearchParametersIVF(sel=selector, nprobe=probes)


def sample_size(expected: int) -> int:
    """How many vectors ``VectorIndex.clustered`` should learn from."""
    return min(expected, math.isqrt(expected) * _SAMPLES_A_CLUSTER)


def _use_threads(count: int) -> None:
    """Let FAISS's next call of this thread use so many.

    One for a search: for one query a second gains nothing, and where other work keeps the
    processor busy, waiting for it costs ten times the search.
    """
    faiss.omp_set_num_threads(count)


def _selector(allowed: NDArray[np.int64]) -> faiss.IDSelector:
    """One bit an id, so that asking for one costs the same however many are allowed."""
    members = np.zeros(int(allowed.max()) + 1, dtype=np.bool_)
    members[allowed] = True
    return faiss.IDSelectorBitmap(np.packbits(members, bitorder="little"))


def _list_ids(lists: faiss.InvertedLists, number: int) -> NDArray[np.int64]:
    size = lists.list_size(number)
    if not size:
        return np.empty(0, dtype=np.int64)
    found: NDArray[np.int64] = faiss.rev_swig_ptr(lists.get_ids(number), size).copy()
    return found
