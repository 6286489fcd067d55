"""A question on its way through the line: counted, told, and ended when its client leaves."""

import threading
from collections.abc import Awaitable, Callable

from litestar import Response

from qa.types import Answer, Watch
from server.bodies import StrictRequest
from server.errors import Problem, client_gone
from server.lifespan import Serving
from server.stream import EventStream, Step, prefers_events

Ask = Callable[[Watch], Answer]
"""Asks the service, blocking, and tells of the steps on the way."""


async def respond(ask: Ask, request: StrictRequest, serving: Serving) -> Response[Answer]:
    """The answer, whole or as events, as the request's Accept header prefers."""
    if prefers_events(",".join(request.headers.getall("accept", []))):
        return EventStream(lambda tell: answer(ask, serving, gone=request.gone, tell=tell))
    return Response(await answer(ask, serving, gone=request.gone))


async def answer(
    ask: Ask,
    serving: Serving,
    *,
    gone: Callable[[], Awaitable[None]],
    tell: Watch | None = None,
) -> Answer:
    """An answer from a thread of the pool; ``tell`` hears of the steps, on that thread.

    ``gone`` is as in ``Pool.run``: a question of a client that left is taken out of the line, or
    ends at its next step. Raises Problem, and what the service raises.
    """
    left = threading.Event()

    def watch(step: Step) -> None:
        if left.is_set():
            raise client_gone()
        if tell is not None:
            tell(step)

    try:
        found = await serving.asking.run(lambda: ask(watch), gone=gone)
    except Problem:
        raise  # turned away, or gone: nobody looked at the question, or looks at the answer
    except Exception:
        serving.metrics.failed()
        raise
    finally:
        left.set()
    serving.metrics.answered(found)
    return found
