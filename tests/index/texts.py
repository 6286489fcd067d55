"""Texts for property tests: scripts, emoji, combining marks, line breaks, long words."""

from hypothesis import strategies as st

FRAGMENTS = (
    *("Dr. Smith left the U.S. at 5 p.m. ", "It cost $3.50. ", "“Why?” he asked. ", "No. 5 "),
    *(
        "a",
        "Word ",
        "the cat and the dog ",
        "! ",
        "… ",
        ". ",
        '."',
        ") ",
        "«",
        "» ",
        "’",
        "–",
        ", ",
    ),
    *("今天天气很好。", "「行こう。」と", "字", "서울은 크다. ", "กรุงเทพ"),
    *("Das ist ein Satz, z. B. dieser, und der ist gut. ", "Это г. Москва. Он ушёл. "),
    *("مرحبا. كيف حالك؟ ", "שלום. ", "यह अच्छा है। ", "\u200f", "\u202e"),
    *(
        "👩\u200d👩\u200d👧",
        "👍🏽",
        "🇺🇦",
        "e\u0301",
        "\u0301",
        "\u200d",
        "ﬁ",
        "İ",
        "\ufeff",
        "\x00",
    ),
    *("\n", "\r\n", "\n\n", "\r\n\r\n", "\r", "\u2028", "\x0c", "\t", "  ", "\u3000", "\xa0"),
    *("# Heading\n", "- item\n", "1. first\n", "| a | b |\n", "Q: what?\n", "THE END\n\n"),
    *("x" * 450, "длинное" * 60, "ab1" * 120, "?!" * 40, " " * 60, "<|endoftext|>"),
)

texts = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=8)), max_size=40).map(
    "".join
)
"""Joined fragments; no lone surrogates, which no decoded source has."""
