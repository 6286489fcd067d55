"""Questions, searches and checks, as a client sees them."""

import dataclasses
import json

import httpx
import pytest

from index.types import Scope
from qa.types import Question, Turn
from tests.fakes import FakeService
from tests.server.conftest import QUESTION, QUOTE, TEXT, problem


def plain(answer: object) -> object:
    """What ``asdict`` gives, as JSON has it."""
    return json.loads(json.dumps(dataclasses.asdict(answer)))  # type: ignore[call-overload]


def test_an_answer_is_the_answers_own_json(client: httpx.Client, service: FakeService) -> None:
    client.post("/v1/documents", json={"text": TEXT})
    response = client.post("/v1/ask", json={"question": QUESTION})
    assert response.status_code == 200
    assert response.json() == plain(service.ask(Question(QUESTION)))
    assert response.json()["answer"] == QUOTE


def test_a_refusal_is_a_normal_answer(client: httpx.Client, service: FakeService) -> None:
    empty = client.post("/v1/ask", json={"question": "Who?"}).json()
    assert (empty["answered"], empty["reason"]) == (False, "nothing_indexed")
    client.post("/v1/documents", json={"text": TEXT})
    response = client.post("/v1/ask", json={"question": "Who?"})
    assert response.status_code == 200
    assert response.json() == plain(service.ask(Question("Who?")))


def test_every_citation_can_be_cut_out_of_the_text(client: httpx.Client) -> None:
    client.post("/v1/documents", json={"text": TEXT})
    citation = client.post("/v1/ask", json={"question": QUESTION}).json()["citations"][0]
    text = client.get(f"/v1/documents/{citation['document_id']}/text").content.decode()
    assert text[citation["start"] : citation["end"]] == citation["quote"] == QUOTE
    sentence = citation["sentence"]
    assert text[sentence["start"] : sentence["end"]] == sentence["text"]


def test_everything_asked_for_reaches_the_service(
    client: httpx.Client, service: FakeService
) -> None:
    id = client.post("/v1/documents", json={"text": TEXT}).json()["id"]
    body = {
        "question": QUESTION,
        "limit": 20,
        "document_ids": [id],
        "filter": {"a": "b"},
        "min_confidence": 0,
        "history": [{"question": "Who left?", "answer": "godwits"}, {"question": "Why?"}],
        "resolve": False,
    }
    assert client.post("/v1/ask", json=body).status_code == 200
    asked = Question(
        QUESTION,
        limit=20,
        scope=Scope(document_ids=(id,), filter={"a": "b"}),
        min_confidence=0.0,
        history=(Turn("Who left?", "godwits"), Turn("Why?")),
        resolve=False,
    )
    assert service.asked == [asked]
    nothing = {"document_ids": None, "filter": None, "history": None}
    client.post("/v1/ask", json={"question": QUESTION, **nothing})
    assert service.asked[1] == Question(QUESTION)


def test_search_gives_passages(client: httpx.Client, service: FakeService) -> None:
    client.post("/v1/documents", json={"text": TEXT})
    response = client.post("/v1/search", json={"query": "godwits", "limit": 3})
    assert response.json() == {"passages": [plain(p) for p in service.search("godwits")]}


def test_verify_says_what_stands_there(client: httpx.Client) -> None:
    document = client.post("/v1/documents", json={"text": TEXT}).json()
    start = TEXT.index(QUOTE)
    claim = {"document_id": document["id"], "start": start, "end": start + len(QUOTE)}
    right = client.post("/v1/verify", json={**claim, "quote": QUOTE, "sha256": document["sha256"]})
    assert right.json() == {"valid": True, "actual": QUOTE}
    wrong = client.post("/v1/verify", json={**claim, "quote": "in October"})
    assert wrong.json() == {"valid": False, "actual": QUOTE}
    outside = client.post("/v1/verify", json={**claim, "end": 10**9, "quote": QUOTE})
    assert outside.json() == {"valid": False, "actual": None}
    problem(client.post("/v1/verify", json={**claim, "document_id": "x", "quote": ""}), 404)


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"question": ""}, ["#/question"]),
        ({"question": " \n\t"}, ["#/question"]),
        ({"question": None}, ["#/question"]),
        ({"question": 5}, ["#/question"]),
        ({"question": "a" * 2001}, ["#/question"]),
        ({"question": "a" * 10_000}, ["#/question"]),
        ({"question": "nul \0"}, ["#/question"]),
        ({"limit": 0}, ["#/limit"]),
        ({"limit": 21}, ["#/limit"]),
        ({"limit": "5"}, ["#/limit"]),
        ({"limit": 5.5}, ["#/limit"]),
        ({"limit": True}, ["#/limit"]),
        ({"limit": None}, ["#/limit"]),
        ({"limit": 10**400}, ["#/limit"]),
        ({"min_confidence": -0.1}, ["#/min_confidence"]),
        ({"min_confidence": 1.1}, ["#/min_confidence"]),
        ({"min_confidence": "0.5"}, ["#/min_confidence"]),
        ({"document_ids": "a"}, ["#/document_ids"]),
        ({"document_ids": ["a", 1]}, ["#/document_ids/1"]),
        ({"document_ids": ["\0"]}, ["#/document_ids/0"]),
        ({"document_ids": ["a"] * 1001}, ["#/document_ids"]),
        ({"filter": {"a": 1}}, ["#/filter"]),
        ({"filter": {"\0": "a"}}, ["#/filter"]),
        ({"filter": ["a"]}, ["#/filter"]),
        ({"resolve": "no"}, ["#/resolve"]),
        ({"resolve": None}, ["#/resolve"]),
        ({"history": "Who?"}, ["#/history"]),
        ({"history": ["Who?"]}, ["#/history/0"]),
        ({"history": [{"question": "a"}, {"answer": "b"}]}, ["#/history/1"]),
        ({"history": [{"question": "a", "x": 1}]}, ["#/history/0"]),
        ({"history": [{"question": " "}]}, ["#/history/0/question"]),
        ({"history": [{"question": "a" * 2001}]}, ["#/history/0/question"]),
        ({"history": [{"question": "a", "answer": "b" * 10_001}]}, ["#/history/0/answer"]),
        ({"history": [{"question": "a", "answer": "\0"}]}, ["#/history/0/answer"]),
        ({"history": [{"question": "a"}] * 51}, ["#/history"]),
        ({"limt": 3}, ["#/limt"]),
        ({"a/b~ü": 3}, ["#/a~1b~0%C3%BC"]),
        ({"limit": 0, "min_confidence": 2, "x": 1}, ["#/x", "#/limit", "#/min_confidence"]),
    ],
)
def test_wrong_values_are_named(
    shared: httpx.Client, changes: dict[str, object], pointers: list[str]
) -> None:
    response = shared.post("/v1/ask", json={"question": QUESTION, **changes})
    document = problem(response, 422)
    assert [e["pointer"] for e in document["errors"]] == pointers  # type: ignore[attr-defined]
    assert all(e["detail"] for e in document["errors"])  # type: ignore[attr-defined]


def test_what_is_missing_is_named(shared: httpx.Client) -> None:
    document = problem(shared.post("/v1/verify", json={"start": -1}), 422)
    assert [e["pointer"] for e in document["errors"]] == [  # type: ignore[attr-defined]
        "#/document_id",
        "#/start",
        "#/end",
        "#/quote",
    ]


def test_five_point_nought_is_five(client: httpx.Client, service: FakeService) -> None:
    headers = {"Content-Type": "application/json"}
    body = b'{"question": "Who?", "limit": 5.0, "min_confidence": 1}'
    assert client.post("/v1/ask", content=body, headers=headers).status_code == 200
    assert service.asked == [Question("Who?", limit=5, min_confidence=1.0)]


def test_the_longest_question_passes(shared: httpx.Client) -> None:
    assert shared.post("/v1/ask", json={"question": "ü" * 2000}).status_code == 200


def test_the_longest_history_passes(shared: httpx.Client) -> None:
    turn = {"question": "ü" * 2000, "answer": "ü" * 6000}
    body = {"question": "Who?", "history": [turn] * 50}
    content = json.dumps(body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json"}
    assert len(content) < 1_000_000
    assert shared.post("/v1/ask", content=content, headers=headers).status_code == 200


def test_an_unknown_document_is_404(shared: httpx.Client) -> None:
    problem(shared.post("/v1/ask", json={"question": "Who?", "document_ids": ["nope"]}), 404)


def test_questions_are_counted_by_outcome(client: httpx.Client) -> None:
    client.post("/v1/ask", json={"question": "Who?"})
    client.post("/v1/documents", json={"text": TEXT})
    for question in (QUESTION, QUESTION, "Who?"):
        client.post("/v1/ask", json={"question": question})
    client.post("/v1/ask", json={"question": "Who?", "document_ids": ["nope"]})
    metrics = client.get("/metrics").text
    for outcome, count in {
        "answered": 2,
        "nothing_indexed": 1,
        "not_in_text": 1,
        "error": 1,
    }.items():
        assert f'pincite_questions_total{{outcome="{outcome}"}} {count}.0\n' in metrics
    assert 'pincite_question_seconds_count{step="read"} 4.0\n' in metrics
