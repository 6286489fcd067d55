"""Merging candidates: same place, same words."""

from index.types import Passage
from qa.candidates import Place, findings, normalized, same_words


def passage(text: str, *, document_id: str = "d", start: int = 0) -> Passage:
    return Passage(document_id, None, start, start + len(text), text, 0.5, 0.5, 1.0)


def place(where: Passage, words: str, margin: float) -> Place:
    start = where.start + where.text.index(words)
    return Place(where, 0, start, start + len(words), margin)


def test_overlapping_places_are_one_finding_of_the_better() -> None:
    one = passage("In May 2019 the ferry sank.", start=100)
    (found,) = findings([place(one, "May 2019", 3.0), place(one, "2019", 5.0)])
    assert found.best.text == "2019"
    assert len(found.places) == 1


def test_the_same_words_elsewhere_are_a_further_place() -> None:
    one, other = passage("It sank in 2019."), passage("In 2019 it sank.", document_id="e")
    found = findings([place(one, "2019", 1.0), place(other, "2019", 2.0), place(one, "sank", 0.0)])
    assert [finding.best.text for finding in found] == ["2019", "sank"]
    assert [p.passage.document_id for p in found[0].places] == ["e", "d"]


def test_other_words_are_other_findings_in_the_order_of_margins() -> None:
    one = passage("Ana met Bo in Oslo.")
    found = findings([place(one, "Bo", 1.0), place(one, "Oslo", 4.0), place(one, "Ana", 2.0)])
    assert [finding.best.text for finding in found] == ["Oslo", "Ana", "Bo"]


def test_words_are_compared_without_articles_case_and_marks() -> None:
    assert same_words("The US", "us")
    assert not same_words("5%", "5")
    assert normalized("A “Grand”  Tour") == "grand tour"
