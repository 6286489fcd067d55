"""Adding, listing, reading and deleting, as a client sees it."""

import hashlib
import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import (
    EmptySource,
    PinciteError,
    SourceTooLarge,
    StoreFull,
    UnsupportedType,
)
from index.types import Added, Progress, Source
from server.settings import Limits
from tests.fakes import FakeService
from tests.server.conftest import TEXT, problem, serving


def test_text_is_stored_and_described(client: httpx.Client) -> None:
    sent = {"text": TEXT, "title": "Godwits", "url": "https://x.org/a", "metadata": {"a": "b"}}
    added = client.post("/v1/documents", json=sent)
    assert added.status_code == 201
    document = added.json()
    assert added.headers["location"] == f"/v1/documents/{document['id']}"
    assert {k: document[k] for k in ("title", "url", "metadata")} == {
        k: sent[k] for k in ("title", "url", "metadata")
    }
    assert document["sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()
    assert document["characters"] == len(TEXT)
    assert client.get(added.headers["location"]).json() == document


def test_the_same_content_again_is_200(client: httpx.Client) -> None:
    first = client.post("/v1/documents", json={"text": TEXT})
    again = client.post("/v1/documents", json={"text": TEXT, "title": "Another"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_a_file_is_stored(client: httpx.Client) -> None:
    response = client.post(
        "/v1/documents",
        files={"file": ("godwits.md", TEXT.encode(), "text/markdown")},
        data={"title": "Götwits", "metadata": '{"topic": "birds"}'},
    )
    assert response.status_code == 201
    document = response.json()
    assert document["name"] == "godwits.md"
    assert document["title"] == "Götwits"
    assert document["media_type"] == "text/markdown"
    assert document["metadata"] == {"topic": "birds"}


@given(text=st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1))
def test_the_text_comes_back_byte_for_byte(shared: httpx.Client, text: str) -> None:
    added = shared.post("/v1/documents", json={"text": text})
    if not text.strip():
        problem(added, 422)
        return
    document = added.json()
    response = shared.get(f"/v1/documents/{document['id']}/text")
    assert response.content == text.encode()
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["etag"] == f'"{hashlib.sha256(response.content).hexdigest()}"'


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"other", "{}"', "*"])
def test_a_text_that_one_has_is_not_sent_again(client: httpx.Client, form: str) -> None:
    document = client.post("/v1/documents", json={"text": TEXT}).json()
    url = f"/v1/documents/{document['id']}/text"
    response = client.get(url, headers={"If-None-Match": form.format(document["sha256"])})
    assert (response.status_code, response.content) == (304, b"")
    assert client.get(url, headers={"If-None-Match": '"other"'}).content == TEXT.encode()


def test_pages_follow_one_another(client: httpx.Client) -> None:
    ids = [client.post("/v1/documents", json={"text": t}).json()["id"] for t in "abc"]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = client.get(
            "/v1/documents", params={"limit": 2} | ({"cursor": cursor} if cursor else {})
        )
        seen += [document["id"] for document in page.json()["documents"]]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    assert seen == ids


def test_a_deleted_document_is_gone(client: httpx.Client) -> None:
    document = client.post("/v1/documents", json={"text": TEXT}).json()
    url = f"/v1/documents/{document['id']}"
    deleted = client.delete(url)
    assert (deleted.status_code, deleted.content) == (204, b"")
    for response in (client.get(url), client.get(f"{url}/text"), client.delete(url)):
        problem(response, 404)


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1.5", "9" * 30, ""])
def test_a_wrong_limit_is_named(shared: httpx.Client, limit: str) -> None:
    document = problem(shared.get("/v1/documents", params={"limit": limit}), 422)
    assert [e["parameter"] for e in document["errors"]] == ["limit"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "id", ["nope", "%00", "%F0%9F%90%A6", "..", "a%2Fb", "%ED%A0%80", "a" * 2000]
)
def test_unknown_ids_are_404(shared: httpx.Client, id: str) -> None:
    problem(shared.get(f"/v1/documents/{id}"), 404)
    problem(shared.get(f"/v1/documents/{id}/text"), 404)
    problem(shared.delete(f"/v1/documents/{id}"), 404)


class Refusing(FakeService):
    """Refuses what it is given."""

    def __init__(self, error: PinciteError) -> None:
        super().__init__()
        self._error = error

    def add(self, source: Source, *, progress: Progress | None = None) -> Added:
        raise self._error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StoreFull("the disk is full: delete something"), 507),
        (UnsupportedType("a.bin: not a kind of file that is read"), 415),
        (SourceTooLarge("a.txt: 30 MB: the limit is 20 MB"), 413),
        (EmptySource("a.txt: nothing to index in it"), 422),
    ],
)
def test_what_the_index_refuses(error: PinciteError, status: int) -> None:
    with serving(lambda: Refusing(error)) as client:
        document = problem(client.post("/v1/documents", json={"text": "x"}), status)
        assert document["detail"] == str(error)


def test_a_wrong_cursor_is_422(shared: httpx.Client) -> None:
    problem(shared.get("/v1/documents", params={"cursor": "bogus"}), 422)


def test_a_body_over_the_limit_is_413_however_it_comes() -> None:
    limits = Limits(file_bytes=1000, question_characters=2000)
    with serving(FakeService, limits=limits) as client:
        big = json.dumps({"text": "a" * 200_000}).encode()
        kind = {"Content-Type": "application/json"}
        chunked = iter([big[:100_000], big[100_000:]])  # without a Content-Length
        for content in (big, chunked):
            problem(client.post("/v1/documents", content=content, headers=kind), 413)
        problem(client.post("/v1/documents", files={"file": ("a", big)}), 413)
        assert client.post("/v1/documents", json={"text": "a"}).status_code == 201


def test_the_gauges_follow(client: httpx.Client) -> None:
    document = client.post("/v1/documents", json={"text": TEXT}).json()
    client.post("/v1/documents", json={"text": TEXT})
    assert "pincite_documents 1.0\n" in client.get("/metrics").text
    assert "pincite_chunks 1.0\n" in client.get("/metrics").text
    client.delete(f"/v1/documents/{document['id']}")
    assert "pincite_documents 0.0\n" in client.get("/metrics").text
