"""The service over REST is the service: the same calls, the same results, the same errors."""

import dataclasses
from collections.abc import Iterator

import pytest

from index.errors import DocumentNotFound, PinciteError, SourceError
from index.types import Document, Scope, Source
from qa.errors import InvalidRequest, RemoteError
from qa.remote import RemoteService
from qa.types import Claim, Question
from tests.fakes import FakeService
from tests.server.conftest import QUESTION, QUOTE, TEXT, serving

KEY = "a-key"


@pytest.fixture
def remote(service: FakeService) -> Iterator[RemoteService]:
    with serving(lambda: service, key=KEY, wait=False) as client:
        while client.get("/health/ready").status_code != 200:
            pass
        remote = RemoteService(str(client.base_url), key=KEY)
        yield remote
        remote.close()


def source(text: str = TEXT) -> Source:
    return Source(
        data=text.encode(),
        name="godwits.txt",
        media_type="text/plain",
        title="Godwits",
        metadata={"topic": "birds", "ключ": "значение"},
    )


def test_the_same_results(remote: RemoteService, service: FakeService) -> None:
    added = remote.add(source())
    assert added == dataclasses.replace(service.add(source()), created=True)
    assert remote.add(source()).created is False
    id = added.document.id
    assert remote.document(id) == service.document(id)
    assert remote.text(id) == service.text(id) == TEXT
    scope = Scope(document_ids=(id,), filter={"topic": "birds"})
    for question in (
        Question(QUESTION),
        Question("Who?"),
        Question(QUESTION, limit=20, scope=scope, min_confidence=0.0),
    ):
        assert remote.ask(question) == service.ask(question)
        assert service.asked[-2:] == [question, question]
    assert remote.search("x", limit=1, scope=scope) == service.search("x", limit=1, scope=scope)
    start = TEXT.index(QUOTE)
    for claim in (
        Claim(id, start, start + len(QUOTE), QUOTE),
        Claim(id, 0, 3, "x"),
        Claim(id, 0, 10**9, "x"),
    ):
        assert remote.verify(claim) == service.verify(claim)
    remote.remove(id)
    assert remote.documents() == service.documents()


def test_the_same_pages(remote: RemoteService) -> None:
    ids = [remote.add(source(text)).document.id for text in "abcde"]
    seen: list[Document] = []
    page = remote.documents(limit=2)
    seen += page.documents
    while page.next_cursor:
        page = remote.documents(limit=2, cursor=page.next_cursor)
        seen += page.documents
    assert [document.id for document in seen] == ids


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda s: s.document("nope"), DocumentNotFound),
        (lambda s: s.text("../nope"), DocumentNotFound),
        (lambda s: s.remove("nope"), DocumentNotFound),
        (lambda s: s.ask(Question(" ")), InvalidRequest),
        (lambda s: s.ask(Question("a" * 10_000)), InvalidRequest),
        (lambda s: s.ask(Question("?", scope=Scope(document_ids=("nope",)))), DocumentNotFound),
        (lambda s: s.documents(cursor="nope"), InvalidRequest),
        (lambda s: s.add(Source(data=b" ", name="a.txt")), SourceError),
    ],
)
def test_the_same_errors(remote: RemoteService, call: object, error: type[PinciteError]) -> None:
    with pytest.raises(error):
        call(remote)  # type: ignore[operator]


def test_a_wrong_key_is_told() -> None:
    with serving(FakeService, key=KEY, wait=False) as client:
        for key in (None, "wrong"):
            remote = RemoteService(str(client.base_url), key=key)
            with pytest.raises(RemoteError, match="key"):
                remote.documents()
            remote.close()
