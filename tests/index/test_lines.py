"""Blocks of lines, and what looks like a heading."""

import pytest
from hypothesis import given

from index.lines import blocks, is_heading, stripped
from index.types import Span
from tests.index.texts import texts

BLOCKS = {
    "blank lines": ("One.\n\nTwo.\n \nThree.", ["One.", "Two.", "Three."]),
    "other line breaks": ("One.\r\n\r\nTwo.\u2028\u2028Three.", ["One.", "Two.", "Three."]),
    "a wrapped paragraph": (
        "The committee that was set up in spring to look into the matter has\n"
        "not yet reported, although its chairman, who lives in the village of\n"
        "Alford, said it would.",
        [
            "The committee that was set up in spring to look into the matter has\n"
            "not yet reported, although its chairman, who lives in the village of\n"
            "Alford, said it would."
        ],
    ),
    "wrapped Chinese": (
        "委员会于春天成立以调查此事但是至今仍然没有提交报告\n尽管主席说过会在年底之前提交这份报告。",
        [
            "委员会于春天成立以调查此事但是至今仍然没有提交报告\n尽管主席说过会在年底之前提交这份报告。"
        ],
    ),
    "short lines": ("Cookies settings\nSave settings", ["Cookies settings", "Save settings"]),
    "a title and its subtitle": (
        "Board votes to close the school on the hill\nLast bell moved back a year",
        ["Board votes to close the school on the hill", "Last bell moved back a year"],
    ),
    "a list": ("- one\n- two\n1. three\n(a) four", ["- one", "- two", "1. three", "(a) four"]),
    "dashes": (
        "– in the new parting bead, which you can buy with the brush\n– along the back",
        ["– in the new parting bead, which you can buy with the brush", "– along the back"],
    ),
    "an item that goes on": (
        "- an item that is quite long and is\n  continued",
        ["- an item that is quite long and is\n  continued"],
    ),
    "a table": ("| a | b |\n| c | d |\nx\ty\nz\tw", ["| a | b |", "| c | d |", "x\ty", "z\tw"]),
    "a heading": ("# Title\nIt began.", ["# Title", "It began."]),
    "turns": (
        "Q: Did you go?\nANNA LEE: I did.\nQ：去了？",
        ["Q: Did you go?", "ANNA LEE: I did.", "Q：去了？"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), BLOCKS.values(), ids=BLOCKS.keys())
def test_blocks(text: str, expected: list[str]) -> None:
    assert [block.of(text) for block in blocks(text, Span(0, len(text)))] == expected


@given(texts)
def test_blocks_cover_the_text_in_order(text: str) -> None:
    end = 0
    for block in blocks(text, Span(0, len(text))):
        assert not text[end : block.start].strip()
        assert block.of(text) == block.of(text).strip() != ""
        end = block.end
    assert not text[end:].strip()


@pytest.mark.parametrize(
    "line",
    ["Background", "# Title", "## 2.1 More", "1. The scheme", "IV. Results", "Was it worth it?"],
)
def test_a_heading(line: str) -> None:
    assert is_heading(line)


@pytest.mark.parametrize(
    "line",
    [
        *("It began.", "and then", "- item", "1. one staffed till", "| a | b |", "Place: Rome"),
        *("$9,800", "", "One\nTwo", "A line that goes on and on for so long that it is text " * 2),
    ],
)
def test_no_heading(line: str) -> None:
    assert not is_heading(line)


def test_stripped_is_empty_where_all_is_white() -> None:
    assert not stripped("a \n b", 1, 4)
    assert stripped("a \n b", 0, 5) == Span(0, 5)
    assert stripped(" \ta\u3000", 0, 4) == Span(2, 3)
