"""Small stores and what goes into them, made without the parts that read files."""

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from index.embedding import Embedder
from index.library import Library
from index.settings import IndexSettings
from index.store import Entry, Store
from index.tables.meta import Recipe
from index.types import Article, Chunk, Document, Source, Span
from tests.fakes import FakeEmbedder

ROOT = Path(__file__).parents[2]
"""Where programs that import this are run."""

EMBEDDER = FakeEmbedder()
RECIPE = Recipe(EMBEDDER.name, EMBEDDER.fingerprint, EMBEDDER.dimension, "fake_bpe")


def open_store(folder: Path, *, writable: bool = True, recipe: Recipe = RECIPE) -> Store:
    return Store.open(folder, recipe, writable=writable)


def open_library(folder: Path, *, writable: bool = True, embedder: Embedder = EMBEDDER) -> Library:
    return Library.open(IndexSettings(data=folder), embedder=embedder, writable=writable)


def note(text: str, *, name: str = "note.txt", **stated: str) -> Source:
    """A plain text to add; ``stated`` is its metadata."""
    return Source(text.encode(), name, metadata=stated)


def entry(text: str, *, id: str | None = None, metadata: Mapping[str, str] | None = None) -> Entry:
    """A document whose lines that are not blank are its body and a chunk each."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    id = id or sha256[:16]
    spans, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            spans.append(Span(start, start + len(line)))
        start += len(line) + 1
    chunks = [
        Chunk(0, id, ordinal, span.start, span.end, span.of(text), header=ordinal == 0)
        for ordinal, span in enumerate(spans)
    ]
    document = Document(
        id=id,
        name="notes.txt",
        title="Notes",
        author=None,
        published="2026-01",
        url=None,
        media_type="text/plain",
        sha256=sha256,
        characters=len(text),
        chunks=len(chunks),
        created_at="2026-01-02T03:04:05Z",
        metadata=dict(metadata or {}),
    )
    article = Article("Notes", None, "2026-01", header=tuple(spans[:1]), body=tuple(spans[1:]))
    return Entry(document, text, article, chunks, EMBEDDER.embed([chunk.text for chunk in chunks]))


def fill(path: Path) -> None:
    """Write to a file until the disk is full to the last byte."""
    with path.open("ab", buffering=0) as file:
        for size in (1 << 16, 4_096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


def stored(library: Library, *parts: str, gap: str = "\n\n") -> str:
    """A document of which every part is a chunk, but those that begin with ``~``; gives its id.

    The latter are as boilerplate is: in the text, and in no chunk.
    """
    whole = entry(gap.join(parts))
    kept = [place for place, part in enumerate(parts) if not part.startswith("~")]
    chunks = [replace(whole.chunks[place], ordinal=ordinal) for ordinal, place in enumerate(kept)]
    document = replace(whole.document, chunks=len(chunks))
    rows = whole.embeddings[kept]
    library.store.add(replace(whole, document=document, chunks=chunks, embeddings=rows))
    return document.id


def chunks_of(library: Library) -> dict[int, Chunk]:
    return library.store.chunks(library.store.all_chunk_ids().tolist())
