"""The Model Context Protocol over standard input and output, for an assistant that starts us.

The models load at the start, beside the protocol, so that the assistant sees the tools at once
and the first question waits for no more than what is left of the loading. Where loading fails,
each call says why and tries again: a store may be there by then.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from mcp.server.stdio import stdio_server

from index.errors import PinciteError
from qa.service import Service
from server import logs
from server.mcp import speaker
from server.settings import Limits
from server.tools import Desk, Tool
from server.workers import Pool

_WAITING = 32
_CLOSING_SECONDS = 1.0

Opening = Callable[[], AbstractContextManager[Service]]


class Opened:
    """The service, opened when it is first needed, on whichever thread needs it."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._turn = threading.Lock()
        self._closing = ExitStack()
        self._service: Service | None = None

    def service(self) -> Service:
        """The open service; raises what opening raises, and may be called again then."""
        with self._turn:
            if self._service is None:
                self._service = self._closing.enter_context(self._opening())
            return self._service

    def close(self) -> None:
        """Close it, where it is open."""
        with self._turn:
            self._closing.close()


def serve(opening: Opening, limits: Limits) -> None:
    """Speak until standard input ends. What is still being worked on then is given up."""
    # A thread waits in a read of standard input, which no signal handler could end. Nothing is
    # ever written, so it loses nothing to die of Ctrl-C as it dies of SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    finished = False
    try:
        finished = asyncio.run(_serve(Opened(opening), limits))
    except* BrokenPipeError:
        pass  # the assistant has gone without closing our standard input
    if not finished:
        # Models at work in other threads can crash an interpreter that is taken down.
        sys.stderr.flush()
        os._exit(0)


async def _serve(opened: Opened, limits: Limits) -> bool:
    """Whether no thread is still at work at the end."""
    asking = Pool("ask", threads=1, queue=_WAITING)
    reading = Pool("read", threads=1, queue=_WAITING)

    async def run(tool: Tool[Any, Any], given: Any) -> Any:
        pool = asking if tool.models else reading
        return await pool.run(lambda: tool.call(Desk(opened.service(), limits), given))

    loading = asyncio.create_task(asking.run(lambda: _load(opened)))
    server = speaker(run)
    async with stdio_server() as (messages, replies):
        await server.run(messages, replies, server.create_initialization_options())
    loading.cancel()
    finished = all([await pool.drained(_CLOSING_SECONDS / 2) for pool in (asking, reading)])
    if finished:
        opened.close()
    return finished


def _load(opened: Opened) -> None:
    try:
        opened.service()
    except PinciteError as error:
        logs.failure("can't open the store yet", detail=str(error))
    except Exception as error:
        logs.unforeseen(error)
