"""Answers told as events: what is sent, when it begins, and what becomes of who leaves."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, cast

import httpx
import pytest
from litestar.types import HTTPScope

from index.errors import StoreLocked
from qa.types import Answer, Interpretation, Question, Retrieval, Watch
from server.settings import ServerSettings
from server.stream import PING_SECONDS, EventStream, event, prefers_events
from tests.fakes import FakeService
from tests.server.conftest import QUESTION, QUOTE, TEXT, problem, serving
from tests.server.test_lifespan import connection, wait_for

EVENTS = {"Accept": "text/event-stream"}
ANSWER = FakeService().ask(Question("Who?"))


def events(response: httpx.Response) -> list[tuple[str, Any]]:
    """The named events of a stream, with their data."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    return parsed(response.content)


def parsed(stream: bytes) -> list[tuple[str, Any]]:
    """Events as the standard reads them, where each has a name and one line of data."""
    *blocks, rest = stream.decode().split("\n\n")
    assert rest == ""
    found = []
    for block in blocks:
        if block.startswith(":"):
            continue
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


# What the client hears


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/conversations/conversation-1/messages"])
def test_an_answer_is_told_in_steps(client: httpx.Client, path: str) -> None:
    client.post("/v1/documents", json={"text": TEXT})
    client.post("/v1/conversations")
    whole = client.post(path, json={"question": QUESTION}).json()
    response = client.post(path, json={"question": QUESTION}, headers=EVENTS)
    assert events(response) == [
        ("interpretation", {"interpreted_as": QUESTION}),
        ("passages", {"passages": whole["passages"]}),
        ("answer", whole),
        ("done", {}),
    ]
    assert whole["answer"] == QUOTE
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
    assert "content-length" not in response.headers
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_refusal_without_passages_has_no_such_event(client: httpx.Client) -> None:
    told = events(client.post("/v1/ask", json={"question": "Who?"}, headers=EVENTS))
    assert [name for name, _ in told] == ["interpretation", "answer", "done"]
    assert told[1][1]["reason"] == "nothing_indexed"


def test_streamed_answers_are_counted_as_others(client: httpx.Client) -> None:
    for headers in (EVENTS, {}):
        client.post("/v1/ask", json={"question": "Who?"}, headers=headers)
    metrics = client.get("/metrics").text
    assert 'pincite_questions_total{outcome="nothing_indexed"} 2.0\n' in metrics
    assert 'pincite_question_seconds_count{step="total"} 2.0\n' in metrics
    assert 'pincite_requests_total{method="POST",route="/v1/ask",status="200"} 2.0' in metrics


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/ask", {"question": ""}, 422),
        ("/v1/ask", {"question": "Who?", "document_ids": ["nope"]}, 404),
        ("/v1/ask", {}, 422),
        ("/v1/conversations/nope/messages", {"question": "Who?"}, 404),
        ("/v1/conversations/nope/messages", {"question": 5}, 422),
    ],
)
def test_what_fails_before_the_first_event_has_its_status(
    shared: httpx.Client, path: str, body: dict[str, object], status: int
) -> None:
    problem(shared.post(path, json=body, headers=EVENTS), status)


def test_a_server_that_loads_or_is_full_says_so_by_its_status() -> None:
    service, loaded = Stepwise(), threading.Event()

    def opening() -> FakeService:
        assert loaded.wait(20)
        return service

    with serving(opening, ServerSettings(queue=0), wait=False) as client:
        problem(client.post("/v1/ask", json={"question": "Who?"}, headers=EVENTS), 503)
        loaded.set()
        wait_for(client, "pincite_ready 1.0")
        with client.stream("POST", "/v1/ask", json={"question": "Who?"}, headers=EVENTS) as first:
            assert service.heard.acquire(timeout=10)
            full = client.post("/v1/ask", json={"question": "Who?"}, headers=EVENTS)
            assert problem(full, 503)["type"] == "urn:pincite:overloaded"
            service.go.set()
            assert parsed(first.read())[-1] == ("done", {})


def test_what_fails_later_is_an_event_and_the_last() -> None:
    class Halfway(FakeService):
        def search(self, *_: object, **__: object) -> Any:
            raise StoreLocked("the store is locked: try again")

    with serving(Halfway) as client:
        response = client.post("/v1/ask", json={"question": "Who?"}, headers=EVENTS)
        first, last = events(response)
        assert first[0] == "interpretation"
        assert last[0] == "error"
        assert last[1]["status"] == 503
        assert last[1]["type"] == "urn:pincite:store-locked"
        assert 'pincite_questions_total{outcome="error"} 1.0\n' in client.get("/metrics").text


def test_ends_of_lines_within_json_are_escaped() -> None:
    sent = event("answer", {"quote": "a\x85b\u2028c\u2029d\re\nf"})
    assert len(sent.decode().splitlines()) == 3
    assert parsed(sent) == [("answer", {"quote": "a\x85b\u2028c\u2029d\re\nf"})]


# What the client asks for


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", False),
        ("*/*", False),
        ("text/*", True),
        ("application/json", False),
        ("text/html, */*;q=0.1", False),
        ("text/event-stream", True),
        ("Text/Event-Stream; charset=utf-8", True),
        ("text/event-stream, */*", True),
        ("*/*, text/event-stream", True),
        ("text/event-stream;q=0, */*", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=0.1, */*", False),
        ("text/event-stream;q=0.8, application/json;q=0.9", False),
        ("text/event-stream;q=0.9, application/json;q=0.8", True),
        ("application/json, text/event-stream", False),
        ("text/event-stream, application/json", True),
        ("application/json;q=0, */*", True),
        ("text/event-stream;q=inf, */*;q=nan", True),
        ("text/event-stream; Q = 0.2, application/json;q=0.3", False),
        (";;,,;q", False),
    ],
)
def test_who_wants_events(accept: str, wanted: bool) -> None:
    assert prefers_events(accept) is wanted


@pytest.mark.parametrize("accept", ["*/*", "", "text/html", "\xff\xfe", "*/*;q=inf", "a" * 5000])
def test_anything_else_is_json(shared: httpx.Client, accept: str) -> None:
    headers = [(b"accept", accept.encode("latin-1"))]
    response = shared.post("/v1/ask", json={"question": "Who?"}, headers=headers)
    assert response.json()["question"] == "Who?"


def test_headers_of_one_name_count_together(shared: httpx.Client) -> None:
    headers = [("Accept", "application/json;q=0.5"), ("Accept", "text/event-stream")]
    assert events(shared.post("/v1/ask", json={"question": "Who?"}, headers=headers))


# What becomes of who leaves


class Stepwise(FakeService):
    """Waits after its first step for as long as the test wants."""

    def __init__(self) -> None:
        super().__init__({QUESTION: QUOTE})
        self.go = threading.Event()
        self.heard = threading.Semaphore(0)
        self.ended: list[str] = []

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        def tell(step: Interpretation | Retrieval) -> None:
            assert watch is not None
            watch(step)
            self.heard.release()
            assert self.go.wait(20)

        try:
            return super().ask(question, watch=tell)
        except Exception as error:
            self.ended.append(str(error))
            raise


@pytest.mark.parametrize("accept", ["text/event-stream", "*/*"])
@pytest.mark.parametrize("path", ["/v1/ask", "/v1/conversations/conversation-1/messages"])
def test_work_for_a_client_that_left_ends_at_its_next_step(accept: str, path: str) -> None:
    service = Stepwise()
    with serving(lambda: service, ServerSettings(queue=0)) as client:
        client.post("/v1/documents", json={"text": TEXT})
        client.post("/v1/conversations")
        body = json.dumps({"question": QUESTION}).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Accept: {accept}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with connection(client) as link:
            link.sendall(head.encode() + body)
            assert service.heard.acquire(timeout=10)
        # The server has heard of it once the request is in its figures.
        wait_for(client, f'{path.replace("conversation-1", "{conversation_id}")}"')
        service.go.set()
        wait_for(client, 'pincite_running{queue="ask"} 0.0')
        assert service.ended == ["The client closed the connection."]
        assert client.get("/v1/conversations/conversation-1").json()["messages"] == []
        assert client.post(path, json={"question": QUESTION}).json()["answer"] == QUOTE
        metrics = client.get("/metrics").text
        assert 'pincite_questions_total{outcome="answered"} 1.0\n' in metrics
        assert 'outcome="error"' not in metrics


# The stream by itself


def test_a_silent_stream_is_kept_alive_by_comments() -> None:
    async def test() -> None:
        free = asyncio.Event()

        async def work(_: Watch) -> Answer:
            await free.wait()
            return ANSWER

        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)
            if len(sent) == 4:
                free.set()

        await sending(work, send, ping_seconds=0.001)
        assert sent[0]["type"] == "http.response.start"
        assert [message["body"] for message in sent[1:4]] == [b": ping\n\n"] * 3
        assert [name for name, _ in parsed(bodies(sent))] == ["answer", "done"]
        assert [message["more_body"] for message in sent[1:]][-2:] == [True, False]

    run(test)


def test_nothing_is_sent_of_what_fails_at_once() -> None:
    async def test() -> None:
        async def work(_: Watch) -> Answer:
            raise StoreLocked("locked")

        sent: list[Any] = []
        with pytest.raises(StoreLocked):
            await sending(work, collect(sent))
        assert sent == []

    run(test)


def test_a_stream_that_is_cut_off_says_so() -> None:
    async def test() -> None:
        begun, cancelled = asyncio.Event(), asyncio.Event()

        async def work(watch: Watch) -> Answer:
            watch(Interpretation("Who?"))
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            raise AssertionError

        sent: list[Any] = []
        stream = asyncio.ensure_future(sending(work, collect(sent)))
        await begun.wait()
        while len(sent) < 2:
            await asyncio.sleep(0)
        stream.cancel()
        await stream
        await cancelled.wait()
        name, document = parsed(bodies(sent))[-1]
        assert (name, document["type"]) == ("error", "urn:pincite:stopping")
        assert sent[-1]["more_body"] is False

    run(test)


def test_a_stream_that_is_cut_off_before_it_begins_is_cancelled() -> None:
    async def test() -> None:
        cancelled = asyncio.Event()

        async def work(_: Watch) -> Answer:
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            raise AssertionError

        sent: list[Any] = []
        stream = asyncio.ensure_future(sending(work, collect(sent)))
        await asyncio.sleep(0.01)
        stream.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stream
        await cancelled.wait()
        assert sent == []

    run(test)


def sending(
    work: Callable[[Watch], Awaitable[Answer]],
    send: Callable[[Any], Awaitable[None]],
    *,
    ping_seconds: float = PING_SECONDS,
) -> Coroutine[Any, Any, None]:
    """The stream, as the application sends it."""

    async def receive() -> Any:
        raise AssertionError("only one may listen, and that is the pool")

    response = EventStream(work, ping_seconds=ping_seconds).to_asgi_response()
    return response(cast(HTTPScope, {}), receive, send)


def collect(sent: list[Any]) -> Callable[[Any], Awaitable[None]]:
    async def send(message: Any) -> None:
        sent.append(message)

    return send


def bodies(sent: list[Any]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await test()

    asyncio.run(bounded())
