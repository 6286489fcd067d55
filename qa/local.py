"""The service on a store of this machine."""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Container
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from index.errors import DocumentNotFound
from index.library import Library
from index.search import Searcher
from index.settings import IndexSettings
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
from qa.journal import Journal
from qa.pipeline import AnswerPipeline, check_query
from qa.service import TURNS, still_stored, take_place
from qa.settings import AnswerSettings
from qa.suggestions import LIMIT, merged, suggestions
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

if TYPE_CHECKING:
    from index.web.fetcher import Fetcher

REMEMBERED = 1_000
"""Answers outside conversations that feedback can still be given on, in this process."""

RECENT = 6
"""Documents that suggestions come from where none is named: those added last."""


class LocalService:
    """Everything Pincite does, on a library in this process. See ``qa.service.Service``."""

    def __init__(
        self,
        library: Library,
        searcher: Searcher,
        pipeline: AnswerPipeline,
        settings: AnswerSettings,
        journal: Journal,
        *,
        fetching: IndexSettings,
    ) -> None:
        self.library = library
        self.searcher = searcher
        self.pipeline = pipeline
        self._settings = settings
        self._journal = journal
        self._given = _Recent()
        self._fetching = fetching

    def add(self, source: Source | Link, *, progress: Progress | None = None) -> Added:
        """Store and index a source, or the page at a link; returns only when it is durable."""
        found = self._fetcher.fetch(source) if isinstance(source, Link) else source
        return self.library.add(found, progress=progress)

    def refresh(self, document_id: str) -> Refreshed:
        """Fetch a document's page anew; where it has changed, it takes the document's place.

        Raises DocumentNotFound, and SourceError as ``Fetcher.refetch`` does.
        """
        document = self.document(document_id)
        found = self._fetcher.refetch(document)
        if found is None:
            return Refreshed(document, replaced=None)
        return take_place(document, found, add=self.add, remove=self.remove)

    def remove(self, document_id: str) -> None:
        """Take a document out of everything. Raises DocumentNotFound."""
        self.library.remove(document_id)

    def documents(self, *, limit: int = 100, cursor: str | None = None) -> DocumentPage:
        """The stored documents, oldest first. Raises InvalidCursor."""
        return self.library.store.documents(limit=limit, cursor=cursor)

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentNotFound."""
        return self.library.store.document(document_id)

    def text(self, document_id: str) -> str:
        """A document's canonical text. Raises DocumentNotFound."""
        return self.library.store.text(document_id)

    def outline(self, document_id: str) -> Outline:
        """How a document's text is laid out. Raises DocumentNotFound."""
        return self.library.store.outline(document_id)

    def suggestions(
        self, *, limit: int = LIMIT, document_id: str | None = None
    ) -> tuple[Suggestion, ...]:
        """Places to begin with in a document, or in those added last. Raises DocumentNotFound."""
        if document_id is not None:
            return self._suggested(document_id, limit)
        found = []
        for document in self.library.store.latest(limit=RECENT):
            with contextlib.suppress(DocumentNotFound):  # removed meanwhile
                found.append(self._suggested(document.id, limit))
        return merged(found, limit=limit)

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        """Answer a question, or refuse.

        Raises InvalidQuestion, InvalidRequest, and DocumentNotFound for an id in its scope.
        """
        answer = self._ask(question, watch)
        self._given.keep(answer)
        return answer

    def search(self, query: str, *, limit: int = 5, scope: Scope = Scope()) -> tuple[Passage, ...]:
        """The passages closest to a query, best first; raises as ``ask`` does."""
        check_query(query, limit, longest=self._settings.max_question)
        self._require(scope)
        return tuple(self.searcher.passages(query, limit=limit, scope=scope))

    def verify(self, claim: Claim) -> Verdict:
        """Whether a quote stands where it is said to. Raises DocumentNotFound."""
        document = self.document(claim.document_id)
        text = self.text(claim.document_id)
        if not 0 <= claim.start <= claim.end <= len(text):
            return Verdict(valid=False, actual=None)
        actual = text[claim.start : claim.end]
        same_text = claim.sha256 is None or claim.sha256.lower() == document.sha256
        return Verdict(valid=same_text and actual == claim.quote, actual=actual)

    def start_conversation(self) -> Conversation:
        """A new conversation, to ask in by ``reply``."""
        return self._journal.start()

    def conversations(
        self, *, limit: int = 100, cursor: str | None = None, search: str = ""
    ) -> ConversationPage:
        """The conversations, newest first, that hold the words of ``search``.

        Raises InvalidCursor.
        """
        return self._journal.conversations(limit=limit, cursor=cursor, search=search)

    def conversation(self, conversation_id: str) -> Transcript:
        """A conversation; citations of removed documents say so. Raises ConversationNotFound."""
        transcript = self._journal.transcript(conversation_id)
        answers = [message.answer for message in transcript.messages]
        cited = (one.document_id for answer in answers for one in answer.citations)
        stored = still_stored(cited, self.document)
        messages = (
            replace(message, answer=_as_of_now(message.answer, stored))
            for message in transcript.messages
        )
        return replace(transcript, messages=tuple(messages))

    def rename_conversation(self, conversation_id: str, title: str) -> Conversation:
        """Give a conversation a title. Raises ConversationNotFound and InvalidRequest."""
        return self._journal.rename(conversation_id, title)

    def delete_conversation(self, conversation_id: str) -> None:
        """Forget a conversation and its messages. Raises ConversationNotFound."""
        self._journal.delete(conversation_id)

    def reply(
        self, conversation_id: str, question: Question, *, watch: Watch | None = None
    ) -> Answer:
        """Answer a question as the next message; raises as ``ask`` and ``conversation`` do."""
        history = self._journal.turns(conversation_id, limit=TURNS)
        answer = self._ask(replace(question, history=history), watch)
        self._journal.append(conversation_id, question.text, answer)
        return answer

    def give_feedback(self, feedback: Feedback) -> None:
        """Keep a verdict on an answer. Raises AnswerNotFound."""
        answer = self._given.get(feedback.answer_id)
        if answer is None:
            answer = self._journal.answer(feedback.answer_id)
        self._journal.judge(feedback, answer)

    def withdraw_feedback(self, answer_id: str) -> None:
        """Forget the verdict on an answer. Raises FeedbackNotFound."""
        self._journal.withdraw(answer_id)

    def feedback(self) -> tuple[Judgement, ...]:
        """All feedback, oldest first."""
        return self._journal.judgements()

    def close(self) -> None:
        """Save what is derived, and let go of the files."""
        try:
            self._journal.close()
        finally:
            self.library.close()

    @cached_property
    def _fetcher(self) -> "Fetcher":
        # Imported here, since asking a question needs no network.
        from index.web.fetcher import Fetcher

        return Fetcher(self._fetching)

    def _ask(self, question: Question, watch: Watch | None) -> Answer:
        self._require(question.scope)
        return self.pipeline.ask(question, watch=watch)

    def _suggested(self, document_id: str, limit: int) -> tuple[Suggestion, ...]:
        text, outline = self.searcher.text(document_id), self.outline(document_id)
        return suggestions(text, outline, document_id=document_id, limit=limit)

    def _require(self, scope: Scope) -> None:
        for document_id in scope.document_ids or ():
            self.document(document_id)


def _as_of_now(answer: Answer, stored: Container[str]) -> Answer:
    citations = (replace(one, removed=one.document_id not in stored) for one in answer.citations)
    return replace(answer, citations=tuple(citations))


class _Recent:
    """The last answers, so that feedback on them need not send them back."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._turn = threading.Lock()

    def keep(self, answer: Answer) -> None:
        with self._turn:
            self._answers[answer.id] = answer
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)

    def get(self, answer_id: str) -> Answer | None:
        with self._turn:
            return self._answers.get(answer_id)
