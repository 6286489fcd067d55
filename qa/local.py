"""The service on a store of this machine."""

import threading
from collections import OrderedDict
from collections.abc import Container
from dataclasses import replace

from index.library import Library
from index.search import Searcher
from index.types import Added, Document, DocumentPage, Passage, Progress, Scope, Source
from qa.journal import Journal
from qa.pipeline import AnswerPipeline, check_query
from qa.service import TURNS, still_stored
from qa.settings import AnswerSettings
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

REMEMBERED = 1_000
"""Answers outside conversations that feedback can still be given on, in this process."""


class LocalService:
    """Everything Pincite does, on a library in this process. See ``qa.service.Service``."""

    def __init__(
        self,
        library: Library,
        searcher: Searcher,
        pipeline: AnswerPipeline,
        settings: AnswerSettings,
        journal: Journal,
    ) -> None:
        self.library = library
        self.searcher = searcher
        self.pipeline = pipeline
        self._settings = settings
        self._journal = journal
        self._given = _Recent()

    def add(self, source: Source, *, progress: Progress | None = None) -> Added:
        """Store and index a source; returns only when it is durable."""
        return self.library.add(source, progress=progress)

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

    def conversations(self, *, limit: int = 100, cursor: str | None = None) -> ConversationPage:
        """The conversations, newest first. Raises InvalidCursor."""
        return self._journal.conversations(limit=limit, cursor=cursor)

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

    def feedback(self) -> tuple[Judgement, ...]:
        """All feedback, oldest first."""
        return self._journal.judgements()

    def close(self) -> None:
        """Save what is derived, and let go of the files."""
        try:
            self._journal.close()
        finally:
            self.library.close()

    def _ask(self, question: Question, watch: Watch | None) -> Answer:
        self._require(question.scope)
        return self.pipeline.ask(question, watch=watch)

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
