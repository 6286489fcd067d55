"""From a passage's logits to its best answer spans. Pure: arrays in, candidates out.

A span's score is ``start[i] + end[j]``, compared with the null answer's ``start[0] + end[0]``
at [CLS] (Devlin et al. 2019, section 4.3). Start and end are decoded jointly over every
allowed pair, so the best pair is found even where the best start and best end don't fit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_TOKENS = 48
"""The longest answer, in tokens: whole reasons fit, whole passages do not."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model said of one passage.

    ``start`` and ``end`` hold one logit a token; token 0 is [CLS], the null answer.
    ``offsets`` holds each token's ``[begin, end)`` in the passage's text, shape (tokens, 2).
    ``words`` numbers the passage's words from 0, -1 for tokens that are not the passage's;
    ``paragraphs`` its paragraphs likewise.
    ``inside`` holds one logit a token: whether a thing that answers covers it; of [CLS], whether
    the passage answers at all. ``several`` is the logit of the question asking for several things.
    """

    start: NDArray[np.float32]
    end: NDArray[np.float32]
    offsets: NDArray[np.int32]
    words: NDArray[np.int32]
    paragraphs: NDArray[np.int32]
    inside: NDArray[np.float32]
    several: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of the passage's text; ``margin`` is its score above the null answer's.

    ``items`` are the ``(start, end)`` of the things it lists, in order; at least two or none.
    """

    start: int
    end: int
    margin: float
    items: tuple[tuple[int, int], ...] = ()


def decode(reading: Reading, *, limit: int, max_tokens: int = MAX_TOKENS) -> list[Candidate]:
    """The ``limit`` best spans that do not overlap, best first.

    A span starts at the first token of a word and ends at the last token of one, is at most
    ``max_tokens`` long, and lies within one paragraph of the passage.
    """
    scores = _pair_scores(reading, max_tokens)
    null = float(reading.start[0] + reading.end[0])
    candidates: list[Candidate] = []
    while len(candidates) < limit and scores.size:
        i, j = divmod(int(scores.argmax()), scores.shape[1])
        best = float(scores[i, j])
        if best == -np.inf:
            break
        start, end = int(reading.offsets[i, 0]), int(reading.offsets[j, 1])
        candidates.append(Candidate(start, end, best - null, _items(reading, i, j)))
        # Spans that overlap this one: those that start by its end and end from its start on.
        scores[: j + 1, i:] = -np.inf
    return candidates


def _items(reading: Reading, first: int, last: int) -> tuple[tuple[int, int], ...]:
    """The things that a span from token ``first`` to ``last`` lists, with the passage's others.

    Each is a run of words that the reader takes for inside an answer. None where the question
    asks for one thing, or the span touches none of them.
    """
    if reading.several <= 0:
        return ()
    runs: list[list[int]] = []
    for token in np.flatnonzero((reading.inside > 0) & (reading.words >= 0)):
        if runs and _adjacent(reading, runs[-1][1], int(token)):
            runs[-1][1] = int(token)
        else:
            runs.append([int(token), int(token)])
    if len(runs) < 2 or not any(run[0] <= last and first <= run[1] for run in runs):
        return ()
    whole = [_whole_words(reading, *run) for run in runs]
    return tuple((int(reading.offsets[i, 0]), int(reading.offsets[j, 1])) for i, j in whole)


def _adjacent(reading: Reading, one: int, other: int) -> bool:
    """Whether a token continues another: the same word or the next, in the same paragraph."""
    return bool(
        reading.words[other] - reading.words[one] <= 1
        and reading.paragraphs[other] == reading.paragraphs[one]
    )


def _whole_words(reading: Reading, first: int, last: int) -> tuple[int, int]:
    """The first token of a run's first word and the last token of its last."""
    words = reading.words
    while words[first - 1] == words[first]:
        first -= 1
    while words[last + 1] == words[last]:
        last += 1
    return first, last


def _pair_scores(reading: Reading, max_tokens: int) -> NDArray[np.float32]:
    """``scores[i, j]`` of the span from token i to token j, -inf where it is not allowed."""
    words = reading.words
    inside = words >= 0
    previous = np.concatenate(([-1], words[:-1]))
    following = np.concatenate((words[1:], [-1]))
    start = np.where(inside & (words != previous), reading.start, -np.inf)
    end = np.where(inside & (words != following), reading.end, -np.inf)
    scores = start[:, None] + end[None, :]
    tokens = np.arange(len(words))
    length = tokens[None, :] - tokens[:, None]
    scores[(length < 0) | (length >= max_tokens)] = -np.inf
    scores[reading.paragraphs[:, None] != reading.paragraphs[None, :]] = -np.inf
    result: NDArray[np.float32] = scores.astype(np.float32)
    return result
