"""One question's way: search, read, weigh, and answer or refuse."""

import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import astuple, replace
from functools import partial

from index.errors import DocumentNotFound
from index.library import Library
from index.search import Searcher
from index.sentences import sentence_around
from index.types import Passage
from index.words import Stemmer
from qa import answer
from qa.answer import Judged, Texts
from qa.candidates import Finding, findings, normalized, places
from qa.conversation import Resolved, resolve
from qa.errors import InvalidQuestion, InvalidRequest
from qa.evidence import Evidence, evidence
from qa.missing import missing
from qa.reader.calibrate import Calibration
from qa.reader.model import Reader
from qa.service import still_stored
from qa.settings import AnswerSettings
from qa.types import Answer, Interpretation, Question, Reason, Retrieval, Timings, Watch

WEIGHED = 3
"""Findings whose evidence is weighed; the most probable of them is the answer."""

FAR_BEHIND = 8.0
"""A margin so far below the best's, in logits, that nothing else could make up for it."""

LARGEST_LIMIT = 20

SURE = 0.85
"""The confidence from which a follow-up's own words are answered, resolved or not."""

WORTH_READING = 0.65
"""The least score, as a share of the best, at which another document's passage is read."""


class AnswerPipeline:
    """Answers questions over a library. Safe to use from many threads."""

    def __init__(
        self,
        library: Library,
        searcher: Searcher,
        reader: Reader,
        calibration: Calibration,
        settings: AnswerSettings,
    ) -> None:
        self._library = library
        self._searcher = searcher
        self._reader = reader
        self._calibration = calibration
        self._settings = settings
        self._stemmer = Stemmer()
        self._texts = Texts(
            searcher.document, searcher.text, sentence_around, library.store.landmarks
        )
        self._corpus = _LibraryCorpus(library, searcher)

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        """Answer with citations, or refuse with a reason and the closest passages.

        A question that leans on its history is resolved first. ``watch`` is told of each step.
        Raises InvalidQuestion and InvalidRequest, and what ``watch`` raises.
        """
        self._check(question)
        clock = _Clock()
        tell = watch or _unwatched
        resolved = Resolved(question.text)
        if question.resolve and question.history:
            resolved = resolve(question.text, question.history)
        tell(Interpretation(resolved.text))
        wanted = max(question.limit, self._settings.passages)
        passages = self._searcher.passages(
            question.text, resolved.text, limit=wanted, scope=question.scope
        )
        clock.mark()
        if not passages:
            empty = not self._library.store.chunk_count()
            reason = Reason.NOTHING_INDEXED if empty else Reason.NOTHING_RETRIEVED
            nothing = answer.refused(question, reason, timings=clock.timings())
            return replace(nothing, interpreted_as=resolved.text)
        tell(Retrieval(tuple(passages[: question.limit])))
        return self._answered(question, resolved, passages, clock)

    def judge(
        self, question: str, passages: Sequence[Passage], *, avoid: Set[str] = frozenset()
    ) -> list[Judged]:
        """What the passages offer as answers, the most probable first, but not those to avoid."""
        judged = [
            Judged(finding, self._calibration.probability(astuple(facts)))
            for finding, facts in self.weigh(question, passages, avoid=avoid)
        ]
        return sorted(judged, key=lambda one: -one.confidence)

    def weigh(
        self, question: str, passages: Sequence[Passage], *, avoid: Set[str] = frozenset()
    ) -> list[tuple[Finding, Evidence]]:
        """The findings with the largest margins, each with what speaks for it.

        ``avoid`` are normalized quotes that are no answers here.
        """
        read = worth_reading(passages)
        readings = self._reader.read(question, [passage.text for passage in read])
        found = findings(places(read, readings))
        if avoid:
            found = [one for one in found if normalized(one.best.text) not in avoid]
        if not found:
            return []
        near = sum(one.best.margin >= found[0].best.margin - FAR_BEHIND for one in found[:WEIGHED])
        weighed = evidence(question, found, self._corpus, stemmer=self._stemmer, limit=near)
        return list(zip(found, weighed, strict=False))

    def _answered(
        self,
        question: Question,
        resolved: Resolved,
        passages: Sequence[Passage],
        clock: "_Clock",
    ) -> Answer:
        while passages:
            try:
                understood, judged = self._understood(question.text, resolved, passages)
                clock.mark()
                found = self._decided(replace(question, text=understood), passages, judged, clock)
                return replace(
                    found,
                    question=question.text,
                    interpreted_as=understood,
                    missing=() if found.answered else self._missing(question),
                )
            except DocumentNotFound:
                # Removed while it was read: nothing of it may be quoted, so what is left decides.
                passages = self._still_stored(passages)
        return answer.refused(question, Reason.NOT_IN_TEXT, timings=clock.timings())

    def _understood(
        self, put: str, resolved: Resolved, passages: Sequence[Passage]
    ) -> tuple[str, list[Judged]]:
        """What the passages offer, and to which question: as it was put, or as it is resolved."""
        judged = self.judge(resolved.text, passages, avoid=resolved.avoid)
        if put == resolved.text:
            return put, judged
        plainly = self.judge(put, passages, avoid=resolved.avoid)
        if plainly and plainly[0].confidence >= max(SURE, judged[0].confidence if judged else 0.0):
            return put, plainly
        return resolved.text, judged

    def _missing(self, question: Question) -> tuple[str, ...]:
        present = partial(self._library.store.present, scope=question.scope)
        return missing(question.text, present)

    def _still_stored(self, passages: Sequence[Passage]) -> list[Passage]:
        stored = still_stored((one.document_id for one in passages), self._searcher.document)
        return [one for one in passages if one.document_id in stored]

    def _decided(
        self,
        question: Question,
        passages: Sequence[Passage],
        judged: Sequence[Judged],
        clock: "_Clock",
    ) -> Answer:
        shown = passages[: question.limit]
        least = question.min_confidence
        if least is None:
            least = self._calibration.threshold
        confidence = judged[0].confidence if judged else None
        if confidence is not None and confidence >= least:
            return answer.answered(
                question, judged[0], shown, texts=self._texts, timings=clock.timings()
            )
        return answer.refused(
            question, Reason.NOT_IN_TEXT, shown, confidence=confidence, timings=clock.timings()
        )

    def _check(self, question: Question) -> None:
        check_query(question.text, question.limit, longest=self._settings.max_question)
        if question.min_confidence is not None and not 0 <= question.min_confidence <= 1:
            raise InvalidRequest(f"min_confidence is {question.min_confidence}; give 0 to 1")


def worth_reading(passages: Sequence[Passage]) -> list[Passage]:
    """The passages without those of other documents than the best's that score far below it.

    In a large collection such a passage is on another subject, and reading it costs time and
    finds nothing: of questions on 503 and on 1,581 paragraphs, a third of the passages is
    dropped and one answer in a thousand lost. Within a document every passage is on the subject.
    """
    if not passages:
        return []
    best = passages[0]
    return [
        passage
        for passage in passages
        if passage.document_id == best.document_id or passage.score >= WORTH_READING * best.score
    ]


def check_query(question: str, limit: int, *, longest: int) -> None:
    """Whether a text can be searched for.

    Raises InvalidQuestion where it is empty, too long, or no text, and InvalidRequest for a
    limit out of range.
    """
    if not question.strip():
        raise InvalidQuestion("the question is empty; ask something")
    if len(question) > longest:
        raise InvalidQuestion(
            f"the question has {len(question)} characters, more than the {longest} that are read; "
            "shorten it"
        )
    try:
        question.encode()
    except UnicodeEncodeError as error:
        raise InvalidQuestion(
            f"the question holds half a character at {error.start} (a lone surrogate); remove it"
        ) from error
    if not 1 <= limit <= LARGEST_LIMIT:
        raise InvalidRequest(f"limit is {limit}; give 1 to {LARGEST_LIMIT}")


def _unwatched(_: Interpretation | Retrieval) -> None:
    """Nobody asked to be told of the steps."""


class _LibraryCorpus:
    """A library as evidence sees it."""

    def __init__(self, library: Library, searcher: Searcher) -> None:
        self._store = library.store
        self._searcher = searcher

    def chunk_count(self) -> int:
        return self._store.chunk_count()

    def frequencies(self, terms: Sequence[str]) -> Mapping[str, int]:
        return self._store.frequencies(terms)

    def words_in(self, document_id: str, words: Sequence[str]) -> frozenset[str]:
        return self._store.words_in(document_id, words)

    def sentence(self, document_id: str, start: int, end: int) -> str:
        text = self._searcher.text(document_id)
        return sentence_around(text, start, end).of(text)


class _Clock:
    """Times the steps of one question."""

    def __init__(self) -> None:
        self._marks = [time.perf_counter()]

    def mark(self) -> None:
        """A step is done: first the retrieval, then the reading."""
        self._marks.append(time.perf_counter())

    def timings(self) -> Timings:
        now = time.perf_counter()
        start, retrieved, read = (*self._marks, now, now)[:3]
        return Timings(
            retrieve=_milliseconds(retrieved - start),
            read=_milliseconds(read - retrieved),
            total=_milliseconds(now - start),
        )


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
