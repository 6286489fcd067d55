"""What clients send, as msgspec Structs; what they get are the types of qa/ and index/ themselves.

A field that is not known is an error: a misspelt option would otherwise be ignored in silence.
Text without NUL is asked for wherever it is stored or searched, since SQLite ends at one.
"""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Self

import msgspec
from msgspec import Meta

from index.types import Document, Outline, Passage, Scope, Span, Stage
from qa.titles import LONGEST_TITLE
from qa.types import Claim, Conversation, Feedback, Judgement, Mark, Question, Suggestion, Turn
from server.bodies import pointer
from server.errors import Fault, ProblemDocument, invalid
from server.settings import Limits

LONGEST_HISTORY = 50
LONGEST_ANSWER = 10_000

Text = Annotated[str, Meta(pattern="^[^\\x00]*$")]
# What Python takes for white space besides what JSON Schema's patterns (ECMA-262) do is named.
Words = Annotated[str, Meta(pattern="^[^\\x00]*[^\\s\\x1c-\\x1f\\x85\\x00][^\\x00]*$")]
Limit = Annotated[int, Meta(ge=1, le=20, description="how many passages to look at or to give")]
DocumentIds = Annotated[
    list[Text], Meta(max_length=1000, description="look only in these documents")
]
Filter = Annotated[
    dict[Text, Text], Meta(description="look only in documents whose metadata has these values")
]
MinConfidence = Annotated[
    float, Meta(ge=0, le=1, description="answer from this confidence up; 0: always the best")
]


class Format(StrEnum):
    """What a conversation is exported as."""

    MARKDOWN = "markdown"
    JSON = "json"


class EarlierTurn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question that was asked before, and what was answered; null for a refusal."""

    question: Words
    answer: Annotated[Text, Meta(max_length=LONGEST_ANSWER)] | None = None


class MessageRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next question of a conversation, whose earlier turns are its history."""

    question: Annotated[Words, Meta(examples=["Who wrote this, and when?"])]
    limit: Limit = 5
    document_ids: DocumentIds | None = None
    filter: Filter | None = None
    min_confidence: MinConfidence | None = None
    resolve: Annotated[
        bool, Meta(description="whether a question that leans on earlier ones is resolved first")
    ] = True

    def to_question(self, limits: Limits) -> Question:
        """The question. Raises a 422 Problem where it is too long."""
        return Question(
            text=worded(self.question, limits, "question"),
            limit=self.limit,
            scope=scope(self.document_ids, self.filter),
            min_confidence=self.min_confidence,
            resolve=self.resolve,
        )


class AskRequest(MessageRequest, frozen=True, forbid_unknown_fields=True):
    """A question, with the turns before it where it may lean on them."""

    history: (
        Annotated[
            list[EarlierTurn],
            Meta(max_length=LONGEST_HISTORY, description="the turns before this, oldest first"),
        ]
        | None
    ) = None

    def to_question(self, limits: Limits) -> Question:
        """The question. Raises a 422 Problem where it, or an earlier one, is too long."""
        turns = (
            Turn(worded(turn.question, limits, "history", str(n), "question"), turn.answer)
            for n, turn in enumerate(self.history or ())
        )
        # Not super(): a Struct is made anew as a slotted class, which its methods don't know.
        return replace(MessageRequest.to_question(self, limits), history=tuple(turns))


class SearchRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words to look for."""

    query: Annotated[Words, Meta(examples=["migration of godwits"])]
    limit: Limit = 5
    document_ids: DocumentIds | None = None
    filter: Filter | None = None


class VerifyRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A citation to check: does this quote stand there, in code points?"""

    document_id: str
    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=0)]
    quote: str
    sha256: Annotated[str, Meta(description="of the text the citation was made from")] | None = None

    def to_claim(self) -> Claim:
        """The claim to verify."""
        return Claim(self.document_id, self.start, self.end, self.quote, self.sha256)


class AddRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An article to store: its text, with what is known of it."""

    text: Text | None = None
    title: Text | None = None
    url: (
        Annotated[Text, Meta(description="where the text comes from; alone, the page to fetch")]
        | None
    ) = None
    metadata: (
        Annotated[dict[Text, Text], Meta(description="anything of yours, to filter questions by")]
        | None
    ) = None


class StartRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A conversation to start; nothing can be said of it yet."""


class RenameRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A conversation's new title."""

    title: Annotated[
        Words, Meta(max_length=LONGEST_TITLE, examples=["Godwits"], description="kept on one line")
    ]


class FeedbackRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person says of an answer."""

    answer_id: Text
    verdict: Mark
    expected: (
        Annotated[
            Words,
            Meta(max_length=LONGEST_ANSWER, description="what a wrong answer should have been"),
        ]
        | None
    ) = None

    def to_feedback(self) -> Feedback:
        """The feedback to keep."""
        return Feedback(self.answer_id, self.verdict, self.expected)


class Passages(msgspec.Struct, frozen=True):
    """The passages closest to a query, best first."""

    passages: tuple[Passage, ...]


class Documents(msgspec.Struct, frozen=True):
    """One page of documents, oldest first; ``next_cursor`` is null on the last."""

    documents: tuple[Document, ...]
    next_cursor: str | None


class OutlineHeading(msgspec.Struct, frozen=True):
    """A heading, verbatim, without its markup; `level` is 1 (highest) to 6."""

    start: int
    end: int
    level: int
    text: str


class DocumentOutline(msgspec.Struct, frozen=True):
    """How a text is laid out: the article in it, its headings and pages; each in order.

    What neither ``header`` nor ``body`` covers is boilerplate or blank.
    """

    document_id: str
    sha256: str
    header: tuple[Span, ...]
    body: tuple[Span, ...]
    headings: tuple[OutlineHeading, ...]
    pages: tuple[Span, ...]

    @classmethod
    def of(cls, document: Document, text: str, outline: Outline) -> Self:
        """The outline of a document, whose text the headings are cut from."""
        headings = (
            OutlineHeading(one.start, one.end, one.level, text[one.start : one.end])
            for one in outline.headings
        )
        return cls(
            document_id=document.id,
            sha256=document.sha256,
            header=outline.header,
            body=outline.body,
            headings=tuple(headings),
            pages=outline.pages,
        )


class Suggestions(msgspec.Struct, frozen=True):
    """Places to begin with, headings before sentences."""

    suggestions: tuple[Suggestion, ...]


class Conversations(msgspec.Struct, frozen=True):
    """One page of conversations, newest first; ``next_cursor`` is null on the last."""

    conversations: tuple[Conversation, ...]
    next_cursor: str | None


class Judgements(msgspec.Struct, frozen=True):
    """All feedback with the answers it is about, oldest first."""

    judgements: tuple[Judgement, ...]


class TextSlice(msgspec.Struct, frozen=True):
    """A part of a document's text: ``text`` stands there from ``start`` to ``end``.

    ``characters`` is the whole text's length, ``next_start`` where the next part starts.
    """

    document_id: str
    name: str
    title: str | None
    sha256: str
    characters: int
    start: int
    end: int
    text: str
    next_start: int | None


class JobState(StrEnum):
    """What has become of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A document on its way in: ``done`` of the ``total`` steps of its ``stage`` are done.

    ``document`` and ``created`` are there where it is done, ``problem`` where it failed: what
    adding it at once would have answered.
    """

    id: str
    state: JobState
    name: str
    stage: Stage | None = None
    done: int = 0
    total: int = 0
    document: Document | None = None
    created: bool | None = None
    problem: ProblemDocument | None = None
    created_at: str

    @property
    def ended(self) -> bool:
        """Whether nothing is left to be done."""
        return self.state not in {JobState.WAITING, JobState.RUNNING}


class Jobs(msgspec.Struct, frozen=True):
    """All jobs, newest first."""

    jobs: tuple[Job, ...]


class Health(msgspec.Struct, frozen=True):
    """The process is alive, or ready."""

    status: str


def scope(document_ids: list[str] | None, filter: dict[str, str] | None) -> Scope:
    """Where to look, from a request's two fields."""
    return Scope(
        document_ids=None if document_ids is None else tuple(document_ids), filter=filter or {}
    )


def worded(text: str, limits: Limits, *field: str) -> str:
    """The text of a question or query. Raises a 422 Problem for the field if it is too long."""
    longest = limits.question_characters
    if len(text) > longest:
        detail = f"is {len(text):,} characters long: the limit is {longest:,}"
        raise invalid(Fault(detail, pointer=pointer(*field)))
    return text
