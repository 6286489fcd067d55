"""Conversations and feedback: durable, found, named, deleted; nothing written by reading."""

import multiprocessing
import sqlite3
import threading
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InvalidCursor, StoreDamaged, StoreTooNew
from index.types import Source
from qa.errors import AnswerNotFound, ConversationNotFound, FeedbackNotFound, InvalidRequest
from qa.journal import FILE, Journal
from qa.titles import LONGEST_TITLE, UNNAMED
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
        for table in ("messages", "searchable"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
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


def test_a_given_title_is_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    before, after, same = (journal.start() for _ in range(3))
    renamed = journal.rename(before.id, " Deep\n dives ")
    assert (renamed.id, renamed.title, renamed.messages) == (before.id, "Deep dives", 0)
    journal.append(before.id, "Who led the diving?", answer(1))
    journal.append(after.id, "Who led the diving?", answer(2))
    journal.rename(after.id, "Dives")
    # Also one that looks as if nobody had given it.
    journal.rename(same.id, UNNAMED)
    journal.append(same.id, "Who led the diving?", answer(3))
    listed = journal.conversations(limit=9, cursor=None).conversations
    assert [(one.title, one.messages) for one in listed] == [
        (UNNAMED, 1),
        ("Dives", 1),
        ("Deep dives", 1),
    ]
    with pytest.raises(ConversationNotFound):
        journal.rename("nobody", "Dives")
    with pytest.raises(InvalidRequest):
        journal.rename(after.id, " ")
    journal.close()


def test_the_words_of_a_search_stand_anywhere_in_a_conversation(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    first, second = journal.start(), journal.start()
    journal.append(first.id, "Who led the diving?", answer(1))
    journal.append(first.id, "100 % of the Año_Nuevo?", answer(2, "When?"))
    journal.append(second.id, "When?", answer(3, "When?"))

    def found(search: str) -> list[str]:
        page = journal.conversations(limit=9, cursor=None, search=search)
        return [one.id for one in page.conversations]

    assert found(" ") == [second.id, first.id]
    # A title, a question, an answer, all of them; parts of words; neither case nor accents.
    for search in ("WHO", "solh", "ano_nuevo DIVING", "AN\u0303O ingrid", "% 100"):
        assert found(search) == [first.id], search
    for search in ("a_o", "a%o", "diving nothing", '"diving"', "diving\0nothing", "\ud800"):
        assert found(search) == [], search
    journal.rename(second.id, "Étude")
    assert found("etude") == [second.id]
    journal.rename(second.id, "Another")
    assert found("etude") == []
    journal.delete(first.id)
    assert found("solheim") == []
    journal.close()


@given(st.text(min_size=1, max_size=LONGEST_TITLE), st.text(st.characters(), max_size=20))
def test_any_title_is_found_by_itself_and_any_search_ends(title: str, search: str) -> None:
    with TemporaryDirectory() as folder, closing(Journal(Path(folder))) as journal:
        new = journal.start()
        journal.conversations(limit=1, cursor=None, search=search)
        with suppress(InvalidRequest):
            kept = journal.rename(new.id, title)
            page = journal.conversations(limit=1, cursor=None, search=title)
            assert page.conversations == (kept,)


def test_what_is_found_comes_page_by_page(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    ids = []
    for number in range(6):
        new = journal.start()
        journal.append(new.id, "odd" if number % 2 else "even", answer(number, "When?"))
        ids += [new.id] * (number % 2)
    seen: list[str] = []
    cursor = None
    for more in (True, True, False):
        page = journal.conversations(limit=1, cursor=cursor, search="Odd")
        seen += [one.id for one in page.conversations]
        cursor = page.next_cursor
        assert (cursor is not None) == more
    assert seen == ids[::-1]
    journal.close()


def test_a_transcript_says_what_was_said_of_its_answers(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    new = journal.start()
    for number in (1, 2):
        journal.append(new.id, "When?", answer(number, "When?"))
    judged = Feedback("a2", Mark.WRONG, "2019")
    journal.judge(judged, answer(2))
    assert [one.feedback for one in journal.transcript(new.id).messages] == [None, judged]
    journal.withdraw("a2")
    assert [one.feedback for one in journal.transcript(new.id).messages] == [None, None]
    assert journal.judgements() == ()
    for nothing in ("a2", "nobody"):
        with pytest.raises(FeedbackNotFound):
            journal.withdraw(nothing)
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


def test_answers_from_before_sections_and_missing_words_are_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    new, given = journal.start(), answer(1)
    journal.append(new.id, given.question, given)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute(
            "UPDATE messages SET"
            " answer = json_remove(answer, '$.missing', '$.citations[0].section')"
        )
    (message,) = journal.transcript(new.id).messages
    assert message.answer == given
    journal.close()
