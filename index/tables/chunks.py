"""Chunks and their embeddings, by the ids that FAISS and the full-text index share."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.errors import StoreDamaged
from index.tables.documents import storable
from index.types import Chunk, Scope
from index.words import searchable

_CHUNK = """
    SELECT chunks.id, documents.id, ordinal, start, "end", text, chunks.header
    FROM chunks JOIN documents ON number = document
"""
_CHUNK_OF_THESE = _CHUNK + "WHERE chunks.id IN (SELECT value FROM json_each(?))"  # noqa: S608
_STORED = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class Vectors:
    """Chunk ids, shape (n,), and their embeddings, shape (n, dimension), row for row."""

    ids: NDArray[np.int64]
    rows: NDArray[np.float32]


def insert(
    connection: sqlite3.Connection,
    number: int,
    chunks: Sequence[Chunk],
    rows: NDArray[np.float32],
) -> NDArray[np.int64]:
    """Write a document's chunks and their embeddings; gives the ids they got."""
    ids = np.empty(len(chunks), dtype=np.int64)
    for place, (chunk, row) in enumerate(zip(chunks, rows.astype(_STORED), strict=True)):
        ids[place] = _insert_one(connection, number, chunk)
        connection.execute("INSERT INTO embeddings VALUES (?, ?)", (int(ids[place]), row.tobytes()))
    return ids


def _insert_one(connection: sqlite3.Connection, number: int, chunk: Chunk) -> int:
    cursor = connection.execute(
        'INSERT INTO chunks (document, ordinal, start, "end", header, text, words)'
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            chunk.ordinal,
            chunk.start,
            chunk.end,
            int(chunk.header),
            chunk.text,
            searchable(chunk.text),
        ),
    )
    assert cursor.lastrowid is not None  # an INSERT always has one
    return cursor.lastrowid


def count(connection: sqlite3.Connection) -> int:
    """How many chunks there are."""
    number: int = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
    return number


def by_id(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Chunk]:
    """Those of the chunks that exist."""
    rows = connection.execute(_CHUNK_OF_THESE, (_numbers(ids),))
    return {row[0]: _chunk(row) for row in rows}


def around(connection: sqlite3.Connection, chunk: Chunk, reach: int) -> list[Chunk]:
    """The chunks of its document at most ``reach`` places away, itself among them, in order."""
    rows = connection.execute(
        _CHUNK + "WHERE documents.id = ? AND ordinal BETWEEN ? AND ? ORDER BY ordinal",
        (storable(chunk.document_id), chunk.ordinal - reach, chunk.ordinal + reach),
    )
    return [_chunk(row) for row in rows]


def of_document(connection: sqlite3.Connection, document_id: str) -> NDArray[np.int64]:
    """The ids of a document's chunks, in order; none for an unknown document."""
    return _ids(
        connection.execute(
            "SELECT chunks.id FROM chunks JOIN documents ON number = document"
            " WHERE documents.id = ? ORDER BY ordinal",
            (storable(document_id),),
        )
    )


def all_ids(connection: sqlite3.Connection) -> NDArray[np.int64]:
    """Every chunk's id, ascending."""
    return np.sort(_ids(connection.execute("SELECT id FROM chunks")))


def is_everything(scope: Scope) -> bool:
    """Whether the scope leaves nothing out."""
    return scope.document_ids is None and not scope.filter


def condition(scope: Scope) -> tuple[str, list[str]]:
    """SQL for "the chunk is in scope", over a column ``document``, and its parameters."""
    terms, values = ["1"], []
    if scope.document_ids is not None:
        terms.append(
            "document IN (SELECT number FROM documents"
            " WHERE id IN (SELECT value FROM json_each(?)))"
        )
        # SQLite would cut an id at a NUL, and find the document that the rest names.
        wanted = [storable(id) for id in scope.document_ids if "\0" not in id]
        values.append(json.dumps(wanted))
    for key, value in scope.filter.items():
        terms.append("document IN (SELECT document FROM metadata WHERE key = ? AND value = ?)")
        values += [storable(key), storable(value)]
    return " AND ".join(terms), values


def in_scope(connection: sqlite3.Connection, scope: Scope) -> NDArray[np.int64]:
    """The ids of the chunks in scope."""
    where, values = condition(scope)
    query = f"SELECT id FROM chunks WHERE {where}"  # noqa: S608  all values are parameters
    return _ids(connection.execute(query, values))


def vectors(connection: sqlite3.Connection, ids: Iterable[int], dimension: int) -> Vectors:
    """The embeddings of those of the chunks that exist. Raises StoreDamaged on odd lengths."""
    rows = connection.execute(
        "SELECT chunk, vector FROM embeddings WHERE chunk IN (SELECT value FROM json_each(?))"
        " ORDER BY chunk",
        (_numbers(ids),),
    ).fetchall()
    data = b"".join(row[1] for row in rows)
    if any(len(row[1]) != dimension * _STORED.itemsize for row in rows):
        raise StoreDamaged("an embedding in the store has the wrong length; restore a backup")
    return Vectors(
        ids=np.array([row[0] for row in rows], dtype=np.int64),
        rows=np.frombuffer(data, dtype=_STORED).reshape(-1, dimension).astype(np.float32),
    )


def _ids(rows: Iterable[tuple[int]]) -> NDArray[np.int64]:
    return np.fromiter((row[0] for row in rows), dtype=np.int64)


def _numbers(ids: Iterable[int]) -> str:
    return json.dumps([int(id) for id in ids])


def _chunk(row: tuple[int, str, int, int, int, str, int]) -> Chunk:
    id, document_id, ordinal, start, end, text, header = row
    return Chunk(id, document_id, ordinal, start, end, text, bool(header))
