import pytest

from index.names import leading_names, listed, only_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ann Other - Rivers", "Ann Other"),
        ("ANN O’THER, The Daily Heron", "Ann O’Ther"),
        ("SIOBHÁN MCBRIDE", "Siobhán McBride"),
        ("Ann Other and Bo Berg", "Ann Other and Bo Berg"),
        ("Ann Other in Oslo and Bo Berg in Port Rye, 3 May", "Ann Other and Bo Berg"),
        ("A. B. Other, C. Berg, D. Holm, on behalf of all", "A. B. Other, C. Berg and D. Holm"),
        ("Ann Other, Senior Editor", "Ann Other"),
        ("Ann Other BBC News", "Ann Other"),
        ("Anna van der Berg in Leiden", "Anna van der Berg"),
        ("Нина Орлова, Тула", "Нина Орлова"),
        ("Ann", None),
        ("The Daily Heron", None),
        ("Rye Courier", None),
        ("Breaking News", None),
        ("What Happened Next", None),
        ("Ann's Mother", None),
        ("MONEY AND MESSAGES", None),
        ("counting herons", None),
    ],
)  # fmt: skip
def test_names_are_told_from_what_follows_and_from_papers(text: str, names: str | None) -> None:
    assert leading_names(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ann Other", "Ann Other"),
        ("Ann Other, film critic", "Ann Other"),
        ("Ann Other and Bo Berg", "Ann Other and Bo Berg"),
        ("Ann Other counts herons", None),
        ("Upton Water Board", "Upton Water Board"),
        ("Upton Water Office", None),
    ],
)
def test_a_line_that_is_a_name(text: str, names: str | None) -> None:
    assert only_names(text) == names


def test_names_are_listed_as_in_a_sentence() -> None:
    assert listed([]) is None
    assert listed(["A", None]) == "A"
    assert listed(["A", "B", "C"]) == "A, B and C"
