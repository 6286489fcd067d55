"""What is added is found, what is removed is not, and nothing is ever half there."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from numpy.typing import NDArray

from index.errors import (
    DocumentNotFound,
    EmptySource,
    StoreLocked,
    StoreMismatch,
    StoreUnwritable,
)
from index.library import Library
from index.types import Chunk, Scope, Scored, Source, Stage
from index.vector_cache import VECTORS
from tests.fakes import FakeEmbedder
from tests.index import agreement
from tests.index.builders import EMBEDDER, note, open_library

Result = TypeVar("Result")

WHALES = "The grey whale came into the harbour in the morning. Nobody had seen one before."
SHIPS = "Two ships left for the north that evening. They carried salt and timber."


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = open_library(tmp_path)
    yield library
    library.close()


def nearest(library: Library, query: str, scope: Scope = Scope()) -> list[str]:
    """The chunks' texts that the dense search finds, best first."""
    found = library.vectors.search(
        EMBEDDER.embed([query])[0], limit=50, allowed=library.store.chunk_ids(scope)
    )
    chunks = library.store.chunks([scored.chunk_id for scored in found])
    # A chunk may have been removed between the two reads.
    return [chunks[one.chunk_id].text for one in found if one.chunk_id in chunks]


# Adding


def test_an_added_document_is_found_by_both_searches(library: Library) -> None:
    library.add(note(SHIPS))
    added = library.add(note(WHALES, name="whales.txt", tag="sea"))
    assert added.created
    document = added.document
    assert library.store.document(document.id) == document
    assert library.store.text(document.id) == WHALES
    assert (document.name, document.media_type) == ("whales.txt", "text/plain")
    assert document.metadata == {"tag": "sea"}
    assert document.characters == len(WHALES)
    assert document.created_at.endswith("Z")
    assert "whale" in nearest(library, "grey whale")[0]
    assert nearest(library, "grey whale", Scope(filter={"tag": "sea"})) == [WHALES]
    assert nearest(library, "grey whale", Scope(document_ids=())) == []
    assert len(library.store.match('"whale"', limit=9)) == 1
    agreement.check(library)


def test_the_same_content_again_gives_the_document_that_is_there(library: Library) -> None:
    first = library.add(note(WHALES))
    stamp = library.store.stamp()
    again = library.add(Source(b"\xef\xbb\xbf" + WHALES.encode(), "copy.txt", title="Copy"))
    assert not again.created
    assert again.document == first.document
    assert library.store.stamp() == stamp


def test_what_the_sender_states_wins(library: Library) -> None:
    source = Source(
        WHALES.encode(), "w.txt", title="Of whales", author="A. Bee", published="2024-05-06",
        url="https://example.org/w",
    )  # fmt: skip
    document = library.add(source).document
    assert (document.title, document.author) == ("Of whales", "A. Bee")
    assert (document.published, document.url) == ("2024-05-06", "https://example.org/w")


def test_progress_names_every_stage_in_order_and_counts_chunks(library: Library) -> None:
    seen: list[tuple[Stage, int, int]] = []
    text = "\n\n".join(f"{SHIPS} It was voyage {n}. " + "Salt was dear. " * 40 for n in range(40))
    document = library.add(note(text), progress=lambda *step: seen.append(step)).document
    stages = [stage for stage, _, _ in seen]
    assert list(dict.fromkeys(stages)) == list(Stage)
    assert stages == sorted(stages, key=list(Stage).index)
    embedded = [(done, total) for stage, done, total in seen if stage is Stage.EMBED]
    assert document.chunks > 32
    assert embedded[0] == (0, document.chunks)
    assert embedded[-1] == (document.chunks, document.chunks)
    assert len(embedded) > 2


class Stopped(Exception):
    """What a progress report raises to end the adding."""


def test_whoever_stops_at_a_report_leaves_nothing_until_the_last(library: Library) -> None:
    seen: list[tuple[Stage, int, int]] = []
    library.remove(library.add(note(WHALES), progress=lambda *step: seen.append(step)).document.id)
    for last in seen:

        def stop(stage: Stage, done: int, total: int, last: object = last) -> None:
            if (stage, done, total) == last:
                raise Stopped

        with pytest.raises(Stopped):
            library.add(note(WHALES), progress=stop)
        assert len(agreement.check(library)) == (last == (Stage.STORE, 1, 1))


@pytest.mark.parametrize("data", [b"", b" \n\t\n ", b"<html><body></body></html>"])
def test_a_source_with_nothing_in_it_is_refused(library: Library, data: bytes) -> None:
    with pytest.raises(EmptySource):
        library.add(Source(data, "empty"))
    assert library.store.stamp().generation == 0


def test_names_that_are_no_unicode_are_stored_readably(library: Library) -> None:
    source = Source(WHALES.encode(), "caf\udce9.txt", title="T\ud800", metadata={"k\ud800": "v"})
    document = library.add(source).document
    assert (document.name, document.title) == ("caf?.txt", "T?")
    assert document.metadata == {"k?": "v"}


def test_an_embedder_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    class Failing(FakeEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise MemoryError("no room")

    library = open_library(tmp_path, embedder=Failing())
    with pytest.raises(MemoryError):
        library.add(note(WHALES))
    assert library.store.stamp().generation == 0
    assert agreement.check(library) == set()
    library.close()


def test_the_same_content_added_by_many_threads_is_stored_once(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    class Waiting(FakeEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            together.wait()
            return super().embed(texts)

    library = open_library(tmp_path, embedder=Waiting())
    added = at_once(4, lambda _: library.add(note(WHALES)))
    assert [one.created for one in added].count(True) == 1
    assert len({one.document.id for one in added}) == 1
    agreement.check(library)
    library.close()


# Removing and rebuilding


def test_a_removed_document_is_not_found(library: Library) -> None:
    whales, ships = library.add(note(WHALES)).document, library.add(note(SHIPS)).document
    library.remove(whales.id)
    assert nearest(library, "grey whale") == [SHIPS]
    assert library.store.match('"whale"', limit=9) == []
    assert agreement.check(library) == {ships.id}
    with pytest.raises(DocumentNotFound, match=whales.id):
        library.remove(whales.id)
    assert library.add(note(WHALES)).created


def test_rebuilding_changes_no_result(library: Library) -> None:
    for text in (WHALES, SHIPS, WHALES + SHIPS):
        library.add(note(text))
    library.remove(library.store.documents().documents[0].id)
    before = nearest(library, "whale"), library.store.match('"whale" OR "ship"', limit=9)
    library.rebuild()
    assert before == (
        nearest(library, "whale"),
        library.store.match('"whale" OR "ship"', limit=9),
    )
    agreement.check(library)


def test_rebuilding_mends_what_went_wrong(library: Library) -> None:
    library.add(note(WHALES))
    library.vectors.remove(library.store.all_chunk_ids())
    with library.store._writing().transaction() as connection:
        connection.execute("INSERT INTO fulltext (fulltext) VALUES ('delete-all')")
    assert library.store.match('"whale"', limit=9) == []
    library.rebuild()
    agreement.check(library)


# Opening


def test_a_library_comes_back_as_it_was(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    document = library.add(note(WHALES)).document
    library.close()
    library.close()
    for writable in (False, True):
        library = open_library(tmp_path, writable=writable)
        assert agreement.check(library) == {document.id}
        library.close()


def test_a_library_for_reading_refuses_changes(tmp_path: Path) -> None:
    open_library(tmp_path).close()
    library = open_library(tmp_path, writable=False)
    with pytest.raises(StoreUnwritable, match="reading only"):
        library.add(note(WHALES))
    with pytest.raises(StoreUnwritable, match="reading only"):
        library.remove("any")
    with pytest.raises(StoreUnwritable, match="reading only"):
        library.rebuild()
    library.close()


def test_what_can_not_be_opened_lets_go_of_the_lock(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    with pytest.raises(StoreLocked):
        open_library(tmp_path)
    library.close()
    with pytest.raises(StoreMismatch):
        open_library(tmp_path, embedder=FakeEmbedder(fingerprint="fake-2"))
    open_library(tmp_path).close()


def test_a_reader_sees_what_the_writer_does_later(library: Library) -> None:
    whales = library.add(note(WHALES)).document
    reader = open_library(library.store.folder, writable=False)
    assert nearest(reader, "ships") == [WHALES]
    library.add(note(SHIPS))
    assert nearest(reader, "ships") == [SHIPS, WHALES]
    library.remove(whales.id)
    assert nearest(reader, "ships") == [SHIPS]
    agreement.check(reader)
    reader.close()


# Many at once


def test_asking_while_adding_and_removing_gives_only_whole_truths(library: Library) -> None:
    kept = library.add(note(WHALES)).document
    stop = threading.Event()

    def ask(_: int) -> int:
        asked = 0
        while not stop.is_set():
            assert WHALES in nearest(library, "grey whale")
            found = library.store.match('"whale"', limit=50)
            assert kept.id in {c.document_id for c in chunks_of(library, found)}
            assert library.store.text(kept.id) == WHALES
            asked += 1
        return asked

    def change(_: int) -> int:
        try:
            for number in range(40):
                document = library.add(note(f"{SHIPS} That was whale number {number}.")).document
                if number % 2:
                    library.remove(document.id)
        finally:
            stop.set()
        return 1

    assert all(at_once(4, lambda number: change(number) if number == 0 else ask(number)))
    assert len(agreement.check(library)) == 21


def chunks_of(library: Library, found: Sequence[Scored]) -> list[Chunk]:
    return list(library.store.chunks([scored.chunk_id for scored in found]).values())


def at_once(count: int, work: Callable[[int], Result]) -> list[Result]:
    """What ``count`` threads give that do the work at the same time; fails as any of them."""
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(work, range(count)))


# Any order of changes


class Changes(RuleBasedStateMachine):
    """Adds, removes, reopenings and damage in any order, against a set of texts."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.library = open_library(self.folder)
        self.there: dict[str, str] = {}

    def teardown(self) -> None:
        self.library.close()
        shutil.rmtree(self.folder)

    @rule(number=st.integers(0, 8), sentences=st.integers(1, 40))
    def add(self, number: int, sentences: int) -> None:
        text = f"Here is note {number}. " + "The whale of the north met ships. " * sentences
        added = self.library.add(note(text, name=f"{number}.txt"))
        assert added.created == (text not in self.there)
        assert self.there.setdefault(text, added.document.id) == added.document.id

    @precondition(lambda self: self.there)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        text = data.draw(st.sampled_from(sorted(self.there)))
        self.library.remove(self.there.pop(text))

    @rule()
    def rebuild(self) -> None:
        self.library.rebuild()

    @rule(damage=st.sampled_from(["none", "flip", "cut", "delete", "stale"]))
    def reopen(self, damage: str) -> None:
        path = self.folder / VECTORS
        stale = path.read_bytes()
        self.library.close()
        harm(path, damage, stale)
        self.library = open_library(self.folder)

    @rule()
    def read_beside(self) -> None:
        reader = open_library(self.folder, writable=False)
        assert agreement.check(reader) == set(self.there.values())
        reader.close()

    @invariant()
    def agrees(self) -> None:
        assert agreement.check(self.library) == set(self.there.values())
        for text, document_id in self.there.items():
            assert self.library.store.text(document_id) == text


def harm(path: Path, damage: str, stale: bytes) -> None:
    whole = path.read_bytes()
    match damage:
        case "flip":
            path.write_bytes(whole[:-5] + bytes([whole[-5] ^ 4]) + whole[-4:])
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "delete":
            path.unlink()
        case "stale":
            path.write_bytes(stale)
        case _:
            pass


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=25, stateful_step_count=15)
