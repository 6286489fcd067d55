"""What an assistant may call: what the tools take and give, as data and in words."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mcp import Client

from index.types import Source
from qa.types import Answer, Turn
from server.tools import LONGEST_SLICE, SLICE
from tests.fakes import FakeService
from tests.server.conftest import serving
from tests.server.fake_mcp import QUESTION, QUOTE, TEXT
from tests.server.mcp_client import TOOLS, call, failure, speak, stored, told

LONG = "🐦 and so on. " * 12_000


@pytest.fixture(scope="module")
def service() -> FakeService:
    return stored()


@pytest.fixture(scope="module")
def http(service: FakeService) -> Iterator[httpx.Client]:
    with serving(lambda: service) as client:
        yield client


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
    assert told(result).startswith("Not in the text. The passages closest")
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
