"""What the reader can do, on what it was not trained on: the model card's figures.

    python -m qa.training.measure --data FOLDER [--weights qa/reader/weights]

Three settings: the right paragraph given, so that the reader alone is measured; a closed corpus of
paragraphs, where the right one must be found first; and whole articles, as people use it. Of the
paragraph files only the titles that are held out are asked, of the articles those that the
recipe holds out.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean

from index.settings import IndexSettings
from index.types import Scope, Source
from qa import questions, scoring
from qa.evaluate import ListScores, Report, evaluate, list_scores, opened, refused_at_85
from qa.figures import draw
from qa.lists import items
from qa.local import LocalService
from qa.questions import LabelledQuestion, QuestionSet
from qa.reader.decode import decode
from qa.reader.model import WEIGHTS, Reader, SpanReader
from qa.report import as_data
from qa.settings import AnswerSettings
from qa.training import card
from qa.training.examples import held_out, places_of
from qa.training.recipe import Recipe, read_recipe
from qa.types import Question

CORPUS = ("shifts_new_wiki", "squad2_part")
"""The files whose paragraphs are the closed corpus."""

KEPT = (
    *("documents", "overall", "answerable", "unanswerable", "kinds", "lists"),
    *("calibration_error", "refused_at_85"),
)
"""Those of an evaluation's figures that are kept."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The reader on the right paragraph, in percent.

    ``em`` and ``f1`` are of the answerable questions, each answered; ``best_f1`` is of all, an
    answer given where the margin is above the threshold that suits best (SQuAD 2.0).
    """

    questions: int
    answerable: int
    em: float
    f1: float
    best_f1: float


@dataclass(frozen=True, slots=True)
class Guess:
    """What the reader says of one paragraph: its best span, and the margin above no answer."""

    label: LabelledQuestion
    text: str
    margin: float


def guesses(labelled: QuestionSet, reader: Reader) -> list[Guess]:
    """Each question of a set on its own paragraph."""
    texts = {text.key: text.text for text in labelled.texts}
    made = []
    for label in labelled.questions:
        text = texts[label.text_key or ""]
        (reading,) = reader.read(label.text, [text])
        best = next(iter(decode(reading, limit=1)), None)
        made.append(
            Guess(label, text[best.start : best.end], best.margin)
            if best
            else Guess(label, "", float("-inf"))
        )
    return made


def reading_of(made: Sequence[Guess]) -> Reading:
    """The figures of some guesses."""
    wanted = [one for one in made if one.label.answerable]
    by_margin = sorted(made, key=lambda one: -one.margin)
    # From refusing all to answering all, one more at a time.
    score = best = float(sum(not one.label.answerable for one in made))
    for one in by_margin:
        answers = one.label.answers
        score += scoring.f1(one.text, answers) if answers else -1
        best = max(best, score)
    return Reading(
        questions=len(made),
        answerable=len(wanted),
        em=100 * mean(scoring.exact(one.text, one.label.answers) for one in wanted),
        f1=100 * mean(scoring.f1(one.text, one.label.answers) for one in wanted),
        best_f1=100 * best / len(made),
    )


def listing_of(made: Sequence[Guess]) -> ListScores | None:
    """How the things that some guesses list are those wanted."""
    return list_scores([(_things(one), one.label.items or one.label.answers) for one in made])


def _things(guess: Guess) -> list[str]:
    listed = items(guess.label.text, guess.text)
    return [span.of(guess.text) for span in listed] or [guess.text]


def together(sets: Sequence[QuestionSet], name: str) -> QuestionSet:
    """Some sets as one."""
    texts, asked = [], []
    for number, labelled in enumerate(sets):
        texts += [replace(text, key=f"{number}-{text.key}") for text in labelled.texts]
        asked += [
            replace(one, id=f"{number}-{one.id}", text_key=f"{number}-{one.text_key}")
            for one in labelled.questions
        ]
    return QuestionSet(name, tuple(texts), tuple(asked))


def closed_corpus(sets: Sequence[QuestionSet], index: IndexSettings, weights: Path) -> Report:
    """The answerable held-out questions of some sets, asked of all their paragraphs."""
    asked = [
        replace(one, questions=tuple(q for q in held_out(one).questions if q.answerable))
        for one in sets
    ]
    corpus = together(asked, "closed corpus")
    with opened(corpus, index, AnswerSettings(), weights=weights) as (service, documents):
        return evaluate(corpus, service, documents)


def near_misses_refused(report: Report) -> float | None:
    """The percentage of near misses refused where 85 % of the answerable are answered."""
    return refused_at_85(
        [one for one in report.outcomes if one.accepted],
        [one for one in report.outcomes if one.kind == "near_miss"],
    )


def refused_when_cut(labelled: QuestionSet, service: LocalService) -> float:
    """The percentage of answerable questions refused where the answering paragraphs are gone."""
    return 100 * mean(not _answered(service, *one) for one in _cut(labelled))


def _cut(labelled: QuestionSet) -> Iterator[tuple[LabelledQuestion, str]]:
    """Each answerable question with its article without the paragraphs that answer it."""
    texts = {text.key: text.text for text in labelled.texts}
    for question in labelled.questions:
        if question.answerable:
            text = texts[question.text_key or ""]
            for place in reversed(places_of(question, text)):
                start = text.rfind("\n", 0, place.start) + 1
                end = text.find("\n", place.end)
                text = text[:start] + (text[end + 1 :] if end >= 0 else "")
            if text.strip():
                yield question, text


def _answered(service: LocalService, question: LabelledQuestion, text: str) -> bool:
    document = service.add(Source(text.encode(), "cut.txt", "text/plain")).document
    scope = Scope(document_ids=(document.id,))
    return service.ask(Question(question.text, scope=scope)).answered


def measure(recipe: Recipe, weights: Path, index: IndexSettings) -> dict[str, object]:
    """All figures."""
    reader = SpanReader(weights, cache=index.cache, threads=index.threads)
    sets = {name: questions.read(one.path) for name, one in recipe.paragraphs.items()}
    made = {name: guesses(held_out(labelled), reader) for name, labelled in sets.items()}
    articles = together(list(map(questions.read, recipe.held_out_articles())), "articles")
    with opened(articles, index, AnswerSettings(), weights=weights) as (service, documents):
        report = evaluate(articles, service, documents, own_document=True)
        draw(report, weights / "figures")
        cut = refused_when_cut(articles, service)
    corpus = closed_corpus([sets[name] for name in CORPUS], index, weights)
    return {
        "reader_sha256": reader.fingerprint,
        "reading": {name: asdict(reading_of(one)) for name, one in made.items()},
        "lists": asdict(lists) if (lists := listing_of(made["multispanqa_part"])) else None,
        "closed_corpus": {**asdict(corpus.overall), "paragraphs": corpus.documents},
        "articles": {
            **{name: value for name, value in as_data(report).items() if name in KEPT},
            "near_misses_refused_at_85": near_misses_refused(report),
            "refused_when_cut": cut,
        },
    }


def main() -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recipe's files")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    recipe, index = read_recipe(arguments.data), IndexSettings()
    card.write(arguments.weights, measure(recipe, arguments.weights, index))


if __name__ == "__main__":
    main()
