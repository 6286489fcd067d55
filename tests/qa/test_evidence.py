"""What speaks for a finding, over a corpus whose words can be counted by hand."""

import math
from collections.abc import Mapping, Sequence

import pytest

from index.types import Passage
from index.words import Stemmer
from qa.candidates import Finding, Place
from qa.evidence import FEATURES, Evidence, evidence

SENTENCE = "In 2019 the council bought a ferry."
PASSAGE = f"{SENTENCE} It was slow."


class TwoChunks:
    """A corpus of two chunks: one is PASSAGE, the other speaks of Oslo."""

    def chunk_count(self) -> int:
        return 2

    def frequencies(self, terms: Sequence[str]) -> Mapping[str, int]:
        both = Stemmer().stems([PASSAGE, "The council met in Oslo."])
        return {term: sum(term in words for words in both) for term in terms}

    def words_in(self, document_id: str, words: Sequence[str]) -> frozenset[str]:
        return frozenset(words) & {"council", "bought", "ferry", "2019", "slow", "oslo"}

    def sentence(self, document_id: str, start: int, end: int) -> str:
        return SENTENCE


def place(words: str, margin: float, *, rank: int = 0) -> Place:
    passage = Passage("d", None, 0, len(PASSAGE), PASSAGE, 0.7, 0.6, 2.0)
    start = PASSAGE.index(words)
    return Place(passage, rank, start, start + len(words), margin)


def measured(question: str, *places: Place) -> list[Evidence]:
    found = [Finding((one,)) for one in places]
    return evidence(question, found, TwoChunks(), stemmer=Stemmer(), limit=2)


def test_margins_lead_and_share() -> None:
    first, second = measured("Who bought it?", place("council", 3.0), place("ferry", 1.0, rank=2))
    assert (first.margin, first.lead) == (3.0, 2.0)
    assert second.lead == -2.0
    assert first.share == pytest.approx(math.exp(3) / (1 + math.exp(3) + math.exp(1)))
    assert second.rank == pytest.approx(math.log(3))
    assert (first.dense, first.lexical) == (0.6, pytest.approx(math.log(3)))


def test_rare_words_count_more() -> None:
    (found,) = measured("Did the council sell a ferry?", place("2019", 1.0))
    council, sell, ferry = math.log(3 / 2.5), math.log(3 / 0.5), math.log(3 / 1.5)
    assert found.in_sentence == pytest.approx((council + ferry) / (council + sell + ferry))
    assert found.in_passage == found.in_sentence == found.in_document


def test_names_that_the_passage_or_the_document_lacks() -> None:
    (found,) = measured("Did Oslo or Bergen buy it in 2019 or 2020?", place("council", 1.0))
    assert found.names_nowhere == 2  # Bergen, 2020
    assert found.names_elsewhere == 1  # Oslo


def test_huge_margins_stay_finite() -> None:
    (found,) = measured("?", place("council", 1e6))
    assert found.share == pytest.approx(1.0)
    assert found.lead == 10.0


def test_a_feature_for_each_field() -> None:
    assert len(FEATURES) == len(set(FEATURES)) == 12
