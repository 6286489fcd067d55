"""What Pincite does, as one object: the same calls in this process or over a URL."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from index.errors import DocumentNotFound
from index.types import Added, Document, DocumentPage, Passage, Progress, Scope, Source
from qa.types import (
    Answer,
    Claim,
    Conversation,
    ConversationPage,
    Feedback,
    Judgement,
    Question,
    Transcript,
    Verdict,
    Watch,
)

TURNS = 20
"""The latest turns of a conversation, with which its next question is read."""


class Service(Protocol):
    """The calls behind every command and route.

    ``qa.bootstrap.open_service`` gives one on a local store, ``qa.remote.RemoteService`` one
    on a running server. All calls block and are safe to make from several threads.
    """

    def add(self, source: Source, *, progress: Progress | None = None) -> Added:
        """Store and index a source; returns only when it is durable."""
        ...

    def remove(self, document_id: str) -> None:
        """Take a document out of everything. Raises DocumentNotFound."""
        ...

    def documents(self, *, limit: int = 100, cursor: str | None = None) -> DocumentPage:
        """The stored documents, oldest first."""
        ...

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentNotFound."""
        ...

    def text(self, document_id: str) -> str:
        """A document's canonical text. Raises DocumentNotFound."""
        ...

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        """Answer a question with citations, or refuse with a reason."""
        ...

    def search(self, query: str, *, limit: int = 5, scope: Scope = Scope()) -> tuple[Passage, ...]:
        """The passages closest to a query, best first."""
        ...

    def verify(self, claim: Claim) -> Verdict:
        """Whether a quote stands where a citation says. Raises DocumentNotFound."""
        ...

    def start_conversation(self) -> Conversation:
        """A new conversation, to ask in by ``reply``."""
        ...

    def conversations(self, *, limit: int = 100, cursor: str | None = None) -> ConversationPage:
        """The conversations, newest first. Raises InvalidCursor."""
        ...

    def conversation(self, conversation_id: str) -> Transcript:
        """A conversation with its messages. Raises ConversationNotFound."""
        ...

    def delete_conversation(self, conversation_id: str) -> None:
        """Forget a conversation and its messages. Raises ConversationNotFound."""
        ...

    def reply(
        self, conversation_id: str, question: Question, *, watch: Watch | None = None
    ) -> Answer:
        """Answer a question as the next message; its ``history`` is the conversation's.

        Raises ConversationNotFound. The message is durable when the answer is returned.
        """
        ...

    def give_feedback(self, feedback: Feedback) -> None:
        """Keep a verdict on an answer; a later one on it takes its place. Raises AnswerNotFound."""
        ...

    def feedback(self) -> tuple[Judgement, ...]:
        """All feedback, oldest first."""
        ...

    def close(self) -> None:
        """Let go of the store and the models."""
        ...


def still_stored(ids: Iterable[str], document: Callable[[str], Document]) -> dict[str, Document]:
    """The documents of those ids, each looked up once by ``document``; without removed ones."""
    found = {}
    for id in dict.fromkeys(ids):
        try:
            found[id] = document(id)
        except DocumentNotFound:
            continue
    return found


def every_document(service: Service) -> Iterator[Document]:
    """All stored documents, page by page, oldest first."""
    page = service.documents()
    yield from page.documents
    while page.next_cursor is not None:
        page = service.documents(cursor=page.next_cursor)
        yield from page.documents


def every_conversation(service: Service) -> Iterator[Conversation]:
    """All conversations, page by page, newest first."""
    page = service.conversations()
    yield from page.conversations
    while page.next_cursor is not None:
        page = service.conversations(cursor=page.next_cursor)
        yield from page.conversations
