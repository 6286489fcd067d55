"""Training examples are what the service would read, and their spans are the answers."""

import json
import random
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.settings import IndexSettings
from index.types import Span
from qa import questions
from qa.questions import QuestionSet, files
from qa.training.examples import (
    Example,
    ParagraphExamples,
    from_articles,
    held_out,
    noisy,
    places_of,
    trained_on,
    without_answer,
)
from qa.training.fit_confidence import Chosen, Rows, choose
from qa.training.recipe import RECIPE, read_recipe

ARTICLES = Path(__file__).parents[2] / "qa" / "training" / "articles"


def test_every_shipped_article_keeps_its_promises() -> None:
    sets = [questions.read(path) for path in files(ARTICLES)]
    assert len(sets) >= 20
    for labelled in sets:
        (text,) = labelled.texts
        for question in labelled.questions:
            for answer in question.answers:
                assert answer in text.text, question.id
        kinds = [question.answerable for question in labelled.questions]
        assert 0.3 < 1 - sum(kinds) / len(kinds) < 0.5


def test_groups_of_an_article_hold_its_answers_and_only_answerable_ones() -> None:
    labelled = questions.read(files(ARTICLES)[0])
    asked = {question.text: question for question in labelled.questions}
    groups = from_articles([labelled], IndexSettings(), seed=1)
    text = labelled.texts[0].text
    answered = set()
    for group in groups:
        assert len({example.question for example in group}) == 1
        question = asked.get(group[0].question)
        for example in group:
            for span in example.spans:
                assert question is not None, "a question with another name has no answer"
                assert example.passage in text
                assert span.of(example.passage) in question.answers
                answered.add(example.question)
            if question is None or not question.answerable:
                assert not example.spans
    wanted = sum(question.answerable for question in labelled.questions)
    assert len(answered) >= 0.8 * wanted
    # Each form of question is seen without its answer too.
    refused = {group[0].question for group in groups if not any(one.spans for one in group)}
    assert len(answered & refused) >= 0.6 * wanted


MILL = "The mill burned in 1903. Ada Lind sold it to Bo Ek. It was rebuilt in 1911 by Cy Ahl."


def a_set(tmp_path: Path, *records: dict[str, Any]) -> QuestionSet:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records))
    return questions.read(path)


def test_paragraphs_get_the_closest_other_one(tmp_path: Path) -> None:
    texts = ("The mill burned in 1903.", "The mill was sold by Ada Lind.", "Bread is rye here.")
    qas = [{"id": "1", "question": "When did the mill burn?", "answers": ["1903"], "starts": [19]}]
    records = [{"context": text, "qas": qas if text == texts[0] else []} for text in texts]
    examples = ParagraphExamples(a_set(tmp_path, *records), IndexSettings())
    made = examples.draw(limit=5, negatives=1.0, seed=1)
    own, other = made[0]
    assert own.spans[0].of(own.passage) == "1903"
    assert (other.passage, other.spans) == (texts[1], ())


def test_a_near_miss_asks_about_another_name_of_the_text(tmp_path: Path) -> None:
    qas = [{"question": "When was it rebuilt by Cy Ahl?", "answers": ["1911"], "starts": [70]}]
    examples = ParagraphExamples(a_set(tmp_path, {"context": MILL, "qas": qas}), IndexSettings())
    asked = set()
    for seed in range(30):
        made = examples.draw(limit=1, negatives=1.0, seed=seed)
        asked |= {one.question for (one,) in made if one.passage == MILL and not one.spans}
    # "Ada Lind" begins a sentence, and half of her would be no name.
    assert asked == {"When was it rebuilt by Bo Ek?"}


def test_the_answering_sentence_is_taken_out_whole() -> None:
    start = MILL.index("Bo Ek")
    cut = without_answer(Example("Who bought it?", MILL, (Span(start, start + 5),)))
    assert cut is not None
    assert cut.passage == "The mill burned in 1903. It was rebuilt in 1911 by Cy Ahl."
    assert cut.spans == ()
    twice = MILL + " Bo Ek moved in."
    assert without_answer(Example("Who bought it?", twice, (Span(start, start + 5),))) is None


def test_a_list_is_its_items_and_the_stretch_from_the_first_to_the_last(tmp_path: Path) -> None:
    text = "The stalls sold kale, milk and rye bread."
    qa = {
        "question": "What was sold?",
        "answers": ["kale, milk and rye bread"],
        "spans": ["kale", "milk", "rye bread"],
    }
    labelled = a_set(tmp_path, {"text": text, "qas": [qa]})
    examples = ParagraphExamples(labelled, IndexSettings())
    ((one,),) = examples.draw(limit=1, negatives=0.0, seed=1)
    assert [span.of(text) for span in one.items] == ["kale", "milk", "rye bread"]
    assert [span.of(text) for span in one.spans] == ["kale, milk and rye bread"]


def test_of_equal_words_those_are_meant_that_stand_where_the_question_points(
    tmp_path: Path,
) -> None:
    filler = "Nothing of note is to be told of the rest. " * 8
    text = f"Nine boats were lost in the storm. {filler} The bell weighs Nine tons."
    qa = {"question": "What does the bell weigh in tons?", "answers": ["Nine"]}
    labelled = a_set(tmp_path, {"text": text, "qas": [qa]})
    (place,) = places_of(labelled.questions[0], text)
    assert place.start > len(filler)


def test_whole_titles_are_held_out(tmp_path: Path) -> None:
    qas = [{"question": "What?", "answers": ["a"], "starts": [0]}]
    records = [{"title": f"t{n % 60}", "context": f"a {n}", "qas": qas} for n in range(600)]
    labelled = a_set(tmp_path, *records)
    kept, left = trained_on(labelled), held_out(labelled)
    titles = {text.key: text.title for text in labelled.texts}
    of_kept = {titles[one.text_key or ""] for one in kept.questions}
    of_left = {titles[one.text_key or ""] for one in left.questions}
    assert len(of_kept) + len(of_left) == 60
    assert 1 <= len(of_left) <= 15
    assert len(kept.questions) + len(left.questions) == 600


def test_the_recipe_holds_out_a_fifth_of_our_articles_and_names_its_sources() -> None:
    recipe = read_recipe(ARTICLES)
    own = recipe.articles()
    assert [path.parent for path in own] == [ARTICLES] * len(own)
    assert sum(map(recipe.is_held_out, own)) == len(own) / 5
    given = tomllib.loads(RECIPE.read_text())
    assert all(one["licence"] and one["source"] for one in given["paragraphs"].values())


def test_noise_changes_the_question_alone() -> None:
    clean = (Example("Who Sold the Old Mill?", "Ada sold it.", ()),)
    made = [noisy(clean, random.Random(seed))[0] for seed in range(200)]
    assert {one.passage for one in made} == {"Ada sold it."}
    changed = [one.question for one in made if one.question != clean[0].question]
    assert 20 < len(changed) < 80
    assert {"who sold the old mill", "sold old mill"} <= set(changed)


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
