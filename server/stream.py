"""Server-sent events: an answer that is told step by step, and the way out for who waits.

The format is that of the WHATWG's HTML standard, section 9.2. The response starts with the first
event, or with the first sign of life where that takes long: whatever fails before is an ordinary
problem with its status, and what fails later is an ``error`` event with the same document.

Litestar's own stream is not used: it starts with status 200 before anything is known, listens for
the client's going a second time, and its generators may never be run (litestar#3772), so that
what they hold would stay taken.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from qa.types import Answer, Interpretation, Retrieval, Watch
from server.bodies import JSON
from server.errors import PROBLEM_KIND, Problem, problem_of, stopping

EVENT_STREAM = "text/event-stream"
PING_SECONDS = 15.0

PING = b": ping\n\n"
"""A comment, which every client ignores."""

# JSON may hold these as they are, but many clients take them for ends of lines.
_LINE_ENDS = {end.encode(): rf"\u{ord(end):04x}".encode() for end in "\x85\u2028\u2029"}

_QUALITY = re.compile(r"[01](\.[0-9]{0,3})?")

Step = Interpretation | Retrieval


@dataclass(frozen=True, slots=True)
class Telling:
    """How the steps, the answer (with what ends the stream), and a failure are written."""

    step: Callable[[Step], bytes]
    answer: Callable[[Answer], bytes]
    failure: Callable[[Problem], bytes]


class EventStream(Response[Any]):
    """A response that tells an answer's steps as events.

    ``work`` makes the answer, and tells ``Watch`` of the steps from any thread. After
    ``ping_seconds`` of silence a comment is sent, so that nothing between takes it for dead.
    """

    def __init__(
        self,
        work: Callable[[Watch], Awaitable[Answer]],
        *,
        telling: "Telling | None" = None,
        ping_seconds: float = PING_SECONDS,
    ) -> None:
        super().__init__(None, media_type=EVENT_STREAM)
        self._work = work
        self._telling = telling or EVENTS
        self._ping_seconds = ping_seconds

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        """The response as Litestar sends it."""
        return _Sending(self._work, self._telling, self._ping_seconds)


class _Sending(ASGIResponse):
    _should_set_content_length = False

    def __init__(
        self,
        work: Callable[[Watch], Awaitable[Answer]],
        telling: Telling,
        ping_seconds: float,
    ) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(status_code=200, media_type=EVENT_STREAM, headers=headers)
        self._work = work
        self._telling = telling
        self._ping_seconds = ping_seconds
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events; raises what goes wrong before the first."""
        steps: asyncio.Queue[Step | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def watch(step: Step) -> None:
            loop.call_soon_threadsafe(steps.put_nowait, step)

        work = asyncio.ensure_future(self._work(watch))
        work.add_done_callback(lambda _: steps.put_nowait(None))
        try:
            await self._tell_steps(steps, send)
            last = self._telling.answer(work.result())
        except (Exception, asyncio.CancelledError) as error:
            if not self._started:
                raise
            # Cancelled by the HTTP server, when it has waited long enough for its requests.
            problem = problem_of(error) if isinstance(error, Exception) else stopping()
            cast(dict[str, object], scope)[PROBLEM_KIND] = problem.kind
            last = self._telling.failure(problem)
        finally:
            work.cancel()
        await self._say(last, send, more=False)

    async def _tell_steps(self, steps: asyncio.Queue[Step | None], send: Send) -> None:
        """Everything up to the answer; None in ``steps`` is the end of the work."""
        while True:
            try:
                async with asyncio.timeout(self._ping_seconds):
                    step = await steps.get()
            except TimeoutError:
                await self._say(PING, send)
                continue
            if step is None:
                return
            await self._say(self._telling.step(step), send)

    async def _say(self, data: bytes, send: Send, *, more: bool = True) -> None:
        if not self._started:
            self._started = True
            await self.start_response(send)
        await send({"type": "http.response.body", "body": data, "more_body": more})


def event(name: str, data: object) -> bytes:
    """An event of that name, with its data as JSON."""
    return b"event: %b\n%b" % (name.encode(), message(data))


def message(data: object) -> bytes:
    """An event without a name: its data as JSON, on one line."""
    line = msgspec.json.encode(data)
    for end, escaped in _LINE_ENDS.items():
        line = line.replace(end, escaped)
    return b"data: %b\n\n" % line


def _step(step: Step) -> bytes:
    return event("interpretation" if isinstance(step, Interpretation) else "passages", step)


def _answer(answer: Answer) -> bytes:
    return event("answer", answer) + event("done", {})


def _failure(problem: Problem) -> bytes:
    return event("error", problem.document)


EVENTS = Telling(_step, _answer, _failure)
"""The events of API.md: ``interpretation``, ``passages``, ``answer``, ``done``; or ``error``."""


def prefers_events(accept: str) -> bool:
    """Whether an Accept header asks for events rather than for JSON (RFC 9110, 12.5.1)."""
    events = _liking(accept, EVENT_STREAM)
    return events[0] > 0 and events > _liking(accept, JSON)


def _liking(accept: str, media_type: str) -> tuple[float, int, int]:
    """How much a type is liked: by its q, then by how exactly it is named, then how early."""
    ranges = {media_type: 2, media_type.split("/")[0] + "/*": 1, "*/*": 0}
    found = (0.0, -1, 0)
    for place, part in enumerate(accept.lower().split(",")):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        exact = ranges.get(name, -1)
        if exact > found[1]:
            found = (_quality(parameters), exact, -place)
    return found


def _quality(parameters: list[str]) -> float:
    """The q of a media range; one that can't be read is none, which means 1."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q" and (found := _QUALITY.fullmatch(value.strip())):
            return float(found[0])
    return 1.0
