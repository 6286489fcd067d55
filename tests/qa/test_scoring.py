"""EM, F1 and the calibration error, by hand."""

import pytest

from qa import scoring


def test_normalized_drops_case_articles_and_marks() -> None:
    assert scoring.normalized("The  “Velvet” Tide, a story!") == "velvet tide story"


def test_exact_and_f1() -> None:
    accepted = ["the red boat", "boat"]
    assert scoring.exact("Red boat.", accepted) == 1.0
    assert scoring.exact("a red canoe", accepted) == 0.0
    assert scoring.f1("red canoe", accepted) == pytest.approx(0.5)
    assert scoring.f1("canoe", accepted) == 0.0
    assert scoring.f1("boat", []) == 0.0


def test_calibration_error() -> None:
    assert scoring.calibration_error([], []) == 0.0
    assert scoring.calibration_error([1.0] * 10, [True] * 10) == 0.0
    assert scoring.calibration_error([0.9] * 10, [False] * 10) == pytest.approx(0.9)
    half = scoring.calibration_error([0.2] * 10 + [0.8] * 10, [False] * 10 + [True] * 10, bins=2)
    assert half == pytest.approx(0.2)
