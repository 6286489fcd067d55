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
    """

    start: NDArray[np.float32]
    end: NDArray[np.float32]
    offsets: NDArray[np.int32]
    words: NDArray[np.int32]
    paragraphs: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of the passage's text; ``margin`` is its score above the null answer's."""

    start: int
    end: int
    margin: float


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
        candidates.append(Candidate(start, end, best - null))
        # Spans that overlap this one: those that start by its end and end from its start on.
        scores[: j + 1, i:] = -np.inf
    return candidates


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
