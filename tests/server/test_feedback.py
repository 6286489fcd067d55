"""Feedback, as a client sees it."""

import httpx
import pytest

from qa.types import Feedback, Mark
from tests.fakes import FakeService
from tests.server.conftest import QUESTION, QUOTE, TEXT, problem


@pytest.fixture
def answer_id(client: httpx.Client) -> str:
    client.post("/v1/documents", json={"text": TEXT, "title": "Godwits"})
    found: str = client.post("/v1/ask", json={"question": QUESTION}).json()["id"]
    return found


def test_feedback_is_kept_with_its_answer(
    client: httpx.Client, service: FakeService, answer_id: str
) -> None:
    body = {"answer_id": answer_id, "verdict": "wrong", "expected": "tired"}
    response = client.post("/v1/feedback", json=body)
    assert (response.status_code, response.content) == (204, b"")
    assert [one.feedback for one in service.feedback()] == [
        Feedback(answer_id, Mark.WRONG, "tired")
    ]
    (kept,) = client.get("/v1/feedback").json()["judgements"]
    assert kept["feedback"] == body
    assert kept["answer"]["answer"] == QUOTE
    client.post("/v1/feedback", json={"answer_id": answer_id, "verdict": "right"})
    (kept,) = client.get("/v1/feedback").json()["judgements"]
    assert kept["feedback"] == {"answer_id": answer_id, "verdict": "right", "expected": None}


def test_feedback_is_exported_as_a_question_set(client: httpx.Client, answer_id: str) -> None:
    assert client.get("/v1/feedback/export").json() == {"version": "v2.0", "data": []}
    client.post("/v1/feedback", json={"answer_id": answer_id, "verdict": "right"})
    response = client.get("/v1/feedback/export")
    assert response.headers["content-type"] == "application/json"
    (article,) = response.json()["data"]
    assert article["title"] == "Godwits"
    (paragraph,) = article["paragraphs"]
    (qa,) = paragraph["qas"]
    (found,) = qa["answers"]
    start = found["answer_start"]
    assert paragraph["context"][start : start + len(QUOTE)] == found["text"] == QUOTE


def test_feedback_is_withdrawn(client: httpx.Client, answer_id: str) -> None:
    body = {"answer_id": answer_id, "verdict": "right"}
    for _ in range(2):
        client.post("/v1/feedback", json=body)
        response = client.delete(f"/v1/feedback/{answer_id}")
        assert (response.status_code, response.content) == (204, b"")
        assert client.get("/v1/feedback").json()["judgements"] == []
    for nothing in (answer_id, "nobody", "a%2Fb", "%00"):
        response = client.delete(f"/v1/feedback/{nothing}")
        assert problem(response, 404)["type"] in ("urn:pincite:feedback-not-found", "about:blank")


def test_feedback_on_nothing_is_404(shared: httpx.Client) -> None:
    response = shared.post("/v1/feedback", json={"answer_id": "nope", "verdict": "right"})
    assert problem(response, 404)["type"] == "urn:pincite:answer-not-found"


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"verdict": "maybe"}, ["#/verdict"]),
        ({"verdict": None}, ["#/verdict"]),
        ({"answer_id": 5}, ["#/answer_id"]),
        ({"expected": " "}, ["#/expected"]),
        ({"expected": "\0"}, ["#/expected"]),
        ({"expected": "a" * 10_001}, ["#/expected"]),
        ({"comment": "nice"}, ["#/comment"]),
    ],
)
def test_wrong_values_are_named(
    shared: httpx.Client, changes: dict[str, object], pointers: list[str]
) -> None:
    body = {"answer_id": "x", "verdict": "right", **changes}
    document = problem(shared.post("/v1/feedback", json=body), 422)
    assert [e["pointer"] for e in document["errors"]] == pointers  # type: ignore[attr-defined]
