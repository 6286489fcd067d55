"""Typing at a terminal: keys on a screen that shows nothing, and the command in a real one."""

import os
import pty
import select
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from qa.chat import COMMANDS
from qa.cli import target_from
from qa.console import Commands, PrivateHistory, confirmed, lines
from qa.errors import RemoteError
from qa.types import Conversation

OPENED, UNKNOWN = "When did it open?", "Who built it?"


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    """A keyboard, with a screen that shows nothing."""
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        yield typed


def typed_lines(history: Path | None = None) -> list[str]:
    return list(lines(lambda: (), history=history))


def test_lines_are_taken_until_ctrl_d(keys: PipeInput) -> None:
    keys.send_text("one\rtwo\r\x04")
    assert typed_lines() == ["one", "two"]


def test_ctrl_c_drops_the_line(keys: PipeInput) -> None:
    keys.send_text("wrong\x03right\r\x03\x04")
    assert typed_lines() == ["right"]


def test_a_paste_of_several_lines_is_one_question(keys: PipeInput) -> None:
    keys.send_text("\x1b[200~one\r\ntwo\nthree\x1b[201~\r\x04")
    assert typed_lines() == ["one\ntwo\nthree"]


def test_alt_enter_begins_a_new_line(keys: PipeInput) -> None:
    keys.send_text("one\x1b\rtwo\r\x04")
    assert typed_lines() == ["one\ntwo"]


def test_lines_are_kept_for_the_next_time_where_only_their_owner_reads_them(
    keys: PipeInput, tmp_path: Path
) -> None:
    history = tmp_path / "new" / "history"
    keys.send_text("one\x1b\rtwo\rthree\r\x04")
    typed_lines(history)
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert list(PrivateHistory(history).load_history_strings()) == ["three", "one\ntwo"]


def test_a_history_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    history = tmp_path / "history"
    history.touch(mode=0o644)
    PrivateHistory(history).store_string("one")
    assert stat.S_IMODE(history.stat().st_mode) == 0o600


def test_what_can_not_be_kept_is_typed_all_the_same(keys: PipeInput, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    keys.send_text("one\r\x04")
    assert typed_lines(tmp_path / "file" / "history") == ["one"]


def test_the_history_is_in_the_data_folder_of_the_person() -> None:
    environ = {"XDG_DATA_HOME": "/home/me/data", "PINCITE_DATA": "/elsewhere"}
    history = target_from(environ).history
    assert history is not None
    assert history.name == "chat-history"
    assert history.parent.name == "pincite"


@pytest.mark.parametrize(("key", "answer"), [("y", True), ("n", False), ("\x03", False)])
def test_only_y_confirms(keys: PipeInput, key: str, answer: bool) -> None:
    keys.send_text(key)
    assert confirmed("Overwrite it?") is answer


def completions(before: str) -> list[str]:
    def conversations() -> Iterator[Conversation]:
        yield Conversation("ab1", "When?\x1b[2J", "")
        yield Conversation("cd2", "Who?", "")
        raise RemoteError("the server has gone")

    found = Commands(conversations).get_completions(Document(before), CompleteEvent())
    assert all("\x1b" not in one.display_meta_text for one in found)
    found = Commands(conversations).get_completions(Document(before), CompleteEvent())
    return [before[: len(before) + one.start_position] + one.text for one in found]


def test_commands_are_completed_and_questions_are_not() -> None:
    assert completions("/") == list(COMMANDS)
    assert completions("/e") == ["/export"]
    assert completions("") == completions("When") == completions("When /e") == []


def test_conversations_and_files_are_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.md").touch()
    assert completions("/open ") == ["/open ab1", "/open cd2"]
    assert completions("/open c") == ["/open cd2"]
    assert completions("/export no") == ["/export notes.md"]


# In a real terminal

_PROMPT = "\x1b[?2004h"  # bracketed paste is on: keys are read from here on

_RUN = f"""
import fcntl, signal, sys, termios, time
from index.settings import IndexSettings
from index.types import Source
from qa.cli import main
from qa.commands.target import Target
from qa.settings import AnswerSettings
from tests.fakes import FakeService
class Slow(FakeService):
    def ask(self, question, *, watch=None):
        if question.text == "Slow?":
            print("thinking", flush=True)
            while True:  # a signal just before a long sleep would only be seen after it
                time.sleep(0.01)
        return super().ask(question, watch=watch)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
service = Slow({{{OPENED!r}: "1871"}})
service.add(Source(b"The harbour opened in 1871.", "harbour.txt"))
target = Target(index=IndexSettings(), answering=AnswerSettings(),
                open_local=lambda *_, **__: service)
""".strip()


class _Terminal:
    """A program in a pseudo-terminal: type to it, and wait for what it shows."""

    def __init__(self, script: str) -> None:
        self._master, slave = pty.openpty()
        environ = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environ,
            start_new_session=True,
        )
        os.close(slave)
        self._seen = b""

    def shows(self, wanted: str, *, seconds: float = 30) -> str:
        """Wait until it shows this, and give what it showed since the last wait."""
        until = time.monotonic() + seconds
        while wanted.encode() not in self._seen:
            assert time.monotonic() < until, self._seen.decode()
            if select.select([self._master], [], [], 0.1)[0]:
                self._seen += os.read(self._master, 65_536)
                if b"\x1b[6n" in self._seen:  # where is the cursor? at the top left
                    self._seen = self._seen.replace(b"\x1b[6n", b"")
                    self.type("\x1b[1;1R")
        shown, _, self._seen = self._seen.partition(wanted.encode())
        return shown.decode() + wanted

    def enter(self, line: str) -> None:
        """Wait for the prompt, and type a line at it."""
        self.shows(_PROMPT)
        self.type(line)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal() -> Iterator[_Terminal]:
    # Its own terminal, so that Ctrl-C reaches it as a signal.
    own = "fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
    terminal = _Terminal(f"{_RUN}; {own}; sys.exit(main(['chat'], target=target))")
    yield terminal
    terminal.close()


def test_a_conversation_at_a_terminal(terminal: _Terminal) -> None:
    terminal.shows("Ctrl-D ends.")
    terminal.enter(f"{OPENED}\r")
    answer = terminal.shows("harbour.txt:22-26")
    assert "**1871**" not in answer
    assert "very likely (0.93)" in answer
    terminal.enter("/nope\r")
    terminal.shows("pincite: there is no command /nope")
    terminal.enter(f"{UNKNOWN}\r")
    terminal.shows("Not in the text.")
    terminal.enter("\x04")
    assert terminal.process.wait(timeout=30) == 0


def test_ctrl_c_breaks_a_question_off_and_the_conversation_goes_on(terminal: _Terminal) -> None:
    terminal.enter("Slow?\r")
    terminal.shows("thinking")
    terminal.type("\x03")
    terminal.shows("pincite: interrupted")
    terminal.enter(f"{OPENED}\r")
    terminal.shows("harbour.txt:22-26")
    terminal.enter("/quit\r")
    assert terminal.process.wait(timeout=30) == 0
