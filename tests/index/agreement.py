"""Whether everything that a library holds agrees, checked against slow and simple twins."""

import sqlite3

import numpy as np
from numpy.typing import NDArray

from index.library import Library
from index.types import Scored
from index.vectors import VectorIndex
from tests.index.builders import EMBEDDER

QUESTIONS = ("the whale in the harbour", "ships of the north", "nothing like it")


def check(library: Library) -> set[str]:
    """Assert that documents, chunks, embeddings, words and vectors agree; gives the documents."""
    store = library.store
    documents = store.documents(limit=10_000).documents
    ids = store.all_chunk_ids()
    chunks = store.chunks(ids.tolist())
    assert sorted(chunks) == ids.tolist() == library.vectors.ids().tolist()
    assert store.vectors(ids).ids.tolist() == ids.tolist()
    found = [(chunk.document_id, chunk.ordinal) for chunk in chunks.values()]
    assert sorted(found) == sorted((d.id, n) for d in documents for n in range(d.chunks))
    for document in documents:
        text = store.text(document.id)
        assert all(
            text[chunk.start : chunk.end] == chunk.text
            for chunk in chunks.values()
            if chunk.document_id == document.id
        )
    _check_searches(library)
    return {document.id for document in documents}


def _check_searches(library: Library) -> None:
    """Both searches give exactly what an index made from scratch gives."""
    ids = library.store.all_chunk_ids()
    scratch = VectorIndex(EMBEDDER.dimension)
    vectors = library.store.vectors(ids)
    scratch.add(vectors.ids, vectors.rows)
    for question, query in zip(QUESTIONS, EMBEDDER.embed(QUESTIONS), strict=True):
        assert library.vectors.search(query, limit=50) == scratch.search(query, limit=50)
        expression = " OR ".join(f'"{word}"' for word in question.split())
        assert library.store.match(expression, limit=50) == _matched(library, ids, expression)


def _matched(library: Library, ids: NDArray[np.int64], expression: str) -> list[Scored]:
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE scratch USING fts5("
        "words, tokenize='porter unicode61 remove_diacritics 2')"
    )
    for id, chunk in library.store.chunks(ids.tolist()).items():
        connection.execute("INSERT INTO scratch (rowid, words) VALUES (?, ?)", (id, chunk.text))
    rows = connection.execute(
        "SELECT rowid, -rank FROM scratch WHERE scratch MATCH ? ORDER BY rank, rowid LIMIT 50",
        (expression,),
    ).fetchall()
    connection.close()
    return [Scored(*row) for row in rows]
