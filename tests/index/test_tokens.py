"""Token counts, against a slow readable twin of the encoding."""

from itertools import pairwise

import pytest
import regex
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelError
from index.tokens import LONGEST_RUN, TokenCounter
from index.vocabulary.encoding import NAME, PATTERN, pincite_bpe, ranks
from tests.index.texts import texts

ENCODING = tiktoken.get_encoding(NAME)
RANKS: dict[bytes, int] = pincite_bpe()["mergeable_ranks"]
COUNTER = TokenCounter(NAME)


def slow_encode(text: str) -> list[int]:
    """Byte-pair encoding by its definition: merge the pair of lowest rank until none is known."""
    tokens: list[int] = []
    for piece in regex.findall(PATTERN, text):
        parts = [bytes([byte]) for byte in piece.encode()]
        while pairs := [
            (RANKS[left + right], place)
            for place, (left, right) in enumerate(pairwise(parts))
            if left + right in RANKS
        ]:
            _, place = min(pairs)
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        tokens += [RANKS[part] for part in parts]
    return tokens


@given(st.one_of(st.text(), texts))
def test_decoding_gives_the_text_back(text: str) -> None:
    assert ENCODING.decode(ENCODING.encode_ordinary(text)) == text


@given(st.one_of(st.text(max_size=200), texts))
def test_encoding_is_that_of_the_slow_twin(text: str) -> None:
    assert ENCODING.encode_ordinary(text) == slow_encode(text)


@given(st.text(max_size=LONGEST_RUN))
def test_count_is_the_length_of_the_encoding(text: str) -> None:
    assert COUNTER.count(text) == len(slow_encode(text))


@pytest.mark.parametrize("text", ["", " ", "The cat.", "字", "👩\u200d👩\u200d👧", "e\u0301"])
def test_every_text_has_as_many_tokens_as_the_twin_says(text: str) -> None:
    assert COUNTER.count(text) == len(slow_encode(text))


def test_marks_of_special_tokens_are_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    known = tiktoken.registry.ENCODING_CONSTRUCTORS
    special = {"name": "special", "special_tokens": {"<|endoftext|>": len(RANKS)}}
    assert known is not None
    monkeypatch.setitem(known, "special", lambda: pincite_bpe() | special)
    assert TokenCounter("special").count("<|endoftext|>") == len(slow_encode("<|endoftext|>")) > 1


def test_common_words_and_years_are_one_token() -> None:
    assert COUNTER.count(" government") == COUNTER.count(" 2016") == COUNTER.count(" and") == 1


@pytest.mark.parametrize("mark", ["a", "字", "👍", "-", " ", "\n", "1", "\u0301"])
def test_a_long_run_counts_as_its_parts_do(mark: str) -> None:
    part = mark * LONGEST_RUN
    assert COUNTER.count(part * 2_500) == 2_500 * COUNTER.count(part)


def test_text_around_long_runs_is_counted_whole() -> None:
    text = "The cat sat. " + "x" * LONGEST_RUN + " It left."
    assert COUNTER.count(text) == len(slow_encode(text))


def test_the_counter_says_which_encoding_it_is() -> None:
    assert COUNTER.name == NAME


def test_every_byte_is_a_token() -> None:
    assert all(bytes([byte]) in RANKS for byte in range(256))


def test_an_unknown_encoding_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ModelError, match=r"'nope'.*cl100k_base.*pincite_bpe"):
        TokenCounter("nope")


def test_a_damaged_vocabulary_is_refused() -> None:
    with pytest.raises(ModelError, match="damaged; reinstall"):
        ranks(b"AA== 0\n")


def test_an_encoding_that_cannot_be_downloaded_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")  # nothing cached
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody listens there
    with pytest.raises(ModelError, match=r"'cl100k_base'.*TIKTOKEN_CACHE_DIR"):
        TokenCounter("cl100k_base")
