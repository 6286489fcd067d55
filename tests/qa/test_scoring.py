"""EM, F1 and the calibration error, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import scoring

TEXTS = st.text("aAtheTHE x1.“”-é", max_size=12)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("The  “Velvet” Tide, a story!", "velvet tide story"),
        ("Theatre and anthem", "theatre and anthem"),  # articles only as whole words
        ("in 3.4 km", "in 34 km"),  # as SQuAD's own script has it
        ("the", ""),
        ("\n", ""),
    ],
)
def test_normalized_drops_case_articles_and_marks(answer: str, words: str) -> None:
    assert scoring.normalized(answer) == words


@pytest.mark.parametrize(
    ("answer", "em", "f1"),
    [
        ("Red boat.", 1.0, 1.0),
        ("a red canoe", 0.0, 0.5),  # one word of two, against two
        ("boat boat", 0.0, 2 / 3),
        ("the big old red boat", 0.0, 2 * 2 / (4 + 2)),
        ("canoe", 0.0, 0.0),
        ("the", 0.0, 0.0),
    ],
)
def test_exact_and_f1(answer: str, em: float, f1: float) -> None:
    accepted = ["the red boat", "boat"]
    assert scoring.exact(answer, accepted) == em
    assert scoring.f1(answer, accepted) == pytest.approx(f1)


def test_a_word_counts_as_often_as_both_have_it() -> None:
    assert scoring.f1("boat boat", ["boat boat red"]) == pytest.approx(2 * 2 / (2 + 3))


def test_nothing_accepted_is_never_right() -> None:
    assert scoring.exact("boat", []) == scoring.f1("boat", []) == 0.0
    assert scoring.f1("a", ["the"]) == 1.0  # nothing against nothing, as SQuAD's script has it


@given(TEXTS, TEXTS)
def test_f1_is_symmetric_and_1_where_exact(one: str, other: str) -> None:
    assert scoring.f1(one, [other]) == scoring.f1(other, [one])
    assert 0 <= scoring.f1(one, [other]) <= 1
    assert scoring.exact(one, [other]) <= scoring.f1(one, [other])
    assert scoring.exact(one, [other, one]) == 1


def test_calibration_error_by_hand() -> None:
    # Two bins: .2 and .4 with one right of two (|.3 - .5|), .6 and .9 with two (|.75 - 1|).
    error = scoring.calibration_error([0.9, 0.2, 0.6, 0.4], [True, False, True, True], bins=2)
    assert error == pytest.approx(0.2 * 2 / 4 + 0.25 * 2 / 4)


def test_calibration_error_weighs_a_bin_by_its_size() -> None:
    # Three in two bins: one alone (.1, wrong) and two (.5 and .7, one right).
    error = scoring.calibration_error([0.1, 0.5, 0.7], [False, True, False], bins=2)
    assert error == pytest.approx(0.1 * 1 / 3 + 0.1 * 2 / 3)


def test_calibration_error_at_its_ends() -> None:
    assert scoring.calibration_error([], []) == 0.0
    assert scoring.calibration_error([1.0] * 10, [True] * 10) == 0.0
    assert scoring.calibration_error([0.9] * 10, [False] * 10) == pytest.approx(0.9)
    assert scoring.calibration_error([0.7], [True]) == pytest.approx(0.3)


def test_equal_confidences_are_not_parted_by_which_are_right() -> None:
    right = [True, False, False, True] * 5
    assert scoring.calibration_error([0.5] * 20, right, bins=5) == 0.0


def test_every_confidence_needs_its_right() -> None:
    with pytest.raises(ValueError, match="shorter"):
        scoring.calibration_error([0.5, 0.6], [True])


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40))
def test_calibration_error_is_a_share(pairs: list[tuple[float, bool]]) -> None:
    error = scoring.calibration_error([one for one, _ in pairs], [right for _, right in pairs])
    assert 0 <= error <= 1 + 1e-9


def test_things_listed_by_hand() -> None:
    assert scoring.listed(["Ada", "Bo"], ["the Ada", "Bo"]) == 1.0
    # Two of three are right, and both wanted are there: 2 x 2/3 x 1 / (2/3 + 1).
    assert scoring.listed(["Ada", "Bo", "Cy"], ["Ada", "Bo"]) == pytest.approx(0.8)
    assert scoring.listed(["Ada Lind"], ["Ada"]) == 0.0
    assert scoring.listed(["Ada Lind"], ["Ada"], partly=True) == pytest.approx(2 / 3)
    assert scoring.listed([], ["Ada"]) == 0.0


def test_the_risk_of_answering_more() -> None:
    points = scoring.risk_coverage([0.2, 0.9, 0.5, 0.5], [False, True, True, False])
    assert [(one.confidence, one.coverage) for one in points] == [
        (0.9, 0.25),
        (0.5, 0.75),
        (0.2, 1),
    ]
    assert [one.risk for one in points] == pytest.approx([0, 1 / 3, 1 / 2])
    assert scoring.risk_coverage([], []) == ()


def test_refused_where_a_share_is_kept() -> None:
    answerable = [0.9, 0.8, 0.7, 0.1]
    assert scoring.refused_at(answerable, [0.75, 0.69, 0.1, 0.0], kept=0.75) == 0.75
    assert scoring.refused_at(answerable, [0.75, 0.69, 0.1, 0.0], kept=1.0) == 0.25


def test_bins_of_like_confidence() -> None:
    bins = scoring.reliability([0.9, 0.1, 0.2, 0.8], [True, False, True, True], bins=2)
    assert [(one.size, one.right) for one in bins] == [(2, 0.5), (2, 1.0)]
    assert [one.confidence for one in bins] == pytest.approx([0.15, 0.85])
