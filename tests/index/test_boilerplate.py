import tomllib
from importlib import resources

import pytest

from index.boilerplate import read

DATA = tomllib.loads(
    resources.files("index").joinpath("boilerplate.toml").read_text(encoding="utf-8")
)
LANGUAGES = {"en", "de", "fr", "es", "it", "pl", "pt", "nl", "ru", "uk"}


def test_the_vocabulary_is_lower_case_and_without_punctuation() -> None:
    phrases = [
        phrase
        for strengths in DATA.values()
        for languages in strengths.values()
        for texts in languages.values()
        for phrase in texts
    ]
    assert [phrase for phrase in phrases if phrase != phrase.lower().strip()] == []
    assert [
        p for p in phrases if not p.replace("*", "").replace("_", "").replace(" ", "").isalnum()
    ] == []


@pytest.mark.parametrize("kind", ["share", "donate", "subscribe", "cookies", "legal", "comments"])
@pytest.mark.parametrize("strength", ["labels", "edge"])
def test_the_vocabulary_is_in_ten_languages(kind: str, strength: str) -> None:
    assert set(DATA[kind][strength]) >= LANGUAGES


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Share this article", "share"),
        ("14 comments", "comments"),
        ("TEXT SIZE: A A A", "accessibility"),
        ("Terms of use | Privacy policy | Advertise", "legal"),
        ("© 2021 Heron Press Ltd.", "copyright"),
        ("Alle akzeptieren", "cookies"),
        ("Udostępnij", "share"),
        ("УСІ ПРАВА ЗАХИЩЕНО", "legal"),
        ("Polityka prywatnos\u0301ci", "legal"),
    ],
)
def test_labels_are_lines_that_say_nothing_else(text: str, kind: str) -> None:
    assert kind in read(text).labels


@pytest.mark.parametrize(
    "text", ["Share prices fell", "Comments by the miller", "Herons", "Copyright is a strange idea"]
)
def test_a_line_that_says_more_is_no_label(text: str) -> None:
    assert read(text).labels == frozenset()


def test_endings_are_matched_where_the_vocabulary_leaves_them_open() -> None:
    assert "legal" in read("W polityce prywatności i regulaminie jest o tym mowa.").hints


def test_one_hint_is_not_two() -> None:
    assert read("Cookies were baked, and cookies were eaten.").hints == frozenset()


def test_links_and_what_opens_a_list_of_them() -> None:
    assert read("Read also").opener
    assert read("Read also: Why the eels are late").link
    assert not read("Read also: Why the eels are late").opener


def test_lines_without_a_word_say_nothing() -> None:
    assert read("* * *").silent
    assert not read("1").silent
