"""The Model Context Protocol over HTTP, as its own client speaks it and as strangers do."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from qa.types import Answer, Question, Watch
from server.settings import ServerSettings
from tests.fakes import FakeService
from tests.server.conftest import problem, serving
from tests.server.mcp_client import (
    HEADERS,
    MODERN,
    TOOLS,
    call,
    failure,
    message,
    speak,
    stored,
)

ROOT = Path(__file__).parents[2]
KEY = "s3cret"


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with serving(stored) as client:
        yield client


def test_an_unknown_tool_is_the_protocols_error(http: httpx.Client) -> None:
    async def talk(client: Client) -> None:
        with pytest.raises(MCPError, match="list_documents"):
            await client.call_tool("forget_everything")

    speak(http, talk)


def test_what_nobody_foresaw_is_one_plain_sentence(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeService):
        def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
            raise KeyError(question.text)

    with serving(Broken) as http:
        said = failure(call(http, "ask", question="a secret"))
        assert 'outcome="error"} 1.0' in http.get("/metrics").text
    assert "KeyError" not in said
    assert "secret" not in said
    assert "secret" not in str([record.__dict__ for record in caplog.records])


def test_while_it_loads_the_tools_are_there_and_calls_say_so() -> None:
    loaded = threading.Event()

    def opening() -> FakeService:
        loaded.wait(20)
        return FakeService()

    with serving(opening, wait=False) as http:
        try:
            assert "still loading" in failure(call(http, "list_documents"))
        finally:
            loaded.set()


class Held(FakeService):
    """Answers only once it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        self.let.wait(20)
        return super().ask(question, watch=watch)


def wait_until(http: httpx.Client, metric: str) -> None:
    while metric not in http.get("/metrics").text:
        pass


def test_a_full_line_and_a_client_that_leaves_it() -> None:
    service = Held()
    with (
        serving(lambda: service, ServerSettings(workers=1, queue=1)) as http,
        ThreadPoolExecutor(1) as threads,
    ):
        try:
            first = threads.submit(http.post, "/mcp", json=message("ask", question="x"))
            while not first.running():
                pass
            with pytest.raises(httpx.ReadTimeout):
                http.post("/mcp", json=message("ask", question="x"), timeout=0.5)
            wait_until(http, 'pincite_queue_depth{queue="ask"} 0.0')
            with ThreadPoolExecutor(1) as more:
                second = more.submit(http.post, "/mcp", json=message("ask", question="x"))
                wait_until(http, 'pincite_queue_depth{queue="ask"} 1.0')
                assert "Try again" in failure(call(http, "ask", question="x"))
                assert not call(http, "list_documents").is_error
                assert 'reason="overloaded"} 1.0' in http.get("/metrics").text
                service.let.set()
                assert second.result().json()["result"]["isError"] is False
        finally:
            service.let.set()
        assert first.result().status_code == 200


def test_it_asks_for_the_key() -> None:
    @asynccontextmanager
    async def transport(url: str, headers: dict[str, str]) -> AsyncIterator[Any]:
        async with (
            httpx2.AsyncClient(headers=headers) as client,
            streamable_http_client(url, http_client=client) as streams,
        ):
            yield streams

    async def tools(url: str, **headers: str) -> list[str]:
        async with Client(transport(url, headers), read_timeout_seconds=20) as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    with serving(FakeService, key=KEY) as http:
        url = f"{http.base_url}/mcp"
        problem(http.post("/mcp", json=message("ask", question="x")), 401)
        with pytest.RaisesGroup(MCPError, flatten_subgroups=True):
            asyncio.run(tools(url))
        assert asyncio.run(tools(url, Authorization=f"Bearer {KEY}")) == TOOLS


def test_the_guard_and_the_limits_hold(http: httpx.Client) -> None:
    good = message("list_documents")
    assert http.post("/mcp", json=good, headers={"Origin": str(http.base_url)}).status_code == 200
    problem(http.post("/mcp", json=good, headers={"Origin": "http://evil.example"}), 403)
    problem(http.post("/mcp", json=good, headers={"Host": "evil.example"}), 421)
    problem(http.post("/mcp", content=b" " * 1_000_001, headers=HEADERS), 413)
    problem(http.post("/mcp", content=json.dumps(good)), 415)
    for method in ("GET", "HEAD", "DELETE", "PUT"):
        response = http.request(method, "/mcp", headers={"Accept": "text/event-stream"})
        assert response.status_code == 405
        assert "POST" in response.headers["allow"]


@pytest.mark.parametrize("version", [None, "2025-11-25", "2026-07-28", "1999-01-01"])
def test_no_message_is_a_500(http: httpx.Client, version: str | None) -> None:
    headers = HEADERS if version is None else {**HEADERS, "MCP-Protocol-Version": version}
    bodies = [
        *(b"", b"[", b"[]", b"{}", b"null", b"1", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000),
        b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":NaN}}',
    ]
    methods = ("ping", "initialize", "tools/list", "tools/call", "subscriptions/listen", "x", "")
    for method in (*methods, "notifications/cancelled", "resources/list"):
        for params in (
            "{}",
            "[]",
            '{"name":1}',
            '{"_meta":null}',
            f'{{"_meta":{json.dumps(MODERN)}}}',
        ):
            for id in ("1", "null", "[]", "9" * 30):
                head = f'"jsonrpc":"2.0","id":{id},"method":"{method}"'
                bodies.append(f'{{{head},"params":{params}}}'.encode())
    values: tuple[object, ...] = (None, True, -1, 1e308, "\0", [], [1], {"a": 1}, "a" * 5_000)
    for value in values:
        for field in ("question", "limit", "document_ids", "filter", "history", "odd"):
            body = message("ask", **{"question": "x", field: value})
            body["params"]["_meta"] = MODERN
            bodies.append(json.dumps(body).encode())
    statuses = {http.post("/mcp", content=body, headers=headers).status_code for body in bodies}
    assert max(statuses) < 500


def test_who_does_not_speak_it_does_not_pay_for_it() -> None:
    code = "import server.app, server.commands, sys; sys.exit('mcp.server' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
