"""Bytes that are no JSON, or JSON that is no text: 400 and 422, never a 500."""

import httpx
import pytest

from tests.server.conftest import problem

ROUTES = (
    *("/v1/ask", "/v1/search", "/v1/verify", "/v1/documents"),
    *("/v1/conversations/x/messages", "/v1/feedback"),
)
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"{",
        b'{"question":',
        b"nonsense",
        b'{"question": "a"} x',
        b'{"question": NaN}',
        b"{'question': 'a'}",
        b'{"question": "\xff\xfe"}',
        b"\xff" * 100,
        '{"question": "a"}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"question": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"\x00",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_malformed_is_400(shared: httpx.Client, route: str, body: bytes) -> None:
    problem(shared.post(route, content=body, headers=JSON), 400)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b"5",
        b'"text"',
        rb'{"question": "\ud800", "query": "\ud800", "text": "\ud800"}',
        rb'{"question": "\udc00\ud800"}',
        b'{"limit": ' + b"9" * 5000 + b"}",
        b'{"limit": 1e999}',
        rb'{"question": "\u0000", "query": "\u0000", "text": "\u0000", "quote": 5}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_json_that_is_no_request_is_422(shared: httpx.Client, route: str, body: bytes) -> None:
    problem(shared.post(route, content=body, headers=JSON), 422)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "text/json", "application/xml", ""]
)
def test_only_json_is_json(shared: httpx.Client, route: str, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    document = problem(shared.post(route, content=b'{"question": "a"}', headers=headers), 415)
    assert "application/json" in str(document["detail"])


def test_a_charset_may_be_stated(shared: httpx.Client) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    response = shared.post("/v1/ask", content=b'{"question": "a"}', headers=headers)
    assert response.status_code == 200


def test_a_long_question_body_is_413(shared: httpx.Client) -> None:
    body = b'{"question": "' + b"a" * 1_000_000 + b'"}'
    problem(shared.post("/v1/ask", content=body, headers=JSON), 413)


def test_a_body_of_many_faults_does_not_echo_them_all(shared: httpx.Client) -> None:
    response = shared.post("/v1/ask", json={"x" * 500 + str(n): 1 for n in range(1000)})
    problem(response, 422)
    assert len(response.content) < 20_000
