"""Merging candidates: same place, same words."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Passage
from qa.candidates import PER_PASSAGE, Place, findings, normalized, places, same_words
from tests.fakes import FakeReader


def passage(text: str, *, document_id: str = "d", start: int = 0) -> Passage:
    return Passage(document_id, None, start, start + len(text), text, 0.5, 0.5, 1.0)


def place(where: Passage, words: str, margin: float) -> Place:
    start = where.start + where.text.index(words)
    return Place(where, 0, start, start + len(words), margin)


# From readings to places


def test_places_are_in_the_canonical_text_with_their_rank() -> None:
    text = "before it, Ana saw Bo. after it, nobody saw Cid."
    passages = [passage(text[33:], start=33), passage(text[:22])]
    found = places(passages, FakeReader().read("Who?", [one.text for one in passages]))
    assert {(one.text, one.rank) for one in found if one.margin > 0} == {
        ("Cid", 0),
        ("Ana", 1),
        ("Bo", 1),
    }
    assert all(text[one.start : one.end] == one.text for one in found)
    assert [one.margin for one in found] == sorted((one.margin for one in found), reverse=True)


def test_a_passage_gives_only_its_best() -> None:
    where = passage("Ana, Bo, Cid, Dan and Eve")
    found = places([where], FakeReader().read("who", [where.text]))
    assert len(found) == PER_PASSAGE
    assert [one.text for one in found] == ["Ana", "Bo", "Cid"]


def test_passages_and_readings_must_pair() -> None:
    with pytest.raises(ValueError, match="shorter"):
        places([passage("Ana")], [])


# From places to findings


def test_overlapping_places_are_one_finding_of_the_better() -> None:
    one = passage("In May 2019 the ferry sank.", start=100)
    (found,) = findings([place(one, "May 2019", 3.0), place(one, "2019", 5.0)])
    assert found.best.text == "2019"
    assert len(found.places) == 1


def test_the_same_place_in_two_passages_is_one() -> None:
    text = "It rained. The ferry sank in 2019. It was old."
    one, other = passage(text[:34]), passage(text[11:], start=11)  # they share a sentence
    (found,) = findings([place(one, "2019", 2.0), place(other, "2019", 3.0)])
    assert len(found.places) == 1
    assert found.best.margin == 3.0


def test_the_same_range_of_another_document_is_another_place() -> None:
    one, other = passage("It sank in 2019."), passage("It sank in 2018.", document_id="e")
    assert len(findings([place(one, "2019", 2.0), place(other, "2018", 3.0)])) == 2


def test_ranges_that_touch_do_not_overlap() -> None:
    one = passage("AnaBo")
    assert len(findings([place(one, "Ana", 2.0), place(one, "Bo", 1.0)])) == 2


def test_the_same_words_elsewhere_are_a_further_place() -> None:
    one, other = passage("It sank in 2019."), passage("In 2019 it sank.", document_id="e")
    found = findings([place(one, "2019", 1.0), place(other, "2019", 2.0), place(one, "sank", 0.0)])
    assert [finding.best.text for finding in found] == ["2019", "sank"]
    assert [p.passage.document_id for p in found[0].places] == ["e", "d"]


def test_other_words_are_other_findings_in_the_order_of_margins() -> None:
    one = passage("Ana met Bo in Oslo.")
    found = findings([place(one, "Bo", 1.0), place(one, "Oslo", 4.0), place(one, "Ana", 2.0)])
    assert [finding.best.text for finding in found] == ["Oslo", "Ana", "Bo"]
    assert findings([]) == []


@st.composite
def candidates(draw: st.DrawFn) -> list[Place]:
    passages = [passage("the Red kite, a red Kite; Oslo", document_id=id) for id in ("d", "e")]
    ends = st.lists(st.integers(0, 30), min_size=2, max_size=2, unique=True).map(sorted)
    one = st.tuples(st.sampled_from(passages), ends, st.integers(-5, 5))
    return [
        Place(where, 0, start, end, float(margin))
        for where, (start, end), margin in draw(st.lists(one, max_size=8))
    ]


def overlap(one: Place, other: Place) -> bool:
    same = one.passage.document_id == other.passage.document_id
    return same and max(one.start, other.start) < min(one.end, other.end)


@given(candidates())
def test_findings_part_the_candidates(found: list[Place]) -> None:
    groups = findings(found)
    bests = [group.best for group in groups]
    assert [one.margin for one in bests] == sorted((one.margin for one in bests), reverse=True)
    for one, other in combinations(bests, 2):
        assert not overlap(one, other)
        assert not same_words(one.text, other.text)
    for group in groups:
        assert group.best.margin == max(one.margin for one in group.places)
        assert all(same_words(group.best.text, one.text) for one in group.places)
        assert not any(overlap(one, other) for one, other in combinations(group.places, 2))
    kept = [one for group in groups for one in group.places]
    for one in found:  # what is left out is a weaker cut of what is kept
        assert one in kept or any(overlap(one, k) and k.margin >= one.margin for k in kept)


# Which words are the same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The US", "us"),
        ("a red kite", "Red  kite."),
        ("“No”", "no"),
        ("3.4", "3,4"),
        ("cafe\u0301", "caf\u00e9"),
    ],
)
def test_case_articles_marks_and_composition_do_not_count(one: str, other: str) -> None:
    assert same_words(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5%", "5"),
        ("$5", "€5"),
        ("3.4", "34"),
        ("👍", "👎"),
        ("—", "…"),
        ("है", "हो"),
        ("x\u0301", "x\u0302"),
        ("the", "a"),
    ],
)
def test_what_means_something_else_is_not_the_same(one: str, other: str) -> None:
    assert not same_words(one, other)


def test_normalized() -> None:
    assert normalized("A “Grand”  Tour") == "grand tour"
    assert normalized("👍") == "👍"


@given(st.text(max_size=20))
def test_words_are_the_same_as_themselves_once_normalized(text: str) -> None:
    assert same_words(text, normalized(text))
