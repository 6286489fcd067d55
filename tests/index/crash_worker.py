"""A process that changes a library until it is killed: ``FOLDER SEED POINT``.

It says on standard output what it is about to do and what has returned, a line each, and kills
itself at the point named, or goes on until somebody does. ``test_crash`` runs it.
"""

import contextlib
import os
import random
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.article import locate
from index.chunks import Chunker
from index.formats import extract
from index.library import Library
from index.settings import IndexSettings
from index.store import Entry, Store
from index.tables.meta import Recipe
from index.tokens import TokenCounter
from index.vector_cache import VectorCache
from index.vectors import VectorIndex
from tests.fakes import FakeEmbedder
from tests.index.builders import note

POINTS = (
    "embedding",
    "before the commit",
    "after an add",
    "after a remove",
    "before the vectors change",
    "saving",
    "before the file is replaced",
    "rebuilding words",
    "never",
)


class Fate:
    """Dies when a point is passed for the third time, once the process has begun its work."""

    def __init__(self, point: str) -> None:
        self._point = point
        self._left = 3
        self.begun = False

    def passes(self, point: str) -> None:
        if self.begun and point == self._point:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


class MortalEmbedder(FakeEmbedder):
    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._fate.passes("embedding")
        return super().embed(texts)


class MortalStore(Store):
    fate: Fate

    def add(self, entry: Entry) -> NDArray[np.int64]:
        ids = super().add(entry)
        self.fate.passes("after an add")
        return ids

    def remove(self, document_id: str) -> NDArray[np.int64]:
        ids = super().remove(document_id)
        self.fate.passes("after a remove")
        return ids

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with super()._transaction() as connection:
            yield connection
            self.fate.passes("before the commit")


def mortal(work: Callable[..., None], fate: Fate, point: str) -> Callable[..., None]:
    """The same work, but the process may die before it."""

    def done(*args: object) -> None:
        fate.passes(point)
        return work(*args)

    return done


def open_mortal(folder: Path, fate: Fate) -> Library:
    embedder = MortalEmbedder(fate)
    chunker = Chunker(TokenCounter(IndexSettings().tokenizer), embedder)
    recipe = Recipe(embedder.name, embedder.fingerprint, embedder.dimension, "pincite_bpe")
    store = MortalStore.open(folder, recipe, writable=True)
    store.fate = fate
    store.rebuild_words = mortal(store.rebuild_words, fate, "rebuilding words")  # type: ignore[method-assign]
    VectorIndex.add = mortal(VectorIndex.add, fate, "before the vectors change")  # type: ignore[method-assign]
    VectorIndex.to_bytes = mortal(VectorIndex.to_bytes, fate, "saving")  # type: ignore[assignment, method-assign]
    Path.replace = mortal(Path.replace, fate, "before the file is replaced")  # type: ignore[assignment, method-assign]
    return Library(store, VectorCache(store, save_after=2), embedder, chunker)


def say(*words: str) -> None:
    os.write(sys.stdout.fileno(), (" ".join(words) + "\n").encode())


def change(library: Library, chance: random.Random, here: list[str]) -> None:
    match chance.choices(["add", "remove", "rebuild"], [6, 3, 1])[0]:
        case "remove" if here:
            document_id = here.pop(chance.randrange(len(here)))
            say("removing", document_id)
            library.remove(document_id)
            say("removed", document_id)
        case "rebuild":
            library.rebuild()
        case _:
            text = f"Note {chance.random()}. " + "The whale met ships. " * chance.randrange(400)
            here.append(library.add(note(text)).document.id)
            say("added", here[-1])


def main(folder: str, seed: str, point: str) -> None:
    fate, chance = Fate(point), random.Random(int(seed))
    library = open_mortal(Path(folder), fate)
    here = [document.id for document in library.store.documents(limit=10_000).documents]
    library._chunker.chunks("One. Two.", locate(extract(note("One. Two."))), "warm")  # loads models
    fate.begun = True
    say("ready")
    while True:
        change(library, chance, here)


if __name__ == "__main__":
    main(*sys.argv[1:])
