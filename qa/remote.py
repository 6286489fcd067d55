"""The service on a running server, over the REST API."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from json import dumps
from typing import Any
from urllib.parse import quote

import httpx

from index.errors import SourceError
from index.types import (
    Added,
    Document,
    DocumentPage,
    Link,
    Outline,
    Passage,
    Progress,
    Refreshed,
    Scope,
    Source,
)
from qa.connection import Connection
from qa.errors import InvalidRequest, RemoteError
from qa.suggestions import LIMIT
from qa.types import (
    Answer,
    Claim,
    Conversation,
    ConversationPage,
    Feedback,
    Interpretation,
    Judgement,
    Question,
    Retrieval,
    Suggestion,
    Transcript,
    Verdict,
    Watch,
)


@dataclass(frozen=True, slots=True)
class _Found:
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class _Suggested:
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    judgements: tuple[Judgement, ...]


class RemoteService:
    """A ``Service`` whose store and models are in another process.

    ``url`` is the server's root, ``key`` its API key. What the server reports comes back as the
    error that a local service would raise, anything else as RemoteError with the HTTP status.
    ``transport`` stands in for the network in tests.
    """

    def __init__(
        self, url: str, *, key: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._server = Connection(url, key=key, transport=transport)

    def add(self, source: Source | Link, *, progress: Progress | None = None) -> Added:
        """Upload a source, or have a link's page fetched; returns when that is durable there.

        The server reports no progress, so ``progress`` is not called.
        """
        with _rejecting():
            response = self._server.send("POST", "/v1/documents", **_sent(source))
        created = response.status_code == httpx.codes.CREATED
        return Added(self._server.read(response, Document), created)

    def refresh(self, document_id: str) -> Refreshed:
        """Have a document's page fetched anew. Raises DocumentNotFound and SourceError."""
        with _rejecting():
            response = self._server.send("POST", f"{_document(document_id)}/refresh")
        return self._server.read(response, Refreshed)

    def remove(self, document_id: str) -> None:
        """Take a document out of everything. Raises DocumentNotFound."""
        self._server.send("DELETE", _document(document_id))

    def documents(self, *, limit: int = 100, cursor: str | None = None) -> DocumentPage:
        """The stored documents, oldest first."""
        return self._server.get("/v1/documents", DocumentPage, limit=limit, cursor=cursor)

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentNotFound."""
        return self._server.get(_document(document_id), Document)

    def text(self, document_id: str) -> str:
        """A document's canonical text. Raises DocumentNotFound."""
        return self._server.send("GET", f"{_document(document_id)}/text").content.decode()

    def outline(self, document_id: str) -> Outline:
        """How a document's text is laid out. Raises DocumentNotFound."""
        return self._server.get(f"{_document(document_id)}/outline", Outline)

    def suggestions(
        self, *, limit: int = LIMIT, document_id: str | None = None
    ) -> tuple[Suggestion, ...]:
        """Places to begin with in a document, or in those added last. Raises DocumentNotFound."""
        within = "/v1" if document_id is None else _document(document_id)
        return self._server.get(f"{within}/suggestions", _Suggested, limit=limit).suggestions

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        """Answer a question with citations, or refuse with a reason."""
        body = _asked(question)
        if question.history:
            body["history"] = [asdict(turn) for turn in question.history]
        return self._answer("/v1/ask", body, watch)

    def search(self, query: str, *, limit: int = 5, scope: Scope = Scope()) -> tuple[Passage, ...]:
        """The passages closest to a query, best first."""
        body = {"query": query, "limit": limit, **_scope(scope)}
        return self._server.post("/v1/search", body, _Found).passages

    def verify(self, claim: Claim) -> Verdict:
        """Whether a quote stands where a citation says. Raises DocumentNotFound."""
        return self._server.post("/v1/verify", _given(asdict(claim)), Verdict)

    def start_conversation(self) -> Conversation:
        """A new conversation, to ask in by ``reply``."""
        return self._server.post("/v1/conversations", {}, Conversation)

    def conversations(
        self, *, limit: int = 100, cursor: str | None = None, search: str = ""
    ) -> ConversationPage:
        """The conversations, newest first, that hold the words of ``search``."""
        wanted = {"limit": limit, "cursor": cursor, "search": search or None}
        return self._server.get("/v1/conversations", ConversationPage, **wanted)

    def conversation(self, conversation_id: str) -> Transcript:
        """A conversation with its messages. Raises ConversationNotFound."""
        return self._server.get(_conversation(conversation_id), Transcript)

    def rename_conversation(self, conversation_id: str, title: str) -> Conversation:
        """Give a conversation a title. Raises ConversationNotFound and InvalidRequest."""
        path = _conversation(conversation_id)
        response = self._server.send("PATCH", path, json={"title": title})
        return self._server.read(response, Conversation)

    def delete_conversation(self, conversation_id: str) -> None:
        """Forget a conversation and its messages. Raises ConversationNotFound."""
        self._server.send("DELETE", _conversation(conversation_id))

    def reply(
        self, conversation_id: str, question: Question, *, watch: Watch | None = None
    ) -> Answer:
        """Answer a question as the next message; its ``history`` is the conversation's.

        Raises ConversationNotFound.
        """
        path = f"{_conversation(conversation_id)}/messages"
        return self._answer(path, _asked(question), watch)

    def give_feedback(self, feedback: Feedback) -> None:
        """Keep a verdict on an answer. Raises AnswerNotFound."""
        self._server.send("POST", "/v1/feedback", json=_given(asdict(feedback)))

    def withdraw_feedback(self, answer_id: str) -> None:
        """Forget the verdict on an answer. Raises FeedbackNotFound."""
        self._server.send("DELETE", f"/v1/feedback/{quote(answer_id, safe='')}")

    def feedback(self) -> tuple[Judgement, ...]:
        """All feedback, oldest first."""
        return self._server.get("/v1/feedback", _Judged).judgements

    def close(self) -> None:
        """Let go of the connections."""
        self._server.close()

    def _answer(self, path: str, body: dict[str, Any], watch: Watch | None) -> Answer:
        """An answer; where ``watch`` is told of the steps, they are asked for as events."""
        if watch is None:
            return self._server.post(path, body, Answer)
        found = None
        with closing(self._server.events(path, body)) as events:
            for event in events:
                if event.name == "interpretation":
                    watch(self._server.decode(event.data, Interpretation))
                elif event.name == "passages":
                    watch(self._server.decode(event.data, Retrieval))
                elif event.name == "answer":
                    found = self._server.decode(event.data, Answer)
        if found is None:
            raise RemoteError("the server ended its answer half way: ask again")
        return found


def _sent(source: Source | Link) -> dict[str, Any]:
    """What a request has that adds a source, as httpx's parts."""
    if isinstance(source, Link):
        return {"json": _given({**asdict(source), "metadata": dict(source.metadata) or None})}
    fields = {"title": source.title, "metadata": dumps(dict(source.metadata))}
    file = (source.name, source.data, source.media_type or "application/octet-stream")
    sent = {name: value for name, value in fields.items() if value not in (None, "{}")}
    return {"data": sent, "files": {"file": file}}


@contextmanager
def _rejecting() -> Iterator[None]:
    """What the server finds wrong is wrong with the source."""
    try:
        yield
    except InvalidRequest as error:
        raise SourceError(str(error)) from error


def _document(document_id: str) -> str:
    return f"/v1/documents/{quote(document_id, safe='')}"


def _conversation(conversation_id: str) -> str:
    return f"/v1/conversations/{quote(conversation_id, safe='')}"


def _asked(question: Question) -> dict[str, Any]:
    """A question's fields of a request body, without its history."""
    return {
        "question": question.text,
        "limit": question.limit,
        **_scope(question.scope),
        **_given({"min_confidence": question.min_confidence}),
        **({} if question.resolve else {"resolve": False}),
    }


def _scope(scope: Scope) -> dict[str, Any]:
    """The scope's fields of a request body; those that restrict nothing are left out."""
    return _given({"document_ids": scope.document_ids, "filter": dict(scope.filter) or None})


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value is not None}
