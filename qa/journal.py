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
from index.errors import InvalidCursor
from index.failures import translated
from qa import titles
from qa.errors import AnswerNotFound, ConversationNotFound, FeedbackNotFound
from qa.folding import folded, words
from qa.migrations import migrate
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

_TITLE = 0  # in place of a message's number
_WAIT_SECONDS = 5.0
# A constant statement, however many words there are: they come as one JSON list.
_FOUND = """SELECT number, id, title, created_at, messages FROM listed
    WHERE number < ? AND NOT EXISTS (
        SELECT 1 FROM json_each(?) AS word WHERE NOT EXISTS (
            SELECT 1 FROM searchable
            WHERE conversation = listed.number AND instr(words, word.value)
        )
    )
    ORDER BY number DESC LIMIT ?"""


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
        new = Conversation(secrets.token_hex(8), titles.UNNAMED, _now())
        with self._writing() as connection:
            number = connection.execute(
                "INSERT INTO conversations (id, title, created_at) VALUES (?, ?, ?)",
                (new.id, new.title, new.created_at),
            ).lastrowid
            _make_searchable(connection, number, _TITLE, new.title)
        return new

    def conversations(
        self, *, limit: int, cursor: str | None, search: str = ""
    ) -> ConversationPage:
        """At most ``limit`` conversations, newest first. Raises InvalidCursor.

        With ``search`` those in whose title, questions and answers all of its words stand,
        whatever their case and accents, also as parts of words.
        """
        before = _number(cursor)
        with self._reading() as connection:
            rows = connection.execute(_FOUND, (before, dumps(words(search)), limit + 1)).fetchall()
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
                "SELECT question, messages.answer, messages.created_at,"
                " feedback.answer_id, verdict, expected"
                " FROM messages LEFT JOIN feedback USING (answer_id)"
                " WHERE conversation = ? ORDER BY messages.number",
                (number,),
            ).fetchall()
        messages = (
            Message(question, _answer(kept), at, _feedback(*said) if said[0] else None)
            for question, kept, at, *said in rows
        )
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
        """Add a message; the first names a conversation without a title of its own.

        Raises ConversationNotFound.
        """
        with self._writing() as connection:
            number = _find(connection, conversation_id)[0]
            _name(connection, number, titles.asked(question), over=False)
            message = connection.execute(
                "INSERT INTO messages (conversation, answer_id, question, answer, created_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (number, answer.id, question, _json(answer), _now()),
            ).lastrowid
            _make_searchable(connection, number, message, f"{question}\n{answer.answer or ''}")

    def rename(self, conversation_id: str, title: str) -> Conversation:
        """Give a conversation a title that it keeps.

        Raises ConversationNotFound, and InvalidRequest for what can be no title.
        """
        given = titles.given(title)
        with self._writing() as connection:
            number = _find(connection, conversation_id)[0]
            _name(connection, number, given, over=True)
            row = connection.execute(
                "SELECT id, title, created_at, messages FROM listed WHERE number = ?", (number,)
            ).fetchone()
        return Conversation(*row)

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

    def withdraw(self, answer_id: str) -> None:
        """Forget the feedback on an answer. Raises FeedbackNotFound."""
        with self._writing() as connection:
            done = connection.execute("DELETE FROM feedback WHERE answer_id = ?", (answer_id,))
            if done.rowcount == 0:
                raise FeedbackNotFound(f"there is no feedback on an answer with id {answer_id!r}")

    def judgements(self) -> tuple[Judgement, ...]:
        """All feedback, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT answer_id, verdict, expected, answer, created_at FROM feedback"
                " ORDER BY number"
            ).fetchall()
        return tuple(
            Judgement(_feedback(id, verdict, expected), _answer(kept), at)
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
            with contextlib.closing(_nothing(self._path)) as empty:
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


def _nothing(path: Path) -> sqlite3.Connection:
    """An empty journal, for reading where there is no file yet: reading creates nothing."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, path)
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    # A rollback journal, not a write-ahead log: older SQLite loses changes there when processes
    # meet (fixed in 3.51.3), and a message is written once in a while.
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection, path)


def _find(connection: sqlite3.Connection, conversation_id: str) -> tuple[int, str, str, str]:
    row: tuple[int, str, str, str] | None = connection.execute(
        "SELECT number, id, title, created_at FROM conversations WHERE id = ?", (conversation_id,)
    ).fetchone()
    if row is None:
        raise ConversationNotFound(f"no conversation has the id {conversation_id!r}")
    return row


def _name(connection: sqlite3.Connection, number: int, title: str, *, over: bool) -> None:
    """Give a conversation a title; ``over`` one that it may have of its own already."""
    done = connection.execute(
        "UPDATE conversations SET title = ?, named = 1 WHERE number = ? AND named <= ?",
        (title, number, over),
    )
    if done.rowcount:
        _make_searchable(connection, number, _TITLE, title)


def _make_searchable(
    connection: sqlite3.Connection, conversation: int | None, message: int | None, text: str
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO searchable (conversation, message, words) VALUES (?, ?, ?)",
        (conversation, message, folded(text)),
    )


def _number(cursor: str | None) -> int:
    if cursor is None:
        return (1 << 63) - 1
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise InvalidCursor(f"{cursor!r} is not a cursor of this list: start without one")
    return int(cursor)


def _feedback(answer_id: str, verdict: str, expected: str | None) -> Feedback:
    return Feedback(answer_id, Mark(verdict), expected)


def _answer(kept: str) -> Answer:
    return msgspec.json.decode(kept, type=Answer)


def _json(answer: Answer) -> str:
    return dumps(asdict(answer), ensure_ascii=False)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
