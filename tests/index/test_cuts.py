"""Where long text is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.cuts import cut, pieces
from index.types import Span
from tests.index.texts import texts

CUTS = {
    "a sentence": ("It was so late. He went, then left", 20, "It was so late. "),
    "a clause": ("It was so late, he went then left", 20, "It was so late, "),
    "a Chinese clause": ("今天天气很好，我们去公园吧我们", 10, "今天天气很好，"),
    "a word": ("It was so late he went then left", 20, "It was so late he "),
    "nothing": ("x" * 30, 20, "x" * 20),
    "a combining mark": ("x" * 19 + "e\u0301\u0323x", 21, "x" * 19),
    "a joined emoji": ("x" * 17 + "👩\u200d👩\u200d👧", 20, "x" * 17),
    "a skin tone": ("x" * 19 + "👍🏽", 20, "x" * 19),
    "a flag": ("🇺🇦" * 10, 11, "🇺🇦" * 5),
}


@pytest.mark.parametrize(("text", "reach", "expected"), CUTS.values(), ids=CUTS.keys())
def test_cut(text: str, reach: int, expected: str) -> None:
    assert text[: cut(text, 0, reach)] == expected


def test_a_character_that_is_longer_than_the_reach_is_cut() -> None:
    assert cut("e" + "\u0301" * 30, 0, 20) == 20


@given(texts, st.integers(1, 300))
def test_pieces_cover_the_text_within_reach(text: str, reach: int) -> None:
    end = 0
    for piece in pieces(text, Span(0, len(text)), reach=reach):
        assert 0 < len(piece) <= reach
        assert not text[end : piece.start].strip()
        assert piece.of(text) == piece.of(text).strip()
        end = piece.end
    assert not text[end:].strip()
