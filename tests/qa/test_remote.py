"""The service over HTTP, against a small server that speaks the REST contract."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from email import message_from_bytes
from typing import Any

import httpx
import pytest

from index.errors import (
    DocumentNotFound,
    EmptySource,
    FetchFailed,
    NotFetched,
    PinciteError,
    SourceError,
    SourceTooLarge,
    StoreFull,
    UnsupportedType,
)
from index.types import Link, Scope, Source
from qa.errors import InvalidRequest, RemoteError
from qa.remote import RemoteService
from qa.types import Claim, Interpretation, Question, Reason, Retrieval
from tests.fakes import FakeService

URL = "http://127.0.0.1:8080"
SOURCE = Source("Der Hafen wurde 1871 eröffnet.".encode(), "häfen.txt", "text/plain", title="Hafen")
QUESTION = "When did it open?"
ANSWER = FakeService().ask(Question("Who?"))


def contract(service: FakeService) -> Callable[[httpx.Request], httpx.Response]:
    """A server in one function: the calls of the contract, on the given service."""

    def answer(request: httpx.Request) -> httpx.Response:
        try:
            return _route(service, request)
        except DocumentNotFound as error:
            return _problem(404, str(error))
        except (EmptySource, FetchFailed, NotFetched) as error:
            return _problem(422, str(error))

    return answer


def _route(service: FakeService, request: httpx.Request) -> httpx.Response:
    path = request.url.path.removeprefix("/v1/")
    kind, _, id = path.partition("/")
    body = json.loads(request.content) if "json" in request.headers.get("Content-Type", "") else {}
    match request.method, kind, id:
        case "POST", "documents", "":
            added = service.add(Link(**body) if body else _uploaded(request))
            return httpx.Response(201 if added.created else 200, json=asdict(added.document))
        case "POST", "documents", _ if id.endswith("/refresh"):
            refreshed = service.refresh(id.removesuffix("/refresh"))
            return httpx.Response(200, json=asdict(refreshed))
        case "GET", "documents", "":
            wanted = request.url.params
            page = service.documents(limit=int(wanted["limit"]), cursor=wanted.get("cursor"))
            return httpx.Response(200, json=asdict(page))
        case "GET", "documents", _ if id.endswith("/text"):
            return httpx.Response(200, text=service.text(id.removesuffix("/text")))
        case "GET", "documents", _:
            return httpx.Response(200, json=asdict(service.document(id)))
        case "DELETE", "documents", _:
            service.remove(id)
            return httpx.Response(204)
        case "POST", "ask", "":
            scope = _scope(body)
            confidence = body.get("min_confidence")
            question = Question(body["question"], body["limit"], scope, confidence)
            return httpx.Response(200, json=asdict(service.ask(question)))
        case "POST", "search", "":
            found = service.search(body["query"], limit=body["limit"], scope=_scope(body))
            return httpx.Response(200, json={"passages": [asdict(passage) for passage in found]})
        case "POST", "verify", "":
            return httpx.Response(200, json=asdict(service.verify(Claim(**body))))
    return _problem(404, f"no route {request.method} {request.url.path}")


def _scope(body: dict[str, Any]) -> Scope:
    ids = body.get("document_ids")
    return Scope(None if ids is None else tuple(ids), body.get("filter", {}))


def _uploaded(request: httpx.Request) -> Source:
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts = {}
    for part in message_from_bytes(head + request.content).get_payload():
        name = part.get_param("name", header="Content-Disposition")  # type: ignore[union-attr]
        parts[name] = part
    file = parts["file"]
    title, metadata = (
        parts[name].get_payload(decode=True) if name in parts else None  # type: ignore[union-attr]
        for name in ("title", "metadata")
    )
    return Source(
        file.get_payload(decode=True),  # type: ignore[union-attr, arg-type]
        "uploaded",
        file.get_content_type(),  # type: ignore[union-attr]
        title=title.decode() if title else None,  # type: ignore[union-attr]
        metadata=json.loads(metadata) if metadata else {},  # type: ignore[arg-type]
    )


def _problem(status: int, detail: str) -> httpx.Response:
    body = {"type": "about:blank", "title": "Refused", "status": status, "detail": detail}
    return httpx.Response(
        status, content=json.dumps(body), headers={"Content-Type": "application/problem+json"}
    )


def remote(answer: Callable[[httpx.Request], httpx.Response], **options: str) -> RemoteService:
    return RemoteService(URL, transport=httpx.MockTransport(answer), **options)


@pytest.fixture
def local() -> FakeService:
    return FakeService({QUESTION: "1871"})


@pytest.fixture
def service(local: FakeService) -> RemoteService:
    return remote(contract(local))


def test_adding_uploads_the_bytes_and_says_whether_they_are_new(
    service: RemoteService, local: FakeService
) -> None:
    source = Source(SOURCE.data, SOURCE.name, title="Hafen", metadata={"k": "v"})
    first, second = service.add(source), service.add(source)
    assert (first.created, second.created) == (True, False)
    assert first.document == local.documents().documents[0]
    assert (first.document.title, first.document.metadata) == ("Hafen", {"k": "v"})
    assert service.text(first.document.id).encode() == SOURCE.data


def test_the_server_fetches_what_is_on_the_web(service: RemoteService, local: FakeService) -> None:
    local.pages["https://example.org/a"] = "The page."
    added = service.add(Link("https://example.org/a", "A page", {"k": "v"}))
    assert added.document == local.documents().documents[0]
    assert (added.document.title, added.document.metadata["k"]) == ("A page", "v")
    assert service.refresh(added.document.id).replaced is None
    local.pages["https://example.org/a"] = "Another page."
    refreshed = service.refresh(added.document.id)
    assert refreshed.replaced == added.document.id
    assert local.documents().documents == (refreshed.document,)


def test_what_the_server_can_not_fetch_is_wrong_with_the_source(
    service: RemoteService, local: FakeService
) -> None:
    with pytest.raises(SourceError, match="404"):
        service.add(Link("https://example.org/a"))
    with pytest.raises(SourceError, match="was not fetched from the web"):
        service.refresh(service.add(SOURCE).document.id)
    with pytest.raises(DocumentNotFound):
        service.refresh("nothing")


def test_an_answer_comes_back_as_the_local_one(service: RemoteService, local: FakeService) -> None:
    id = service.add(SOURCE).document.id
    question = Question(QUESTION, 3, Scope((id,), {"k": "v"}), 0.25)
    assert service.ask(question) == local.ask(question)
    assert local.asked == [question, question]
    refused = service.ask(Question("Who?"))
    assert refused.reason is Reason.NOT_IN_TEXT


def test_searching_verifying_listing_and_removing(
    service: RemoteService, local: FakeService
) -> None:
    id = service.add(SOURCE).document.id
    assert service.search("Hafen") == local.search("Hafen")
    assert service.verify(Claim(id, 16, 20, "1871")).valid
    assert service.verify(Claim(id, 999, 1000, "x")).actual is None
    service.add(Source(b"Another text.", "b.txt"))
    page = service.documents(limit=1)
    assert page.next_cursor is not None
    assert service.documents(limit=1, cursor=page.next_cursor).documents[0].id != id
    service.remove(id)
    with pytest.raises(DocumentNotFound, match=id):
        service.document(id)


def test_an_id_cannot_leave_the_documents(service: RemoteService) -> None:
    with pytest.raises(DocumentNotFound):
        service.document("../ask?x=1#y")


def test_what_cannot_be_a_document_is_a_source_error(service: RemoteService) -> None:
    with pytest.raises(SourceError, match="nothing to index"):
        service.add(Source(b" ", "empty.txt"))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, InvalidRequest),
        (404, DocumentNotFound),
        (413, SourceTooLarge),
        (415, UnsupportedType),
        (422, InvalidRequest),
        (429, RemoteError),
        (503, RemoteError),
        (507, StoreFull),
    ],
)
def test_statuses_become_the_errors_of_a_local_service(
    status: int, error: type[PinciteError]
) -> None:
    service = remote(lambda _: _problem(status, "what went wrong"))
    with pytest.raises(error, match="what went wrong"):
        service.ask(Question("x"))


def test_a_busy_server_says_when_to_come_back() -> None:
    def busy(_: httpx.Request) -> httpx.Response:
        response = _problem(503, "too many questions")
        response.headers["Retry-After"] = "2"
        return response

    with pytest.raises(RemoteError, match="try again in 2 s") as raised:
        remote(busy).ask(Question("x"))
    assert raised.value.status == 503


def test_the_key_is_sent_and_a_missing_one_named() -> None:
    def guarded(request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") != "Bearer secret":
            return _problem(401, "no")
        return httpx.Response(200, json={"documents": [], "next_cursor": None})

    assert remote(guarded, key="secret").documents().documents == ()
    with pytest.raises(RemoteError, match="PINCITE_API_KEY"):
        remote(guarded).documents()


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, text="<html>hello</html>"),
        httpx.Response(200, json={"documents": 3}),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(404, text="not here"),
        httpx.Response(302, headers={"Location": "http://elsewhere/"}),
        httpx.Response(500, content=b"{", headers={"Content-Type": "application/problem+json"}),
    ],
)
def test_another_server_is_noticed(response: httpx.Response) -> None:
    with pytest.raises(RemoteError, match=URL):
        remote(lambda _: response).documents()


def streaming(*chunks: bytes) -> RemoteService:
    """A server that sends these events, in these pieces."""
    headers = {"Content-Type": "text/event-stream; charset=utf-8"}
    return remote(lambda _: httpx.Response(200, headers=headers, content=iter(chunks)))


def _answer_event() -> bytes:
    return b"event: answer\ndata: " + json.dumps(asdict(ANSWER)).encode() + b"\n\n"


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_events_are_read_however_they_are_cut(size: int, end: bytes) -> None:
    sent = (
        b": ping\n\n"
        b'event: interpretation\ndata: {"interpreted_as": "a\xe2\x80\xa8b"}\n\n'
        b"event: unheard\nid: 5\nretry: 1\ndata: x\ndata: y\n\n"
        b"event: empty\n\n"
        b'event:passages\ndata:{"passages":\ndata:[]}\n\n'
        b": ping\n\n" + _answer_event() + b"event: done\ndata: {}\n\n"
    ).replace(b"\n", end)
    heard: list[object] = []
    service = streaming(*(sent[at : at + size] for at in range(0, len(sent), size)))
    assert service.ask(Question("Who?"), watch=heard.append) == ANSWER
    assert heard == [Interpretation("a\u2028b"), Retrieval(())]


@pytest.mark.parametrize(
    ("problem", "error", "message"),
    [
        ({"status": 503, "detail": "the store is locked"}, RemoteError, "locked"),
        ({"status": 404, "detail": "no such document"}, DocumentNotFound, "no such"),
        ({"status": 500, "title": "Broken"}, RemoteError, "Broken"),
        ({}, RemoteError, "check the address"),
        ({"status": "x"}, RemoteError, "check that a Pincite server"),
    ],
)
def test_an_error_among_the_events_is_raised(
    problem: dict[str, object], error: type[PinciteError], message: str
) -> None:
    sent = b"event: error\ndata: " + json.dumps(problem).encode() + b"\n\n"
    with pytest.raises(error, match=message):
        streaming(sent).ask(Question("Who?"), watch=lambda _: None)


@pytest.mark.parametrize(
    "sent", [b"", b": ping\n\n", b"event: done\ndata: {}\n\n", b"event: answer"]
)
def test_a_stream_without_an_answer_is_noticed(sent: bytes) -> None:
    with pytest.raises(RemoteError, match="half way"):
        streaming(sent).ask(Question("Who?"), watch=lambda _: None)


def test_a_stream_that_breaks_off_is_noticed() -> None:
    def broken() -> Iterator[bytes]:
        yield b": ping\n\n"
        raise httpx.ReadError("cut off")

    headers = {"Content-Type": "text/event-stream"}
    service = remote(lambda _: httpx.Response(200, headers=headers, content=broken()))
    with pytest.raises(RemoteError, match="cut off"):
        service.ask(Question("Who?"), watch=lambda _: None)


def test_a_server_that_knows_no_events_answers_all_the_same(service: RemoteService) -> None:
    heard: list[object] = []
    assert service.ask(Question("Who?"), watch=heard.append).answered is False
    assert heard == []


def test_no_server_says_how_to_start_one() -> None:
    # Port 9 of this machine is the discard service, which nobody runs.
    with pytest.raises(RemoteError, match="pincite serve"):
        RemoteService("http://127.0.0.1:9").documents()


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://x", "http://a:b", "nonsense"])
def test_a_wrong_address_is_said_to_be_one(url: str) -> None:
    with pytest.raises(RemoteError, match="address of a server"):
        RemoteService(url).documents()


def test_a_key_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(RemoteError, match="API key"):
        RemoteService(URL, key="schlüssel-✓")
