"""A scale and a shift from verdicts: found where there are many, hardly moved by a few."""

import math
import random
from dataclasses import replace
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.calibrate import Calibration
from qa.recalibrate import (
    LEAST_SCALE,
    PRIOR,
    TESTED,
    Refit,
    Scaling,
    fit,
    held_out,
    quality,
    refit,
    rescaled,
)
from qa.verdicts import LeftOut, Outcome
from tests.qa.stores import MARGIN_ONLY

OUTCOMES = st.lists(st.builds(Outcome, st.floats(0, 1), st.booleans()), max_size=60)
SHIPPED = replace(MARGIN_ONLY, bias=0.25, provenance={"fitted_on": "articles"})


def simulated(count: int, *, scale: float, shift: float, seed: int = 1) -> list[Outcome]:
    """Outcomes whose true log-odds are so much of those that the confidence says."""
    chance = random.Random(seed)
    said = [chance.uniform(-3, 3) for _ in range(count)]
    return [Outcome(logistic(x), chance.random() < logistic(scale * x + shift)) for x in said]


def logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def loss(scaling: Scaling, outcomes: list[Outcome]) -> float:
    """What ``fit`` makes least, written out."""
    total = PRIOR / 2 * ((scaling.scale - 1) ** 2 + scaling.shift**2)
    for one in outcomes:
        logit = math.log(one.confidence / (1 - one.confidence))
        probability = logistic(scaling.scale * logit + scaling.shift)
        total -= math.log(probability if one.right else 1 - probability)
    return total


@pytest.mark.parametrize(("scale", "shift"), [(0.5, -1.0), (1.0, 0.0), (1.6, 0.8)])
def test_what_is_true_of_many_is_found(scale: float, shift: float) -> None:
    found = fit(simulated(20_000, scale=scale, shift=shift))
    assert found.scale == pytest.approx(scale, abs=0.07)
    assert found.shift == pytest.approx(shift, abs=0.07)


def test_five_hundred_decide() -> None:
    found = [fit(simulated(500, scale=1.6, shift=0.8, seed=seed)) for seed in range(20)]
    assert mean(one.scale - 1 for one in found) > 0.75 * 0.6
    assert mean(one.shift for one in found) > 0.75 * 0.8


def test_no_verdict_changes_nothing() -> None:
    assert fit([]) == Scaling(1.0, 0.0)


@pytest.mark.parametrize("right", [True, False])
def test_five_verdicts_move_little(right: bool) -> None:
    found = fit([Outcome(0.6, right)] * 5)
    assert found.of(0.6) != 0.6
    assert found.of(0.6) == pytest.approx(0.6, abs=0.1)


def test_the_fit_is_the_least_of_what_it_minimizes() -> None:
    outcomes = simulated(40, scale=0.6, shift=-0.4)
    found = fit(outcomes)
    for scale, shift in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
        moved = Scaling(found.scale + scale, found.shift + shift)
        assert loss(found, outcomes) < loss(moved, outcomes)


@given(OUTCOMES, st.floats(0, 1), st.floats(0, 1))
def test_more_stays_more(outcomes: list[Outcome], one: float, other: float) -> None:
    found = fit(outcomes)
    assert found.scale >= LEAST_SCALE
    less, more = sorted((found.of(one), found.of(other)))
    assert (found.of(min(one, other)), found.of(max(one, other))) == (less, more)
    assert 0 < less <= more < 1


def test_verdicts_against_all_reason_only_flatten() -> None:
    found = fit([Outcome(0.95, False), Outcome(0.05, True)] * 200)
    assert found.scale == LEAST_SCALE
    assert found.shift == pytest.approx(0.0, abs=0.01)


def test_a_verdict_more_moves_to_its_side() -> None:
    outcomes = simulated(30, scale=1.0, shift=0.0)
    before = fit(outcomes).of(0.5)
    assert fit([*outcomes, Outcome(0.5, True)]).of(0.5) > before
    assert fit([*outcomes, Outcome(0.5, False)]).of(0.5) < before


def test_the_calibration_says_what_the_scaling_says() -> None:
    found = refit(simulated(200, scale=0.5, shift=-1.0))
    own = rescaled(SHIPPED, found, left_out={LeftOut.REMOVED: 3}, date="2026-01-02")
    for margin in (-4.0, 0.0, 2.5):
        values = (margin, *[1.0] * (len(SHIPPED.features) - 1))
        said = found.scaling.of(SHIPPED.probability(values))
        assert own.probability(values) == pytest.approx(said)
    changed = replace(own, weight=SHIPPED.weight, bias=SHIPPED.bias, provenance=SHIPPED.provenance)
    assert changed == SHIPPED


def test_the_calibration_says_where_it_comes_from() -> None:
    found = refit(simulated(TESTED, scale=0.5, shift=-1.0))
    origin = rescaled(SHIPPED, found, left_out={LeftOut.REMOVED: 3}, date="2026-01-02").provenance
    assert origin["date"] == "2026-01-02"
    assert origin["verdicts"] == TESTED
    assert origin["left_out"] == {"removed": 3}
    assert origin["shipped"] == SHIPPED.provenance
    assert origin["scaling"] == {"scale": found.scaling.scale, "shift": found.scaling.shift}
    assert found.after is not None
    assert origin["after"]["log_loss"] == found.after.log_loss


def test_held_out_figures_need_verdicts_enough() -> None:
    few = refit(simulated(TESTED - 1, scale=0.5, shift=-1.0))
    assert (few.before, few.after) == (None, None)
    assert few.verdicts == TESTED - 1
    assert refit(simulated(TESTED, scale=0.5, shift=-1.0)).after is not None


def test_what_promised_too_much_fits_better_afterwards() -> None:
    found: Refit = refit(simulated(300, scale=0.5, shift=-1.0))
    assert found.before is not None
    assert found.after is not None
    assert found.after.log_loss < found.before.log_loss
    assert found.after.calibration_error < found.before.calibration_error


def test_held_out_is_blind_to_its_own_verdict() -> None:
    outcomes = simulated(40, scale=1.0, shift=0.0)
    turned = [replace(outcomes[0], right=not outcomes[0].right), *outcomes[1:]]
    assert held_out(turned)[0].confidence == held_out(outcomes)[0].confidence
    assert held_out(turned)[1].confidence != held_out(outcomes)[1].confidence


def test_quality_by_hand() -> None:
    found = quality([Outcome(0.8, True), Outcome(0.8, False)])
    assert found.log_loss == pytest.approx(-(math.log(0.8) + math.log(0.2)) / 2)
    assert found.calibration_error == pytest.approx(0.3)
    assert math.isfinite(quality([Outcome(1.0, False), Outcome(0.0, True)]).log_loss)


def test_scaling_a_calibration_by_hand() -> None:
    own: Calibration = SHIPPED.scaled(0.5, 1.0, provenance={})
    assert own.bias == 1.125
    assert own.weight[0] == 0.5
    assert set(own.weight[1:]) == {0.0}
