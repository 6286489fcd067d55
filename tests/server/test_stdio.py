"""``pincite mcp``: the Model Context Protocol over standard input and output."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from qa.types import Turn
from tests.fakes import FakeService
from tests.server.conftest import serving
from tests.server.fake_mcp import QUESTION, QUOTE, TEXT
from tests.server.mcp_client import MODERN, TOOLS, failure, message, speak, stored

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def service() -> FakeService:
    return stored()


@pytest.fixture(scope="module")
def http(service: FakeService) -> Iterator[httpx.Client]:
    with serving(lambda: service) as client:
        yield client


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
