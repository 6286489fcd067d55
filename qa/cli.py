"""The command line: reads the environment, finds the command, turns errors into exit statuses.

Statuses: 0 answered or done, 1 the text does not hold the answer, 2 a usage error, 3 anything
else; 130 after Ctrl-C and 141 when the reader of a pipe has gone, as shells count them.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from io import TextIOWrapper

import rich_click as click
from click.exceptions import Exit, NoArgsIsHelpError

from index.errors import PinciteError
from index.settings import IndexSettings
from qa import environment
from qa.commands.add import add
from qa.commands.ask import ask
from qa.commands.calibrate import calibrate
from qa.commands.chat import chat
from qa.commands.documents import docs, rm
from qa.commands.evaluate import evaluate
from qa.commands.refresh import refresh
from qa.commands.search import search
from qa.commands.target import Target, target_options
from qa.commands.warm import warm
from qa.errors import InvalidQuestion, InvalidRequest, InvalidSetting
from qa.settings import AnswerSettings
from qa.terminal import printable

USAGE_ERROR = 2
FAILURE = 3
INTERRUPTED = 130
PIPE_CLOSED = 141


class PluginGroup(click.RichGroup):
    """Finds further commands under the entry points ``pincite.commands``.

    They are looked up by name and imported when they are called, so that asking a question
    never pays for importing the server, and this package does not know it.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The built-in commands in the order of use, then the others."""
        return [*self.commands, *sorted(e.name for e in entry_points(group="pincite.commands"))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A built-in command, or one that another package brings."""
        if cmd_name in self.commands:
            return self.commands[cmd_name]
        for entry in entry_points(group="pincite.commands", name=cmd_name):
            command: click.Command = entry.load()
            return command
        return None


@click.group(
    "pincite",
    cls=PluginGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every setting can be given as PINCITE_<NAME> in the environment; README.md lists them.",
)
@click.rich_config(
    {
        "theme": "default-slim",
        "max_width": 100,
        "text_paragraph_linebreaks": "\n\n",
        "padding_helptext_first_line": (0, 0, 1, 0),
    }
)
@click.version_option(package_name="pincite", message="pincite %(version)s")
@target_options
def cli() -> None:
    """Answers questions about articles with verbatim quotes and citations.

    \b
    Examples:
    $ pincite add article.html
    $ pincite ask "Who wrote this, and when?"
    """


for _command in (add, ask, chat, search, docs, refresh, rm, evaluate, calibrate, warm):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None, *, target: Target | None = None) -> int:
    """Run one command and give its exit status, whatever happens.

    With PINCITE_DEBUG set, what nobody foresaw is raised, so that its place can be seen.
    """
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal's encoding lacks is shown as "?", and is no failure.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        status = _run(sys.argv[1:] if arguments is None else list(arguments), target)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        return _explained(error)
    return status


def target_from(environ: Mapping[str, str]) -> Target:
    """The settings and the service that the environment asks for. Raises InvalidSetting."""
    index = environment.read(IndexSettings, environ)
    own = environment.user_data(environ, sys.platform)
    if not environ.get(environment.variable("data")):
        index = replace(index, data=own)
    return Target(
        index=index,
        answering=environment.read(AnswerSettings, environ),
        url=environ.get("PINCITE_URL") or None,
        key=environ.get("PINCITE_API_KEY") or None,
        history=own / "chat-history",
    )


def _run(arguments: list[str], target: Target | None) -> int:
    """What click's own ``main`` does, less its exit statuses, in which 1 means any failure."""
    try:
        obj = target or target_from(os.environ)
        with cli.make_context("pincite", arguments, obj=obj) as context:
            status: int | None = cli.invoke(context)
            return status or 0
    except Exit as done:
        return done.exit_code


def _explained(error: BaseException) -> int:
    """Say in one line what went wrong, and give the exit status for it."""
    match error:
        case NoArgsIsHelpError():
            error.show()
            return USAGE_ERROR
        case click.Abort() | KeyboardInterrupt() | EOFError():
            return _complain("interrupted", INTERRUPTED)
        case BrokenPipeError():
            # Python flushes standard output once more when it exits: let that go nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PIPE_CLOSED
        case click.ClickException():
            return _complain(_usage(error), USAGE_ERROR)
        case InvalidQuestion() | InvalidRequest() | InvalidSetting():
            return _complain(str(error), USAGE_ERROR)
        case PinciteError():
            return _complain(str(error), FAILURE)
    if os.environ.get("PINCITE_DEBUG"):
        raise error
    return _complain(
        f"{type(error).__name__}: {error} (unforeseen: please report it, with PINCITE_DEBUG=1)",
        FAILURE,
    )


def _usage(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "pincite"
    return f"{error.format_message()} See '{path} --help'."


def _complain(message: str, status: int) -> int:
    click.echo(f"pincite: {printable(message)}", err=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
