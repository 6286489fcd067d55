"""Conversations and feedback: durable, listed, named, deleted; nothing written by reading."""

import multiprocessing
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import InvalidCursor, StoreDamaged, StoreTooNew
from index.types import Source
from qa.errors import AnswerNotFound, ConversationNotFound
from qa.journal import FILE, TITLE_CHARACTERS, UNNAMED, Journal
from qa.types import Answer, Feedback, Mark, Question, Turn
from tests.fakes import FakeService

TEXT = "Ingrid Solheim led the diving in 2019."


def answer(number: int, question: str = "Who led the diving?") -> Answer:
    service = FakeService({"Who led the diving?": "Ingrid Solheim"})
    service.add(Source(TEXT.encode(), "diving.txt"))
    return replace(service.ask(Question(question)), id=f"a{number}")


def test_a_conversation_is_named_after_its_first_question_and_keeps_its_answers(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path)
    new = journal.start()
    assert new.title == UNNAMED
    given = [answer(1), answer(2, "When?")]
    for one in given:
        journal.append(new.id, one.question, one)
    journal.close()
    again = Journal(tmp_path)
    kept = again.transcript(new.id)
    assert (kept.title, kept.created_at) == ("Who led the diving?", new.created_at)
    assert [message.answer for message in kept.messages] == given
    assert again.turns(new.id, limit=9) == (
        Turn("Who led the diving?", "Ingrid Solheim"),
        Turn("When?", None),
    )
    assert again.turns(new.id, limit=1) == (Turn("When?", None),)
    again.close()


def test_the_newest_comes_first_page_by_page(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    ids = [journal.start().id for _ in range(5)]
    first = journal.conversations(limit=3, cursor=None)
    second = journal.conversations(limit=3, cursor=first.next_cursor)
    listed = [one.id for one in (*first.conversations, *second.conversations)]
    assert listed == ids[::-1]
    assert second.next_cursor is None
    for wrong in ("", "x", "-1", "1" * 19):
        with pytest.raises(InvalidCursor):
            journal.conversations(limit=3, cursor=wrong)
    journal.close()


def test_deleting_forgets_its_messages_but_not_the_feedback(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    new = journal.start()
    journal.append(new.id, "Who led the diving?", answer(1))
    journal.judge(Feedback("a1", Mark.RIGHT), journal.answer("a1"))
    journal.delete(new.id)
    with pytest.raises(ConversationNotFound):
        journal.transcript(new.id)
    with pytest.raises(ConversationNotFound):
        journal.delete(new.id)
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (0,)
    connection.close()
    assert [one.answer.id for one in journal.judgements()] == ["a1"]
    journal.close()


def test_a_later_verdict_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.judge(Feedback("a1", Mark.RIGHT), answer(1))
    journal.judge(Feedback("a1", Mark.WRONG, "2019"), answer(1))
    (kept,) = journal.judgements()
    assert kept.feedback == Feedback("a1", Mark.WRONG, "2019")
    with pytest.raises(AnswerNotFound):
        journal.answer("a2")
    journal.close()


def test_reading_creates_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "store")
    assert journal.conversations(limit=5, cursor=None).conversations == ()
    assert journal.judgements() == ()
    with pytest.raises(ConversationNotFound):
        journal.transcript("c")
    journal.close()
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Who\n led  it?", "Who led it?"),
        ("word " * 40, " ".join(["word"] * 15) + "…"),
        ("x" * 200, "x" * (TITLE_CHARACTERS - 1) + "…"),
    ],
)
def test_a_title_is_one_short_line(tmp_path: Path, question: str, title: str) -> None:
    journal = Journal(tmp_path)
    new = journal.start()
    journal.append(new.id, question, answer(1))
    assert journal.transcript(new.id).title == title
    journal.close()


def test_another_format_and_damage_are_told(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreTooNew, match="newer Pincite"):
        Journal(tmp_path).start()
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(StoreDamaged):
        Journal(tmp_path).start()


def write(folder: Path, count: int) -> None:
    journal = Journal(folder)
    for _ in range(count):
        journal.start()
    journal.close()


def test_threads_and_processes_write_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=write, args=(tmp_path, 10)) for _ in range(2)]
    journal = Journal(tmp_path)
    threads = [threading.Thread(target=journal.start) for _ in range(10)]
    for one in (*others, *threads):
        one.start()
    for one in (*others, *threads):
        one.join()
    assert [one.exitcode for one in others] == [0, 0]
    assert len(journal.conversations(limit=100, cursor=None).conversations) == 30
    journal.close()
