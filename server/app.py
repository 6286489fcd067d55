"""The application: routes, guard and service put together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, cast

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.di import Provide

from index.web.fetcher import Fetcher
from qa.service import Service
from server.bodies import StrictRequest
from server.dialects import handle
from server.front import ASGIApp, Front
from server.guard import Guard
from server.lifespan import Serving
from server.routes import (
    asking,
    completions,
    conversations,
    documents,
    feedback,
    jobs,
    mcp,
    outline,
    page,
    refreshing,
    running,
    schema,
)
from server.settings import DEFAULT_LIMITS, Limits, ServerSettings

Opening = Callable[[], Service]


class Watcher(Protocol):
    """What hears of the application's end: the process, or nobody in a test."""

    def failed(self, error: Exception) -> None:
        """The service could not be opened."""

    def stopped(self, *, finished: bool) -> None:
        """All is closed; ``finished`` False where some work goes on in a thread."""


_ROOM_FOR_FORM = 65_536  # what a multipart body adds to its file


def create_app(
    opening: Opening,
    settings: ServerSettings,
    *,
    data: Path,
    fetcher: Fetcher,
    key: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    process: Watcher | None = None,
) -> Front:
    """The ASGI application.

    ``opening`` opens the service and may take seconds: it is called once, on a thread, when the
    application starts, and requests for it get a 503 meanwhile. ``process`` hears where that
    fails, and when all is closed. ``data`` is the store's folder, in which documents wait that are
    added later; ``fetcher`` fetches those that are web pages. ``key`` None means that none is asked
    for.
    """
    serving = Serving(opening, settings, data, fetcher=fetcher)
    app = Litestar(
        route_handlers=[
            documents.router,
            outline.router,
            refreshing.router,
            jobs.router,
            asking.router,
            conversations.router,
            feedback.router,
            completions.router,
            mcp.router,
            page.router,
            running.router,
        ],
        lifespan=[lambda _: _open_while_serving(serving, process)],
        dependencies={
            "serving": Provide(lambda: serving, sync_to_thread=False, use_cache=True),
            "limits": Provide(lambda: limits, sync_to_thread=False),
        },
        request_class=StrictRequest,
        request_max_body_size=limits.file_bytes + _ROOM_FOR_FORM,
        before_request=_options,
        exception_handlers={Exception: handle},
        openapi_config=schema.description(version("pincite"), keyed=key is not None),
        logging_config=None,
        debug=False,
    )
    guard = Guard(key=key, allowed_hosts=settings.hosts())
    return Front(cast(ASGIApp, app), guard=guard, metrics=serving.metrics)


def _options(request: Request[Any, Any, State]) -> Response[None] | None:
    """The answer to OPTIONS: Litestar's own forgets methods that were added to a path later."""
    if request.method != "OPTIONS":
        return None
    template = request.scope["path_template"]
    methods = {
        m for route in request.app.routes if route.path_format == template for m in route.methods
    }
    return Response(None, status_code=204, headers={"Allow": ", ".join(sorted(methods))})


@asynccontextmanager
async def _open_while_serving(serving: Serving, process: Watcher | None) -> AsyncIterator[None]:
    async def load() -> None:
        try:
            await serving.open()
        except Exception as error:
            if process:
                process.failed(error)

    loading = asyncio.create_task(load())
    try:
        yield
    finally:
        loading.cancel()
        finished = await serving.close()
        if process:
            process.stopped(finished=finished)
