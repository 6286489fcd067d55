"""``pincite chat``: questions in turns, at a terminal or through a pipe."""

import sys
from contextlib import ExitStack
from io import TextIOWrapper

import rich_click as click

from index.types import Scope
from qa.chat import Chat, complain, show_opened, tell
from qa.commands.options import question_options, scope_ids, scope_options
from qa.commands.progress import waiting
from qa.commands.target import Target, target_options
from qa.refusals import ADD_FIRST, WHY
from qa.service import Service
from qa.types import Question, Reason

_COMPLETED = 20  # conversations that Tab offers
_WELCOME = "Ask a question. /help lists the commands, Ctrl-D ends."
_EMPTY = f"{WHY[Reason.NOTHING_INDEXED]} {ADD_FIRST}"


@click.command(short_help="Ask in turns, with follow-up questions.")
@question_options
@click.option(
    "--no-resolve", is_flag=True, help="Take each question as it stands, not as a follow-up."
)
@click.option("--continue", "newest", is_flag=True, help="Go on with the newest conversation.")
@click.option("--conversation", metavar="ID", help="Go on with this one; an id may be cut short.")
@scope_options
@target_options
@click.pass_obj
def chat(
    target: Target,
    *,
    limit: int | None,
    min_confidence: float | None,
    no_resolve: bool,
    newest: bool,
    conversation: str | None,
    ids: tuple[str, ...],
    having: dict[str, str],
) -> int:
    """Ask in turns: a question may lean on those before it.

    Each turn is answered as `pincite ask` would, and kept. At a terminal, /help lists the
    commands. Questions from a pipe are read one a line.

    Exit status: at a terminal 0; through a pipe 0 the last question was answered, 1 the text
    does not hold the answer, 3 it failed.

    \b
    Examples:
    $ pincite chat
    $ pincite chat --continue
    $ printf 'Who led the survey?\\nWhen did she?\\n' | pincite chat
    """
    if newest and conversation is not None:
        raise click.UsageError("--continue and --conversation name two conversations: give one.")
    with ExitStack() as opened:
        with waiting("loading the models"):
            service = opened.enter_context(target.opened())
        asking = Question(
            text="",
            limit=target.answering.passages if limit is None else limit,
            scope=Scope(document_ids=scope_ids(service, ids), filter=having),
            min_confidence=min_confidence,
            resolve=not no_resolve,
        )
        at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        talk = Chat(service, asking, confirm=_confirm if at_terminal else _never)
        earlier = _newest(service) if newest else conversation
        return _typed(talk, target, earlier) if at_terminal else _piped(talk, earlier)


def _newest(service: Service) -> str | None:
    """The newest conversation's id; None, for a new one, where there is none."""
    return next((one.id for one in service.conversations(limit=1).conversations), None)


def _typed(talk: Chat, target: Target, earlier: str | None) -> int:
    """Take what is typed until it ends; a question may be broken off by Ctrl-C."""
    # Imported here, since it costs a tenth of a second that no other command need pay.
    from qa.console import lines

    service = talk.service
    tell(_WELCOME if service.documents(limit=1).documents else _EMPTY)
    if earlier is not None:
        show_opened(talk.open(earlier))
    typed = lines(
        lambda: service.conversations(limit=_COMPLETED).conversations, history=target.history
    )
    for line in typed:
        try:
            talk.take(line)
        except KeyboardInterrupt:
            complain("interrupted")
        if talk.ended:
            break
    return 0


def _piped(talk: Chat, earlier: str | None) -> int:
    """Take each line of standard input; every answer is out before the next line is waited for."""
    if isinstance(sys.stdin, TextIOWrapper):
        # Bytes that are no text make one odd question, and do not end the conversation.
        sys.stdin.reconfigure(errors="replace")
    if earlier is not None:
        talk.open(earlier)
    for line in sys.stdin:
        talk.take(line.removeprefix("\ufeff"))
        sys.stdout.flush()
        if talk.ended:
            break
    return talk.status


def _confirm(question: str) -> bool:
    from qa.console import confirmed

    return confirmed(question)


def _never(_: str) -> bool:
    """Nobody is there to be asked."""
    return False
