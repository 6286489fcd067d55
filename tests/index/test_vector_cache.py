"""The dense index is always that of the store, whatever became of its file."""

import contextlib
import logging
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index.store import Store
from index.types import Scored
from index.vector_cache import VECTORS, VectorCache
from tests.index.builders import EMBEDDER, entry, open_store

QUERY = EMBEDDER.embed(["whale number 3 of the north"])[0]


def filled(folder: Path, count: int = 20) -> None:
    """A store of ``count`` documents of two chunks, with its vectors' file."""
    store = open_store(folder)
    cache = VectorCache(store)
    for number in range(count):
        put(store, cache, number)
    cache.save()
    store.close()


def put(store: Store, cache: VectorCache, number: int) -> None:
    given = entry(f"Whale number {number}.\nIt went to the north {number}.", id=f"d{number}")
    with cache.change() as vectors:
        vectors.add(store.add(given), given.embeddings)


def searched(folder: Path, *, writable: bool = True) -> list[Scored]:
    store = open_store(folder, writable=writable)
    found = VectorCache(store).index.search(QUERY, limit=30)
    store.close()
    return found


def forget_embeddings(folder: Path) -> None:
    """Break the store behind the file's back, so that only the file can still answer."""
    store = open_store(folder)
    assert store._writer is not None
    with store._writer._begun() as connection:
        connection.execute("DELETE FROM embeddings")
    store.close()


@pytest.mark.parametrize("writable", [True, False])
def test_a_file_of_this_state_is_used(tmp_path: Path, writable: bool) -> None:
    filled(tmp_path)
    before = searched(tmp_path)
    forget_embeddings(tmp_path)
    assert searched(tmp_path, writable=writable) == before


def flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :]


def cut(data: bytes, place: int) -> bytes:
    return data[:place]


def zero(data: bytes, place: int) -> bytes:
    return data[:place] + bytes(len(data) - place)


def garbage(data: bytes, place: int) -> bytes:
    return random.Random(place).randbytes(len(data))


@pytest.mark.parametrize("harm", [flip, cut, zero, garbage])
@pytest.mark.parametrize("writable", [True, False])
def test_a_harmed_file_changes_no_result(
    tmp_path: Path, harm: Callable[[bytes, int], bytes], writable: bool
) -> None:
    filled(tmp_path)
    before, whole = searched(tmp_path), (tmp_path / VECTORS).read_bytes()
    for place in range(0, len(whole) - 8, len(whole) // 12):
        (tmp_path / VECTORS).write_bytes(harm(whole, place))
        assert searched(tmp_path, writable=writable) == before
        if writable:
            assert (tmp_path / VECTORS).read_bytes() == whole  # and the file is mended


@pytest.mark.slow
def test_a_thousand_harms_change_no_result(tmp_path: Path) -> None:
    filled(tmp_path)
    before, whole = searched(tmp_path), (tmp_path / VECTORS).read_bytes()
    chance = random.Random(1)
    for _ in range(1_000):
        harm = chance.choice([flip, cut, zero, garbage])
        (tmp_path / VECTORS).write_bytes(harm(whole, chance.randrange(len(whole) - 8)))
        assert searched(tmp_path, writable=False) == before


def test_a_file_of_another_state_is_not_used(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    older = (tmp_path / VECTORS).read_bytes()
    filled_more = open_store(tmp_path)
    cache = VectorCache(filled_more)
    put(filled_more, cache, 3)
    cache.save()
    filled_more.close()
    before = searched(tmp_path)
    (tmp_path / VECTORS).write_bytes(older)
    assert searched(tmp_path) == before
    assert len(before) == 8


def test_a_store_restored_from_a_backup_does_not_meet_newer_vectors(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    backup = {path: path.read_bytes() for path in tmp_path.iterdir() if path.name != VECTORS}
    store = open_store(tmp_path)
    cache = VectorCache(store)
    put(store, cache, 7)
    cache.save()
    store.close()
    for path, data in backup.items():
        path.write_bytes(data)
    store = open_store(tmp_path)
    store.add(entry("Whale number 8.\nIt swam."))  # the generation and chunk ids of number 7
    store.close()
    store = open_store(tmp_path)
    index = VectorCache(store).index
    found = index.search(EMBEDDER.embed(["Whale number 8."])[0], limit=1)
    assert found[0].score == pytest.approx(1)
    store.close()


def test_a_reader_writes_nothing(tmp_path: Path) -> None:
    filled(tmp_path)
    before = searched(tmp_path)
    (tmp_path / VECTORS).unlink()
    store = open_store(tmp_path, writable=False)
    cache = VectorCache(store)
    assert cache.index.search(QUERY, limit=30) == before
    cache.save()
    store.close()
    assert not (tmp_path / VECTORS).exists()


def test_a_change_that_fails_half_way_is_caught_up_with(store: Store) -> None:
    cache = VectorCache(store)
    put(store, cache, 1)
    with contextlib.suppress(MemoryError), cache.change():
        store.add(entry("Whale number 2."))
        raise MemoryError
    assert cache.index.ids().tolist() == store.all_chunk_ids().tolist()
    with contextlib.suppress(MemoryError), cache.change():
        store.remove("d1")
        raise MemoryError
    with cache.change() as vectors:
        assert vectors.ids().tolist() == store.all_chunk_ids().tolist()


def test_it_is_saved_after_so_many_changes(store: Store) -> None:
    cache = VectorCache(store, save_after=3)
    path = store.folder / VECTORS
    sizes = []
    for number in range(7):
        put(store, cache, number)
        sizes.append(path.stat().st_size)
    assert sizes[0] == sizes[1] < sizes[2] == sizes[4] < sizes[5] == sizes[6]


def test_a_file_that_can_not_be_written_stops_nothing(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    (store.folder / VECTORS).mkdir()
    with caplog.at_level(logging.WARNING):
        cache = VectorCache(store)
        put(store, cache, 1)
        cache.save()
    assert "was not saved" in caplog.text
    assert len(cache.index) == 2


def test_large_stores_are_clustered_when_opened_and_small_ones_flat_again(tmp_path: Path) -> None:
    filled(tmp_path, 60)
    before = searched(tmp_path)
    store = open_store(tmp_path)
    cache = VectorCache(store, flat_limit=100)
    assert cache.index.is_clustered
    everything = store.all_chunk_ids()
    assert cache.index.ids().tolist() == everything.tolist()
    found = cache.index.search(QUERY, limit=30, allowed=everything)
    assert [one.score for one in found] == pytest.approx([one.score for one in before])
    for number in range(20):
        with cache.change() as vectors:
            vectors.remove(store.remove(f"d{number}"))
    put(store, cache, 60)
    assert cache.index.ids().tolist() == store.all_chunk_ids().tolist()
    cache.save()
    store.close()

    reader = open_store(tmp_path, writable=False)
    assert VectorCache(reader, flat_limit=100).index.is_clustered  # it takes what is there
    reader.close()
    store = open_store(tmp_path)
    assert not VectorCache(store, flat_limit=100).index.is_clustered
    store.close()


def test_a_reader_of_a_large_store_without_a_file_does_not_cluster(tmp_path: Path) -> None:
    filled(tmp_path, 60)
    (tmp_path / VECTORS).unlink()
    store = open_store(tmp_path, writable=False)
    index = VectorCache(store, flat_limit=100).index
    assert not index.is_clustered
    assert np.array_equal(index.ids(), store.all_chunk_ids())
    store.close()
