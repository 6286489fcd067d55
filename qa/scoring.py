"""How right answers are, and how far their confidence can be believed.

Exact match and F1 are SQuAD's (Rajpurkar et al. 2016).
"""

import math
import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from statistics import mean

RIGHT_F1 = 0.5
"""From this F1 with an accepted answer up, an answer is counted as right."""

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_DROPPED = str.maketrans("", "", string.punctuation + "“”‘’«»„–—…")


def normalized(answer: str) -> str:
    """Lower case, without punctuation, articles and extra white space, as SQuAD compares."""
    return " ".join(_ARTICLES.sub(" ", answer.lower().translate(_DROPPED)).split())


def exact(answer: str, accepted: Sequence[str]) -> float:
    """1 where the answer equals an accepted one, else 0."""
    return float(any(normalized(answer) == normalized(one) for one in accepted))


def f1(answer: str, accepted: Sequence[str]) -> float:
    """The best F1 of the answer's words with those of an accepted one, 0 to 1."""
    return max((_f1(answer, one) for one in accepted), default=0.0)


def _f1(answer: str, accepted: str) -> float:
    got, wanted = normalized(answer).split(), normalized(accepted).split()
    if not got or not wanted:
        return float(got == wanted)
    common = sum((Counter(got) & Counter(wanted)).values())
    return 2 * common / (len(got) + len(wanted))


def listed(given: Sequence[str], wanted: Sequence[str], *, partly: bool = False) -> float:
    """F1 of the things given with those wanted, 0 to 1, as MultiSpanQA counts (Li et al. 2022).

    A thing counts where it equals a wanted one, or ``partly``: by the F1 of its words with the
    closest.
    """
    if not given or not wanted:
        return float(not given and not wanted)
    score = f1 if partly else exact
    precision = mean(score(one, wanted) for one in given)
    recall = mean(score(one, given) for one in wanted)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Some answers of like confidence: their mean confidence, and the share that is right."""

    size: int
    confidence: float
    right: float


def reliability(
    confidences: Sequence[float], right: Sequence[bool], *, bins: int = 10
) -> tuple[Bin, ...]:
    """Answers in equally filled bins of rising confidence (Nguyen and O'Connor 2015)."""
    # By confidence alone: among equal ones, sorting the wrong first would part them by it.
    pairs = sorted(zip(confidences, right, strict=True), key=itemgetter(0))
    edges = [len(pairs) * number // bins for number in range(bins + 1)]
    parts = [pairs[first:last] for first, last in pairwise(edges) if first < last]
    return tuple(
        Bin(len(part), mean(pair[0] for pair in part), mean(pair[1] for pair in part))
        for part in parts
    )


def calibration_error(
    confidences: Sequence[float], right: Sequence[bool], *, bins: int = 10
) -> float:
    """Expected calibration error (Naeini et al. 2015): 0 is best; 0 for no answers.

    The mean over bins of how far the mean confidence is from the share that is right, weighted
    by the bin's size.
    """
    parts = reliability(confidences, right, bins=bins)
    total = sum(one.size for one in parts) or 1
    return sum(abs(one.confidence - one.right) * one.size for one in parts) / total


@dataclass(frozen=True, slots=True)
class Operating:
    """What answering from a confidence up means.

    ``coverage`` is the share of all questions that is answered, ``risk`` the share of those
    answers that is wrong.
    """

    confidence: float
    coverage: float
    risk: float


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> tuple[Operating, ...]:
    """The points from answering the surest question only to answering all (El-Yaniv 2010).

    One point a confidence: equal ones cannot be told apart by it.
    """
    pairs = sorted(zip(confidences, right, strict=True), key=itemgetter(0), reverse=True)
    points = []
    wrong = 0
    for number, (confidence, is_right) in enumerate(pairs, start=1):
        wrong += not is_right
        if number == len(pairs) or pairs[number][0] < confidence:
            points.append(Operating(confidence, number / len(pairs), wrong / number))
    return tuple(points)


def refused_at(answerable: Sequence[float], unanswerable: Sequence[float], *, kept: float) -> float:
    """The share of unanswerable questions refused where so many answerable ones are answered.

    Given are the confidences; the threshold is the highest that keeps that share.
    """
    surest = sorted(answerable, reverse=True)
    threshold = surest[max(0, math.ceil(kept * len(surest)) - 1)]
    return mean(confidence < threshold for confidence in unanswerable)
