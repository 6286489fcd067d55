"""How right an answer is: SQuAD's exact match and F1 (Rajpurkar et al. 2016), and calibration."""

import re
import string
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

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


def calibration_error(
    confidences: Sequence[float], right: Sequence[bool], *, bins: int = 10
) -> float:
    """Expected calibration error over equally filled bins (Naeini et al. 2015; Nguyen 2015).

    The mean over bins of how far the mean confidence is from the share that is right, weighted
    by the bin's size; 0 for no answers.
    """
    # By confidence alone: among equal ones, sorting the wrong first would part them by it.
    pairs = sorted(zip(confidences, right, strict=True), key=itemgetter(0))
    error = 0.0
    for number in range(bins):
        part = pairs[len(pairs) * number // bins : len(pairs) * (number + 1) // bins]
        if part:
            confidence = sum(pair[0] for pair in part) / len(part)
            share = sum(pair[1] for pair in part) / len(part)
            error += abs(confidence - share) * len(part) / len(pairs)
    return error
