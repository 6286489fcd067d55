"""Training examples: a question, one passage, and where in it the answer stands, if it does.

Articles are cut and searched by the service's own code, so that the reader is trained on
the passages it will meet: the right one, and the closest ones that do not hold the answer.
"""

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.embedding import open_embedder
from index.library import Library
from index.search import Searcher
from index.settings import IndexSettings
from index.types import Passage, Scope, Span
from qa import questions
from qa.questions import LabelledQuestion, QuestionSet, occurrences

HARD_NEGATIVES = 2
"""Passages without the answer that go with each answerable question."""

UNANSWERABLE_PASSAGES = 3
"""Passages that go with each unanswerable one."""


@dataclass(frozen=True, slots=True)
class Example:
    """One passage read with one question; no spans where the passage does not answer it."""

    question: str
    passage: str
    spans: tuple[Span, ...]
    source: str


def from_articles(sets: Sequence[QuestionSet], index: IndexSettings) -> Iterator[Example]:
    """Every question on the passages that the service finds for it in its article."""
    embedder = open_embedder(index.embedder, cache=index.cache, threads=index.threads)
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
                scope = Scope(document_ids=(stored[key],))
                passages = searcher.passages(question.text, limit=6, scope=scope)
                yield from _on_passages(question, texts[key].text, passages, labelled.name)
            library.close()


def from_paragraphs(
    labelled: QuestionSet, index: IndexSettings, *, limit: int, negatives: float, seed: int
) -> Iterator[Example]:
    """Up to ``limit`` questions on their own paragraphs; for a share, the closest other one too.

    ``negatives`` is that share. A paragraph that happens to hold an accepted answer is no
    negative.
    """
    chooser = random.Random(seed)
    chosen = chooser.sample(labelled.questions, min(limit, len(labelled.questions)))
    texts = {text.key: text.text for text in labelled.texts}
    for question in chosen:
        spans = _marked(question, texts[question.text_key or ""])
        yield Example(question.text, texts[question.text_key or ""], spans, labelled.name)
    asked = [one for one in chosen if one.answerable and chooser.random() < negatives]
    yield from _closest_others(asked, texts, index, labelled.name)


def noisy(example: Example, chooser: random.Random) -> Example:
    """The example with its question as people type: no capitals, no mark, or a slip."""
    question = example.question
    kind = chooser.random()
    if kind < 0.08:
        question = question.lower().rstrip("?")
    elif kind < 0.12:
        question = question.rstrip("?")
    elif kind < 0.2:
        question = _mistyped(question, chooser)
    return replace(example, question=question)


def _on_passages(
    question: LabelledQuestion, text: str, passages: Sequence[Passage], source: str
) -> Iterator[Example]:
    wanted = _marked(question, text)
    short = min(question.answers, key=len, default="")
    left = HARD_NEGATIVES if question.answerable else UNANSWERABLE_PASSAGES
    for passage in passages:
        inside = tuple(
            Span(span.start - passage.start, span.end - passage.start)
            for span in wanted
            if passage.start <= span.start and span.end <= passage.end
        )
        if inside:
            yield Example(question.text, passage.text, inside, source)
        elif left and not (short and short in passage.text):
            left -= 1
            yield Example(question.text, passage.text, (), source)


def _marked(question: LabelledQuestion, text: str) -> tuple[Span, ...]:
    """Where the answer stands: as the file says, with its shorter forms inside the longest."""
    if not question.answerable or len({len(span) for span in question.spans}) > 1:
        return question.spans
    return tuple(
        Span(outer.start + inner.start, outer.start + inner.end)
        for outer in question.spans
        for words in question.answers
        for inner in occurrences(words, outer.of(text))[:1]
    )


def _closest_others(
    asked: Sequence[LabelledQuestion], texts: dict[str, str], index: IndexSettings, source: str
) -> Iterator[Example]:
    embedder = open_embedder(index.embedder, cache=index.cache, threads=index.threads)
    keys = list(texts)
    rows = embedder.embed([texts[key] for key in keys])
    for question, vector in zip(asked, embedder.embed([one.text for one in asked]), strict=True):
        for place in (rows @ vector).argsort()[::-1][:10]:
            text = texts[keys[place]]
            if keys[place] != question.text_key and not _holds(text, question.answers):
                yield Example(question.text, text, (), source)
                break


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


def read_sets(paths: Sequence[Path]) -> list[QuestionSet]:
    """One set a file; a folder gives one for each of its files."""
    return [questions.read(file) for path in paths for file in questions.files(path)]
