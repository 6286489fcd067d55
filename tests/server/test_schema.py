"""The API's description: complete, exact, and browsable without another server."""

import re
from typing import Any

import httpx
import pytest

from index.types import Source
from qa.feedback import squad
from qa.types import Feedback, Mark, Question
from tests.fakes import FakeService
from tests.server.conftest import QUESTION, QUOTE, TEXT, serving

METHODS = {"get", "post", "delete"}


@pytest.fixture(scope="module")
def description(shared: httpx.Client) -> dict[str, Any]:
    response = shared.get("/schema/openapi.json")
    assert response.status_code == 200
    described: dict[str, Any] = response.json()
    return described


def operations(description: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


def test_every_call_is_described(description: dict[str, Any]) -> None:
    assert operations(description).keys() == {
        "POST /v1/documents",
        "GET /v1/documents",
        "GET /v1/documents/{document_id}",
        "DELETE /v1/documents/{document_id}",
        "GET /v1/documents/{document_id}/text",
        "POST /v1/documents/{document_id}/refresh",
        "GET /v1/documents/{document_id}/outline",
        "GET /v1/documents/{document_id}/suggestions",
        "GET /v1/suggestions",
        "GET /v1/jobs",
        "GET /v1/jobs/{job_id}",
        "DELETE /v1/jobs/{job_id}",
        "POST /v1/ask",
        "POST /v1/search",
        "POST /v1/verify",
        "POST /v1/conversations",
        "GET /v1/conversations",
        "GET /v1/conversations/{conversation_id}",
        "PATCH /v1/conversations/{conversation_id}",
        "DELETE /v1/conversations/{conversation_id}",
        "POST /v1/conversations/{conversation_id}/messages",
        "GET /v1/conversations/{conversation_id}/export",
        "POST /v1/feedback",
        "GET /v1/feedback",
        "GET /v1/feedback/export",
        "DELETE /v1/feedback/{answer_id}",
        "POST /v1/chat/completions",
        "GET /v1/models",
        "GET /v1/models/{model}",
        "GET /",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
    }
    for operation in operations(description).values():
        assert operation["summary"]
        assert operation["description"]
    ids = [operation["operationId"] for operation in operations(description).values()]
    assert len(set(ids)) == len(ids)


def test_a_key_is_asked_for_where_it_is_needed(description: dict[str, Any]) -> None:
    assert description["security"] == [{}, {"key": []}]
    with serving(FakeService, key="s3cret") as client:
        keyed = client.get("/schema/openapi.json").json()
    assert keyed["security"] == [{"key": []}]
    free = {name for name, one in operations(keyed).items() if one.get("security") == []}
    assert free == {"GET /", "GET /health/live", "GET /health/ready", "GET /metrics"}


def test_errors_are_problems(description: dict[str, Any]) -> None:
    for name, operation in operations(description).items():
        errors = {s: r for s, r in operation["responses"].items() if int(s) >= 400}
        assert not name.split()[1].startswith("/v1") or errors.keys() >= {"400", "401", "503"}
        openai = "/v1/chat/" in name or "/v1/models" in name
        kind = "application/json" if openai else "application/problem+json"
        for response in errors.values():
            assert list(response["content"]) == [kind]
        if "503" in errors:
            assert "Retry-After" in errors["503"]["headers"]


def test_references_lead_somewhere(description: dict[str, Any]) -> None:
    references = set(re.findall(r"'#/components/schemas/(\w+)'", str(description)))
    assert references
    assert references <= description["components"]["schemas"].keys()


def test_bounds_are_stated(description: dict[str, Any]) -> None:
    ask = description["components"]["schemas"]["AskRequest"]
    assert ask["additionalProperties"] is False
    assert ask["required"] == ["question"]
    limit = ask["properties"]["limit"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 20, 5)
    confidence = ask["properties"]["min_confidence"]["anyOf"][0]
    assert (confidence["minimum"], confidence["maximum"]) == (0, 1)


def test_the_history_is_bounded_and_messages_have_none(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    assert schemas["AskRequest"]["properties"]["history"]["anyOf"][0]["maxItems"] == 50
    turn = schemas["EarlierTurn"]
    assert (turn["required"], turn["additionalProperties"]) == (["question"], False)
    assert turn["properties"]["answer"]["anyOf"][0]["maxLength"] == 10_000
    shared = schemas["AskRequest"]["properties"].keys() - {"history"}
    assert schemas["MessageRequest"]["properties"].keys() == shared
    assert schemas["MessageRequest"]["additionalProperties"] is False


def test_what_comes_in_two_kinds_says_so(description: dict[str, Any]) -> None:
    found = operations(description)
    conversation = "/v1/conversations/{conversation_id}"
    for name, kinds in {
        "POST /v1/ask": {"application/json", "text/event-stream"},
        f"POST {conversation}/messages": {"application/json", "text/event-stream"},
        "POST /v1/chat/completions": {"application/json", "text/event-stream"},
        f"GET {conversation}/export": {"application/json", "text/markdown"},
    }.items():
        assert found[name]["responses"]["200"]["content"].keys() == kinds
    assert found["POST /v1/conversations"]["requestBody"]["required"] is False
    export = found[f"GET {conversation}/export"]
    (wanted,) = [one for one in export["parameters"] if one["name"] == "format"]
    assert wanted["schema"]["enum"] == ["markdown", "json"]
    (location,) = found["POST /v1/conversations"]["responses"]["201"]["headers"]
    assert location == "Location"


def test_a_question_set_is_described_as_it_is(description: dict[str, Any]) -> None:
    export = operations(description)["GET /v1/feedback/export"]
    shape = export["responses"]["200"]["content"]["application/json"]["schema"]
    paragraph = shape["properties"]["data"]["items"]["properties"]["paragraphs"]["items"]
    fields = paragraph["properties"]["qas"]["items"]
    assert fields["properties"].keys() > set(fields["required"])
    service = FakeService({QUESTION: QUOTE})
    service.add(Source(data=TEXT.encode(), name="a"))
    for question in (QUESTION, "Who?"):
        service.give_feedback(Feedback(service.ask(Question(question)).id, Mark.WRONG, "nowhere"))
    for paragraph in squad(service.feedback(), service.text)["data"][0]["paragraphs"]:
        for qa in paragraph["qas"]:
            assert set(fields["required"]) <= qa.keys() <= fields["properties"].keys()


def test_answers_have_all_their_fields(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    for name in ("Answer", "Citation", "Passage", "Document", "Verdict", "Transcript"):
        assert set(schemas[name]["required"]) == schemas[name]["properties"].keys()


def test_a_document_comes_in_two_ways(description: dict[str, Any]) -> None:
    body = operations(description)["POST /v1/documents"]["requestBody"]["content"]
    assert body.keys() == {"application/json", "multipart/form-data"}


def test_the_page_asks_nobody_else(shared: httpx.Client) -> None:
    page = shared.get("/schema")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'; script-src 'self';" in page.headers["content-security-policy"]
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) == 4
    for link in links:
        assert link.startswith("/schema/") or link == "data:,"
        if link.startswith("/"):
            assert shared.get(link).status_code == 200
    assert "<script>" not in page.text
    assert "SwaggerUIBundle" in shared.get("/schema/swagger-ui-bundle.js").text
    assert "http" not in shared.get("/schema/start.js").text
