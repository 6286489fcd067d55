"""What a wrong value is told in."""

import pytest

from server.wording import plain


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Expected `int`, got `str`", "must be a whole number, got text"),
        ("Expected `str` of length >= 1", "must be text of length >= 1"),
        ("Expected `int | null`, got `str`", "must be a whole number or null, got text"),
        (
            "Expected `str` matching regex '^[^\\x00]*$'",
            "must be text without NUL characters (U+0000)",
        ),
        (
            "Expected `str` matching regex '^[^\\x00]*[^\\s\\x00][^\\x00]*$'",
            "must be text that is not blank and without NUL characters (U+0000)",
        ),
        ("Object missing required field `question`", "has no question"),
        ("Object contains unknown field `x`", "has the field x, which is not known here"),
        ("Invalid enum value 'maybe'", "can't be 'maybe'; GET /schema says what it can be"),
    ],
)
def test_messages_are_plain(message: str, expected: str) -> None:
    assert plain(message) == expected
