"""Joint decoding against a slow twin that tries every pair."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.decode import Reading, decode

LIMIT = 5


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """A reading of up to 14 tokens, the first and last not the passage's."""
    count = draw(st.integers(1, 12))
    logits = st.lists(st.integers(-40, 40), min_size=count + 2, max_size=count + 2)
    words = np.cumsum(draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)))
    breaks = np.cumsum(
        draw(st.lists(st.sampled_from([0, 0, 0, 1]), min_size=count, max_size=count))
    )
    place = np.arange(count)
    outside = np.full(1, -1)
    return Reading(
        start=np.array(draw(logits), np.float32) + np.arange(count + 2) / 100,
        end=np.array(draw(logits), np.float32) - np.arange(count + 2) / 1000,
        offsets=np.stack([np.r_[0, place * 2, 0], np.r_[0, place * 2 + 1, 0]], axis=1).astype(
            np.int32
        ),
        words=np.concatenate([outside, words, outside]).astype(np.int32),
        paragraphs=np.concatenate([outside, breaks, outside]).astype(np.int32),
    )


def allowed(reading: Reading, i: int, j: int) -> bool:
    """Whether a span from token i to j may be an answer, said without arrays."""
    words = reading.words.tolist()
    return (
        0 <= j - i < LIMIT
        and words[i] >= 0
        and words[j] >= 0
        and words[i - 1] != words[i]
        and words[j + 1] != words[j]
        and reading.paragraphs[i] == reading.paragraphs[j]
    )


@given(readings())
def test_best_is_the_best_of_all_pairs(reading: Reading) -> None:
    tokens = range(1, len(reading.words) - 1)
    pairs = [(i, j) for i, j in product(tokens, tokens) if allowed(reading, i, j)]
    found = decode(reading, limit=3, max_tokens=LIMIT)
    if not pairs:
        assert found == []
        return
    i, j = max(pairs, key=lambda pair: float(reading.start[pair[0]] + reading.end[pair[1]]))
    null = float(reading.start[0] + reading.end[0])
    assert (found[0].start, found[0].end) == (reading.offsets[i, 0], reading.offsets[j, 1])
    assert abs(found[0].margin - (float(reading.start[i] + reading.end[j]) - null)) < 1e-3


@given(readings())
def test_candidates_do_not_overlap_and_fall(reading: Reading) -> None:
    found = decode(reading, limit=4, max_tokens=LIMIT)
    assert [one.margin for one in found] == sorted((one.margin for one in found), reverse=True)
    for place, one in enumerate(found):
        assert one.start < one.end
        for other in found[:place]:
            assert one.end <= other.start or other.end <= one.start
