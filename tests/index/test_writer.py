"""Only one writer, only on a store of its own kind, and a full disk loses nothing."""

import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import (
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMismatch,
    StoreMissing,
    StoreUnwritable,
)
from index.store import DATABASE, Store
from index.writer import RESERVE
from tests.index.builders import RECIPE, entry, fill, open_store


def test_what_was_stored_is_there_after_reopening(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    given = entry("Kept.\nFor good.")
    ids, stamp = store.add(given), store.stamp()
    store.close()
    for writable in (False, True):
        store = open_store(tmp_path, writable=writable)
        assert store.document(given.document.id) == given.document
        assert store.all_chunk_ids().tolist() == ids.tolist()
        assert store.stamp() == stamp
        store.close()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.chunk_count()
    with pytest.raises(StoreError, match="closed"):
        store.add(entry("One."))


def test_a_second_writer_is_refused_by_name_and_readers_are_not(store: Store) -> None:
    with pytest.raises(StoreLocked, match=f"process {os.getpid()} "):
        open_store(store.folder)
    reader = open_store(store.folder, writable=False)
    store.add(entry("Written meanwhile."))
    assert len(reader.match('"written"', limit=5)) == 1
    reader.close()


@pytest.mark.parametrize("writable", [True, False])
def test_another_embedder_or_tokenizer_is_refused_without_a_write(
    tmp_path: Path, writable: bool
) -> None:
    open_store(tmp_path).close()
    before = (tmp_path / DATABASE).read_bytes()
    others = [
        (replace(RECIPE, fingerprint="fake-2"), "embedder fake \\(fake-1.*not with fake \\(fake-2"),
        (replace(RECIPE, dimension=32), "64 dimensions.*32 dimensions"),
        (replace(RECIPE, tokenizer="o200k_base"), "tokenizer fake_bpe, not with o200k_base"),
    ]
    for recipe, told in others:
        with pytest.raises(StoreMismatch, match=told):
            open_store(tmp_path, writable=writable, recipe=recipe)
    assert (tmp_path / DATABASE).read_bytes() == before
    open_store(tmp_path).close()  # and the lock was let go


@pytest.mark.parametrize("writable", [True, False])
def test_a_file_that_is_no_database_is_damaged(tmp_path: Path, writable: bool) -> None:
    (tmp_path / DATABASE).write_bytes(os.urandom(8_192))
    with pytest.raises(StoreDamaged, match="backup"):
        open_store(tmp_path, writable=writable)


def read_everything(folder: Path) -> None:
    store = open_store(folder)
    try:
        for document in store.documents().documents:
            store.text(document.id)
    finally:
        store.close()


def test_a_damaged_page_is_told_as_such(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for number in range(50):
        store.add(entry(f"Number {number} of many.\n" + "More of it.\n" * 20))
    store.close()
    whole = bytearray((tmp_path / DATABASE).read_bytes())
    for page in range(8_192, len(whole), 4_096):
        whole[page : page + 64] = bytes(64)
    (tmp_path / DATABASE).write_bytes(whole)
    with pytest.raises(StoreDamaged, match="is damaged"):
        read_everything(tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StoreUnwritable, match="data"):
        open_store(tmp_path / "data")
    with pytest.raises(StoreMissing):
        open_store(tmp_path / "data", writable=False)


# A full disk


def lines(name: str, count: int = 40) -> str:
    return "\n".join(f"{name} has line {number} and word{number}" for number in range(count))


def agree(store: Store, ids: set[str]) -> None:
    """Everything of these documents is there, and nothing of others."""
    listed = store.documents(limit=1_000).documents
    assert {document.id for document in listed} == ids
    chunks = store.chunks(store.all_chunk_ids().tolist())
    assert {chunk.document_id for chunk in chunks.values()} == ids
    assert len(chunks) == sum(document.chunks for document in listed) == store.chunk_count()
    found = store.match('"line"', limit=100_000)
    assert {scored.chunk_id for scored in found} == set(chunks)
    assert set(store.vectors(list(chunks)).ids.tolist()) == set(chunks)


def test_a_full_database_takes_nothing_half(store: Store) -> None:
    store.add(entry(lines("first"), id="first"))
    limit_pages(store, 60)
    with pytest.raises(StoreFull, match="no space left"):
        store.add(entry(lines("second", 2_000), id="second"))
    agree(store, {"first"})
    limit_pages(store, 1_000_000)
    store.add(entry(lines("second", 2_000), id="second"))
    agree(store, {"first", "second"})


def limit_pages(store: Store, pages: int) -> None:
    """Let SQLite find the disk full at so many pages."""
    assert store._writer is not None
    assert isinstance(store._writer._connection, sqlite3.Connection)
    store._writer._connection.execute(f"PRAGMA max_page_count = {pages}")


def test_on_a_full_disk_nothing_is_added_and_all_is_read(small_disk: Path) -> None:
    store = open_store(small_disk)
    store.add(entry(lines("first"), id="first"))
    fill(small_disk / "filler")
    for count in (40, 4_000):
        with pytest.raises(StoreFull, match="no space left"):
            store.add(entry(lines("second", count), id="second"))
        agree(store, {"first"})
    (small_disk / "filler").unlink()
    store.add(entry(lines("second", 4_000), id="second"))
    agree(store, {"first", "second"})
    store.close()


def test_on_a_full_disk_documents_can_be_removed_again_and_again(small_disk: Path) -> None:
    store = open_store(small_disk)
    for number in range(6):
        store.add(entry(lines(f"number {number}", 100), id=f"d{number}"))
    for number in range(3):
        fill(small_disk / "filler")
        store.remove(f"d{number}")
        agree(store, {f"d{left}" for left in range(number + 1, 6)})
    store.close()


def test_a_store_on_a_full_disk_opens_and_removes(small_disk: Path) -> None:
    store = open_store(small_disk)
    for number in range(3):
        store.add(entry(lines(f"number {number}"), id=f"d{number}"))
    store.close()
    for number in range(2):
        fill(small_disk / "filler")
        store = open_store(small_disk)
        store.remove(f"d{number}")
        store.close()
    store = open_store(small_disk)
    agree(store, {"d2"})
    assert (small_disk / RESERVE).stat().st_size > 0
    store.close()


def test_no_store_is_begun_on_a_full_disk(small_disk: Path) -> None:
    fill(small_disk / "filler")
    with pytest.raises(StoreFull):
        open_store(small_disk / "data")
    (small_disk / "filler").unlink()
    open_store(small_disk / "data").close()
