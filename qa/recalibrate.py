"""Refits the confidence from verdicts: a scale and a shift of its log-odds (Platt, 1999).

``logit' = scale * logit + shift``, with ``logit`` by the shipped calibration. A few hundred
verdicts could not tell twelve weights apart; two numbers they can. Both have a normal prior around
1 and 0 ("the shipped one is right") that weighs as much as 40 verdicts on answers of even odds:
five verdicts move little, five hundred decide.

The order of findings never changes, so the best answer stays the best: only how sure it is said
to be changes. The threshold stays the same probability, since it says what chance of being right
is good enough. Which answers reach it changes exactly as far as the verdicts say that the
confidence promised too much or too little.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from qa import scoring
from qa.reader.calibrate import Calibration
from qa.verdicts import LeftOut, Outcome

LEAST = 10
"""Verdicts below which nothing is refitted."""

TESTED = 20
"""Verdicts from which there are held-out figures."""

PRIOR = 10.0
"""Inverse variance of the prior on scale and shift; a verdict at even odds has 0.25 of it."""

LEAST_SCALE = 0.1
"""Verdicts against all reason may flatten the confidence, and never turn it over."""

FOLDS = 10

_PER_BIN = 10
_EDGE = 1e-6
_STEPS = 100
_SMALL = 1e-10

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scaling:
    """A change of log-odds; the scale is positive, so that more stays more."""

    scale: float
    shift: float

    def of(self, confidence: float) -> float:
        """The confidence that is said instead of one of the shipped calibration."""
        logits = self.scale * _logits([confidence]) + self.shift
        return float(_probabilities(logits)[0])


@dataclass(frozen=True, slots=True)
class Quality:
    """How well confidences fit what turned out: both are 0 at best."""

    log_loss: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Refit:
    """What verdicts made of the shipped calibration.

    ``before`` and ``after`` are of verdicts held out in turn; None where there are too few.
    """

    scaling: Scaling
    verdicts: int
    right: int
    before: Quality | None
    after: Quality | None


def refit(outcomes: Sequence[Outcome]) -> Refit:
    """The scaling of all outcomes, with its cross-validated figures."""
    tested = len(outcomes) >= TESTED
    return Refit(
        scaling=fit(outcomes),
        verdicts=len(outcomes),
        right=sum(one.right for one in outcomes),
        before=quality(outcomes) if tested else None,
        after=quality(held_out(outcomes)) if tested else None,
    )


def rescaled(
    shipped: Calibration, found: Refit, *, left_out: Mapping[LeftOut, int], date: str
) -> Calibration:
    """The shipped calibration on the new scale, which says where it comes from."""
    return shipped.scaled(
        found.scaling.scale,
        found.scaling.shift,
        provenance={
            "fitted_on": "people's verdicts, as a scale and a shift of the shipped log-odds",
            "date": date,
            **asdict(found),
            "left_out": {reason.value: count for reason, count in left_out.items()},
            "shipped": shipped.provenance,
        },
    )


def fit(outcomes: Sequence[Outcome]) -> Scaling:
    """The most probable scale and shift, given the outcomes and the prior; any number of them."""
    logits = _logits([one.confidence for one in outcomes])
    right = np.array([one.right for one in outcomes], np.float64)
    ones = np.ones_like(logits)
    scale, shift = _newton(
        np.column_stack([logits, ones]), np.zeros_like(logits), right, np.array([1.0, 0.0])
    )
    if scale < LEAST_SCALE:
        scale = LEAST_SCALE
        (shift,) = _newton(ones[:, None], scale * logits, right, np.zeros(1))
    return Scaling(float(scale), float(shift))


def held_out(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Each outcome with the confidence that the others' scaling gives it, in ``FOLDS`` parts."""
    fits = [
        fit([one for place, one in enumerate(outcomes) if place % FOLDS != fold])
        for fold in range(FOLDS)
    ]
    return [
        Outcome(fits[place % FOLDS].of(one.confidence), one.right)
        for place, one in enumerate(outcomes)
    ]


def quality(outcomes: Sequence[Outcome]) -> Quality:
    """Log loss (natural), and the calibration error over bins of ten outcomes and more."""
    confidences = [one.confidence for one in outcomes]
    right = [one.right for one in outcomes]
    given = np.clip(confidences, _EDGE, 1.0 - _EDGE)
    bins = max(1, min(10, len(outcomes) // _PER_BIN))
    return Quality(
        log_loss=float(-np.log(np.where(right, given, 1.0 - given)).mean()),
        calibration_error=scoring.calibration_error(confidences, right, bins=bins),
    )


def _newton(columns: Floats, offset: Floats, right: Floats, prior: Floats) -> Floats:
    """The coefficients (k,) of a logistic model over columns (n, k), with a normal prior."""

    def loss(at: Floats) -> float:
        logits = offset + columns @ at
        fits = np.logaddexp(0.0, logits) - right * logits
        return float(fits.sum() + PRIOR / 2 * ((at - prior) ** 2).sum())

    at = prior
    for _ in range(_STEPS):
        given = _probabilities(offset + columns @ at)
        slope = columns.T @ (given - right) + PRIOR * (at - prior)
        spread = (given * (1.0 - given))[:, None]
        step = np.linalg.solve(columns.T @ (columns * spread) + PRIOR * np.eye(len(at)), slope)
        while np.abs(step).max() > _SMALL and loss(at - step) > loss(at):
            step = step / 2
        at = at - step
        if np.abs(step).max() <= _SMALL:
            break
    return at


def _logits(confidences: Sequence[float]) -> Floats:
    given = np.clip(np.array(confidences, np.float64), _EDGE, 1.0 - _EDGE)
    return np.log(given) - np.log1p(-given)


def _probabilities(logits: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-logits))
