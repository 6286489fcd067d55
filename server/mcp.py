"""The Model Context Protocol: the tools of ``server.tools``, over HTTP or over standard streams.

The low-level ``mcp.server.Server`` is used, not ``MCPServer``: arguments are then checked, and
errors told, by the same code as REST's, and nothing sets up logging behind our back. Importing
this costs half a second, so it is done when somebody speaks MCP.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any, Protocol

import anyio
import msgspec
from mcp import MCPError
from mcp.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    TextContent,
    ToolAnnotations,
)
from mcp.types import Tool as Description

from server.bodies import shaped
from server.errors import problem_of
from server.shapes import shapes_of
from server.tools import TOOLS, Tool

_INSTRUCTIONS = """\
Pincite answers questions about stored articles with verbatim quotes. Use "ask" for a question: \
what it gives was copied from a text, with the place where it stands, so it can be quoted and \
checked. Where it refuses, the texts do not hold the answer: say that. "search" and \
"read_document" show more of the texts, "list_documents" which there are."""

_BY_NAME = {tool.name: tool for tool in TOOLS}
_HARMLESS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
# Host, Origin and key were judged by server.guard, which knows the names that this server has.
_GUARDED = TransportSecuritySettings(enable_dns_rebinding_protection=False)
# What of the request's ASGI scope is passed on: the rest is Litestar's own.
_SCOPE = ("type", "http_version", "method", "scheme", "path", "query_string", "headers")


class Run(Protocol):
    """Lets a tool work on a thread when it is its turn."""

    async def __call__(self, tool: Tool[Any, Any], given: Any) -> Any:
        """What the tool gives; raises what it raises, and a Problem where it may not work."""
        ...


def speaker(run: Run) -> Server[Any]:
    """What answers MCP's messages. It keeps nothing between them."""

    async def listed(_: object, __: object) -> ListToolsResult:
        return ListToolsResult(tools=list(_descriptions()))

    async def called(_: object, params: CallToolRequestParams) -> CallToolResult:
        tool = _BY_NAME.get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"There is no such tool: call {', '.join(_BY_NAME)}.")
        return await _result(tool, params.arguments or {}, run)

    return Server(
        "pincite",
        version=version("pincite"),
        title="Pincite",
        instructions=_INSTRUCTIONS,
        on_list_tools=listed,
        on_call_tool=called,
    )


async def _result(
    tool: Tool[Any, Any], arguments: Mapping[str, object], run: Run
) -> CallToolResult:
    """What the tool gives, as data and in words; or what went wrong, for the model to read."""
    try:
        # Models send null for what they leave out.
        given = shaped({k: v for k, v in arguments.items() if v is not None}, tool.takes)
        result = await run(tool, given)
        # As JSON's own types, with the names and shapes that REST gives.
        data = msgspec.to_builtins(result)
        return CallToolResult(content=_text(tool.told(result)), structured_content=data)
    except Exception as error:
        return CallToolResult(content=_text(problem_of(error).detail), is_error=True)


def _text(text: str) -> list[Any]:
    return [TextContent(text=text)]


@cache
def _descriptions() -> tuple[Description, ...]:
    return tuple(
        Description(
            name=tool.name,
            title=tool.title,
            description=tool.description,
            input_schema=_schema(tool.takes),
            output_schema=_schema(tool.gives, whole=True),
            annotations=_HARMLESS,
        )
        for tool in TOOLS
    )


def _schema(kind: type, *, whole: bool = False) -> dict[str, Any]:
    """The JSON Schema of a type; ``whole`` as in ``shapes_of``."""
    (root,), shapes = shapes_of([kind], reference="#/$defs/{name}", whole=whole)
    # Clients want an object at the root, where msgspec puts a reference.
    top = shapes.pop(root["$ref"].removeprefix("#/$defs/"))
    return {**top, "$defs": shapes} if shapes else top


@dataclass(slots=True)
class Reply:
    """An HTTP response, as it is put together."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    async def send(self, message: Mapping[str, Any]) -> None:
        """Take one ASGI message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            told = ((k.decode("latin-1"), v.decode("latin-1")) for k, v in message["headers"])
            self.headers = {name: value for name, value in told if name != "content-length"}
        else:
            self.body += message.get("body", b"")


async def exchange(server: Server[Any], scope: Mapping[str, Any], body: bytes) -> Reply:
    """The reply to a POST. Nothing outlives it: there are no sessions and no streams.

    So each has a manager of its own, and whoever cancels this, ends all that goes on for it.
    """
    reply, messages = Reply(), [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not messages:
            await anyio.sleep_forever()
        return messages.pop()

    manager = StreamableHTTPSessionManager(
        server, json_response=True, stateless=True, security_settings=_GUARDED
    )
    async with manager.run():
        await manager.handle_request({k: scope[k] for k in _SCOPE}, receive, reply.send)
    return reply
