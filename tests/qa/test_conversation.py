"""A question that leans on earlier turns is written out; one that stands alone is left alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.carryover import WEIGHTS, candidates, lines, model, words
from qa.conversation import resolve
from qa.types import Turn

DIVING = (Turn("Who led the diving in Tromsø?", "Ingrid Solheim"),)
RACE = (
    Turn("Who won the regatta at Hovden in 1987?", "Marit Aune"),
    Turn("What was her boat called?", "Sjøfugl"),
)


@pytest.mark.parametrize(
    ("question", "carried"),
    [
        ("When was she born?", "Solheim"),
        ("Why?", "diving"),
        ("And how deep did she go?", "Solheim"),
    ],
)
def test_what_a_question_leans_on_comes_along(question: str, carried: str) -> None:
    text = resolve(question, DIVING).text
    assert carried in text
    assert text.startswith(question.rstrip("?"))


@pytest.mark.parametrize(
    "question",
    [
        "Which river flows through the town of Ostrava in Moravia?",
        "When did the Hansavia board approve the merger with Norlink?",
    ],
)
def test_a_question_on_another_topic_is_left_alone(question: str) -> None:
    assert resolve(question, RACE).text == question


def test_without_history_nothing_changes() -> None:
    assert resolve("When was she born?", ()).text == "When was she born?"


def test_a_name_comes_whole() -> None:
    assert "(Ingrid Solheim" in resolve("How old was she?", DIVING).text
    assert "Marit Aune" in resolve("How old was she?", RACE).text


def test_asking_for_others_avoids_the_answers_given() -> None:
    assert resolve("Who else took part?", RACE).avoid == {"marit aune", "sjøfugl"}
    assert resolve("Who took part?", RACE).avoid == frozenset()


TEXTS = st.text(min_size=1, max_size=60)


@given(TEXTS, st.lists(st.builds(Turn, TEXTS, st.none() | TEXTS), max_size=4))
def test_any_text_is_resolved_from_words_that_were_said(question: str, history: list[Turn]) -> None:
    resolved = resolve(question, history).text
    said = {w.text for turn in history for w in words(f"{turn.question} {turn.answer or ''}")}
    own = {word.text for word in words(question)}
    assert {word.text for word in words(resolved)} <= own | said


def test_candidates_are_the_words_that_the_question_lacks() -> None:
    stems, rows = candidates("When was the diving?", lines(DIVING))
    assert "dive" not in {stem[:4] for stem in stems}
    assert {"ingrid", "solheim"} <= set(stems)
    assert rows.shape == (len(stems), len(model().mean))


def test_a_possessive_is_its_owners_word() -> None:
    assert next(word.text for word in words("Ingrid’s boat, the boys' home")) == "Ingrid"


def test_the_shipped_model_beats_carrying_nothing_or_everything() -> None:
    figures = json.loads(WEIGHTS.read_text(encoding="utf-8"))["figures"]
    for source in ("canard", "articles"):
        chosen = figures[source]["chosen"]["f1"]
        assert chosen > 2 * figures[source]["everything carried over"]["f1"] - 5
        assert figures[source]["nothing carried over"]["f1"] == 0
