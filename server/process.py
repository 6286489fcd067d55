"""The server as a process: a socket, uvicorn, the signals, and how it ends."""

import ipaddress
import os
import signal
import socket
import sys
from contextlib import ExitStack

import uvicorn

from index.errors import PinciteError
from server import logs
from server.front import ASGIApp
from server.protocol import ProblemProtocol

FAILURE = 3
_BACKLOG = 2048
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class CannotListen(PinciteError):
    """The address can't be listened on."""


class Process:
    """Runs an application until a signal, or a failure to load, ends it."""

    def __init__(self) -> None:
        self._server: uvicorn.Server | None = None
        self._status = 0
        self._finished = True

    def run(self, app: ASGIApp, listener: socket.socket, *, stop_seconds: int) -> int:
        """Serve until told to stop; the exit status."""
        self._server = http_server(app, stop_seconds=stop_seconds)
        # uvicorn raises the signal again once it has stopped, which by default would kill the
        # process: an orderly stop is a success.
        for number in _SIGNALS:
            signal.signal(number, lambda *_: self._stop())
        self._server.run(sockets=[listener])
        if not self._finished:
            # Models at work in other threads can crash an interpreter that is taken down.
            sys.stderr.flush()
            os._exit(self._status)
        return self._status

    def failed(self, error: Exception) -> None:
        """The service could not be opened: say so, once, and end."""
        known = isinstance(error, PinciteError)
        detail = str(error) if known else "an error that was not foreseen: please report it"
        logs.failure("can't start", detail=detail, **({} if known else logs.places(error)))
        self._status = FAILURE
        self._stop()

    def stopped(self, *, finished: bool) -> None:
        """The application has ended; ``finished`` False where some work goes on in a thread."""
        self._finished = finished

    def _stop(self) -> None:
        if self._server:
            self._server.should_exit = True


def http_server(app: ASGIApp, *, stop_seconds: int) -> uvicorn.Server:
    """uvicorn, with its own logs and headers off: those of ``server.front`` are the only ones."""
    config = uvicorn.Config(
        app,
        http=ProblemProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=stop_seconds,
    )
    return uvicorn.Server(config)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CannotListen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with ExitStack() as failing:
            listener = failing.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            # At once: whoever is quick waits for an answer instead of being refused.
            listener.listen(_BACKLOG)
            failing.pop_all()
    except (OSError, UnicodeError, OverflowError) as error:
        raise CannotListen(
            f"can't listen on {host}:{port} ({error}): choose another with --host and --port"
        ) from error
    return listener


def is_local(listener: socket.socket) -> bool:
    """Whether only this machine can reach the socket."""
    return ipaddress.ip_address(listener.getsockname()[0].partition("%")[0]).is_loopback


def address(listener: socket.socket) -> str:
    """The socket's URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
