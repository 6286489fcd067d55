"""What Pincite does, as one object: the same calls in this process or over a URL."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Protocol

from index.errors import DocumentNotFound
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
from qa.suggestions import LIMIT
from qa.types import (
    Answer,
    Claim,
    Conversation,
    ConversationPage,
    Feedback,
    Judgement,
    Question,
    Suggestion,
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

    def add(self, source: Source | Link, *, progress: Progress | None = None) -> Added:
        """Store and index a source, or the page at a link; returns only when it is durable."""
        ...

    def refresh(self, document_id: str) -> Refreshed:
        """Fetch a document's page anew; where it has changed, it takes the document's place.

        Raises DocumentNotFound, and NotFetched for a document that did not come from the web.
        """
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

    def outline(self, document_id: str) -> Outline:
        """How a document's text is laid out. Raises DocumentNotFound."""
        ...

    def suggestions(
        self, *, limit: int = LIMIT, document_id: str | None = None
    ) -> tuple[Suggestion, ...]:
        """Places to begin with in a document, or in those added last. Raises DocumentNotFound."""
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

    def conversations(
        self, *, limit: int = 100, cursor: str | None = None, search: str = ""
    ) -> ConversationPage:
        """The conversations, newest first. Raises InvalidCursor.

        With ``search`` those in whose title, questions and answers all of its words stand,
        whatever their case and accents, also as parts of words.
        """
        ...

    def conversation(self, conversation_id: str) -> Transcript:
        """A conversation with its messages. Raises ConversationNotFound."""
        ...

    def rename_conversation(self, conversation_id: str, title: str) -> Conversation:
        """Give a conversation a title that it keeps.

        Raises ConversationNotFound, and InvalidRequest for a title that is blank or too long.
        """
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

    def withdraw_feedback(self, answer_id: str) -> None:
        """Forget the verdict on an answer. Raises FeedbackNotFound."""
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


def take_place(
    old: Document,
    source: Source,
    *,
    add: Callable[[Source], Added],
    remove: Callable[[str], None],
) -> Refreshed:
    """Add a document's new version, and remove the old one once that is durable."""
    new = add(source).document
    if new.id == old.id:
        return Refreshed(new, replaced=None)
    with suppress(DocumentNotFound):  # removed meanwhile
        remove(old.id)
    return Refreshed(new, replaced=old.id)


def every_document(service: Service) -> Iterator[Document]:
    """All stored documents, page by page, oldest first."""
    page = service.documents()
    yield from page.documents
    while page.next_cursor is not None:
        page = service.documents(cursor=page.next_cursor)
        yield from page.documents


def every_conversation(service: Service, search: str = "") -> Iterator[Conversation]:
    """All conversations that ``search`` finds, page by page, newest first."""
    page = service.conversations(search=search)
    yield from page.conversations
    while page.next_cursor is not None:
        page = service.conversations(cursor=page.next_cursor, search=search)
        yield from page.conversations
