"""From findings to an Answer: choose, cite, or refuse."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.types import Document, Landmarks, Passage, Span
from qa.candidates import Finding, Place
from qa.lists import items
from qa.types import Answer, AnswerSpan, Citation, Question, Reason, Sentence, Timings

CONTEXT = 32
"""Characters of prefix and suffix in a citation."""

SEPARATOR = "; "
"""Between the things of an answer that lists several."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with the probability that it is right."""

    finding: Finding
    confidence: float


@dataclass(frozen=True, slots=True)
class Texts:
    """How a citation gets what it shows of a document."""

    document: Callable[[str], Document]
    text: Callable[[str], str]
    sentence: Callable[[str, int, int], Span]
    landmarks: Callable[[str], Landmarks]


def answered(
    question: Question,
    judged: Judged,
    passages: Sequence[Passage],
    *,
    texts: Texts,
    timings: Timings,
) -> Answer:
    """The Answer that gives one finding: each thing it lists, with a citation for each place."""
    best = judged.finding.best
    things = [
        [replace(best, start=best.start + item.start, end=best.start + item.end)]
        for item in items(question.text, best.text)
    ]
    quotes: list[Citation] = []
    spans: list[AnswerSpan] = []
    for places in things or [_convincing(judged.finding)]:
        numbers = tuple(range(len(quotes) + 1, len(quotes) + len(places) + 1))
        quotes += [
            cite(place, number=number, texts=texts)
            for number, place in zip(numbers, places, strict=True)
        ]
        quote = quotes[numbers[0] - 1].quote
        spans.append(AnswerSpan(quote, judged.confidence, numbers[0], numbers))
    return Answer(
        id=secrets.token_hex(8),
        question=question.text,
        interpreted_as=question.text,
        answered=True,
        answer=SEPARATOR.join(span.text for span in spans),
        confidence=judged.confidence,
        reason=None,
        spans=tuple(spans),
        citations=tuple(quotes),
        passages=tuple(passages),
        timings_ms=timings,
    )


def refused(
    question: Question,
    reason: Reason,
    passages: Sequence[Passage] = (),
    *,
    confidence: float | None = None,
    timings: Timings,
) -> Answer:
    """The Answer that says the text does not hold it; ``confidence`` is the best turned down."""
    return Answer(
        id=secrets.token_hex(8),
        question=question.text,
        interpreted_as=question.text,
        answered=False,
        answer=None,
        confidence=confidence,
        reason=reason,
        spans=(),
        citations=(),
        passages=tuple(passages),
        timings_ms=timings,
    )


def cite(place: Place, *, number: int, texts: Texts) -> Citation:
    """The citation of a place, every character of it cut from the canonical text."""
    document = texts.document(place.passage.document_id)
    text = texts.text(document.id)
    sentence = texts.sentence(text, place.start, place.end)
    landmarks = texts.landmarks(document.id)
    heading = landmarks.heading(place.start)
    return Citation(
        number=number,
        document_id=document.id,
        name=document.name,
        title=document.title,
        author=document.author,
        published=document.published,
        url=document.url,
        page=landmarks.page(place.start),
        start=place.start,
        end=place.end,
        quote=text[place.start : place.end],
        prefix=text[max(0, place.start - CONTEXT) : place.start],
        suffix=text[place.end : place.end + CONTEXT],
        sentence=Sentence(sentence.start, sentence.end, sentence.of(text)),
        sha256=document.sha256,
        section=text[heading.start : heading.end] if heading else None,
    )


def _convincing(finding: Finding) -> list[Place]:
    """The finding's best place, and the further ones that the reader takes for an answer too.

    The same words elsewhere are no evidence where the reader prefers "no answer" there.
    """
    return [finding.best, *(place for place in finding.places[1:] if place.margin > 0)]
