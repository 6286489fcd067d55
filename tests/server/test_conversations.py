"""Conversations, as a client sees them."""

import json
import re
from urllib.parse import unquote

import httpx
import pytest

from qa import transcript
from qa.types import Question, Turn
from server.routes.conversations import attachment
from tests.fakes import FakeService
from tests.server.conftest import QUESTION, QUOTE, TEXT, problem
from tests.server.test_asking import plain


@pytest.fixture
def address(client: httpx.Client) -> str:
    """A new conversation's."""
    client.post("/v1/documents", json={"text": TEXT})
    location: str = client.post("/v1/conversations").headers["location"]
    return location


@pytest.mark.parametrize("body", [b"", b"{}", b" { } "])
def test_a_conversation_is_started(client: httpx.Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"} if body else {}
    response = client.post("/v1/conversations", content=body, headers=headers)
    assert response.status_code == 201
    started = response.json()
    assert started.keys() == {"id", "title", "created_at", "messages"}
    assert started["messages"] == 0
    assert response.headers["location"] == f"/v1/conversations/{started['id']}"
    read = client.get(response.headers["location"])
    assert read.json() == {**started, "messages": []}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"title": "x"}', "application/json", 422),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"{", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b" " * 1_000_001, "application/json", 413),
    ],
)
def test_what_can_not_be_said_of_it_is_refused(
    client: httpx.Client, body: bytes, kind: str, status: int
) -> None:
    headers = {"Content-Type": kind}
    problem(client.post("/v1/conversations", content=body, headers=headers), status)
    assert client.get("/v1/conversations").json()["conversations"] == []


def test_messages_are_answered_and_kept(
    client: httpx.Client, service: FakeService, address: str
) -> None:
    first = client.post(f"{address}/messages", json={"question": QUESTION})
    assert first.status_code == 200
    assert first.json()["answer"] == QUOTE
    body = {"question": "And when?", "limit": 3, "min_confidence": 0.5, "resolve": False}
    second = client.post(f"{address}/messages", json=body)
    read = client.get(address).json()
    assert read["title"] == QUESTION
    assert [message["question"] for message in read["messages"]] == [QUESTION, "And when?"]
    assert [message["answer"] for message in read["messages"]] == [first.json(), second.json()]
    history = (Turn(QUESTION, QUOTE),)
    assert service.asked[-1] == Question(
        "And when?", limit=3, min_confidence=0.5, history=history, resolve=False
    )
    assert read == plain(service.conversation(read["id"]))


def test_a_message_brings_no_history_of_its_own(client: httpx.Client, address: str) -> None:
    response = client.post(f"{address}/messages", json={"question": "Who?", "history": []})
    document = problem(response, 422)
    assert [e["pointer"] for e in document["errors"]] == ["#/history"]  # type: ignore[attr-defined]


def test_conversations_are_listed_newest_first(client: httpx.Client) -> None:
    ids = [client.post("/v1/conversations").json()["id"] for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get("/v1/conversations", params={"limit": 2, "cursor": cursor}).json()
        assert page.keys() == {"conversations", "next_cursor"}
        seen += [one["id"] for one in page["conversations"]]
        cursor = page["next_cursor"]
    assert seen == ids[::-1]
    for wrong in ({"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"cursor": "nope"}):
        problem(client.get("/v1/conversations", params=wrong), 422)


def test_a_conversation_is_renamed(client: httpx.Client, address: str) -> None:
    response = client.patch(address, json={"title": " Godwits\n\tin Alaska 🐦"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    renamed = response.json()
    assert renamed["title"] == "Godwits in Alaska 🐦"
    assert client.get("/v1/conversations").json()["conversations"] == [renamed]
    client.post(f"{address}/messages", json={"question": QUESTION})
    assert client.get(address).json()["title"] == renamed["title"]
    assert client.get("/v1/conversations").json()["conversations"] == [{**renamed, "messages": 1}]
    assert client.patch(address, json={"title": "日" * 200}).json()["title"] == "日" * 200


@pytest.mark.parametrize(
    ("body", "status", "pointers"),
    [
        (b'{"title": ""}', 422, ["#/title"]),
        (b'{"title": " \\n"}', 422, ["#/title"]),
        (b'{"title": "a\\u0000"}', 422, ["#/title"]),
        (b'{"title": "\\ud800"}', 422, ["#"]),
        (b'{"title": "' + b"x" * 201 + b'"}', 422, ["#/title"]),
        (b'{"title": null}', 422, ["#/title"]),
        (b'{"title": 5, "id": "x"}', 422, ["#/id", "#/title"]),
        (b"{}", 422, ["#/title"]),
        (b"[]", 422, ["#"]),
        (b"", 400, None),
        (b"{", 400, None),
        (b'{"title": "' + b"x" * 1_000_000 + b'"}', 413, None),
    ],
)
def test_what_is_no_title_is_refused(
    client: httpx.Client, address: str, body: bytes, status: int, pointers: list[str] | None
) -> None:
    before = client.get(address).json()
    json_type = {"Content-Type": "application/json"}
    document = problem(client.patch(address, content=body, headers=json_type), status)
    if pointers is not None:
        assert [e["pointer"] for e in document["errors"]] == pointers  # type: ignore[attr-defined]
    problem(client.patch(address, content=b'{"title": "x"}'), 415)
    assert client.get(address).json() == before


def test_conversations_are_searched(client: httpx.Client, address: str) -> None:
    client.post(f"{address}/messages", json={"question": QUESTION})
    other = client.post("/v1/conversations").json()["id"]
    client.patch(f"/v1/conversations/{other}", json={"title": "Été & 100%"})
    asked = address.rpartition("/")[2]
    for search, found in (
        ("", [other, asked]),
        (" ", [other, asked]),
        ("GODWITS september", [asked]),
        ("ete", [other]),
        ("e\u0301te\u0301 &", [other]),
        ("%", [other]),
        ("_", []),
        ("godwits ete", []),
        ("x" * 500, []),
    ):
        page = client.get("/v1/conversations", params={"search": search}).json()
        assert [one["id"] for one in page["conversations"]] == found, search
    page = client.get("/v1/conversations", params={"search": "e", "limit": 1}).json()
    assert [one["id"] for one in page["conversations"]] == [other]
    wanted = {"search": "e", "limit": 1, "cursor": page["next_cursor"]}
    page = client.get("/v1/conversations", params=wanted).json()
    assert [one["id"] for one in page["conversations"]] == [asked]
    assert page["next_cursor"] is None
    document = problem(client.get("/v1/conversations", params={"search": "x" * 501}), 422)
    assert [e["parameter"] for e in document["errors"]] == ["search"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("raw", ["%FF", "%ED%A0%80", "%00", "a%00b", "%", "a&search=b"])
def test_a_search_for_odd_bytes_is_no_defect(client: httpx.Client, raw: str) -> None:
    assert client.get(f"/v1/conversations?search={raw}").status_code in (200, 400, 422)


def test_messages_say_what_was_said_of_them(client: httpx.Client, address: str) -> None:
    answer = client.post(f"{address}/messages", json={"question": QUESTION}).json()
    (message,) = client.get(address).json()["messages"]
    assert message["feedback"] is None
    body = {"answer_id": answer["id"], "verdict": "wrong", "expected": "tired"}
    client.post("/v1/feedback", json=body)
    (message,) = client.get(address).json()["messages"]
    assert message["feedback"] == body
    exported = client.get(f"{address}/export", params={"format": "json"}).json()
    assert exported["messages"] == [message]
    assert "Judged wrong; expected: tired" in client.get(f"{address}/export").text


def test_a_deleted_conversation_is_gone(client: httpx.Client, address: str) -> None:
    assert client.delete(address).status_code == 204
    for response in (
        client.get(address),
        client.get(f"{address}/export"),
        client.delete(address),
        client.patch(address, json={"title": "x"}),
        client.post(f"{address}/messages", json={"question": "Who?"}),
    ):
        assert problem(response, 404)["type"] == "urn:pincite:conversation-not-found"


# Export


def test_an_export_is_a_file(client: httpx.Client, service: FakeService, address: str) -> None:
    client.post(f"{address}/messages", json={"question": QUESTION})
    found = service.conversation(address.rpartition("/")[2])
    for wanted, kind, ending, content in (
        ("", "text/markdown; charset=utf-8", "md", transcript.markdown(found)),
        ("?format=markdown", "text/markdown; charset=utf-8", "md", transcript.markdown(found)),
        ("?format=json", "application/json", "json", transcript.json(found)),
    ):
        response = client.get(f"{address}/export{wanted}")
        assert response.status_code == 200
        assert response.headers["content-type"] == kind
        assert response.content.decode() == content
        name = f'filename="pincite-When-did-the-godwits-arrive.{ending}"'
        assert response.headers["content-disposition"].startswith(f"attachment; {name}; ")
    assert json.loads(transcript.json(found)) == client.get(address).json()
    for wrong in ("md", "", "JSON"):
        response = client.get(f"{address}/export", params={"format": wrong})
        document = problem(response, 422)
        assert [e["parameter"] for e in document["errors"]] == ["format"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "title",
    [
        "",
        "CON",
        ".hidden",
        "../../etc/passwd",
        "C:\\windows\\a",
        'a"; filename="b.exe',
        "a\r\nSet-Cookie: b",
        "Wann? Größe 东京 🐦",
        "\u202egnp.exe",
        "x" * 500,
        "日" * 500,
        "\0",
        "٣٤",
    ],
)
def test_a_file_is_named_safely(title: str) -> None:
    header = attachment(title, "md")
    assert header.isascii()
    assert header.isprintable()
    found = re.fullmatch(r"attachment; filename=\"([^\"]+)\"; filename\*=UTF-8''(\S+)", header)
    assert found
    for name in (found[1], unquote(found[2])):
        assert re.fullmatch(r"pincite(-[\w-]+)?\.md", name)
        assert len(name) <= 80
