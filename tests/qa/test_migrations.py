"""Journals of earlier formats open, with all that they held."""

import json
import multiprocessing
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from index.errors import StoreUnwritable
from qa.journal import FILE, Journal
from qa.types import Feedback, Mark

# Format 1 as it was released, and an answer as it was written then.
FIRST = """
    CREATE TABLE conversations (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, created_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE messages (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
        answer_id TEXT NOT NULL UNIQUE,
        question TEXT NOT NULL, answer TEXT NOT NULL, created_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX messages_in ON messages (conversation, number);
    CREATE TABLE feedback (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        answer_id TEXT NOT NULL UNIQUE,
        verdict TEXT NOT NULL, expected TEXT, answer TEXT NOT NULL, created_at TEXT NOT NULL
    ) STRICT;
    PRAGMA user_version = 1;
"""
NOW = "2026-01-02T03:04:05Z"
QUESTION = "Who led the diving?"
CITATION = {
    "number": 1,
    "document_id": "d",
    "name": "diving.txt",
    "title": None,
    "author": None,
    "published": None,
    "url": None,
    "page": None,
    "start": 0,
    "end": 14,
    "quote": "Ingrid Åmot",
    "prefix": "",
    "suffix": " led it.",
    "sentence": {"start": 0, "end": 22, "text": "Ingrid Åmot led it."},
    "sha256": "0" * 64,
}


def given(id: str, **changes: Any) -> str:
    """An answer's JSON, from before answers and citations had all the fields of today."""
    found = {
        "id": id,
        "question": QUESTION,
        "interpreted_as": QUESTION,
        "answered": True,
        "answer": "Ingrid Åmot",
        "confidence": 0.9,
        "reason": None,
        "spans": [{"text": "Ingrid Åmot", "confidence": 0.9, "citation": 1, "citations": [1]}],
        "citations": [CITATION],
        "passages": [],
        "timings_ms": {"retrieve": 1.0, "read": 2.0, "total": 3.0},
    }
    return json.dumps({**found, **changes}, ensure_ascii=False)


REFUSAL: dict[str, Any] = {
    "answered": False,
    "answer": None,
    "reason": "not_in_text",
    "spans": [],
    "citations": [],
}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder of a journal in format 1: a conversation, an empty one, and a verdict."""
    connection = sqlite3.connect(tmp_path / FILE)
    connection.executescript(FIRST)
    add = "INSERT INTO conversations (id, title, created_at) VALUES (?, ?, ?)"
    connection.executemany(add, [("asked", QUESTION, NOW), ("new", "New conversation", NOW)])
    connection.executemany(
        "INSERT INTO messages (conversation, answer_id, question, answer, created_at)"
        " VALUES (1, ?, ?, ?, ?)",
        [
            ("a1", QUESTION, given("a1"), NOW),
            ("a2", "And when?", given("a2", **REFUSAL), NOW),
        ],
    )
    connection.execute(
        "INSERT INTO feedback (answer_id, verdict, expected, answer, created_at)"
        " VALUES ('a2', 'wrong', '2019', ?, ?)",
        (given("a2", **REFUSAL), NOW),
    )
    connection.commit()
    connection.close()
    return tmp_path


def test_what_was_kept_is_read_as_it_was(old: Path) -> None:
    journal = Journal(old)
    kept = journal.transcript("asked")
    assert (kept.title, kept.created_at) == (QUESTION, NOW)
    first, second = kept.messages
    assert (first.question, first.answer.answer) == (QUESTION, "Ingrid Åmot")
    assert first.answer.citations[0].quote == "Ingrid Åmot"
    assert not first.answer.citations[0].removed
    assert (first.feedback, second.feedback) == (None, Feedback("a2", Mark.WRONG, "2019"))
    assert not second.answer.answered
    assert [one.feedback.answer_id for one in journal.judgements()] == ["a2"]
    listed = journal.conversations(limit=9, cursor=None).conversations
    assert [(one.id, one.messages) for one in listed] == [("new", 0), ("asked", 2)]
    journal.close()


def test_what_was_kept_is_found_and_named(old: Path) -> None:
    journal = Journal(old)
    for search in ("diving", "amot", "WHEN who"):
        found = journal.conversations(limit=9, cursor=None, search=search).conversations
        assert [one.id for one in found] == ["asked"]
    answer = journal.answer("a1")
    journal.delete("asked")
    assert journal.conversations(limit=9, cursor=None, search="amot").conversations == ()
    journal.append("new", "Who was it?", answer)
    assert journal.transcript("new").title == "Who was it?"
    journal.close()


def test_a_title_from_then_is_no_longer_changed(old: Path) -> None:
    journal = Journal(old)
    answer = journal.answer("a1")
    journal.delete("new")
    with sqlite3.connect(old / FILE) as connection:  # whose id is free for another message
        connection.execute("DELETE FROM messages WHERE answer_id = 'a1'")
    connection.close()
    journal.append("asked", "Why?", answer)
    assert journal.transcript("asked").title == QUESTION
    journal.close()


def test_an_old_journal_that_can_not_be_written_stays_as_it_is(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (old / FILE).read_bytes()
    connect = sqlite3.connect

    def reading(path: Path, **options: Any) -> sqlite3.Connection:
        connection = connect(path, **options)
        connection.execute("PRAGMA query_only = ON")
        return connection

    monkeypatch.setattr(sqlite3, "connect", reading)
    with pytest.raises(StoreUnwritable):
        Journal(old).conversations(limit=9, cursor=None)
    assert (old / FILE).read_bytes() == before


def count(folder: Path) -> None:
    journal = Journal(folder)
    assert len(journal.conversations(limit=9, cursor=None, search="amot").conversations) == 1
    journal.close()


def test_several_processes_may_find_it_old_at_once(old: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=count, args=(old,)) for _ in range(3)]
    for one in processes:
        one.start()
    for one in processes:
        one.join()
    assert [one.exitcode for one in processes] == [0, 0, 0]
