"""Training examples: a question with passages, and where in them the answer stands, if it does.

Articles are cut and searched by the service's own code, so that the reader is trained on
the passages it will meet: the right ones, and the closest ones that do not hold the answer.
From the form of a question alone it must not be told whether it has an answer: so every
answerable one is also asked of its passage without the answering sentence, and some with
another name, number or year in it, which makes a near miss of them.
"""

import random
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
import regex
from numpy.typing import NDArray

from index.embedding import Embedder, open_embedder
from index.library import Library
from index.search import Searcher
from index.sentences import sentence_around
from index.settings import IndexSettings
from index.types import Passage, Scope, Span
from index.words import searchable, terms
from qa.questions import LabelledQuestion, QuestionSet, occurrences

HARD_NEGATIVES = 2
"""Passages without the answer that go with each answerable question."""

UNANSWERABLE_PASSAGES = 3
"""Passages that go with each unanswerable one."""

HELD_OUT = 10
"""One title in so many of a paragraph file is kept out of training."""

_FEW_TITLES = 10
_LONGEST_STRETCH = 200
"""Characters from a list's first item to its last within which it is one answer."""

_AROUND = 250
"""Characters on either side of an answer in which the question's words are looked for."""

_NAME = regex.compile(r"(?<=\b[a-z][\w'’-]* |, )(?:[A-Z][\w'’-]+)(?: [A-Z][\w'’-]+)*")
"""Capitalised words behind one that is not: at a sentence's start they need not be a name."""

_NUMBER = re.compile(r"\b\d[\d,.]*\b")


@dataclass(frozen=True, slots=True)
class Example:
    """One passage read with one question; no spans where the passage does not answer it.

    ``items`` are the parts of a list; ``spans`` is then the stretch from the first to the last,
    where that is short, or the items.
    """

    question: str
    passage: str
    spans: tuple[Span, ...]
    items: tuple[Span, ...] = ()


Group = tuple[Example, ...]
"""The passages that are read with one question."""


def from_articles(sets: Sequence[QuestionSet], index: IndexSettings, *, seed: int) -> list[Group]:
    """Every question on the passages that the service finds for it in its article."""
    embedder = open_embedder(index.embedder, cache=index.cache, threads=index.threads)
    chooser = random.Random(seed)
    groups: list[Group] = []
    for labelled in sets:
        with tempfile.TemporaryDirectory(prefix="pincite-train-") as folder:
            library = Library.open(
                replace(index, data=Path(folder)), embedder=embedder, writable=True
            )
            searcher = Searcher(library, embedder)
            texts = {text.key: text for text in labelled.texts}
            stored = {key: library.add(text.source).document.id for key, text in texts.items()}
            for question in labelled.questions:
                key = question.text_key or ""
                passages = searcher.passages(
                    question.text, limit=6, scope=Scope(document_ids=(stored[key],))
                )
                groups += _on_passages(question, searcher.text(stored[key]), passages, chooser)
            library.close()
    return groups


class ParagraphExamples:
    """Questions on their own paragraphs, drawn anew for each pass; the paragraphs embedded once."""

    def __init__(self, labelled: QuestionSet, index: IndexSettings) -> None:
        self._labelled = labelled
        self._texts = {text.key: text.text for text in labelled.texts}
        self._closest = _ClosestTexts(self._texts, index)

    def draw(self, *, limit: int, negatives: float, seed: int) -> list[Group]:
        """Up to ``limit`` questions on their paragraphs; for a share, the closest other one too.

        ``negatives`` is that share; a third as many are asked with another name or number, and as
        many of their paragraph without the answer. A paragraph that happens to hold an accepted
        answer is no negative.
        """
        chooser = random.Random(seed)
        questions = self._labelled.questions
        groups: list[Group] = []
        for question in chooser.sample(questions, min(limit, len(questions))):
            text = self._texts[question.text_key or ""]
            own = _example(question, text)
            group = [own]
            if question.answerable and chooser.random() < negatives:
                group += self._closest.to(question)
            groups.append(tuple(group))
            if question.answerable and chooser.random() < negatives / 3:
                groups += _alone(_swapped(question.text, own, text, chooser))
            if question.answerable and chooser.random() < negatives / 3:
                groups += _alone(without_answer(own))
        return groups


def trained_on(labelled: QuestionSet) -> QuestionSet:
    """The set without the questions that are held out."""
    return _split(labelled)[0]


def held_out(labelled: QuestionSet) -> QuestionSet:
    """The questions of a paragraph file that are kept out of training, whole titles of them.

    Where there are few titles, whole paragraphs.
    """
    return _split(labelled)[1]


def _split(labelled: QuestionSet) -> tuple[QuestionSet, QuestionSet]:
    few = len({text.title for text in labelled.texts}) < _FEW_TITLES
    held = frozenset(
        text.key
        for text in labelled.texts
        if sha256((text.text if few else text.title).encode()).digest()[0] % HELD_OUT == 0
    )
    kept: list[LabelledQuestion] = []
    left: list[LabelledQuestion] = []
    for question in labelled.questions:
        (left if question.text_key in held else kept).append(question)
    return replace(labelled, questions=tuple(kept)), replace(labelled, questions=tuple(left))


def noisy(group: Group, chooser: random.Random) -> Group:
    """The group with its question as people type: no capitals, no mark, a slip, or keywords."""
    question = group[0].question
    kind = chooser.random()
    if kind < 0.08:
        question = question.lower().rstrip("?")
    elif kind < 0.12:
        question = question.rstrip("?")
    elif kind < 0.2:
        question = _mistyped(question, chooser)
    elif kind < 0.24:
        question = _keywords(question)
    return tuple(replace(one, question=question) for one in group)


def places_of(question: LabelledQuestion, text: str) -> tuple[Span, ...]:
    """Where the answer stands, of all places where its words do: "nine" may stand in several.

    Those with the most of the question's words around them.
    """
    places = question.spans
    if len(places) < 2 or len({span.of(text) for span in places}) > 1:
        return places
    wanted = terms(question.text)
    shared = [
        sum(
            word in searchable(text[max(0, p.start - _AROUND) : p.end + _AROUND]) for word in wanted
        )
        for p in places
    ]
    return tuple(p for p, score in zip(places, shared, strict=True) if score == max(shared))


def without_answer(example: Example) -> Example | None:
    """The passage without the sentences of its answers; None where the rest may hold it too."""
    text, marks = example.passage, [*example.spans, *example.items]
    for span in sorted(
        {sentence_around(text, mark.start, mark.end) for mark in marks},
        key=lambda one: -one.start,
    ):
        text = text[: span.start] + text[span.end :].lstrip(" ")
    answers = [span.of(example.passage) for span in marks]
    if len(text) < 0.4 * len(example.passage) or _holds(text, answers):
        return None
    return Example(example.question, text.strip(), ())


def _on_passages(
    question: LabelledQuestion, text: str, passages: Sequence[Passage], chooser: random.Random
) -> Iterator[Group]:
    whole = _example(question, text)
    found: list[Example] = []
    left = HARD_NEGATIVES if question.answerable else UNANSWERABLE_PASSAGES
    for passage in passages:
        spans = _within(whole.spans, passage)
        if spans:
            items = _within(whole.items, passage)
            found.append(Example(question.text, passage.text, spans, items))
        elif left and not _holds(passage.text, question.answers):
            left -= 1
            found.append(Example(question.text, passage.text, ()))
    if found:
        yield tuple(found)
    right = [one for one in found if one.spans]
    if right:
        cut = [without_answer(one) for one in right]
        if all(cut):
            yield tuple(one for one in [*cut, *(n for n in found if not n.spans)][:3] if one)
        if chooser.random() < 0.5:
            yield from _alone(_swapped(question.text, right[0], text, chooser))


def _within(spans: Sequence[Span], passage: Passage) -> tuple[Span, ...]:
    return tuple(
        Span(span.start - passage.start, span.end - passage.start)
        for span in spans
        if passage.start <= span.start and span.end <= passage.end
    )


def _example(question: LabelledQuestion, text: str) -> Example:
    """The question on a whole text, its answers marked."""
    if not question.answerable:
        return Example(question.text, text, ())
    spans = places_of(question, text)
    items = _items(question, spans, text)
    if items:
        stretch = Span(items[0].start, items[-1].end)
        short = stretch.end - stretch.start <= _LONGEST_STRETCH
        return Example(question.text, text, (stretch,) if short else items, items)
    return Example(question.text, text, _marked(question, spans, text))


def _items(question: LabelledQuestion, places: Sequence[Span], text: str) -> tuple[Span, ...]:
    """The parts of a list in order, each within the answer or else at its first place."""
    found: list[Span] = []
    for item in question.items:
        spans = occurrences(item, text)
        inside = [
            span
            for span in spans
            if any(place.start <= span.start and span.end <= place.end for place in places)
        ]
        if spans:
            found.append((inside or spans)[0])
    return tuple(sorted(set(found), key=lambda span: span.start)) if len(found) > 1 else ()


def _marked(question: LabelledQuestion, places: Sequence[Span], text: str) -> tuple[Span, ...]:
    """The places, and the shorter forms of the answer inside the longest."""
    if len({len(span) for span in places}) > 1:
        return tuple(places)
    return tuple(
        Span(outer.start + inner.start, outer.start + inner.end)
        for outer in places
        for words in question.answers
        for inner in occurrences(words, outer.of(text))[:1]
    )


def _swapped(question: str, right: Example, text: str, chooser: random.Random) -> Example | None:
    """A near miss: the question about another name or number of the text, on the same passage.

    What stands in the answer's own sentence is not taken: the answer might hold for it too.
    """
    sentence = sentence_around(right.passage, right.spans[0].start, right.spans[0].end)
    around = sentence.of(right.passage)
    for pattern in chooser.sample((_NAME, _NUMBER), 2):
        asked = pattern.findall(question)
        others = [one for one in dict.fromkeys(pattern.findall(text)) if one not in around]
        others = [one for one in others if one not in question]
        if asked and others:
            old = chooser.choice(asked)
            near = [one for one in others if one in right.passage]
            new = chooser.choice(near if near and chooser.random() < 0.6 else others)
            return Example(question.replace(old, new, 1), right.passage, ())
    return None


def _alone(example: Example | None) -> Iterator[Group]:
    if example is not None:
        yield (example,)


class _ClosestTexts:
    """Some texts by how close they are to a question; embedded when first asked for."""

    def __init__(self, texts: Mapping[str, str], index: IndexSettings) -> None:
        self._texts = texts
        self._index = index

    @cached_property
    def _embedder(self) -> Embedder:
        index = self._index
        return open_embedder(index.embedder, cache=index.cache, threads=index.threads)

    @cached_property
    def _rows(self) -> NDArray[np.float32]:
        return self._embedder.embed(list(self._texts.values()))

    def to(self, question: LabelledQuestion) -> Iterator[Example]:
        """The question on the closest text but its own that does not hold its answer, if any."""
        keys = list(self._texts)
        (vector,) = self._embedder.embed([question.text])
        for place in (self._rows @ vector).argsort()[::-1][:10]:
            text = self._texts[keys[place]]
            if keys[place] != question.text_key and not _holds(text, question.answers):
                yield Example(question.text, text, ())
                return


def _holds(text: str, answers: Sequence[str]) -> bool:
    lowered = text.lower()
    return any(answer.lower() in lowered for answer in answers)


def _mistyped(question: str, chooser: random.Random) -> str:
    places = [i for i in range(1, len(question) - 1) if question[i : i + 2].isalpha()]
    if not places:
        return question
    at = chooser.choice(places)
    if chooser.random() < 0.5:
        return question[:at] + question[at + 1] + question[at] + question[at + 2 :]
    return question[:at] + question[at + 1 :]


def _keywords(question: str) -> str:
    """What is left of a question typed into a search box."""
    left = terms(question)
    return " ".join(left) if len(left) > 2 else question
