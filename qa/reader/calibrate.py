"""From evidence to a probability: a logistic model, fitted once and kept as data.

The numbers lie in ``weights/calibration.json`` with where they came from. They belong to one
reader: margins of another mean something else, so using them with other weights is refused. A
store's folder may hold a calibration of its own, which people's verdicts made.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index.disk import replace_file, sync_folder
from index.failures import system_error
from qa.errors import WeightsError

CALIBRATION = "calibration.json"

_REINSTALL = "reinstall Pincite"
_RESET = "`pincite calibrate --reset` removes it, and --feedback fits it anew"


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

    def scaled(self, scale: float, shift: float, *, provenance: dict[str, Any]) -> "Calibration":
        """The calibration whose log-odds are ``scale`` times these plus ``shift``."""
        return replace(
            self,
            weight=tuple(scale * weight for weight in self.weight),
            bias=scale * self.bias + shift,
            provenance=provenance,
        )


def load_own(data: Path, *, reader_sha256: str, features: Sequence[str]) -> Calibration | None:
    """The calibration that verdicts made, in a store's folder; None where there is none.

    Raises WeightsError as ``load`` does: one that does not fit is never passed over in silence.
    """
    if not (data / CALIBRATION).exists():
        return None
    return load(data, reader_sha256=reader_sha256, features=features, repair=_RESET)


def load(
    weights: Path, *, reader_sha256: str, features: Sequence[str], repair: str = _REINSTALL
) -> Calibration:
    """The calibration of a weights folder; ``repair`` says what to do where it can't be used.

    Raises WeightsError where it is missing, was fitted for other weights, or for other features.
    """
    path = weights / CALIBRATION
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        lists = {key: tuple(data[key]) for key in ("features", "mean", "scale", "weight")}
        calibration = Calibration(**{**data, **lists})
        _check(calibration)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WeightsError(f"{path} can't be read ({error}); {repair}") from error
    if calibration.reader_sha256 != reader_sha256:
        raise WeightsError(f"{path} was fitted for other weights than the reader's; {repair}")
    if calibration.features != tuple(features):
        raise WeightsError(f"{path} was fitted for other features than this version's; {repair}")
    return calibration


def _check(calibration: Calibration) -> None:
    """Raises ValueError where no probability could be calculated, or it is of no known origin."""
    lists = (calibration.mean, calibration.scale, calibration.weight)
    if any(len(numbers) != len(calibration.features) for numbers in lists):
        raise ValueError("mean, scale and weight do not have one number a feature")
    numbers = (*sum(lists, ()), calibration.bias, calibration.threshold)
    if not isinstance(calibration.provenance, dict):
        raise ValueError("the provenance is not an object")
    if not all(calibration.scale) or not all(map(math.isfinite, numbers)):
        raise ValueError("a number is not finite, or a scale is 0")


def save(calibration: Calibration, folder: Path) -> None:
    """Write the calibration into a folder, whole or not at all. Raises StoreError's kinds."""
    path = folder / CALIBRATION
    data = {name: getattr(calibration, name) for name in Calibration.__slots__}
    try:
        replace_file(path, f"{json.dumps(data, indent=1)}\n".encode())
    except OSError as error:
        raise system_error(error, path) from error


def remove_own(data: Path) -> bool:
    """Take the calibration out of a store's folder; whether there was one. Raises StoreError."""
    path = data / CALIBRATION
    try:
        path.unlink()
        sync_folder(data)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise system_error(error, path) from error
    return True
