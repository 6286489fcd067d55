"""The logistic model by hand, and calibrations that do not belong to the weights."""

import json
import math
from pathlib import Path

import pytest

from qa.errors import WeightsError
from qa.evidence import FEATURES
from qa.reader.calibrate import CALIBRATION, Calibration, load, save
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


def test_probability_is_the_logistic_function_of_the_weighted_sum() -> None:
    logit = 0.25 + 0.5 * (3.0 - 1.0) / 2.0 - 1.0 * (6.0 - 2.0) / 4.0
    assert EXAMPLE.probability((3.0, 6.0)) == pytest.approx(1 / (1 + math.exp(-logit)))
    assert EXAMPLE.probability((1e9, 0.0)) < 1.0


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    save(EXAMPLE, tmp_path)
    assert load(tmp_path, reader_sha256="abc", features=("a", "b")) == EXAMPLE


def test_of_other_weights_or_features_is_refused(tmp_path: Path) -> None:
    save(EXAMPLE, tmp_path)
    with pytest.raises(WeightsError, match="other weights"):
        load(tmp_path, reader_sha256="other", features=("a", "b"))
    with pytest.raises(WeightsError, match="other features"):
        load(tmp_path, reader_sha256="abc", features=("a",))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": 1}', "\x00"])
def test_a_damaged_file_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / CALIBRATION).write_text(text)
    with pytest.raises(WeightsError, match="can't be read"):
        load(tmp_path, reader_sha256="abc", features=())


def test_the_shipped_one_belongs_to_the_shipped_reader() -> None:
    calibration = load(WEIGHTS, reader_sha256=SpanReader().fingerprint, features=FEATURES)
    assert 0 < calibration.threshold < 1
    assert calibration.provenance["questions"] > 0
    assert json.loads((WEIGHTS / "manifest.json").read_text())["source"]
