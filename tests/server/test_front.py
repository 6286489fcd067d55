"""The outermost layer: headers, unknown addresses, HEAD, and what nobody foresaw."""

import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from index.types import DocumentPage
from qa.types import Answer, Question, Watch
from tests.fakes import FakeService
from tests.server.conftest import problem, serving

SECRET = "who keeps the reader's secret?"


class Broken(FakeService):
    """Fails in ways that nobody thought of."""

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        raise KeyError(question.text)

    def text(self, document_id: str) -> str:
        raise RecursionError(document_id)


@pytest.fixture(scope="module")
def broken() -> Iterator[httpx.Client]:
    with serving(Broken) as client:
        yield client


def test_an_unforeseen_error_is_a_plain_500(
    broken: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="pincite.server")
    response = broken.post("/v1/ask", json={"question": SECRET})
    document = problem(response, 500)
    assert "KeyError" not in response.text
    assert "log" in str(document["detail"])
    errors = [r for r in caplog.records if r.getMessage() == "unforeseen error"]
    assert [r.fields["error"] for r in errors] == ["KeyError"]  # type: ignore[attr-defined]
    assert "secret" not in json.dumps([str(r.__dict__) for r in caplog.records])
    assert 'pincite_questions_total{outcome="error"} 1.0' in broken.get("/metrics").text


def test_every_response_has_the_headers(shared: httpx.Client) -> None:
    for path in (
        "/",
        "/nope",
        "/v1/documents",
        "/v1/documents/x",
        "/metrics",
        "/schema",
        "/v1/ask",
    ):
        headers = shared.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in headers


@pytest.mark.parametrize(
    "path", ["/nope", "/v1", "/v1/nope", "/schema/nope", "/schema/a.json", "/health", "/../etc"]
)
def test_unknown_addresses_are_404(shared: httpx.Client, path: str) -> None:
    problem(shared.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/ask"),
        ("PUT", "/v1/documents"),
        ("POST", "/health/live"),
        ("BREW", "/v1/ask"),
        ("TRACE", "/"),
    ],
)
def test_other_methods_are_405(shared: httpx.Client, method: str, path: str) -> None:
    response = shared.request(method, path)
    problem(response, 405)
    assert response.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/", "/v1/documents", "/health/ready", "/schema/openapi.json", "/nope"]
)
def test_head_is_get_without_a_body(shared: httpx.Client, path: str) -> None:
    whole, head = shared.get(path), shared.head(path)
    assert head.content == b""
    assert head.status_code == whole.status_code
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=lambda sent: repr(sent[:30]),
)
def test_what_is_no_http_gets_a_problem_too(shared: httpx.Client, request_: bytes) -> None:
    head, _, body = exchange(shared, request_).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == 400


def test_options_lists_every_method(shared: httpx.Client) -> None:
    for path, methods in {
        "/v1/documents": "GET, OPTIONS, POST",
        "/v1/documents/x": "DELETE, GET, OPTIONS",
        "/v1/ask": "OPTIONS, POST",
    }.items():
        response = shared.options(path)
        assert (response.status_code, response.headers["allow"]) == (204, methods)


def test_a_websocket_is_not_opened(shared: httpx.Client) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    problem(shared.get("/v1/ask", headers=headers), 405)


def test_a_path_never_becomes_a_label(shared: httpx.Client) -> None:
    shared.get("/v1/documents/secret-id")
    shared.get("/secret-path")
    shared.request("SECRET", "/")
    metrics = shared.get("/metrics").text
    assert "secret" not in metrics.lower()
    assert 'route="/v1/documents/{document_id}"' in metrics


def test_a_query_is_no_reason_to_fail(shared: httpx.Client) -> None:
    for query in ("limit=1&limit=2", "%ff=%ff", "&&&=", "cursor=%00", "a" * 5000):
        assert shared.get(f"/v1/documents?{query}").status_code < 500


def test_the_list_in_the_middle_of_a_failure() -> None:
    class Halfway(FakeService):
        def documents(self, *, limit: int = 100, cursor: str | None = None) -> DocumentPage:
            if limit == 7:
                raise OSError(5, "Input/output error")
            return super().documents(limit=limit, cursor=cursor)

    with serving(Halfway) as client:
        problem(client.get("/v1/documents", params={"limit": 7}), 500)
        assert client.get("/v1/documents").status_code == 200


def exchange(client: httpx.Client, sent: bytes) -> bytes:
    """What the server says to these bytes, until it closes the connection."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), 5) as link:
        link.sendall(sent)
        received = b""
        while chunk := link.recv(65536):
            received += chunk
    return received
