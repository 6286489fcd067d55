"""How a text is laid out, and where to begin with it, as a client sees it."""

import httpx
import pytest

from tests.server.conftest import TEXT, problem

ARTICLE = """# Godwits 🐦 of Alaska

Bar-tailed godwits fly 12,000 kilometres from Alaska to New Zealand without a stop every autumn.

# Where they rest

They eat for weeks. The mudflats of Saemangeum in Korea fed some 300,000 birds until 2006.
"""


def add(client: httpx.Client, text: str) -> str:
    return str(client.post("/v1/documents", json={"text": text}).json()["id"])


def test_an_outline_says_where_everything_stands(client: httpx.Client) -> None:
    id = add(client, ARTICLE)
    outline = client.get(f"/v1/documents/{id}/outline").json()
    assert outline["document_id"] == id
    assert outline["sha256"] == client.get(f"/v1/documents/{id}").json()["sha256"]
    assert (outline["header"], outline["pages"]) == ([], [])
    assert [(one["level"], one["text"]) for one in outline["headings"]] == [
        (1, "Godwits 🐦 of Alaska"),
        (1, "Where they rest"),
    ]
    for one in outline["headings"]:
        assert ARTICLE[one["start"] : one["end"]] == one["text"]
    paragraphs = [ARTICLE[one["start"] : one["end"]] for one in outline["body"]]
    assert paragraphs == [line for line in ARTICLE.split("\n") if line]


def test_suggestions_are_verbatim(client: httpx.Client) -> None:
    id = add(client, ARTICLE)
    found = client.get(f"/v1/documents/{id}/suggestions").json()["suggestions"]
    assert [one["kind"] for one in found] == ["heading", "heading", "sentence", "sentence"]
    for one in found:
        assert one.keys() == {"kind", "text", "document_id", "start", "end"}
        assert one["document_id"] == id
        assert ARTICLE[one["start"] : one["end"]] == one["text"]
    few = client.get(f"/v1/documents/{id}/suggestions", params={"limit": 1}).json()
    assert len(few["suggestions"]) == 1


def test_suggestions_without_a_document_are_of_those_added_last(client: httpx.Client) -> None:
    assert client.get("/v1/suggestions").json() == {"suggestions": []}
    older, newer = add(client, ARTICLE), add(client, "# Curlews\n\n" + TEXT)
    found = client.get("/v1/suggestions", params={"limit": 2}).json()["suggestions"]
    assert [one["document_id"] for one in found] == [newer, older]


@pytest.mark.parametrize("limit", ["0", "21", "-1", "x", ""])
@pytest.mark.parametrize("path", ["/v1/suggestions", "/v1/documents/nope/suggestions"])
def test_a_wrong_limit_is_named(shared: httpx.Client, path: str, limit: str) -> None:
    document = problem(shared.get(path, params={"limit": limit}), 422)
    assert [e["parameter"] for e in document["errors"]] == ["limit"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("id", ["nope", "%00", "a%2Fb", "%ED%A0%80"])
def test_unknown_ids_are_404(shared: httpx.Client, id: str) -> None:
    for part in ("outline", "suggestions"):
        problem(shared.get(f"/v1/documents/{id}/{part}"), 404)
