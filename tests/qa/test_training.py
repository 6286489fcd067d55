"""Training examples are what the service would read, and their spans are the answers."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from index.settings import IndexSettings
from qa import questions
from qa.training.examples import Example, from_articles, from_paragraphs, noisy, read_sets
from qa.training.fit_confidence import Chosen, Rows, choose

ARTICLES = Path(__file__).parents[2] / "qa" / "training" / "articles"


def test_every_shipped_article_keeps_its_promises() -> None:
    sets = read_sets([ARTICLES])
    assert len(sets) >= 20
    for labelled in sets:
        (text,) = labelled.texts
        for question in labelled.questions:
            for answer in question.answers:
                assert answer in text.text, question.id
        kinds = [question.answerable for question in labelled.questions]
        assert 0.3 < 1 - sum(kinds) / len(kinds) < 0.5


def test_examples_of_an_article_hold_its_answers() -> None:
    labelled = read_sets([ARTICLES])[0]
    asked = {question.text: question for question in labelled.questions}
    examples = list(from_articles([labelled], IndexSettings()))
    text = labelled.texts[0].text
    answered = set()
    for example in examples:
        assert example.passage in text
        for span in example.spans:
            assert span.of(example.passage) in asked[example.question].answers
            answered.add(example.question)
        if not asked[example.question].answerable:
            assert not example.spans
    wanted = sum(question.answerable for question in labelled.questions)
    assert len(answered) >= 0.8 * wanted


def test_paragraphs_get_the_closest_other_one(tmp_path: Path) -> None:
    texts = ("The mill burned in 1903.", "The mill was sold by Ada Lind.", "Bread is rye here.")
    qas = [{"id": "1", "question": "When did the mill burn?", "answers": ["1903"], "starts": [19]}]
    records = [{"context": text, "qas": qas if text == texts[0] else []} for text in texts]
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records))
    labelled = questions.read(path)
    own, other = from_paragraphs(labelled, IndexSettings(), limit=5, negatives=1.0, seed=1)
    assert own.spans[0].of(own.passage) == "1903"
    assert (other.passage, other.spans) == (texts[1], ())


def test_noise_changes_the_question_alone() -> None:
    clean = Example("Who Sold the Mill?", "Ada sold it.", (), "s")
    made = [noisy(clean, random.Random(seed)) for seed in range(200)]
    assert {one.passage for one in made} == {"Ada sold it."}
    changed = [one.question for one in made if one.question != clean.question]
    assert 20 < len(changed) < 80
    assert "who sold the mill" in changed


def test_the_most_probable_finding_is_chosen_and_the_threshold_separates() -> None:
    rows = Rows(
        evidence=np.zeros((3, 1)),
        f1=np.array([0.0, 1.0, 0.0]),
        question=np.array([0, 0, 1]),
        document=np.array([0, 0, 0]),
        answerable=np.array([True, True, False]),
    )
    chosen = choose(rows, np.array([0.2, 0.8, 0.3]))
    assert chosen.f1.tolist() == [1.0, 0.0]
    assert chosen.right_at(0.5) == 1.0
    assert 0.3 < chosen.best_threshold() <= 0.8
    none = Chosen(np.array([0.9]), np.array([0.0]), np.array([True]))
    assert none.right_at(0.5) == pytest.approx(0.0)
