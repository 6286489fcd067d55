"""What people said of answers, as evidence on the confidence: how sure it was, and whether rightly.

The confidence in a kept answer was that of its time: another reader's, or one already refitted.
So each judged question is asked again, as it was taken to be asked and of the documents that were
read for it then, and the best answer found now is compared with what was said:

===============================  ==========================================================
a person said                    and the best answer now counts as
===============================  ==========================================================
right or wrong, of an answer     the same, where it has the same words
wrong, expecting another         right, where it is what was expected (F1 of 0.5 and more)
right, of a refusal              wrong: the text does not hold it, whatever is found
wrong, of a refusal              right, where it is what was expected; else nothing is known
===============================  ==========================================================
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from index.errors import DocumentNotFound
from index.types import Scope
from qa import scoring
from qa.errors import InvalidQuestion
from qa.service import Service, still_stored
from qa.types import Answer, Judgement, Mark, Question

Progress = Callable[[str, int, int], None]


class LeftOut(StrEnum):
    """Why a verdict says nothing about the confidence."""

    REPEATED = "repeated"
    REMOVED = "removed"
    NOTHING_FOUND = "nothing_found"
    OTHER_ANSWER = "other_answer"
    UNKNOWN = "unknown"


WHY = {
    LeftOut.REPEATED: "the same question was judged again later",
    LeftOut.REMOVED: "what was read for it has been removed",
    LeftOut.NOTHING_FOUND: "asked again, it finds nothing at all",
    LeftOut.OTHER_ANSWER: "asked again, it finds another answer, which nobody has judged",
    LeftOut.UNKNOWN: "a wrong refusal, and no expected answer that is found",
}
"""The reasons, in words for a person."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The confidence of one answer, and whether it is right."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """The verdicts that can be used, oldest first, and how many can't, by the reason."""

    outcomes: tuple[Outcome, ...]
    left_out: Mapping[LeftOut, int]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, and the documents that it was asked of."""

    text: str
    documents: frozenset[str]


def collect(
    judgements: Sequence[Judgement], service: Service, *, progress: Progress | None = None
) -> Sample:
    """Ask every judged question again; of those judged more than once, by the last verdict."""
    last = {_asked(judgement.answer): judgement for judgement in judgements}
    outcomes: list[Outcome] = []
    left_out = Counter({LeftOut.REPEATED: len(judgements) - len(last)})
    for done, (asked, judgement) in enumerate(last.items()):
        if progress is not None:
            progress("asking again", done, len(last))
        outcome = _outcome(asked, judgement, service)
        if isinstance(outcome, LeftOut):
            left_out[outcome] += 1
        else:
            outcomes.append(outcome)
    return Sample(tuple(outcomes), {reason: left_out[reason] for reason in LeftOut})


def _asked(answer: Answer) -> _Asked:
    shown = [one.document_id for one in answer.passages]
    cited = [one.document_id for one in answer.citations]
    return _Asked(answer.interpreted_as, frozenset([*shown, *cited]))


def _outcome(asked: _Asked, judgement: Judgement, service: Service) -> Outcome | LeftOut:
    stored = tuple(sorted(still_stored(asked.documents, service.document)))
    if not stored:
        return LeftOut.REMOVED if asked.documents else LeftOut.NOTHING_FOUND
    question = Question(asked.text, scope=Scope(document_ids=stored), min_confidence=0.0)
    try:
        found = service.ask(question)
    except InvalidQuestion:  # longer than what is read by today's settings
        return LeftOut.NOTHING_FOUND
    except DocumentNotFound:  # removed just now
        return LeftOut.REMOVED
    if found.answer is None or found.confidence is None:
        return LeftOut.NOTHING_FOUND
    right = _is_right(found.answer, judgement)
    return right if isinstance(right, LeftOut) else Outcome(found.confidence, right)


def _is_right(found: str, judgement: Judgement) -> bool | LeftOut:
    """Whether the best answer now is right by what a person said of the answer then."""
    said_right = judgement.feedback.verdict is Mark.RIGHT
    judged = judgement.answer.answer
    if judged is None and said_right:
        return False
    if judged is not None and scoring.exact(found, [judged]):
        return said_right
    expected = judgement.feedback.expected
    if expected and scoring.f1(found, [expected]) >= scoring.RIGHT_F1:
        return True
    return LeftOut.UNKNOWN if judged is None else LeftOut.OTHER_ANSWER
