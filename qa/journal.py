"""SQLite: conversations and feedback, in a file of their own beside the store's.

They outlive the documents they quote, and several processes may write them at once, so they are
kept apart from the store, which has one writer and one embedder. Answers are kept as the JSON
that the API sends.
"""

import contextlib
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from json import dumps
from pathlib import Path

import msgspec

from index.disk import make_folder
from index.errors import InvalidCursor, StoreTooNew
from index.failures import translated
from qa.errors import AnswerNotFound, ConversationNotFound
from qa.types import (
    Answer,
    Conversation,
    ConversationPage,
    Feedback,
    Judgement,
    Mark,
    Message,
    Transcript,
    Turn,
)

FILE = "conversations.sqlite"
UNNAMED = "New conversation"
TITLE_CHARACTERS = 80

_FORMAT = 1
_WAIT_SECONDS = 5.0
_SCHEMA = (
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


class Journal:
    """What was asked in conversations, and what people said of the answers.

    Opened at the first call, so that a store which is only read needs no such file. Every change
    is durable when its call returns. Safe to use from many threads and processes. Any call may
    raise StoreError or one of its kinds.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def start(self) -> Conversation:
        """A new conversation."""
        new = Conversation(secrets.token_hex(8), UNNAMED, _now())
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO conversations (id, title, created_at) VALUES (?, ?, ?)",
                (new.id, new.title, new.created_at),
            )
        return new

    def conversations(self, *, limit: int, cursor: str | None) -> ConversationPage:
        """At most ``limit`` conversations, newest first. Raises InvalidCursor."""
        before = _number(cursor)
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT number, id, title, created_at FROM conversations WHERE number < ?"
                " ORDER BY number DESC LIMIT ?",
                (before, limit + 1),
            ).fetchall()
        page = rows[:limit]
        more = len(rows) > limit
        return ConversationPage(
            tuple(Conversation(*row[1:]) for row in page), str(page[-1][0]) if more else None
        )

    def transcript(self, conversation_id: str) -> Transcript:
        """A conversation with its messages. Raises ConversationNotFound."""
        with self._reading() as connection:
            number, id, title, created_at = _find(connection, conversation_id)
            rows = connection.execute(
                "SELECT question, answer, created_at FROM messages WHERE conversation = ?"
                " ORDER BY number",
                (number,),
            ).fetchall()
        messages = (Message(question, _answer(kept), at) for question, kept, at in rows)
        return Transcript(id, title, created_at, tuple(messages))

    def turns(self, conversation_id: str, *, limit: int) -> tuple[Turn, ...]:
        """The last turns of a conversation, oldest first. Raises ConversationNotFound."""
        with self._reading() as connection:
            number = _find(connection, conversation_id)[0]
            rows = connection.execute(
                "SELECT question, json_extract(answer, '$.answer') FROM messages"
                " WHERE conversation = ? ORDER BY number DESC LIMIT ?",
                (number, limit),
            ).fetchall()
        return tuple(Turn(*row) for row in reversed(rows))

    def append(self, conversation_id: str, question: str, answer: Answer) -> None:
        """Add a message; the first one names the conversation. Raises ConversationNotFound."""
        with self._writing() as connection:
            number, _, title, _ = _find(connection, conversation_id)
            if title == UNNAMED:
                connection.execute(
                    "UPDATE conversations SET title = ? WHERE number = ?",
                    (_title(question), number),
                )
            connection.execute(
                "INSERT INTO messages (conversation, answer_id, question, answer, created_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (number, answer.id, question, _json(answer), _now()),
            )

    def delete(self, conversation_id: str) -> None:
        """Forget a conversation. Raises ConversationNotFound."""
        with self._writing() as connection:
            number = _find(connection, conversation_id)[0]
            connection.execute("DELETE FROM conversations WHERE number = ?", (number,))

    def answer(self, answer_id: str) -> Answer:
        """An answer that was given in a conversation. Raises AnswerNotFound."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT answer FROM messages WHERE answer_id = ?"
                " UNION ALL SELECT answer FROM feedback WHERE answer_id = ?",
                (answer_id, answer_id),
            ).fetchone()
        if row is None:
            raise AnswerNotFound(f"no answer with the id {answer_id!r} is remembered; ask again")
        return _answer(row[0])

    def judge(self, feedback: Feedback, answer: Answer) -> None:
        """Keep feedback with its answer; it takes the place of an earlier one on it."""
        with self._writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO feedback (answer_id, verdict, expected, answer, created_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (feedback.answer_id, feedback.verdict, feedback.expected, _json(answer), _now()),
            )

    def judgements(self) -> tuple[Judgement, ...]:
        """All feedback, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT answer_id, verdict, expected, answer, created_at FROM feedback"
                " ORDER BY number"
            ).fetchall()
        return tuple(
            Judgement(Feedback(id, Mark(verdict), expected), _answer(kept), at)
            for id, verdict, expected, kept, at in rows
        )

    def close(self) -> None:
        """Let go of the file. Harmless when it was never opened."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._turn, translated(self._path):
            connection = self._opened()
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._turn, translated(self._path):
            if self._path.exists():
                yield self._opened()
                return
            with contextlib.closing(_nothing()) as empty:
                yield empty

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            make_folder(self._path.parent)
            connection = sqlite3.connect(
                self._path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                _prepare(connection, self._path)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def _nothing() -> sqlite3.Connection:
    """An empty journal, for reading where there is no file yet: reading creates nothing."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in _SCHEMA:
        connection.execute(statement)
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    # A rollback journal, not a write-ahead log: older SQLite loses changes there when processes
    # meet (fixed in 3.51.3), and a message is written once in a while.
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA foreign_keys = ON")
    if _format(connection, path) == _FORMAT:
        return  # nothing is locked, since nothing is to be written
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if _format(connection, path) == 0:  # another process may have been first
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {_FORMAT}")


def _format(connection: sqlite3.Connection, path: Path) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > _FORMAT:
        raise StoreTooNew(
            f"{path} has format {version} and this version of Pincite reads up to {_FORMAT};"
            " use a newer Pincite"
        )
    return version


def _find(connection: sqlite3.Connection, conversation_id: str) -> tuple[int, str, str, str]:
    row: tuple[int, str, str, str] | None = connection.execute(
        "SELECT number, id, title, created_at FROM conversations WHERE id = ?", (conversation_id,)
    ).fetchone()
    if row is None:
        raise ConversationNotFound(f"no conversation has the id {conversation_id!r}")
    return row


def _title(question: str) -> str:
    """The question on one line, cut at a word where it is long."""
    line = " ".join(question.split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    cut = line[: TITLE_CHARACTERS - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def _number(cursor: str | None) -> int:
    if cursor is None:
        return (1 << 63) - 1
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise InvalidCursor(f"{cursor!r} is not a cursor of this list: start without one")
    return int(cursor)


def _answer(kept: str) -> Answer:
    return msgspec.json.decode(kept, type=Answer)


def _json(answer: Answer) -> str:
    return dumps(asdict(answer), ensure_ascii=False)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
