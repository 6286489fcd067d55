"""Joint decoding against a slow twin that tries every pair, and by hand."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.decode import MAX_TOKENS, Candidate, Reading, decode

LONGEST = 5


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Up to 14 tokens, the first and last not the passage's; logits are few, so that many tie."""
    count = draw(st.integers(0, 12))
    logits = st.lists(st.integers(-9, 9), min_size=count + 2, max_size=count + 2)
    steps = st.lists(st.integers(0, 1), min_size=count, max_size=count)
    rare = st.lists(st.sampled_from([0, 0, 0, 1]), min_size=count, max_size=count)
    words = np.cumsum(draw(steps))
    words[draw(st.integers(0, count)) :] = -1  # where the network's length ended
    place = np.arange(count) * 2
    return Reading(
        start=np.array(draw(logits), np.float32),
        end=np.array(draw(logits), np.float32),
        offsets=np.array([[0, 0], *zip(place, place + 1, strict=True), [0, 0]], np.int32),
        words=np.array([-1, *words, -1], np.int32),
        paragraphs=np.array([-1, *np.cumsum(draw(rare)), -1], np.int32),
    )


def allowed(reading: Reading, i: int, j: int) -> bool:
    """Whether a span from token i to j may be an answer, said without arrays."""
    words = reading.words.tolist()
    return (
        0 <= j - i < LONGEST
        and words[i] >= 0
        and words[j] >= 0
        and words[i - 1] != words[i]
        and words[j + 1] != words[j]
        and reading.paragraphs[i] == reading.paragraphs[j]
    )


def slow(reading: Reading, *, limit: int) -> list[Candidate]:
    """The twin: all pairs, the best first, each taken that overlaps none taken before."""
    tokens = range(1, len(reading.words) - 1)
    pairs = [(i, j) for i, j in product(tokens, tokens) if allowed(reading, i, j)]
    pairs.sort(key=lambda pair: -(reading.start[pair[0]] + reading.end[pair[1]]))
    taken: list[tuple[int, int]] = []
    for i, j in pairs:
        if len(taken) < limit and all(j < a or b < i for a, b in taken):
            taken.append((i, j))
    null = float(reading.start[0] + reading.end[0])
    return [
        Candidate(
            int(reading.offsets[i, 0]),
            int(reading.offsets[j, 1]),
            float(reading.start[i] + reading.end[j]) - null,
        )
        for i, j in taken
    ]


@given(readings(), st.integers(0, 4))
def test_the_same_as_trying_every_pair(reading: Reading, limit: int) -> None:
    assert decode(reading, limit=limit, max_tokens=LONGEST) == slow(reading, limit=limit)


@given(readings())
def test_candidates_do_not_overlap_and_fall(reading: Reading) -> None:
    found = decode(reading, limit=4, max_tokens=LONGEST)
    assert [one.margin for one in found] == sorted((one.margin for one in found), reverse=True)
    for place, one in enumerate(found):
        assert one.start < one.end
        for other in found[:place]:
            assert one.end <= other.start or other.end <= one.start


def tokens(
    *likes: tuple[float, float], words: list[int] | None = None, paragraphs: list[int] | None = None
) -> Reading:
    """A reading of tokens of one character each, with their logits; the null answer's are 1."""
    count = len(likes)
    start, end = zip((1.0, 1.0), *likes, (0.0, 0.0), strict=True)
    place = np.arange(count)
    return Reading(
        start=np.array(start, np.float32),
        end=np.array(end, np.float32),
        offsets=np.array([[0, 0], *zip(place, place + 1, strict=True), [0, 0]], np.int32),
        words=np.array([-1, *(words or range(count)), -1], np.int32),
        paragraphs=np.array([-1, *(paragraphs or [0] * count), -1], np.int32),
    )


def test_a_margin_is_start_and_end_above_the_null_answer() -> None:
    (found,) = decode(tokens((3.0, 0.0), (0.0, 4.0)), limit=1)
    assert found == Candidate(0, 2, 3.0 + 4.0 - 2.0)


def test_the_best_pair_is_found_where_best_start_and_end_do_not_fit() -> None:
    likes = [(0.0, 9.0), (5.0, 0.0), (9.0, 4.0)]  # the best end lies before the best start
    assert decode(tokens(*likes), limit=1) == [Candidate(2, 3, 9.0 + 4.0 - 2.0)]


def test_a_word_is_never_cut() -> None:
    likes = [(0.0, 0.0), (9.0, 9.0), (0.0, 0.0)]
    (found,) = decode(tokens(*likes, words=[0, 0, 0]), limit=3)
    assert (found.start, found.end) == (0, 3)


def test_a_paragraph_is_never_left() -> None:
    likes = [(9.0, 0.0), (0.0, 1.0), (2.0, 9.0)]
    found = decode(tokens(*likes, paragraphs=[0, 0, 1]), limit=3)
    assert [(one.start, one.end) for one in found] == [(2, 3), (0, 2)]


def test_the_length_is_bounded() -> None:
    likes = [(9.0, 0.0), *[(0.0, 0.0)] * (MAX_TOKENS - 1), (0.0, 9.0)]
    (found,) = decode(tokens(*likes), limit=1)
    assert found.end - found.start <= MAX_TOKENS
    (whole,) = decode(tokens(*likes), limit=1, max_tokens=MAX_TOKENS + 1)
    assert (whole.start, whole.end) == (0, MAX_TOKENS + 1)


def test_a_word_longer_than_the_longest_answer_is_no_answer() -> None:
    assert decode(tokens(*[(5.0, 5.0)] * 4, words=[0] * 4), limit=3, max_tokens=3) == []


def test_nothing_in_nothing() -> None:
    assert decode(tokens(), limit=3) == []
    assert decode(tokens((5.0, 5.0)), limit=0) == []
