"""What conversations are called: one line, never too long."""

import pytest

from qa.errors import InvalidRequest
from qa.titles import ASKED_CHARACTERS, LONGEST_TITLE, asked, given


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Who\n led  it?", "Who led it?"),
        ("word " * 40, " ".join(["word"] * 15) + "…"),
        ("x" * 200, "x" * (ASKED_CHARACTERS - 1) + "…"),
    ],
)
def test_a_question_makes_a_short_title(question: str, title: str) -> None:
    assert asked(question) == title


@pytest.mark.parametrize(
    ("title", "kept"), [(" Deep\r\n\tdives ", "Deep dives"), ("日" * LONGEST_TITLE,) * 2]
)
def test_a_given_title_is_kept_on_one_line(title: str, kept: str) -> None:
    assert given(title) == kept


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("", "blank"),
        (" \n\u2003", "blank"),
        ("x" * (LONGEST_TITLE + 1), "201 characters, more than the 200"),
        ("a\0b", "NUL"),
        ("a\ud800b", "half a character"),
    ],
)
def test_what_is_no_title_is_refused(title: str, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        given(title)
