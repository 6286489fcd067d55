"""From evidence to a probability: a logistic model, fitted once and kept as data.

The numbers lie in ``weights/calibration.json`` with where they came from. They belong to one
reader: margins of another mean something else, so loading them beside other weights is refused.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import WeightsError

CALIBRATION = "calibration.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model over named features.

    ``probability = 1 / (1 + exp(-(bias + sum(weight * (value - mean) / scale))))``.
    ``threshold`` is the probability from which an answer is given unless the caller says
    otherwise, chosen for ``aim``. ``provenance`` says what it was fitted on, with figures.
    """

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    bias: float
    threshold: float
    aim: str
    reader_sha256: str
    provenance: dict[str, Any]

    def probability(self, values: Sequence[float]) -> float:
        """The probability that a finding with these feature values is right."""
        rows = zip(self.weight, values, self.mean, self.scale, strict=True)
        logit = self.bias + sum(w * (value - mean) / scale for w, value, mean, scale in rows)
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def load(weights: Path, *, reader_sha256: str, features: Sequence[str]) -> Calibration:
    """The calibration of a weights folder.

    Raises WeightsError where it is missing, was fitted for other weights, or for other features.
    """
    path = weights / CALIBRATION
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        lists = {key: tuple(data[key]) for key in ("features", "mean", "scale", "weight")}
        calibration = Calibration(**{**data, **lists})
        _check_numbers(calibration)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WeightsError(f"{path} can't be read ({error}); reinstall Pincite") from error
    if calibration.reader_sha256 != reader_sha256:
        raise WeightsError(
            f"{path} was fitted for other weights than reader.onnx beside it; "
            "fit it anew (README of qa, 'Confidence') or reinstall Pincite"
        )
    if calibration.features != tuple(features):
        raise WeightsError(
            f"{path} was fitted for other features; fit it anew or reinstall Pincite"
        )
    return calibration


def _check_numbers(calibration: Calibration) -> None:
    """Raises ValueError where a probability could not be calculated with the numbers."""
    lists = (calibration.mean, calibration.scale, calibration.weight)
    if any(len(numbers) != len(calibration.features) for numbers in lists):
        raise ValueError("mean, scale and weight do not have one number a feature")
    numbers = (*sum(lists, ()), calibration.bias, calibration.threshold)
    if not all(calibration.scale) or not all(map(math.isfinite, numbers)):
        raise ValueError("a number is not finite, or a scale is 0")


def save(calibration: Calibration, weights: Path) -> None:
    """Write the calibration into a weights folder."""
    data = {name: getattr(calibration, name) for name in Calibration.__slots__}
    (weights / CALIBRATION).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
