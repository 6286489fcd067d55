"""A conversation as a person types it: questions and commands in, answers printed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import rich_click as click
from rich.table import Table
from rich.text import Text

from index.errors import PinciteError
from qa import refusals, render, tables, transcript
from qa.commands.progress import waiting
from qa.errors import ConversationNotFound, InvalidRequest
from qa.service import Service, every_conversation, every_document
from qa.terminal import Terminal, printable
from qa.types import Answer, Conversation, Question, Transcript

ANSWERED, NOT_IN_TEXT, FAILED = 0, 1, 3
"""What ``Chat.status`` may be; the exit statuses of ``pincite ask``."""

_LISTED = 50  # conversations
_SHOWN_TURNS = 3
_LONGEST_NAME = 60


class Chat:
    """One person's conversation with a service, and the commands to steer it.

    ``asking`` says how questions are asked; each is asked with its own text. A conversation is
    started by its first question. ``confirm`` asks before a file is overwritten.
    """

    def __init__(
        self, service: Service, asking: Question, *, confirm: Callable[[str], bool]
    ) -> None:
        self.service = service
        self.conversation_id: str | None = None
        self.ended = False
        self.status = ANSWERED
        """How the last question went, or that the last command failed."""
        self._asking = asking
        self._confirm = confirm
        self._last: Answer | None = None

    def take(self, line: str) -> None:
        """Answer a question or obey a command. What goes wrong is one line on standard error."""
        entered = line.strip()
        try:
            if entered.startswith("/"):
                self._obey(entered)
            elif entered:
                self._ask(entered)
        except PinciteError as error:
            self.status = FAILED
            complain(str(error))

    def open(self, given: str) -> Transcript:
        """Go on with an earlier conversation, by its id or the beginning of it.

        Raises ConversationNotFound, or InvalidRequest where several ids begin so.
        """
        found = self.service.conversation(named_conversation(self.service, given))
        self.conversation_id = found.id
        self._last = found.messages[-1].answer if found.messages else None
        return found

    def _ask(self, text: str) -> None:
        with waiting("looking it up"):
            if self.conversation_id is None:
                self.conversation_id = self.service.start_conversation().id
            question = replace(self._asking, text=text)
            answer = self.service.reply(self.conversation_id, question)
            shown = () if answer.answered else answer.passages
            documents = render.sources(self.service, shown)
        self._last = answer
        self.status = ANSWERED if answer.answered else NOT_IN_TEXT
        render.answer(answer, documents)

    def _obey(self, entered: str) -> None:
        name, _, argument = entered.partition(" ")
        command = COMMANDS.get(name.lower())
        if command is None:
            raise InvalidRequest(f"there is no command {name}; there are {', '.join(COMMANDS)}")
        command.run(self, argument.strip())

    def _sources(self, _: str) -> None:
        if self._last is None:
            raise InvalidRequest("nothing has been asked yet, so there are no sources to show")
        documents = render.sources(self.service, self._last.passages)
        render.passages(self._last.passages, documents)

    def _new(self, _: str) -> None:
        self.conversation_id = self._last = None
        tell("A new conversation.")

    def _docs(self, _: str) -> None:
        tables.documents(tuple(every_document(self.service)))

    def _conversations(self, words: str) -> None:
        page = self.service.conversations(limit=_LISTED, search=words)
        if words and not page.conversations:
            tell(f"No conversation has the words “{words}”.")
            return
        tables.conversations(page.conversations, current=self.conversation_id)
        if page.next_cursor is not None:
            tell(f"The newest {_LISTED} are shown.")

    def _open(self, given: str) -> None:
        if not given:
            raise InvalidRequest("say which conversation: /open ID; /conversations lists them")
        show_opened(self.open(given))

    def _rename(self, title: str) -> None:
        if self.conversation_id is None:
            raise InvalidRequest("nothing has been asked yet, so there is nothing to rename")
        if not title:
            raise InvalidRequest("say what to call it: /rename TITLE")
        renamed = self.service.rename_conversation(self.conversation_id, title)
        tell(f"Renamed to “{renamed.title}”.")

    def _export(self, given: str) -> None:
        if self.conversation_id is None:
            raise InvalidRequest("nothing has been asked yet, so there is nothing to export")
        kept = self.service.conversation(self.conversation_id)
        path = Path(given or _file_name(kept.title)).expanduser()
        is_json = path.suffix.lower() == ".json"
        content = transcript.json(kept) if is_json else transcript.markdown(kept)
        try:
            _write(path, content, over=False)
        except FileExistsError as error:
            if not self._confirm(f"{path} is there already. Overwrite it?"):
                raise InvalidRequest(f"{path} was left as it is; name another file") from error
            _write(path, content, over=True)
        tell(f"Exported to {path}")

    def _help(self, _: str) -> None:
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        for name, command in COMMANDS.items():
            table.add_row(f"{name} {command.argument}".strip(), command.help)
        Terminal().table(table)
        tell("Anything else is a question. Alt-Enter begins a new line, Ctrl-D ends.")

    def _quit(self, _: str) -> None:
        self.ended = True


@dataclass(frozen=True, slots=True)
class Command:
    """What a line that begins with ``/`` may do; ``argument`` names what may follow."""

    run: Callable[[Chat, str], None]
    help: str
    argument: str = ""


# The commands are the chat's own: this table is their only door.
COMMANDS = {
    "/sources": Command(Chat._sources, "show in full the passages read for the last answer"),
    "/docs": Command(Chat._docs, "list the articles"),
    "/new": Command(Chat._new, "begin a new conversation"),
    "/conversations": Command(
        Chat._conversations, "list the conversations, or those that have the WORDS", "[WORDS]"
    ),
    "/open": Command(Chat._open, "go on with an earlier conversation", "ID"),
    "/rename": Command(Chat._rename, "give the conversation another title", "TITLE"),
    "/export": Command(
        Chat._export, "save the conversation as Markdown, or JSON for a FILE.json", "[FILE]"
    ),
    "/help": Command(Chat._help, "show this"),
    "/quit": Command(Chat._quit, "end"),
}


def named_conversation(service: Service, given: str) -> str:
    """The id of a conversation, by the id itself or by its beginning.

    Raises ConversationNotFound, or InvalidRequest for a beginning that several ids share.
    """
    found = list(_beginning(every_conversation(service), given))
    if given in found:
        return given
    if not found:
        raise ConversationNotFound(
            f"no conversation has the id {given!r}: /conversations lists them"
        )
    if len(found) > 1:
        raise InvalidRequest(f"{len(found)} conversations begin with {given!r}: give more of it")
    return found[0]


def _beginning(conversations: Iterator[Conversation], given: str) -> Iterator[str]:
    return (one.id for one in conversations if one.id.startswith(given))


def show_opened(found: Transcript) -> None:
    """Print which conversation goes on, and its last turns."""
    out = Terminal()
    count = len(found.messages)
    tell(f"“{printable(found.title)}”, {count} question{'s' * (count != 1)} so far.")
    for message in found.messages[-_SHOWN_TURNS:]:
        out.paragraph(Text(printable(message.question), style="dim"), indent=2)
        answer = printable(message.answer.answer or refusals.NOT_IN_TEXT)
        out.paragraph(Text(answer, style="dim"), indent=4)


def tell(text: str) -> None:
    """Print a remark of the program's, which is no answer."""
    Terminal().paragraph(Text(printable(text), style="dim"))


def complain(message: str) -> None:
    """Print what went wrong, on one line of standard error."""
    click.echo(f"pincite: {printable(message)}", err=True)


def _file_name(title: str) -> str:
    name = re.sub(r"\W+", "-", title.casefold()).strip("-")
    return f"{name[:_LONGEST_NAME].strip('-') or 'conversation'}.md"


def _write(path: Path, content: str, *, over: bool) -> None:
    """Write a file. Raises FileExistsError, unless ``over``, and else InvalidRequest."""
    try:
        with path.open("w" if over else "x", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InvalidRequest(
            f"{str(path)!r} can't be written ({reason}); name another file"
        ) from error
