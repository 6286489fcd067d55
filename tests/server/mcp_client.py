"""MCP's own client, and the words in which tests speak with it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.types import CallToolResult, TextContent

from index.types import Source
from tests.fakes import FakeService
from tests.server.fake_mcp import QUESTION, QUOTE, TEXT

TOOLS = ["ask", "search", "list_documents", "read_document"]
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
# The same message in the two ways that clients have: after a handshake, or whole in itself.
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def stored() -> FakeService:
    """A service with one article that answers one question."""
    service = FakeService({QUESTION: QUOTE})
    service.add(Source(TEXT.encode(), "godwits.txt", title="Godwits"))
    return service


def speak(
    server: httpx.Client | StdioServerParameters,
    talk: Callable[[Client], Awaitable[None]],
    **how: Any,
) -> None:
    async def connected() -> None:
        at = f"{server.base_url}/mcp" if isinstance(server, httpx.Client) else server
        async with Client(at, read_timeout_seconds=20, **how) as client:
            await talk(client)

    asyncio.run(connected())


def call(server: httpx.Client, tool: str, **arguments: object) -> CallToolResult:
    given: list[CallToolResult] = []

    async def talk(client: Client) -> None:
        given.append(await client.call_tool(tool, dict(arguments)))

    speak(server, talk)
    return given[0]


def told(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def failure(result: CallToolResult) -> str:
    assert result.is_error
    assert result.structured_content is None
    assert "Traceback" not in told(result)
    return told(result)


def message(tool: str, **arguments: object) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
