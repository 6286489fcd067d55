"""The full-text index over the chunks: BM25 search, and how many chunks a term is in."""

import json
import sqlite3
from collections.abc import Sequence

from index.tables import chunks
from index.tables.documents import storable
from index.types import Scope, Scored
from index.words import any_of

_MATCH = "SELECT rowid, -rank FROM fulltext WHERE fulltext MATCH ?"
# The plus keeps SQLite from running the whole search once for every id in scope.
_INSIDE = " AND +rowid IN (SELECT id FROM chunks WHERE {})"
_ANY = "SELECT 1 FROM fulltext WHERE fulltext MATCH ?"
_BEST = " ORDER BY rank, rowid LIMIT ?"


def match(
    connection: sqlite3.Connection, expression: str, *, limit: int, scope: Scope
) -> list[Scored]:
    """The chunks in scope that an FTS5 expression of quoted terms matches, best first.

    The score is BM25, made positive: higher is better. An expression of no terms matches none.
    """
    safe = storable(expression).replace("\0", " ")  # SQLite would end the expression there
    if not safe.strip():
        return []
    inside, values = chunks.condition(scope)
    query = _MATCH if chunks.is_everything(scope) else _MATCH + _INSIDE.format(inside)
    rows = connection.execute(query + _BEST, (safe, *values, limit))
    return [Scored(chunk_id, score) for chunk_id, score in rows]


def frequencies(connection: sqlite3.Connection, terms: Sequence[str]) -> dict[str, int]:
    """In how many chunks each term is; terms are as the index holds them: folded and stemmed."""
    found = dict(
        connection.execute(
            "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))",
            (json.dumps([storable(term) for term in terms]),),
        )
    )
    return {term: found.get(term, 0) for term in terms}


def words_in(
    connection: sqlite3.Connection, document_id: str, words: Sequence[str]
) -> frozenset[str]:
    """Those of the words that a document has, in any form of theirs."""
    # A document's chunks are written at once, so their ids are a range, which FTS5 searches fast.
    first, last = connection.execute(
        "SELECT min(chunks.id), max(chunks.id) FROM chunks JOIN documents ON number = document"
        " WHERE documents.id = ?",
        (storable(document_id),),
    ).fetchone()
    return _matched(connection, words, _ANY + " AND rowid BETWEEN ? AND ?", (first, last))


def present(
    connection: sqlite3.Connection, words: Sequence[str], *, scope: Scope
) -> frozenset[str]:
    """Those of the words that any chunk in scope has, in any form of theirs."""
    inside, values = chunks.condition(scope)
    query = _ANY if chunks.is_everything(scope) else _ANY + _INSIDE.format(inside)
    return _matched(connection, words, query, values)


def _matched(
    connection: sqlite3.Connection, words: Sequence[str], query: str, values: Sequence[object]
) -> frozenset[str]:
    """Those of the words for which the query, of a match and ``values``, finds anything."""
    return frozenset(
        word
        for word in words
        if connection.execute(query + " LIMIT 1", (any_of([storable(word)]), *values)).fetchone()
    )


def rebuild(connection: sqlite3.Connection) -> None:
    """Make the index anew from the chunks."""
    connection.execute("INSERT INTO fulltext (fulltext) VALUES ('rebuild')")
