"""Which words of a question are told to stand nowhere."""

from collections.abc import Sequence

import pytest

from qa.missing import missing

THERE = frozenset({"kelp", "2024", "solheim", "founder", "diver"})


def present(words: Sequence[str]) -> frozenset[str]:
    return THERE.intersection(words)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who founded Sandnes, and who is its founder?", ("founded", "Sandnes")),
        ("KELP kelp Reef reef REEF", ("Reef",)),
        ("Was it Solheim's co-founder?", ("co-founder",)),
        ("Didn't the diver's boat sink? It’ll.", ("boat", "sink")),
        ("In 2024 or in 2025, at 18.6C?", ("2025", "18.6C")),
        ("How many of the divers, and in which year?", ("divers",)),
        ("Which Norwegian bank?", ("Norwegian", "bank")),
        ("what is it?", ()),
        ("?! ...", ()),
        ("熊本城はどこ", ()),
        ("Ça va, Zoë?", ("Ça", "va", "Zoë")),
    ],
)
def test_content_words_that_stand_nowhere(question: str, expected: tuple[str, ...]) -> None:
    assert missing(question, present) == expected


def test_nothing_is_looked_up_for_nothing() -> None:
    def unexpected(words: Sequence[str]) -> frozenset[str]:
        raise AssertionError(words)

    assert missing("who was it?", unexpected) == ()
