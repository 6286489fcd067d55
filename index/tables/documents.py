"""Documents: what is known of each, its canonical text, and where the article is in it."""

import base64
import binascii
import json
import re
import sqlite3
from collections.abc import Iterable
from typing import Any, TypeVar

from index.errors import DocumentNotFound, InvalidCursor
from index.types import Article, Document, DocumentPage, Heading, Landmarks, Outline, Span

_DOCUMENT = """
    SELECT id, name, title, author, published, url, media_type, sha256, characters, chunks,
           created_at,
           (SELECT json_group_object(key, value) FROM metadata WHERE document = number), number
    FROM documents
"""
_LARGEST = (1 << 63) - 1
_Row = TypeVar("_Row")


def storable(text: str) -> str:
    """The text with lone surrogates, which UTF-8 can't hold, replaced by ``?``.

    They come from file names that are no UTF-8, and from escapes in JSON.
    """
    return text.encode("utf-8", "replace").decode()


def insert(
    connection: sqlite3.Connection,
    document: Document,
    *,
    text: str,
    article: Article,
    landmarks: Landmarks,
) -> int:
    """Write a document; gives its number, which the chunks refer to."""
    row = (
        document.id,
        *(
            None if value is None else storable(value)
            for value in (
                document.name,
                document.title,
                document.author,
                document.published,
                document.url,
                document.media_type,
            )
        ),
        document.sha256,
        document.characters,
        document.chunks,
        document.created_at,
        _ranges(article.header),
        _ranges(article.body),
        written_headings(landmarks.headings),
        _ranges(landmarks.pages),
    )
    number = connection.execute(
        "INSERT INTO documents (id, name, title, author, published, url, media_type, sha256,"
        " characters, chunks, created_at, header, body, headings, pages)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    ).lastrowid
    assert number is not None  # an INSERT always has one
    connection.execute("INSERT INTO texts VALUES (?, ?)", (number, text))
    connection.executemany(
        "INSERT OR REPLACE INTO metadata VALUES (?, ?, ?)",
        ((number, storable(key), storable(value)) for key, value in document.metadata.items()),
    )
    return number


def delete(connection: sqlite3.Connection, document_id: str) -> None:
    """Take a document out; what belongs to it goes with it (see the schema)."""
    connection.execute("DELETE FROM documents WHERE id = ?", (storable(document_id),))


def one(connection: sqlite3.Connection, document_id: str) -> Document:
    """The document. Raises DocumentNotFound."""
    row = connection.execute(_DOCUMENT + "WHERE id = ?", (storable(document_id),)).fetchone()
    return _document(_found(row, document_id))


def with_content(connection: sqlite3.Connection, sha256: str) -> Document | None:
    """The document whose canonical text has that SHA-256, if there is one."""
    row = connection.execute(_DOCUMENT + "WHERE sha256 = ?", (sha256,)).fetchone()
    return None if row is None else _document(row)


def page(connection: sqlite3.Connection, *, limit: int, cursor: str | None) -> DocumentPage:
    """The documents after the cursor's, oldest first. Raises InvalidCursor."""
    after = 0 if cursor is None else _position(cursor)
    rows = connection.execute(
        _DOCUMENT + "WHERE number > ? ORDER BY number LIMIT ?", (after, limit + 1)
    ).fetchall()
    shown = rows[:limit]
    return DocumentPage(
        documents=tuple(_document(row) for row in shown),
        next_cursor=_cursor(shown[-1][-1]) if len(rows) > limit else None,
    )


def latest(connection: sqlite3.Connection, *, limit: int) -> tuple[Document, ...]:
    """The documents added last, the newest first."""
    rows = connection.execute(_DOCUMENT + "ORDER BY number DESC LIMIT ?", (limit,))
    return tuple(_document(row) for row in rows)


def text_of(connection: sqlite3.Connection, document_id: str) -> tuple[str, str]:
    """The canonical text and the SHA-256 it was stored with. Raises DocumentNotFound."""
    row = connection.execute(
        "SELECT text, sha256 FROM documents JOIN texts ON document = number WHERE id = ?",
        (storable(document_id),),
    ).fetchone()
    text, sha256 = _found(row, document_id)
    return text, sha256


def outline(connection: sqlite3.Connection, document_id: str) -> Outline:
    """How the text is laid out. Raises DocumentNotFound."""
    row = connection.execute(
        "SELECT header, body, headings, pages FROM documents WHERE id = ?",
        (storable(document_id),),
    ).fetchone()
    header, body, headings, pages = _found(row, document_id)
    return Outline(spans(header), spans(body), _headings(headings), spans(pages))


def landmarks(connection: sqlite3.Connection, document_id: str) -> Landmarks:
    """The headings and pages of the text. Raises DocumentNotFound."""
    row = connection.execute(
        "SELECT headings, pages FROM documents WHERE id = ?", (storable(document_id),)
    ).fetchone()
    headings, pages = _found(row, document_id)
    return Landmarks(_headings(headings), spans(pages))


def _found(row: _Row | None, document_id: str) -> _Row:
    if row is None:
        raise DocumentNotFound(
            f"no document {storable(document_id)[:80]!r}; list them to see the ids"
        )
    return row


def _document(row: tuple[Any, ...]) -> Document:
    metadata, _number = row[-2:]
    fields = (*row[:-2], json.loads(metadata))
    return Document(*fields)


def _ranges(spans: Iterable[Span]) -> str:
    return json.dumps([[span.start, span.end] for span in spans])


def spans(ranges: str) -> tuple[Span, ...]:
    """The ranges of a column."""
    return tuple(Span(start, end) for start, end in json.loads(ranges))


def written_headings(headings: Iterable[Heading]) -> str:
    """Headings as a column holds them."""
    return json.dumps([[heading.start, heading.end, heading.level] for heading in headings])


def _headings(written: str) -> tuple[Heading, ...]:
    return tuple(Heading(start, end, level) for start, end, level in json.loads(written))


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(f"after:{number}".encode()).decode().rstrip("=")


def _position(cursor: str) -> int:
    """The document number that a cursor stands for."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        match = re.fullmatch(rb"after:([0-9]{1,19})", base64.urlsafe_b64decode(padded))
    except (binascii.Error, UnicodeEncodeError):
        match = None
    if match is None or int(match[1]) > _LARGEST:
        raise InvalidCursor(
            f"{storable(cursor)[:80]!r} is no cursor of this store; use the next_cursor of a page,"
            " or none for the first"
        )
    return int(match[1])
