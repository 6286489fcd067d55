"""The dense index gives what comparing every vector gives, through any changes."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.types import Scored
from index.vectors import VectorIndex, sample_size

DIMENSION = 8


def unit(count: int, *, seed: int = 0, dimension: int = DIMENSION) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    made: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return made


def flat(count: int) -> VectorIndex:
    index = VectorIndex(DIMENSION)
    index.add(np.arange(1, count + 1), unit(count))
    return index


def clustered(count: int) -> VectorIndex:
    rows = unit(count)
    index = VectorIndex.clustered(rows[: sample_size(count)], expected=count)
    index.add(np.arange(1, count + 1), rows)
    return index


def ids(found: Sequence[Scored]) -> list[int]:
    return [scored.chunk_id for scored in found]


def expected(
    rows: NDArray[np.float32], query: NDArray[np.float32], allowed: Sequence[int], limit: int
) -> list[int]:
    """The slow twin: every vector compared, the best first. Row n has the id n + 1."""
    scores = rows @ query
    return sorted(allowed, key=lambda id: (-scores[id - 1], id))[:limit]


@given(
    count=st.integers(1, 60),
    gone=st.sets(st.integers(1, 60)),
    allowed=st.none() | st.sets(st.integers(1, 70)),
    limit=st.integers(1, 80),
)
def test_flat_search_is_exact_after_removals_and_within_a_scope(
    count: int, gone: set[int], allowed: set[int] | None, limit: int
) -> None:
    index, query = flat(count), unit(1, seed=9)[0]
    index.remove(np.array(sorted(gone), dtype=np.int64))
    left = [id for id in range(1, count + 1) if id not in gone]
    inside = [id for id in left if allowed is None or id in allowed]
    chosen = None if allowed is None else np.array(sorted(allowed), dtype=np.int64)
    found = index.search(query, limit=limit, allowed=chosen)
    assert ids(found) == expected(unit(count), query, inside, limit)
    assert index.ids().tolist() == left
    assert len(index) == len(left)


def test_scores_are_inner_products() -> None:
    index, query = flat(20), unit(1, seed=3)[0]
    for scored in index.search(query, limit=20):
        assert scored.score == pytest.approx(float(unit(20)[scored.chunk_id - 1] @ query), abs=1e-6)


def test_equal_scores_come_in_the_order_of_ids() -> None:
    index = VectorIndex(2)
    index.add(np.array([5, 3, 9]), np.array([[1, 0]] * 3, dtype=np.float32))
    assert ids(index.search(np.array([1, 0], dtype=np.float32), limit=3)) == [3, 5, 9]


@pytest.mark.parametrize("make", [flat, clustered])
def test_nothing_is_found_in_an_empty_scope_or_with_no_limit(make: type) -> None:
    index, query = make(100), unit(1)[0]
    assert index.search(query, limit=5, allowed=np.empty(0, dtype=np.int64)) == []
    assert index.search(query, limit=0) == []


def test_an_empty_index_finds_nothing() -> None:
    index = VectorIndex(DIMENSION)
    assert index.search(unit(1)[0], limit=5) == []
    assert index.search(unit(1)[0], limit=5, allowed=np.array([1])) == []
    assert index.ids().tolist() == []


@pytest.mark.parametrize("make", [flat, clustered])
def test_bytes_give_the_same_index_back(make: type) -> None:
    index = make(300)
    again = VectorIndex.from_bytes(index.to_bytes())
    assert again.is_clustered == index.is_clustered
    assert again.ids().tolist() == index.ids().tolist()
    for query in unit(5, seed=4):
        assert again.search(query, limit=10) == index.search(query, limit=10)
    again.add(np.array([1_000]), unit(1, seed=8))
    again.remove(np.array([1]))
    assert again.search(unit(1, seed=8)[0], limit=1)[0].chunk_id == 1_000


def test_a_clustered_index_finds_nearly_all_and_loses_what_is_removed() -> None:
    index, rows = clustered(2_000), unit(2_000)
    assert index.is_clustered
    found = share = 0
    for query in unit(20, seed=5):
        best = set(expected(rows, query, range(1, 2_001), 10))
        found += len(best & set(ids(index.search(query, limit=10))))
        share += len(best)
    assert found / share > 0.9
    gone = np.arange(1, 1_001)
    index.remove(gone)
    assert index.ids().tolist() == list(range(1_001, 2_001))
    assert min(ids(index.search(unit(1, seed=5)[0], limit=1_000))) > 1_000


def test_a_clustered_index_is_exact_within_a_narrow_scope() -> None:
    index, rows = clustered(2_000), unit(2_000)
    allowed = np.random.default_rng(1).choice(np.arange(1, 2_001), 50, replace=False)
    for query in unit(10, seed=6):
        found = index.search(query, limit=20, allowed=allowed)
        assert ids(found) == expected(rows, query, allowed.tolist(), 20)


def test_an_index_becomes_another_in_place() -> None:
    index = flat(10)
    index.replace(clustered(200))
    assert index.is_clustered
    assert len(index) == 200


def test_searching_while_it_changes_gives_only_what_is_there() -> None:
    index, always = flat(200), set(range(1, 201))
    stop, wrong = threading.Event(), list[object]()

    def ask(seed: int) -> None:
        query = unit(1, seed=seed)[0]
        while not stop.is_set():
            found = ids(index.search(query, limit=300))
            if not always <= set(found) or len(set(found)) != len(found):
                wrong.append(found)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(200):
        some = np.arange(1_000, 1_050) + turn
        index.add(some, unit(50, seed=turn))
        index.remove(some)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(index) == 200
