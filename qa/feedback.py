"""What people said of answers, as a question set: SQuAD 2.0's format (Rajpurkar et al., 2018).

A question stands under the passage that its answer was quoted from, as it was taken to be asked
(``interpreted_as``), since the set has no conversation for it to lean on:

=================  ========================================================================
a person said      and the set has
=================  ========================================================================
right, an answer   its quotes as ``answers``
right, a refusal   ``is_impossible``, under the closest passage
wrong, expected    the expected text as ``answers``, wherever a passage has it word for word;
                   else no ``answers`` and the text as ``expected``
wrong              no ``answers``, and its quotes as ``plausible_answers``
=================  ========================================================================

Each question also has its ``verdict``: of those that are wrong and have no ``answers`` only the
right answer is unknown, so they are not evidence that there is none.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from index.errors import DocumentNotFound
from qa.questions import occurrences
from qa.types import Answer, Citation, Judgement, Mark

VERSION = "v2.0"

_BLANK_LINE = "\n\n"


@dataclass(frozen=True, slots=True)
class _Context:
    """A piece of a document's text; ``start`` is its place there."""

    document_id: str
    title: str
    start: int
    text: str

    def holds(self, citation: Citation) -> bool:
        same = self.document_id == citation.document_id
        return same and self.start <= citation.start and citation.end <= self.start + len(self.text)


def squad(judgements: Sequence[Judgement], text: Callable[[str], str]) -> dict[str, Any]:
    """The judged questions in SQuAD 2.0's format, by document and passage, in order.

    ``text`` gives a document's canonical text or raises DocumentNotFound; it is only asked for
    where a quote stands in none of the answer's passages. A refusal without any passage is left
    out: there is no text that it is about.
    """
    articles: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}
    for judgement in judgements:
        found = _question(judgement, text)
        if found is not None:
            context, question = found
            paragraphs = articles.setdefault((context.document_id, context.title), {})
            paragraphs.setdefault(context.text, []).append(question)
    return {
        "version": VERSION,
        "data": [
            {
                "title": title,
                "paragraphs": [{"context": text, "qas": qas} for text, qas in paragraphs.items()],
            }
            for (_, title), paragraphs in articles.items()
        ],
    }


def _question(
    judgement: Judgement, text: Callable[[str], str]
) -> tuple[_Context, dict[str, Any]] | None:
    """Where a question stands, and what the set says of it; None where nothing was to be read."""
    answer, feedback = judgement.answer, judgement.feedback
    right = feedback.verdict is Mark.RIGHT
    expected = "" if right else (feedback.expected or "").strip()
    having = [one for one in _passages(answer) if expected and expected in one.text]
    context = having[0] if having else _context(answer, text)
    if context is None:
        return None
    quoted = [
        _span(citation.quote, citation.start - context.start)
        for citation in answer.citations
        if context.holds(citation)
    ]
    question: dict[str, Any] = {
        "id": answer.id,
        "question": answer.interpreted_as,
        "answers": quoted if right else [],
        "is_impossible": right and not answer.answered,
        "verdict": feedback.verdict.value,
    }
    if having:
        places = occurrences(expected, context.text)
        question["answers"] = [_span(expected, place.start) for place in places]
    elif not right:
        question["plausible_answers"] = quoted
        if expected:
            question["expected"] = expected
    return context, question


def _span(text: str, start: int) -> dict[str, str | int]:
    return {"text": text, "answer_start": start}


def _passages(answer: Answer) -> list[_Context]:
    return [
        _Context(one.document_id, one.title or "", one.start, one.text) for one in answer.passages
    ]


def _context(answer: Answer, text: Callable[[str], str]) -> _Context | None:
    """The piece of text that holds most of the quotes; of a refusal, the closest passage."""
    passages = _passages(answer)
    if not answer.citations:
        return passages[0] if passages else None
    holding = Counter(
        next((one for one in passages if one.holds(citation)), None) or _around(citation, text)
        for citation in answer.citations
    )
    return holding.most_common(1)[0][0]


def _around(citation: Citation, text: Callable[[str], str]) -> _Context:
    """The paragraph of a quote; its sentence, which the citation keeps, once that is removed."""
    title, sentence = citation.title or "", citation.sentence
    try:
        whole = text(citation.document_id)
    except DocumentNotFound:
        return _Context(citation.document_id, title, sentence.start, sentence.text)
    before = whole.rfind(_BLANK_LINE, 0, sentence.start)
    start = before + len(_BLANK_LINE) if before >= 0 else 0
    after = whole.find(_BLANK_LINE, sentence.end)
    return _Context(
        citation.document_id, title, start, whole[start : after if after >= 0 else len(whole)]
    )
