"""A conversation in the terminal: questions through a pipe, and the commands."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from index.settings import IndexSettings
from index.types import Source
from qa.chat import COMMANDS, Chat
from qa.cli import main
from qa.commands.target import Target
from qa.errors import RemoteError
from qa.settings import AnswerSettings
from qa.types import Answer, Question, Watch
from tests.fakes import FakeService

TEXT = "The harbour opened in 1871.\nIt has four piers."
OPENED, PIERS, UNKNOWN = "When did it open?", "How many piers?", "Who built it?"
ANSWERS = {OPENED: "1871", PIERS: "four"}


@pytest.fixture
def service() -> FakeService:
    service = FakeService(ANSWERS)
    service.add(Source(TEXT.encode(), "harbour.txt", title="Tide tables", metadata={"k": "v"}))
    return service


@pytest.fixture
def talk(service: FakeService) -> Chat:
    return Chat(service, Question(""), confirm=lambda _: False)


@pytest.fixture
def piped(service: FakeService, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs ``pincite chat`` on lines from a pipe."""

    def run(*entered: str | bytes, options: tuple[str, ...] = (), on: FakeService = service) -> int:
        raw = b"".join((one.encode() if isinstance(one, str) else one) + b"\n" for one in entered)
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(raw), encoding="utf-8"))
        target = Target(
            index=IndexSettings(),
            answering=AnswerSettings(),
            open_local=lambda *_, **__: on,
        )
        return main(["chat", *options], target=target)

    return run


# Through a pipe


def test_each_line_is_a_question_of_one_conversation(
    piped: Callable[..., int], service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    assert piped(OPENED, "", "  ", PIERS) == 0
    shown = capsys.readouterr()
    assert "“The harbour opened in **1871**.”" in shown.out
    assert "“It has **four** piers.”" in shown.out
    assert "> " not in shown.out
    assert shown.err == ""
    assert [turn.answer for turn in service.asked[1].history] == ["1871"]
    assert len(service.conversations().conversations) == 1


def test_the_status_is_that_of_the_last_question(piped: Callable[..., int]) -> None:
    assert piped(OPENED, UNKNOWN) == 1
    assert piped(UNKNOWN, OPENED) == 0
    assert piped(UNKNOWN, "/docs") == 1
    assert piped(OPENED, "/nonsense") == 3
    assert piped() == 0


class _Failing(FakeService):
    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        if question.text == UNKNOWN:
            raise RemoteError("no server\nanswers")
        return super().ask(question, watch=watch)


def test_an_error_is_one_line_and_the_conversation_goes_on(
    piped: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    service = _Failing(ANSWERS)
    service.add(Source(TEXT.encode(), "harbour.txt"))
    assert piped(UNKNOWN, OPENED, on=service) == 0
    shown = capsys.readouterr()
    assert shown.err == "pincite: no server answers\n"
    assert "1871" in shown.out
    assert piped(OPENED, UNKNOWN, on=service) == 3


def test_options_reach_every_question(piped: Callable[..., int], service: FakeService) -> None:
    id = service.documents().documents[0].id
    chosen = ("--limit", "3", "--min-confidence", "0.5", "--doc", id[:6], "--filter", "k=v")
    piped(OPENED, UNKNOWN, options=(*chosen, "--no-resolve"))
    for asked in service.asked:
        assert (asked.limit, asked.min_confidence, asked.resolve) == (3, 0.5, False)
        assert (asked.scope.document_ids, asked.scope.filter) == ((id,), {"k": "v"})
    piped(OPENED)
    assert service.asked[-1].resolve


def test_bytes_that_are_no_text_are_one_odd_question(
    piped: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert piped(b"\xff\xfe?", "\ufeff" + OPENED) == 0
    assert "1871" in capsys.readouterr().out


def test_an_earlier_conversation_goes_on(piped: Callable[..., int], service: FakeService) -> None:
    piped(OPENED, "/new", UNKNOWN)
    piped(PIERS, options=("--continue",))
    assert [turn.question for turn in service.asked[-1].history] == [UNKNOWN]
    piped(PIERS, options=("--conversation", "conversation-1"))
    assert [turn.question for turn in service.asked[-1].history] == [OPENED]


def test_continuing_where_nothing_was_begins(
    piped: Callable[..., int], service: FakeService
) -> None:
    assert piped(OPENED, options=("--continue",)) == 0
    assert service.asked[-1].history == ()


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--conversation", "zzz"), 3, "no conversation has the id 'zzz'"),
        (("--continue", "--conversation", "c"), 2, "two conversations"),
        (("--limit", "0"), 2, "--limit"),
    ],
)
def test_what_can_not_be_continued_is_said_at_once(
    piped: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    assert piped(OPENED, options=options) == status
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_a_store_without_articles_says_what_to_do(
    piped: Callable[..., int], service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    service.remove(service.documents().documents[0].id)
    assert piped(OPENED) == 1
    assert "Add an article first" in capsys.readouterr().out


# The commands


def test_sources_are_the_passages_of_the_last_answer(
    talk: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    talk.take("/sources")
    assert "nothing has been asked yet" in capsys.readouterr().err
    talk.take(OPENED)
    capsys.readouterr()
    talk.take("/sources")
    shown = capsys.readouterr().out
    assert f"1. harbour.txt:0-{len(TEXT)} · Tide tables" in shown
    assert "It has four piers." in shown


def test_an_unknown_command_says_what_there_is(
    talk: Chat, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    talk.take("/frob now")
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert "/frob" in shown.err
    assert all(name in shown.err for name in COMMANDS)
    assert service.asked == []


def test_help_lists_every_command(talk: Chat, capsys: pytest.CaptureFixture[str]) -> None:
    talk.take("/HELP")
    shown = capsys.readouterr().out
    assert all(f"{name} " in shown and one.help in shown for name, one in COMMANDS.items())


def test_quit_ends(talk: Chat) -> None:
    talk.take("/docs")
    assert not talk.ended
    talk.take(" /quit ")
    assert talk.ended


def test_docs_lists_the_articles(talk: Chat, capsys: pytest.CaptureFixture[str]) -> None:
    talk.take("/docs")
    assert "Tide tables" in capsys.readouterr().out


def test_new_drops_what_was_said(talk: Chat, service: FakeService) -> None:
    for entered in (OPENED, "/new", "/sources", PIERS):
        talk.take(entered)
    assert service.asked[-1].history == ()
    assert talk.conversation_id == "conversation-2"


def test_conversations_are_listed_and_opened(
    talk: Chat, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    talk.take("/conversations")
    assert "no conversation yet" in capsys.readouterr().out
    for entered in (OPENED, "/new", UNKNOWN, "/conversations"):
        talk.take(entered)
    shown = capsys.readouterr().out
    assert f"conversation-1  2026-01-02 03:04  {OPENED}" in shown
    assert f"conversation-2  2026-01-02 03:04  * {UNKNOWN}" in shown
    talk.take("/conversations HARBOUR")
    assert capsys.readouterr().out == "No conversation has the words “HARBOUR”.\n"
    talk.take("/conversations open")
    shown = capsys.readouterr().out
    assert OPENED in shown
    assert UNKNOWN not in shown
    talk.take("/open conversation-1")
    shown = capsys.readouterr().out
    assert f"“{OPENED}”, 1 question so far.\n  {OPENED}\n    1871\n" in shown
    talk.take("/sources")
    assert "harbour.txt" in capsys.readouterr().out
    talk.take(PIERS)
    assert [turn.question for turn in service.asked[-1].history] == [OPENED]


def test_a_conversation_is_renamed(
    talk: Chat, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    talk.take("/rename Piers")
    assert "nothing to rename" in capsys.readouterr().err
    for entered in (OPENED, "/rename The  piers", PIERS):
        talk.take(entered)
    assert "Renamed to “The piers”.\n" in capsys.readouterr().out
    assert service.conversation("conversation-1").title == "The piers"
    for wrong, said in (("", "/rename TITLE"), ("x" * 201, "201 characters")):
        talk.take(f"/rename {wrong}")
        assert said in capsys.readouterr().err
        assert talk.status == 3


@pytest.mark.parametrize(
    ("given", "said"), [("", "/open ID"), (" zz", "no conversation"), (" conv", "2 conversations")]
)
def test_only_one_conversation_can_be_opened(
    talk: Chat, capsys: pytest.CaptureFixture[str], given: str, said: str
) -> None:
    for entered in (OPENED, "/new", PIERS):
        talk.take(entered)
    talk.take(f"/open{given}")
    assert said in capsys.readouterr().err
    assert talk.conversation_id == "conversation-2"


def test_an_id_that_begins_another_is_that_one(talk: Chat, service: FakeService) -> None:
    for number in range(11):
        talk.take(f"/new {number}")
        talk.take(OPENED)
    talk.take("/open conversation-1")
    assert talk.conversation_id == "conversation-1"


def test_export_takes_its_name_from_the_title_and_its_kind_from_the_ending(
    talk: Chat,
    service: FakeService,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    talk.take("/export")
    assert "nothing to export" in capsys.readouterr().err
    for entered in (OPENED, "/export", "/export kept here.JSON"):
        talk.take(entered)
    assert "Exported to when-did-it-open.md" in capsys.readouterr().out
    assert "> “The harbour opened in **1871**.”" in Path("when-did-it-open.md").read_text()
    kept = json.loads(Path("kept here.JSON").read_text())
    assert (kept["id"], kept["messages"][0]["answer"]["answer"]) == ("conversation-1", "1871")


@pytest.mark.parametrize(("said", "first"), [(False, "mine"), (True, f"# {OPENED}")])
def test_no_file_is_overwritten_unless_that_is_confirmed(
    service: FakeService, tmp_path: Path, said: bool, first: str
) -> None:
    file = tmp_path / "there.md"
    file.write_text("mine")
    asked: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return said

    talk = Chat(service, Question(""), confirm=confirm)
    talk.take(OPENED)
    talk.take(f"/export {file}")
    assert file.read_text().splitlines()[0] == first
    assert asked == [f"{file} is there already. Overwrite it?"]
    assert talk.status == (0 if said else 3)


@pytest.mark.parametrize("name", ["gone/a.md", ".", "a\0b.md"])
def test_what_can_not_be_written_is_one_line(
    talk: Chat,
    name: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    talk.take(OPENED)
    talk.take(f"/export {name}")
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


class _Understanding(FakeService):
    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        answer = super().ask(question, watch=watch)
        return replace(answer, interpreted_as="When did the harbour open?")


def test_what_a_follow_up_was_taken_for_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    service = _Understanding(ANSWERS)
    service.add(Source(TEXT.encode(), "harbour.txt"))
    Chat(service, Question(""), confirm=lambda _: False).take(OPENED)
    assert "\n  understood as: When did the harbour open?\n  1871\n" in capsys.readouterr().out
