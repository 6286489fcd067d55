"""Lines typed at a terminal: kept for the next time, completed, and of several lines if need be."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.shortcuts import confirm

from index.errors import PinciteError
from qa.chat import COMMANDS
from qa.terminal import printable
from qa.types import Conversation

_MENU_ROWS = len(COMMANDS)


def lines(
    conversations: Callable[[], Iterable[Conversation]], *, history: Path | None
) -> Iterator[str]:
    """What is typed at the prompt, until Ctrl-D. Ctrl-C drops the line.

    Enter ends a line, also a pasted one of several lines; Alt-Enter begins a new one.
    ``conversations`` are asked for where one is to be named.
    """
    session: PromptSession[str] = PromptSession(
        [("bold", "> ")],
        prompt_continuation="  ",
        history=InMemoryHistory() if history is None else PrivateHistory(history),
        completer=Commands(conversations),
        complete_in_thread=True,
        reserve_space_for_menu=_MENU_ROWS,
        key_bindings=_keys(),
        enable_suspend=True,
    )
    while True:
        try:
            line = session.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        yield line


def confirmed(question: str) -> bool:
    """Whether a question is answered with y; Ctrl-C and Ctrl-D are no."""
    try:
        return confirm(printable(question))
    except (KeyboardInterrupt, EOFError):
        return False


class Commands(Completer):
    """Completes the names of commands, and what may follow them."""

    def __init__(self, conversations: Callable[[], Iterable[Conversation]]) -> None:
        self._conversations = conversations
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
        """What could stand at the cursor; nothing for a question."""
        name, space, argument = document.text_before_cursor.partition(" ")
        if not space:
            yield from _names(name)
        elif name == "/open":
            yield from self._ids(argument)
        elif name == "/export":
            yield from self._paths.get_completions(Document(argument), event)

    def _ids(self, begun: str) -> Iterator[Completion]:
        # A server that is gone must not end the typing; the command itself will say so.
        with contextlib.suppress(PinciteError):
            for one in self._conversations():
                if one.id.startswith(begun):
                    title = printable(one.title)
                    yield Completion(one.id, -len(begun), display_meta=title)


def _names(begun: str) -> Iterator[Completion]:
    if begun.startswith("/"):
        for name, command in COMMANDS.items():
            if name.startswith(begun):
                yield Completion(name, -len(begun), display_meta=command.help)


class PrivateHistory(FileHistory):
    """Typed lines in a file that only its owner may read.

    What can't be kept is not: a full disk or a folder that can't be written is no reason to
    take no more questions.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path

    def load_history_strings(self) -> Iterable[str]:
        """The lines kept earlier, the newest first."""
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        """Keep a line."""
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.fchmod(descriptor, 0o600)
            finally:
                os.close(descriptor)
            super().store_string(string)


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
