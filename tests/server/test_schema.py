"""The API's description: complete, exact, and browsable without another server."""

import re
from typing import Any

import httpx
import pytest

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
        "POST /v1/ask",
        "POST /v1/search",
        "POST /v1/verify",
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


def test_errors_are_problems(description: dict[str, Any]) -> None:
    for name, operation in operations(description).items():
        errors = {s: r for s, r in operation["responses"].items() if int(s) >= 400}
        assert not name.split()[1].startswith("/v1") or errors.keys() >= {"400", "401", "503"}
        for response in errors.values():
            assert list(response["content"]) == ["application/problem+json"]
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


def test_answers_have_all_their_fields(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    for name in ("Answer", "Citation", "Passage", "Document", "Verdict"):
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
