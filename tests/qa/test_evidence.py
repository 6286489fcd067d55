"""What speaks for a finding, over a corpus whose words can be counted by hand."""

import math
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Passage
from index.words import Stemmer
from qa.candidates import Finding, Place
from qa.evidence import FEATURES, Evidence, Question, evidence
from tests.fakes import FakeCorpus

SENTENCE = "In 2019 the council bought a ferry."
PASSAGE = f"{SENTENCE} It was slow."
CORPUS = FakeCorpus({"d": [PASSAGE, "The council met in Oslo."]})


def place(words: str, margin: float, *, rank: int = 0) -> Place:
    passage = Passage("d", None, 0, len(PASSAGE), PASSAGE, 0.7, 0.6, 2.0)
    start = PASSAGE.index(words)
    return Place(passage, rank, start, start + len(words), margin)


def measured(question: str, *places: Place, limit: int = 2) -> list[Evidence]:
    found = [Finding((one,)) for one in places]
    return evidence(question, found, CORPUS, stemmer=Stemmer(), limit=limit)


def test_margins_lead_and_share() -> None:
    first, second = measured("Who bought it?", place("council", 3.0), place("ferry", 1.0, rank=2))
    assert (first.margin, first.lead) == (3.0, 2.0)
    assert (second.margin, second.lead) == (1.0, -2.0)
    assert first.share == pytest.approx(math.exp(3) / (1 + math.exp(3) + math.exp(1)))
    assert first.rank == 0.0
    assert second.rank == pytest.approx(math.log(3))
    assert first.dense == 0.6
    assert first.lexical == pytest.approx(math.log(3))


def test_only_the_first_are_measured_against_all() -> None:
    places = (place("council", 3.0), place("ferry", 1.0), place("2019", 2.5))
    (first,) = measured("Who bought it?", *places, limit=1)
    assert first.lead == 0.5
    total = 1 + math.exp(3) + math.exp(1) + math.exp(2.5)
    assert first.share == pytest.approx(math.exp(3) / total)


def test_alone_it_leads_by_the_most() -> None:
    (found,) = measured("Who bought it?", place("council", -3.0))
    assert found.lead == 7.0  # above the least that another could have
    assert measured("Who bought it?") == []


def test_further_places_agree() -> None:
    both = Finding((place("council", 3.0), place("council", 1.0)))
    (found,) = evidence("Who?", [both], CORPUS, stemmer=Stemmer(), limit=1)
    assert found.agreement == pytest.approx(math.log(2))
    assert measured("Who?", place("council", 3.0))[0].agreement == 0.0


def test_rare_words_count_more() -> None:
    (found,) = measured("Did the council sell a slow ferry?", place("2019", 1.0))
    council, sell, once = math.log(3 / 2.5), math.log(3 / 0.5), math.log(3 / 1.5)
    total = council + sell + 2 * once
    assert found.in_sentence == pytest.approx((council + once) / total)  # council, ferry
    assert found.in_passage == pytest.approx((council + 2 * once) / total)  # and slow
    assert found.in_document == found.in_passage


def test_words_are_found_in_any_form_of_theirs() -> None:
    (found,) = measured("buying ferries, councils", place("2019", 1.0))
    (same,) = measured("buy ferry council", place("2019", 1.0))
    assert found.in_sentence == same.in_sentence > 0


def test_a_word_of_several_is_as_rare_as_the_rarest_of_them() -> None:
    corpus = FakeCorpus({"d": ["A mill, an inn.", "A mill.", "The mill."]})
    question = Question("mill_inn ferry", corpus, Stemmer())
    inn, ferry = math.log(4 / 1.5), math.log(4 / 0.5)
    assert question.share(["mill_inn"]) == pytest.approx(inn / (inn + ferry))


def test_each_document_is_looked_up_by_itself() -> None:
    question = Question("Oslo ferry", FakeCorpus({"d": ["Oslo"], "e": ["A ferry."]}), Stemmer())
    found = [question.in_document(id) for id in ("d", "e", "d")]
    assert found == [{"oslo"}, {"ferry"}, {"oslo"}]


def test_names_that_the_passage_or_the_document_lacks() -> None:
    (found,) = measured("Did Oslo or Bergen buy it in 2019 or 2020?", place("council", 1.0))
    assert found.names_nowhere == 2  # Bergen, 2020
    assert found.names_elsewhere == 1  # Oslo
    (many,) = measured("Did A1 B2 C3 D4 E5 meet?", place("council", 1.0))
    assert many.names_nowhere == 3


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who sold it?", set()),
        ("Bergen sold what?", set()),  # the first word has a capital whatever it is
        ("Was it Bergen?", {"bergen"}),
        ("Was it in the Straße or at the ＣＡＦÉ?", {"strasse", "café"}),
        ("did 3rd street have 12 doors", {"3rd", "12"}),
        ("Was It sold by The council?", set()),  # words that are not looked up
    ],
)
def test_names_are_capitals_and_numbers_as_they_are_searched_for(
    question: str, names: set[str]
) -> None:
    assert Question(question, CORPUS, Stemmer()).names == names


@given(
    st.lists(st.sampled_from("Oslo council 2019 ? the ferries 今天 👍 Bergen".split())).map(
        " ".join
    ),
    st.lists(st.floats(-50, 1e6), min_size=1, max_size=3),
)
def test_every_measure_is_a_finite_number_in_its_bounds(
    question: str, margins: list[float]
) -> None:
    words = ("council", "ferry", "2019")
    places = [place(one, margin) for one, margin in zip(words, margins, strict=False)]
    for found in measured(question, *places, limit=3):
        assert all(map(math.isfinite, astuple(found)))
        assert 0 <= found.in_sentence <= found.in_passage <= found.in_document <= 1
        assert 0 <= found.share <= 1
        assert -10 <= found.lead <= 10
        assert 0 <= found.names_nowhere <= 3
        assert 0 <= found.names_elsewhere <= 3


def test_a_feature_for_each_field() -> None:
    (found,) = measured("Who?", place("council", 1.0))
    assert len(FEATURES) == len(set(FEATURES)) == len(astuple(found))
    assert [getattr(found, name) for name in FEATURES] == list(astuple(found))
