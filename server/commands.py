"""``pincite serve`` and ``pincite mcp``: found under the entry points ``pincite.commands``."""

import os
import socket
import sys
from dataclasses import fields, replace
from functools import partial
from typing import TypeVar

import rich_click as click

from qa import environment
from qa.commands.target import Target, data_option, help_of, target_options
from server.settings import Limits, ServerSettings

Decorated = TypeVar("Decorated")


def settings_options(command: Decorated) -> Decorated:
    """Adds an option for each of the server's settings; its default is the environment's."""
    for field in reversed(fields(ServerSettings)):
        option = click.option(
            f"--{field.name.replace('_', '-')}",
            type=field.type if isinstance(field.type, type) else None,
            help=f"{help_of(ServerSettings, field.name)} [{field.default!r}].",
        )
        command = option(command)  # type: ignore[type-var]
    return command


@click.command(short_help="Serve the REST API.")
@settings_options
@data_option
@click.pass_obj
def serve(target: Target, /, **given: object) -> int:
    """Serve questions and documents over HTTP, until Ctrl-C.

    It listens at once and takes questions as soon as the models are loaded. PINCITE_API_KEY, when
    set, is asked for with every call; any address but loopback needs it.
    """
    # Imported here, so that --help costs no web framework.
    from index.web.fetcher import Fetcher
    from server import logs
    from server.app import create_app
    from server.process import Process, address

    settings = replace(
        environment.read(ServerSettings, os.environ),
        **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type]
    )
    process = Process()
    app = create_app(
        partial(target.open_local, target.index, target.answering, writable=True),
        settings,
        data=target.index.data,
        fetcher=Fetcher(target.index),
        key=target.key,
        limits=Limits.of(target.index, target.answering),
        process=process,
    )
    listener = _listener(settings, key=target.key)
    click.echo(f"Pincite listens on {address(listener)} (the API: {address(listener)}/schema).")
    logs.to_stderr()
    return process.run(app, listener, stop_seconds=settings.stop_seconds)


@click.command(short_help="Serve an assistant that speaks MCP.")
@target_options
@click.pass_obj
def mcp(target: Target) -> int:
    """Let an assistant ask, search, list and read over the Model Context Protocol.

    It speaks on standard input and output, until standard input ends, so an assistant has to
    start it. The models load at once, beside that. Nothing is ever written to the store.

    \b
    In the assistant's settings:
    {"mcpServers": {"pincite": {"command": "pincite", "args": ["mcp"]}}}
    """
    # Imported here, so that --help costs no protocol.
    from server import logs, stdio

    if sys.stdin.isatty():
        click.echo("This is for an assistant to start; Ctrl-C ends it.", err=True)
    logs.to_stderr()
    stdio.serve(target.opened, Limits.of(target.index, target.answering))
    return 0


def _listener(settings: ServerSettings, *, key: str | None) -> socket.socket:
    """The socket to serve on. Raises UsageError where strangers could reach it without a key."""
    from server.process import is_local, listen  # as above

    listener = listen(settings.host, settings.port)
    if key or is_local(listener):
        return listener
    listener.close()
    raise click.UsageError(
        f"{settings.host} can be reached from other machines, so a key is needed: "
        "set PINCITE_API_KEY, or listen on 127.0.0.1."
    )
