"""The service over REST is the service: the same calls, the same results, the same errors."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from index.errors import DocumentNotFound, PinciteError, SourceError
from index.types import Document, Scope, Source
from qa.errors import (
    AnswerNotFound,
    ConversationNotFound,
    FeedbackNotFound,
    InvalidRequest,
    RemoteError,
)
from qa.remote import RemoteService
from qa.types import (
    Answer,
    Claim,
    Feedback,
    Interpretation,
    Mark,
    Question,
    Retrieval,
    Turn,
    Watch,
)
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
    assert remote.outline(id) == service.outline(id)
    assert remote.suggestions(document_id=id) == service.suggestions(document_id=id)
    assert remote.suggestions(limit=1) == service.suggestions(limit=1)
    scope = Scope(document_ids=(id,), filter={"topic": "birds"})
    for question in (
        Question(QUESTION),
        Question("Who?"),
        Question(QUESTION, limit=20, scope=scope, min_confidence=0.0),
        Question("When?", history=(Turn("Who?", "\u2028 it"), Turn("Why?"))),
        Question(QUESTION, resolve=False),
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


def test_the_same_steps(remote: RemoteService, service: FakeService) -> None:
    remote.add(source("Wide\u2028 \x85 spaces, in September."))
    conversation = remote.start_conversation().id
    calls: list[Callable[[Any, Watch], Answer]] = [
        lambda s, watch: s.ask(Question(QUESTION), watch=watch),
        lambda s, watch: s.ask(Question("Who?"), watch=watch),
        lambda s, watch: s.reply(conversation, Question(QUESTION), watch=watch),
    ]
    for call in calls:
        there: list[Interpretation | Retrieval] = []
        here: list[Interpretation | Retrieval] = []
        assert call(remote, there.append) == call(service, here.append)
        assert there == here
        assert len(here) == 2


def test_who_watches_may_end_it(remote: RemoteService) -> None:
    class Enough(Exception):
        pass

    def watch(_: object) -> None:
        raise Enough

    remote.add(source())
    conversation = remote.start_conversation().id
    with pytest.raises(Enough):
        remote.reply(conversation, Question(QUESTION), watch=watch)
    assert remote.ask(Question(QUESTION)).answer == QUOTE


def test_the_same_conversations(remote: RemoteService, service: FakeService) -> None:
    remote.add(source())
    started = remote.start_conversation()
    remote.start_conversation()
    first = remote.reply(started.id, Question(QUESTION, history=(Turn("left out"),)))
    remote.reply(started.id, Question("And why?", resolve=False))
    assert service.asked[-1] == Question(
        "And why?", history=(Turn(QUESTION, first.answer),), resolve=False
    )
    assert remote.conversation(started.id) == service.conversation(started.id)
    page = remote.conversations(limit=1)
    assert page == service.conversations(limit=1)
    rest = remote.conversations(limit=1, cursor=page.next_cursor)
    assert rest.conversations[0].title == QUESTION
    renamed = remote.rename_conversation(started.id, " Größe\n& more")
    assert renamed.title == "Größe & more"
    assert remote.conversations(search="grosse") == service.conversations(search="grosse")
    assert remote.conversations(search="grosse").conversations == (renamed,)
    assert remote.conversations(search="nothing of it").conversations == ()
    remote.delete_conversation(started.id)
    assert remote.conversations() == service.conversations()
    assert len(remote.conversations().conversations) == 1


def test_the_same_feedback(remote: RemoteService, service: FakeService) -> None:
    remote.add(source())
    assert remote.feedback() == ()
    for question, verdict, expected in (
        (QUESTION, Mark.WRONG, "tired"),
        ("Who?", Mark.RIGHT, None),
    ):
        answer = remote.ask(Question(question))
        remote.give_feedback(Feedback(answer.id, verdict, expected))
    assert remote.feedback() == service.feedback()
    assert [one.feedback.expected for one in remote.feedback()] == ["tired", None]
    remote.withdraw_feedback(answer.id)
    assert [one.feedback.expected for one in remote.feedback()] == ["tired"]


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
        (lambda s: s.ask(Question(" "), watch=lambda _: None), InvalidRequest),
        (
            lambda s: s.ask(
                Question("?", scope=Scope(document_ids=("nope",))), watch=lambda _: None
            ),
            DocumentNotFound,
        ),
        (lambda s: s.documents(cursor="nope"), InvalidRequest),
        (lambda s: s.conversations(cursor="nope"), InvalidRequest),
        (lambda s: s.conversation("nope"), ConversationNotFound),
        (lambda s: s.delete_conversation("nope"), ConversationNotFound),
        (lambda s: s.rename_conversation("nope", "title"), ConversationNotFound),
        (lambda s: s.rename_conversation("nope", " "), InvalidRequest),
        (lambda s: s.withdraw_feedback("nope"), FeedbackNotFound),
        (lambda s: s.reply("nope", Question("Who?")), ConversationNotFound),
        (lambda s: s.reply("nope", Question("Who?"), watch=lambda _: None), ConversationNotFound),
        (lambda s: s.give_feedback(Feedback("nope", Mark.RIGHT)), AnswerNotFound),
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
