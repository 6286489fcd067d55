"""The Model Context Protocol, as its own client speaks it: over HTTP and over standard streams."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from index.types import Source
from qa.types import Answer, Question, Turn, Watch
from server.settings import ServerSettings
from server.tools import LONGEST_SLICE, SLICE
from tests.fakes import FakeService
from tests.server.conftest import problem, serving
from tests.server.fake_mcp import QUESTION, QUOTE, TEXT

ROOT = Path(__file__).parents[2]
KEY = "s3cret"
TOOLS = ["ask", "search", "list_documents", "read_document"]
LONG = "🐦 and so on. " * 12_000
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
# The same message in the two ways that clients have: after a handshake, or whole in itself.
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def filled(service: FakeService) -> FakeService:
    service.add(Source(TEXT.encode(), "godwits.txt", title="Godwits"))
    return service


@pytest.fixture(scope="module")
def service() -> FakeService:
    return filled(FakeService({QUESTION: QUOTE}))


@pytest.fixture(scope="module")
def http(service: FakeService) -> Iterator[httpx.Client]:
    with serving(lambda: service) as client:
        yield client


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


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_tools_say_what_they_take_and_give(http: httpx.Client, mode: str) -> None:
    async def talk(client: Client) -> None:
        assert client.server_info is not None
        assert client.server_info.name == "pincite"
        assert "verbatim" in (client.instructions or "")
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == TOOLS
        for tool in listed:
            assert tool.title
            assert tool.description
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint
            assert tool.annotations.idempotent_hint
            assert tool.annotations.open_world_hint is False
            for schema in (tool.input_schema, tool.output_schema or {}):
                assert schema["type"] == "object"
            assert tool.input_schema["additionalProperties"] is False
        ask = listed[0]
        assert ask.input_schema["required"] == ["question"]
        assert {"limit", "document_ids", "filter", "min_confidence", "history"} < (
            ask.input_schema["properties"].keys()
        )
        assert ask.output_schema is not None
        assert set(ask.output_schema["required"]) == set(Answer.__dataclass_fields__)

    speak(http, talk, mode=mode)


def test_results_are_what_rest_gives(http: httpx.Client, service: FakeService) -> None:
    def post(path: str, **body: object) -> Any:
        return http.post(path, json=body).json()

    async def talk(client: Client) -> None:
        for tool, arguments, expected in (
            ("ask", {"question": QUESTION}, post("/v1/ask", question=QUESTION)),
            ("ask", {"question": "Why?"}, post("/v1/ask", question="Why?")),
            ("search", {"query": "x", "limit": 3}, post("/v1/search", query="x", limit=3)),
            ("list_documents", {}, http.get("/v1/documents").json()),
        ):
            result = await client.call_tool(tool, arguments)
            assert not result.is_error
            assert result.structured_content == expected

    speak(http, talk)
    speak(http, talk, mode="legacy")


def test_an_answer_is_told_with_marks_quotes_and_places(http: httpx.Client) -> None:
    result = call(http, "ask", question=QUESTION)
    answer = result.structured_content
    (citation,) = answer["citations"]
    assert TEXT[citation["start"] : citation["end"]] == QUOTE
    text = told(result)
    assert text.startswith("in September [1]\n\nConfidence: 0.93\n\n[1] “in September”")
    assert "“They arrived in September, tired.”" in text
    assert f"godwits.txt:{citation['start']}-{citation['end']} · Godwits" in text
    assert citation["document_id"] in text


def test_a_refusal_is_a_result(http: httpx.Client) -> None:
    result = call(http, "ask", question="Who paid?")
    assert not result.is_error
    assert result.structured_content["reason"] == "not_in_text"
    assert told(result).startswith("Not in the text (not_in_text).")
    assert TEXT in told(result)


def test_what_is_given_reaches_the_service(http: httpx.Client, service: FakeService) -> None:
    (document,) = service.documents().documents
    call(
        http,
        "ask",
        question="And when?",
        limit=3,
        min_confidence=0,
        document_ids=[document.id],
        filter={"topic": "birds"},
        history=[{"question": "Who left?", "answer": "Godwits"}, {"question": "Why?"}],
    )
    asked = service.asked[-1]
    assert (asked.text, asked.limit, asked.min_confidence) == ("And when?", 3, 0)
    assert asked.scope.document_ids == (document.id,)
    assert asked.scope.filter == {"topic": "birds"}
    assert asked.history == (Turn("Who left?", "Godwits"), Turn("Why?"))


def test_null_is_as_if_left_out(http: httpx.Client) -> None:
    assert not call(http, "search", query="x", limit=None, filter=None).is_error


def test_a_text_is_read_in_parts_that_join() -> None:
    service = FakeService()
    service.add(Source(LONG.encode(), "long.txt"))
    (document,) = service.documents().documents

    async def talk(client: Client) -> None:
        async def read(**part: int) -> Any:
            arguments = {"document_id": document.id, **part}
            return (await client.call_tool("read_document", arguments)).structured_content

        parts: list[str] = []
        start: int | None = 0
        while start is not None:
            part = await read(start=start)
            assert LONG[part["start"] : part["end"]] == part["text"]
            assert part["characters"] == len(LONG)
            assert len(part["text"]) <= SLICE
            parts.append(part["text"])
            start = part["next_start"]
        assert "".join(parts) == LONG
        assert (await read(start=2, end=9))["text"] == LONG[2:9]
        assert (await read(end=10**9))["end"] == LONGEST_SLICE
        at_end = await read(start=len(LONG))
        assert (at_end["text"], at_end["next_start"]) == ("", None)
        for wrong in ({"start": len(LONG) + 1}, {"start": 5, "end": 4}):
            result = await client.call_tool("read_document", {"document_id": document.id, **wrong})
            assert str(len(LONG)) in failure(result)

    with serving(lambda: service) as http:
        speak(http, talk)


def test_errors_say_what_to_correct(http: httpx.Client) -> None:
    wrong = failure(call(http, "ask", question="x", limit=99, min_confidense=1))
    assert "min_confidense" in wrong
    assert "limit must be a whole number <= 20" in wrong
    assert "question is missing" in failure(call(http, "ask"))
    assert "history" in failure(call(http, "ask", question="x", history=[{"answer": "y"}]))
    assert "'zz'" in failure(call(http, "read_document", document_id="zz"))
    assert "cursor" in failure(call(http, "list_documents", cursor="zz"))


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


def command(*arguments: str, **environ: str) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable, args=["-W", "error", "-m", *arguments], cwd=ROOT, env=environ
    )


def test_over_standard_streams_a_store_may_come_later() -> None:
    async def talk(client: Client) -> None:
        assert [tool.name for tool in (await client.list_tools()).tools] == TOOLS
        first = await client.call_tool("ask", {"question": QUESTION})
        assert "pincite add" in failure(first)
        answer = await client.call_tool("ask", {"question": QUESTION})
        assert answer.structured_content["answer"] == QUOTE
        found = await client.call_tool("search", {"query": "godwits"})
        assert found.structured_content["passages"][0]["text"] == TEXT
        (document,) = (await client.call_tool("list_documents")).structured_content["documents"]
        part = await client.call_tool("read_document", {"document_id": document["id"], "start": 2})
        assert part.structured_content["text"] == TEXT[2:]
        assert "question" in failure(await client.call_tool("ask", {"question": " "}))

    speak(command("tests.server.fake_mcp", FAKE_MISSING="2"), talk)


def test_over_standard_streams_it_speaks_for_a_running_server(
    http: httpx.Client, service: FakeService
) -> None:
    async def talk(client: Client) -> None:
        arguments = {"question": QUESTION, "history": [{"question": "Who left?"}]}
        result = await client.call_tool("ask", arguments)
        assert result.structured_content["answer"] == QUOTE
        assert service.asked[-1].history == (Turn("Who left?"),)
        missing = await client.call_tool("read_document", {"document_id": "zz"})
        assert "'zz'" in failure(missing)

    speak(command("qa.cli", "mcp", "--url", str(http.base_url)), talk)


def test_standard_output_is_the_protocol_alone_and_its_end_ends_the_process() -> None:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.server.fake_mcp"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    body = message("ask", question=QUESTION)
    body["params"]["_meta"] = MODERN
    process.stdin.write(b"no JSON\n" + json.dumps(body).encode() + b"\n")
    process.stdin.flush()
    reply = json.loads(process.stdout.readline())
    assert reply["result"]["structuredContent"]["answer"] == QUOTE
    output, errors = process.communicate(timeout=15)
    assert process.returncode == 0
    assert output == b""
    assert b"thinking about" in errors


def test_it_ends_while_it_loads() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.server.fake_mcp"],
        cwd=ROOT,
        env={**os.environ, "FAKE_OPENING": "60"},
        input=b"",
        capture_output=True,
        timeout=15,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_who_does_not_speak_it_does_not_pay_for_it() -> None:
    code = "import server.app, server.commands, sys; sys.exit('mcp.server' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
