"""The journal's schema, as steps from one format to the next."""

import sqlite3
from pathlib import Path

from index import steps
from qa.folding import folded

_FIRST = (
    """CREATE TABLE conversations (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, created_at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE messages (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
        answer_id TEXT NOT NULL UNIQUE,
        question TEXT NOT NULL, answer TEXT NOT NULL, created_at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX messages_in ON messages (conversation, number)",
    """CREATE TABLE feedback (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        answer_id TEXT NOT NULL UNIQUE,
        verdict TEXT NOT NULL, expected TEXT, answer TEXT NOT NULL, created_at TEXT NOT NULL
    ) STRICT""",
)


def _fill_searchable(connection: sqlite3.Connection) -> None:
    """Fold the titles, questions and answers that were kept before they could be searched."""
    kept = connection.execute(
        "SELECT number, 0, title FROM conversations"
        " UNION ALL SELECT conversation, number,"
        " question || char(10) || coalesce(json_extract(answer, '$.answer'), '') FROM messages"
    ).fetchall()
    connection.executemany(
        "INSERT INTO searchable (conversation, message, words) VALUES (?, ?, ?)",
        ((conversation, message, folded(text)) for conversation, message, text in kept),
    )


_SECOND = (
    # Whether its title is its own: its first question's, or one that a person gave.
    "ALTER TABLE conversations ADD COLUMN named INTEGER NOT NULL DEFAULT 0",
    "UPDATE conversations SET named = title != 'New conversation'",
    # In a table of its own, since a search reads all of it and an answer's JSON is long.
    # ``message`` 0 is the title.
    """CREATE TABLE searchable (
        conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
        message INTEGER NOT NULL,
        words TEXT NOT NULL,
        PRIMARY KEY (conversation, message)
    ) STRICT, WITHOUT ROWID""",
    """CREATE VIEW listed AS SELECT number, id, title, created_at,
        (SELECT count(*) FROM messages WHERE conversation = conversations.number) AS messages
        FROM conversations""",
    _fill_searchable,
)

_STEPS: tuple[steps.Step, ...] = (_FIRST, _SECOND)  # step n leads from format n to n + 1
FORMAT = len(_STEPS)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the journal to the current format. Raises StoreTooNew for a newer one."""
    if _format(connection, path) == FORMAT:
        return  # nothing is locked, since nothing is to be written
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        # Asked again, since another process may have been first.
        steps.take(_STEPS[_format(connection, path) :], connection)
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def _format(connection: sqlite3.Connection, path: Path) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    steps.check_format(version, known=FORMAT, path=path)
    return version
