"""One type per arrow: Question → Passage → Candidate → Answer with its citations.

``Answer`` and what it holds have the names and shapes of the REST contract, so one
definition serves the command line's ``--json``, the server and Python callers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from index.types import Passage, Scope


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question of a conversation, and what was answered; None for a refusal."""

    question: str
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked. ``min_confidence`` None means the service's own threshold.

    ``history`` are the earlier turns, oldest first, that the question may lean on; with
    ``resolve`` False it is taken as it stands all the same.
    """

    text: str
    limit: int = 5
    scope: Scope = field(default_factory=Scope)
    min_confidence: float | None = None
    history: tuple[Turn, ...] = ()
    resolve: bool = True


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What a question is taken to ask, once it is known.

    The answer may still be to the words as they were put, where that is surer.
    """

    interpreted_as: str


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages that are being read for a question."""

    passages: tuple[Passage, ...]


Watch = Callable[[Interpretation | Retrieval], None]
"""Told of each step before the answer, on the thread that answers; raising ends the work."""


class Reason(StrEnum):
    """Why there is no answer."""

    NOTHING_INDEXED = "nothing_indexed"
    NOTHING_RETRIEVED = "nothing_retrieved"
    NOT_IN_TEXT = "not_in_text"


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """One thing that answers; ``citation`` and ``citations`` are citation numbers from 1."""

    text: str
    confidence: float
    citation: int
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence around a quote, with its place in the canonical text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands: W3C TextPositionSelector and TextQuoteSelector of one place.

    ``name``, ``author`` and ``published`` say which document it is to a person; ``section`` is
    the heading above the quote, verbatim, and ``page`` its page, from 1. ``removed`` is true where
    an earlier answer is shown whose document has been taken out since.
    """

    number: int
    document_id: str
    name: str
    title: str | None
    author: str | None
    published: str | None
    url: str | None
    page: int | None
    start: int
    end: int
    quote: str
    prefix: str
    suffix: str
    sentence: Sentence
    sha256: str
    removed: bool = False
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds spent on each step."""

    retrieve: float
    read: float
    total: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A cited answer, or a refusal with its reason and the closest passages.

    ``missing`` are, for a refusal, the question's words that none of the documents asked has.
    """

    id: str
    question: str
    interpreted_as: str
    answered: bool
    answer: str | None
    confidence: float | None
    reason: Reason | None
    spans: tuple[AnswerSpan, ...]
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    timings_ms: Timings
    missing: tuple[str, ...] = ()


class SuggestionKind(StrEnum):
    """What a suggestion is in its text."""

    HEADING = "heading"
    SENTENCE = "sentence"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place in a document to begin with, verbatim: ``text[start:end]`` of it is ``text``."""

    kind: SuggestionKind
    text: str
    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A quote that somebody says stands in a document at a place."""

    document_id: str
    start: int
    end: int
    quote: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a claim holds; ``actual`` is what stands there, None outside the text."""

    valid: bool
    actual: str | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation's entry in the list. ``messages`` is how many it has.

    ``title`` is the one that a person gave it, or else its first question.
    """

    id: str
    title: str
    created_at: str
    messages: int = 0


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Some of the conversations, newest first; ``next_cursor`` None on the last page."""

    conversations: tuple[Conversation, ...]
    next_cursor: str | None


class Mark(StrEnum):
    """What a person says of an answer."""

    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A person's verdict on an answer; ``expected`` is what it should have been."""

    answer_id: str
    verdict: Mark
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A question in a conversation and what was answered, as it was then.

    ``feedback`` is what a person has said of the answer since; None while nobody has.
    """

    question: str
    answer: Answer
    created_at: str
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole conversation, oldest message first."""

    id: str
    title: str
    created_at: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Feedback as it is kept, with the answer it is about."""

    feedback: Feedback
    answer: Answer
    created_at: str
