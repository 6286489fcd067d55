"""Folding: what people type finds what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.folding import folded, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ingrid", "INGRID"),
        ("Müller", "mu\u0308ller"),
        ("Müller", "muller"),
        ("STRASSE", "Straße"),
        ("İzmir", "izmir"),
        ("ΟΔΟΣ", "οδος"),
        ("ｅｌａｎ", "élan"),
        ("ﬁnd", "find"),
        ("2 ℃", "2 °c"),
        ("ᾳ", "α"),
        ("が", "か"),
    ],
)
def test_they_are_alike(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("日", "月"), ("कि", "क"), ("a-b", "ab")])
def test_they_are_not(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_words_are_folded_and_come_once() -> None:
    assert words(" Été\0ete\u3000Who? \u0301 ") == ("ete", "who?")
    assert words(" \t\0") == ()
