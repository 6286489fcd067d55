"""How good the answers are: a set of labelled questions asked, and the answers compared."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Protocol

from index.search import Searcher, Weights
from index.settings import IndexSettings
from index.types import Scope, Span
from qa import scoring
from qa.bootstrap import open_service
from qa.local import LocalService
from qa.questions import LabelledQuestion, LabelledText, QuestionSet, occurrences
from qa.reader.model import WEIGHTS
from qa.service import every_document
from qa.settings import AnswerSettings
from qa.types import Answer, Question

DEPTHS = (1, 2, 3, 5, 10, 20)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question, what was answered, and how right that is (``em`` and ``f1`` 0 to 1).

    ``things`` are the answer's spans, ``items`` those wanted where the answer is a list.
    ``guess_right`` is whether the answer was right, also where it was not sure enough to be given.
    """

    id: str
    kind: str
    question: str
    accepted: tuple[str, ...]
    answer: str | None
    best_guess: str | None
    confidence: float | None
    things: tuple[str, ...]
    items: tuple[str, ...]
    em: float
    f1: float
    right: bool
    guess_right: bool
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over some questions, in percent; ``right`` counts refusing the unanswerable too."""

    questions: int
    em: float
    f1: float
    answered: float
    right: float


@dataclass(frozen=True, slots=True)
class ListScores:
    """F1 of the things listed with those wanted, in percent: only whole ones, or by their words."""

    questions: int
    exact: float
    partly: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How well one way of searching finds the passage with the answer.

    ``recall`` maps a depth to the percentage of questions whose answer lies in a chunk that is
    at most so deep; ``mrr`` is the mean reciprocal rank within 20.
    """

    recall: Mapping[int, float]
    mrr: float


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one evaluation; scores are percentages.

    How far the confidence can be believed is measured over all questions that something was
    found for: ``calibration_error``, ``reliability`` and ``risk_coverage`` are shares, 0 to 1.
    ``refused_at_85`` is the percentage of unanswerable questions refused where the threshold
    lets 85 % of the answerable ones be answered; None without questions of both sorts.
    """

    name: str
    documents: int
    chunks: int
    overall: Scores
    answerable: Scores | None
    unanswerable: Scores | None
    kinds: Mapping[str, Scores]
    lists: ListScores | None
    calibration_error: float
    reliability: tuple[scoring.Bin, ...]
    risk_coverage: tuple[scoring.Operating, ...]
    refused_at_85: float | None
    retrieval: Mapping[str, Retrieval]
    p50_ms: float
    p95_ms: float
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A labelled question against the store: its scope, and where its answer lies."""

    label: LabelledQuestion
    scope: Scope
    places: Mapping[str, Sequence[Span]]


class HasTexts(Protocol):
    """A set that may bring the texts it is about."""

    @property
    def texts(self) -> Sequence[LabelledText]:
        """The texts; none where it is about what is in the store."""
        ...


@contextmanager
def opened(
    questions: HasTexts,
    index: IndexSettings,
    answering: AnswerSettings,
    *,
    weights: Path = WEIGHTS,
    progress: Progress | None = None,
) -> Iterator[tuple[LocalService, Mapping[str, str]]]:
    """The service to ask, and which document each text of the set became.

    A set that brings its texts is asked on a store of its own, which is gone afterwards; one
    without is asked on the store in ``index.data``.
    """
    if not questions.texts:
        service = open_service(index, answering, writable=False, weights=weights)
        try:
            yield service, {}
        finally:
            service.close()
        return
    with tempfile.TemporaryDirectory(prefix="pincite-eval-") as folder:
        service = open_service(
            replace(index, data=Path(folder)), answering, writable=True, weights=weights
        )
        try:
            yield service, _add_texts(service, questions, progress or _silent)
        finally:
            service.close()


def evaluate(
    questions: QuestionSet,
    service: LocalService,
    documents: Mapping[str, str],
    *,
    own_document: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Ask every question and compare. ``own_document`` asks each on its own text only."""
    report = progress or _silent
    asked = located(questions, service, documents, own_document=own_document)
    outcomes = []
    for number, one in enumerate(asked):
        report("asking", number, len(asked))
        outcomes.append(_outcome(one, service))
    report("asking", len(asked), len(asked))
    found = [(one.confidence, one.guess_right) for one in outcomes if one.confidence is not None]
    sure, right = [pair[0] for pair in found], [pair[1] for pair in found]
    answerable = [one for one in outcomes if one.accepted]
    unanswerable = [one for one in outcomes if not one.accepted]
    times = [one.milliseconds for one in outcomes]
    groups = {kind: [one for one in outcomes if one.kind == kind] for kind in _kinds(outcomes)}
    return Report(
        name=questions.name,
        documents=sum(1 for _ in every_document(service)),
        chunks=service.library.store.chunk_count(),
        overall=_required_scores(outcomes),
        answerable=_scores(answerable),
        unanswerable=_scores(unanswerable),
        kinds={kind: _required_scores(group) for kind, group in groups.items()},
        lists=list_scores([(one.things, one.items) for one in outcomes if one.items]),
        calibration_error=scoring.calibration_error(sure, right),
        reliability=scoring.reliability(sure, right),
        risk_coverage=scoring.risk_coverage(sure, right),
        refused_at_85=refused_at_85(answerable, unanswerable),
        retrieval=retrieval(asked, service, progress=report),
        p50_ms=median(times),
        p95_ms=quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0],
        outcomes=tuple(outcomes),
    )


def located(
    questions: QuestionSet,
    service: LocalService,
    documents: Mapping[str, str],
    *,
    own_document: bool,
) -> list[Asked]:
    """Where in the store each question's answer lies, and which documents it is asked on."""
    stored = [] if documents else list(every_document(service))
    asked = []
    for label in questions.questions:
        scope = Scope()
        places: dict[str, Sequence[Span]] = {}
        if label.text_key is not None:
            document_id = documents[label.text_key]
            places[document_id] = label.spans
            if own_document:
                scope = Scope(document_ids=(document_id,))
        else:
            for document in stored:
                text = service.searcher.text(document.id)
                places[document.id] = [
                    span for words in label.support for span in occurrences(words, text)
                ]
        asked.append(Asked(label, scope, places))
    return asked


def retrieval(
    asked: Sequence[Asked], service: LocalService, *, progress: Progress | None = None
) -> dict[str, Retrieval]:
    """Recall and reciprocal rank of the dense, the lexical and the fused search."""
    report = progress or _silent
    known = [one for one in asked if any(one.places.values())]
    if not known:
        return {}
    results = {}
    for name, weights in (
        ("dense", Weights(lexical=0.0)),
        ("lexical", Weights(lexical=1.0)),
        ("fused", Weights()),
    ):
        searcher = service.searcher.weighted(weights)
        ranks = []
        for number, one in enumerate(known):
            report(f"searching, {name}", number, len(known))
            ranks.append(_rank(one, searcher))
        report(f"searching, {name}", len(known), len(known))
        results[name] = Retrieval(
            recall={depth: _percent(rank <= depth for rank in ranks) for depth in range(1, 21)},
            mrr=mean(1 / rank for rank in ranks),
        )
    return results


def _rank(asked: Asked, searcher: Searcher) -> float:
    """The rank from 1 of the first chunk that holds an answer; infinite beyond 20."""
    hits = searcher.hits(asked.label.text, limit=DEPTHS[-1], scope=asked.scope)
    for rank, hit in enumerate(hits, start=1):
        for span in asked.places.get(hit.chunk.document_id, ()):
            if hit.chunk.start <= span.start and span.end <= hit.chunk.end:
                return rank
    return float("inf")


def _outcome(asked: Asked, service: LocalService) -> Outcome:
    label = asked.label
    started = time.perf_counter()
    answer = service.ask(Question(label.text, scope=asked.scope))
    milliseconds = (time.perf_counter() - started) * 1000
    # What was turned down counts for the calibration, and tells a reader of the report more.
    guess = answer if answer.answered else _best_guess(asked, service, answer)
    if label.answerable:
        em = scoring.exact(answer.answer, label.answers) if answer.answer else 0.0
        f1 = scoring.f1(answer.answer, label.answers) if answer.answer else 0.0
    else:
        em = f1 = float(not answer.answered)
    return Outcome(
        id=label.id,
        kind=label.kind,
        question=label.text,
        accepted=label.answers,
        answer=answer.answer,
        best_guess=guess.answer,
        confidence=answer.confidence,
        things=tuple(span.text for span in answer.spans),
        items=label.items,
        em=em,
        f1=f1,
        right=f1 >= scoring.RIGHT_F1,
        guess_right=guess.answer is not None
        and scoring.f1(guess.answer, label.answers) >= scoring.RIGHT_F1,
        milliseconds=milliseconds,
    )


def _best_guess(asked: Asked, service: LocalService, answer: Answer) -> Answer:
    if answer.confidence is None:
        return answer
    return service.ask(Question(asked.label.text, scope=asked.scope, min_confidence=0.0))


def list_scores(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> ListScores | None:
    """The scores of some lists: each the things given and the things wanted; None for none."""
    if not pairs:
        return None
    return ListScores(
        questions=len(pairs),
        exact=100 * mean(scoring.listed(*pair) for pair in pairs),
        partly=100 * mean(scoring.listed(*pair, partly=True) for pair in pairs),
    )


def refused_at_85(answerable: Sequence[Outcome], unanswerable: Sequence[Outcome]) -> float | None:
    """The percentage of the unanswerable refused where 85 % of the answerable are answered.

    None where there are none of one sort.
    """
    if not (answerable and unanswerable):
        return None
    sure, unsure = ([one.confidence or 0.0 for one in part] for part in (answerable, unanswerable))
    return 100 * scoring.refused_at(sure, unsure, kept=0.85)


def _add_texts(service: LocalService, questions: HasTexts, progress: Progress) -> Mapping[str, str]:
    documents = {}
    for number, labelled in enumerate(questions.texts):
        progress("adding", number, len(questions.texts))
        documents[labelled.key] = service.add(labelled.source).document.id
    progress("adding", len(questions.texts), len(questions.texts))
    return documents


def _kinds(outcomes: Sequence[Outcome]) -> list[str]:
    return sorted({one.kind for one in outcomes if one.kind})


def _scores(outcomes: Sequence[Outcome]) -> Scores | None:
    return _required_scores(outcomes) if outcomes else None


def _required_scores(outcomes: Sequence[Outcome]) -> Scores:
    return Scores(
        questions=len(outcomes),
        em=100 * mean(one.em for one in outcomes),
        f1=100 * mean(one.f1 for one in outcomes),
        answered=_percent(one.answer is not None for one in outcomes),
        right=_percent(one.right for one in outcomes),
    )


def _percent(values: Iterator[bool] | Sequence[bool]) -> float:
    return 100 * mean(values)


def _silent(step: str, done: int, total: int) -> None:
    """No one asked for progress."""
