"""The Model Context Protocol over HTTP: one POST a message, answered as JSON, without sessions.

So a client gets its answer from whichever server it reaches, nothing has to be kept or cleaned
up, and a GET, which would wait for messages that never come, is a 405.
"""

import asyncio
from importlib import import_module
from typing import Any

from litestar import Response, Router, post
from litestar.di import NamedDependency

from server import answering
from server.bodies import JSON, JSON_BYTES, StrictRequest, parsed, require
from server.errors import Problem
from server.lifespan import Serving
from server.settings import Limits
from server.tools import ASK, Desk, Tool


@post("/mcp", include_in_schema=False, request_max_body_size=JSON_BYTES)
async def speak(
    request: StrictRequest, serving: NamedDependency[Serving], limits: NamedDependency[Limits]
) -> Response[bytes]:
    """Answer one message of the protocol."""
    require(request.content_type[0], JSON)
    body = await request.body()
    parsed(body)  # what is no JSON, or no text, gets no further

    async def run(tool: Tool[Any, Any], given: Any) -> Any:
        try:
            return await _in_line(tool, given, request, serving, limits)
        except Problem as problem:
            # A tool's error is a success to HTTP, which counts what it turns away by the status.
            if problem.kind and problem.status == 503:
                serving.metrics.rejected(problem.kind)
            raise

    # Imported at the first message: it takes half a second, which no other client should pay.
    mcp = await asyncio.to_thread(import_module, "server.mcp")
    reply = await mcp.exchange(mcp.speaker(run), request.scope, body)
    return Response(reply.body, status_code=reply.status, headers=reply.headers)


async def _in_line(
    tool: Tool[Any, Any], given: Any, request: StrictRequest, serving: Serving, limits: Limits
) -> Any:
    """What the tool gives, when it is its turn among all that the server is asked."""
    service = serving.service
    if tool is ASK:
        return await answering.answer(
            lambda watch: ASK.call(Desk(service, limits, watch), given), serving, gone=request.gone
        )
    pool = serving.asking if tool.models else serving.reading
    return await pool.run(lambda: tool.call(Desk(service, limits), given), gone=request.gone)


router = Router("/", route_handlers=[speak])
