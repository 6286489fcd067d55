"""The logistic model by hand, and calibrations that do not belong to the weights."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import StoreUnwritable
from qa.errors import WeightsError
from qa.evidence import FEATURES
from qa.reader.calibrate import CALIBRATION, Calibration, load, load_own, remove_own, save
from qa.reader.model import WEIGHTS, SpanReader

EXAMPLE = Calibration(
    features=("a", "b"),
    mean=(1.0, 2.0),
    scale=(2.0, 4.0),
    weight=(0.5, -1.0),
    bias=0.25,
    threshold=0.4,
    aim="",
    reader_sha256="abc",
    provenance={"fitted_on": "nothing"},
)
FINITE = st.floats(-1e6, 1e6)


def test_probability_is_the_logistic_function_of_the_weighted_sum() -> None:
    logit = 0.25 + 0.5 * (3.0 - 1.0) / 2.0 - 1.0 * (6.0 - 2.0) / 4.0
    assert EXAMPLE.probability((3.0, 6.0)) == pytest.approx(1 / (1 + math.exp(-logit)))
    assert replace(EXAMPLE, bias=0.0).probability((1.0, 2.0)) == 0.5


@given(FINITE, FINITE)
def test_probability_is_one_whatever_the_values(a: float, b: float) -> None:
    assert 0.0 < EXAMPLE.probability((a, b)) < 1.0


@given(FINITE, FINITE, FINITE)
def test_more_of_what_counts_for_it_is_never_less_probable(a: float, more: float, b: float) -> None:
    less, most = sorted((a, more))
    assert EXAMPLE.probability((less, b)) <= EXAMPLE.probability((most, b))
    assert EXAMPLE.probability((b, less)) >= EXAMPLE.probability((b, most))


def test_a_value_too_few_is_no_probability() -> None:
    with pytest.raises(ValueError, match="shorter"):
        EXAMPLE.probability((3.0,))


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    save(EXAMPLE, tmp_path)
    assert load(tmp_path, reader_sha256="abc", features=("a", "b")) == EXAMPLE


def test_of_other_weights_or_features_is_refused(tmp_path: Path) -> None:
    save(EXAMPLE, tmp_path)
    with pytest.raises(WeightsError, match="other weights"):
        load(tmp_path, reader_sha256="other", features=("a", "b"))
    for features in (("a",), ("b", "a"), ("a", "b", "c")):
        with pytest.raises(WeightsError, match="other features"):
            load(tmp_path, reader_sha256="abc", features=features)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": 1}', "\x00", "null"])
def test_a_damaged_file_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / CALIBRATION).write_text(text)
    with pytest.raises(WeightsError, match="can't be read"):
        load(tmp_path, reader_sha256="abc", features=())


@pytest.mark.parametrize(
    "changed",
    [
        {"mean": [1.0]},
        {"scale": [2.0, 0.0]},
        {"weight": [1.0, "x"]},
        {"bias": None},
        {"threshold": math.nan},
        {"mean": [1.0, math.inf]},
        {"provenance": "nowhere"},
        {"colour": "red"},
    ],
)
def test_numbers_that_are_none_are_said(tmp_path: Path, changed: dict[str, Any]) -> None:
    save(EXAMPLE, tmp_path)
    path = tmp_path / CALIBRATION
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))
    with pytest.raises(WeightsError, match="can't be read"):
        load(tmp_path, reader_sha256="abc", features=("a", "b"))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="reinstall"):
        load(tmp_path, reader_sha256="abc", features=())


def test_a_stores_own_is_there_until_it_is_removed(tmp_path: Path) -> None:
    assert load_own(tmp_path, reader_sha256="abc", features=("a", "b")) is None
    assert not remove_own(tmp_path)
    save(EXAMPLE, tmp_path)
    assert load_own(tmp_path, reader_sha256="abc", features=("a", "b")) == EXAMPLE
    assert remove_own(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_stores_own_that_does_not_fit_says_how_to_be_rid_of_it(tmp_path: Path) -> None:
    save(EXAMPLE, tmp_path)
    for sha256, features in (("other", ("a", "b")), ("abc", ("a",))):
        with pytest.raises(WeightsError, match=r"`pincite calibrate --reset` removes it"):
            load_own(tmp_path, reader_sha256=sha256, features=features)
    (tmp_path / CALIBRATION).write_text("{")
    with pytest.raises(WeightsError, match=r"`pincite calibrate --reset` removes it"):
        load_own(tmp_path, reader_sha256="abc", features=("a", "b"))


def test_a_folder_that_takes_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreUnwritable, match=r"calibration\.json"):
        save(EXAMPLE, tmp_path / "missing")


def test_the_shipped_one_belongs_to_the_shipped_reader(reader: SpanReader) -> None:
    calibration = load(WEIGHTS, reader_sha256=reader.fingerprint, features=FEATURES)
    assert 0 < calibration.threshold < 1
    assert calibration.provenance["questions"] > 0
    assert json.loads((WEIGHTS / "manifest.json").read_text())["source"]
