"""The outermost layer: every request passes here, and every response leaves from here.

It asks the guard, sets the headers that keep browsers from guessing, counts, times, writes the
log line, and turns whatever nothing else caught into a problem. It is plain ASGI around the
application, since Litestar's own layers are not run for addresses that do not exist.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from server import logs
from server.dialects import told
from server.errors import CLIENT_GONE, PROBLEM_KIND, Problem, problem_of, stopping
from server.guard import Guard
from server.metrics import Metrics

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_TURNED_AWAY = frozenset({401, 403, 421, 429, 503, 507})
_PROBES = frozenset({"/health/live", "/health/ready", "/metrics"})
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}


class Front:
    """ASGI around ASGI: ``app`` is what it stands before."""

    def __init__(self, app: ASGIApp, *, guard: Guard, metrics: Metrics) -> None:
        self.app = app
        self._guard = guard
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the lifespan passes through, and web sockets are not spoken."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000, "reason": "no web sockets here"})
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        # HEAD is GET whose body the HTTP server holds back; it looks at its own scope, not at ours.
        inner = {**scope, "method": "GET" if scope["method"] == "HEAD" else scope["method"]}
        response = _Response(send)
        start = time.perf_counter()
        try:
            self._check(scope)
            await self.app(inner, receive, response.send)
        except Exception as error:
            await _fail(problem_of(error), inner, response)
        except asyncio.CancelledError:
            # uvicorn cancels what is still in flight when it has waited long enough for it.
            await _fail(stopping(), inner, response)
        finally:
            self._record(scope["method"], inner, response.status, time.perf_counter() - start)

    def _check(self, scope: Scope) -> None:
        headers: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for name, value in scope["headers"]:
            headers[name].append(value)
        reached_at = (scope.get("server") or ("", 0))[0]
        self._guard.check(scope["method"], scope["path"], dict(headers), reached_at=reached_at)

    def _record(self, method: str, inner: Scope, status: int | None, seconds: float) -> None:
        status = status or CLIENT_GONE
        method = method if method in _METHODS else "OTHER"
        # The template, never the path: a path can hold anything that somebody typed.
        route = str(inner.get("path_template", "unmatched"))
        kind = inner.get(PROBLEM_KIND)
        self._metrics.served(method, route, status, seconds)
        if kind and status in _TURNED_AWAY:
            self._metrics.rejected(str(kind))
        if route in _PROBES:
            return  # asked every few seconds, and counted above
        fields = {"problem": kind} if kind else {}
        milliseconds = round(seconds * 1000, 1)
        logs.event("request", method=method, route=route, status=status, ms=milliseconds, **fields)


class _Response:
    """The way out: adds the headers that are not there yet, and remembers the status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            present = {name.lower() for name, _ in message["headers"]}
            missing = [(n, v) for n, v in _HEADERS.items() if n not in present]
            message = {**message, "headers": [*message["headers"], *missing]}
        await self._send(message)


async def _fail(problem: Problem, inner: Scope, response: _Response) -> None:
    inner[PROBLEM_KIND] = problem.kind
    if response.status is not None:
        return  # too late: the HTTP server closes a connection whose response has no end
    said = told(problem, inner["path"])
    length = str(len(said.body))
    headers = {**problem.headers, "Content-Type": said.media_type, "Content-Length": length}
    await response.send(
        {
            "type": "http.response.start",
            "status": said.status,
            "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in headers.items()],
        }
    )
    await response.send({"type": "http.response.body", "body": said.body, "more_body": False})
