import pytest

from index.bylines import alone, credit, is_caption, signed


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Ann Other", "Ann Other"),
        ("Written by Ann Other for the Heron", "Ann Other"),
        ("Words and pictures by Ann Other", "Ann Other"),
        ("Pictures by Ann Other", None),
        ("Text: Ann Other. Photographs: Bo Berg", "Ann Other"),
        ("Photographs: Bo Berg", None),
        ("Author: Reuters", "Reuters"),
        ("Von Jutta Kreml, Celle", "Jutta Kreml"),
        ("Par Odile Marchand", "Odile Marchand"),
        ("Por Lucía Ferrer", "Lucía Ferrer"),
        ("di Carla Bonetti", "Carla Bonetti"),
        ("Door Sanne Kuiper", "Sanne Kuiper"),
        ("Tekst: Hanna Wilk", "Hanna Wilk"),
        ("Автор: Нина Орлова", "Нина Орлова"),
        ("by the river, four herons", None),
        ("Published by Upton Berg", None),
        ("It was written by Ann Other in the spring, and nobody was looking.", None),
    ],
)  # fmt: skip
def test_credits_in_many_languages(line: str, names: str | None) -> None:
    found = credit(line, dated=False)
    assert (found.names if found else None) == names


def test_the_reviewer_is_credited_before_the_reviewed() -> None:
    ranks = [
        found.rank
        for line in ("Reviewed by Ann Other", "by Bo Berg")
        if (found := credit(line, dated=False))
    ]
    assert len(ranks) == 2
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("ANN OTHER", "Ann Other"),
        ("Ann Other in Upton", "Ann Other"),
        ("Ann Other, The Rye Courier", "Ann Other"),
        ("Ann Other came back.", None),
    ],
)
def test_a_name_that_stands_alone(line: str, names: str | None) -> None:
    assert alone(line) == names


@pytest.mark.parametrize(
    ("lines", "before", "names"),
    [
        (["Ann Other writes about rivers."], "Herons came.", "Ann Other"),
        (["Ann Other, a biologist by training, lives in Upton."], "Herons came.", "Ann Other"),
        (["Ann Other"], "Herons came.", "Ann Other"),
        (["(Reporting by Ann Other in Upton; editing by Bo Berg)"], "", "Ann Other"),
        (["Ann Other is the oldest of the four."], "A heron called Ann Other came.", None),
        (["Nobody writes about rivers."], "", None),
    ],
)
def test_an_article_is_signed_by_who_it_is_not_about(
    lines: list[str], before: str, names: str | None
) -> None:
    assert signed(lines, before) == names


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("The roof at noon. Photo: Bo Berg", True),
        ("PHOTO: The roof at noon.", True),
        ("Zdjęcie: dach w południe", True),
        ("A photo of the roof hangs in the hall.", False),
        ("Photography is what he lives on.", False),
    ],
)
def test_captions(line: str, is_one: bool) -> None:
    assert is_caption(line) is is_one
