"""What is suggested of an article: its own words, spread over it, never its furniture."""

from pathlib import Path

import pytest

from index.types import Heading, Outline, Span
from qa.local import LocalService
from qa.suggestions import merged, suggestions
from qa.types import Suggestion, SuggestionKind

FACT = "The {} bridge over the Torve was opened by Ada Mer on 3 May {} for 4,000 people."
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def laid_out(*paragraphs: str, furniture: tuple[str, ...] = ()) -> tuple[str, Outline]:
    """A text of those paragraphs, of which those that begin with ``# `` are headings."""
    body, headings, text = [], [], ""
    for paragraph in paragraphs:
        start = len(text) + paragraph.startswith("# ") * 2
        text += paragraph + "\n\n"
        span = Span(start, len(text) - 2)
        if paragraph in furniture:
            continue
        body.append(span)
        if paragraph.startswith("# "):
            headings.append(Heading(span.start, span.end, 1))
    return text, Outline((), tuple(body), tuple(headings), ())


def of(*paragraphs: str, limit: int = 6, furniture: tuple[str, ...] = ()) -> list[Suggestion]:
    text, outline = laid_out(*paragraphs, furniture=furniture)
    found = suggestions(text, outline, document_id="d", limit=limit)
    assert len(found) <= limit
    for one in found:
        assert text[one.start : one.end] == one.text
    assert found == suggestions(text, outline, document_id="d", limit=limit)
    return list(found)


def said(found: list[Suggestion], kind: SuggestionKind) -> list[str]:
    return [one.text for one in found if one.kind is kind]


FACTS = [FACT.format(word, 1900 + number) for number, word in enumerate(ORDINALS)]


def test_headings_come_first_and_leave_half_to_sentences() -> None:
    titled = [part for fact in FACTS for part in (f"# About {fact[4:10]}", fact)]
    found = of(*titled)
    assert [one.kind for one in found] == ["heading"] * 3 + ["sentence"] * 3
    assert [one.start for one in found[:3]] == sorted(one.start for one in found[:3])
    assert len(of(*titled, limit=1)) == 1
    assert len(of(*(part for part in titled if part.startswith("#")))) == 6


def test_sentences_are_spread_over_the_article_in_its_order() -> None:
    found = of(*FACTS, limit=4)
    assert [FACTS.index(one.text) // 2 for one in found] == [0, 1, 2, 3]


def test_what_says_something_is_preferred() -> None:
    dull = "It was on the whole a rather long and quiet time that many people there remember."
    assert said(of(f"{dull} {FACTS[0]} {dull}", limit=1), SuggestionKind.SENTENCE) == [FACTS[0]]
    assert of(dull) == []


@pytest.mark.parametrize(
    "line", ["Short.", "- " + FACTS[1], FACTS[1].rstrip(".") + "?", FACTS[1].rstrip("."), "x" * 999]
)
def test_what_is_no_plain_sentence_is_left_out(line: str) -> None:
    assert [one.text for one in of(FACTS[0], line)] == [FACTS[0]]


def test_nothing_is_said_twice() -> None:
    heading = FACTS[0].rstrip(".")
    found = of(f"# {heading}", FACTS[0], FACTS[1], FACTS[1], f"# {heading}", "# —")
    assert [one.text for one in found] == [heading, FACTS[1]]


def test_furniture_is_never_suggested() -> None:
    assert [one.text for one in of(*FACTS[:2], furniture=(FACTS[1],))] == [FACTS[0]]


def test_several_articles_take_turns() -> None:
    first, second = of(*FACTS[:3]), of(*FACTS[3:5])
    assert merged([first, second], limit=4) == (first[0], second[0], first[1], second[1])
    assert merged([first, second], limit=9)[-1] == first[2]
    assert merged([], limit=3) == ()


@pytest.mark.slow
def test_the_sample_articles_have_some(real_service: LocalService, articles: Path) -> None:
    for document in real_service.documents().documents:
        found = real_service.suggestions(document_id=document.id)
        assert len(found) >= 4
        body = real_service.outline(document.id).body
        for one in found:
            assert any(span.start <= one.start and one.end <= span.end for span in body)
