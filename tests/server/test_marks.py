"""An answer as a message's text, and back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Source
from qa.answer import SEPARATOR
from qa.types import Answer, AnswerSpan, Citation, Question, Reason, Sentence
from server.marks import LONGEST_SENTENCE, content_of, without_marks
from tests.fakes import FakeService

TEXT = "Godwits left Alaska. 🐦\nThey arrived in September, tired.\n"
QUESTIONS = {"When?": "in September", "Where from?": "Alaska"}


def ask(question: str, *, title: str | None = "Godwits") -> Answer:
    service = FakeService(QUESTIONS)
    service.add(Source(data=TEXT.encode(), name="godwits.txt", title=title))
    return service.ask(Question(question))


def listing(things: dict[str, int]) -> Answer:
    """An answer of several things, each in so many places."""
    one = ask("When?")
    spans: list[AnswerSpan] = []
    citations: list[Citation] = []
    for text, places in things.items():
        numbers = range(len(citations) + 1, len(citations) + places + 1)
        spans.append(AnswerSpan(text, 0.9, numbers[0], tuple(numbers)))
        citations += [replace(one.citations[0], number=n, quote=text) for n in numbers]
    return replace(
        one, answer=SEPARATOR.join(things), spans=tuple(spans), citations=tuple(citations)
    )


def test_the_answer_stands_before_its_sources() -> None:
    assert content_of(ask("When?")).text == (
        "in September [1]\n\n[1] “They arrived in September, tired.” — Godwits, characters 36–48"
    )


def test_a_document_without_title_goes_by_its_name() -> None:
    assert content_of(ask("When?", title=None)).text.endswith(" — godwits.txt, characters 36–48")


def test_a_page_is_told() -> None:
    answer = ask("When?")
    paged = replace(answer, citations=(replace(answer.citations[0], page=7),))
    assert content_of(paged).text.endswith(" — Godwits, page 7, characters 36–48")


def test_every_mark_has_an_annotation_that_says_where_it_stands() -> None:
    content = content_of(listing({"2019": 2, "in 🐦 2021": 1}))
    assert content.answer == "2019 [1][2]; in 🐦 2021 [3]"
    marks = [
        content.text[one.url_citation.start_index : one.url_citation.end_index]
        for one in content.annotations
    ]
    assert marks == ["[1]", "[2]", "[3]"]
    assert [line[:3] for line in content.sources.strip().splitlines()] == marks


def test_an_annotation_leads_to_the_place() -> None:
    answer = ask("When?")
    citation = answer.citations[0]
    (annotation,) = content_of(answer).annotations
    assert annotation.url_citation.url == f"/v1/documents/{citation.document_id}/text#char=36,48"
    known = replace(answer, citations=(replace(citation, url="https://example.org/godwits"),))
    (annotation,) = content_of(known).annotations
    assert annotation.url_citation.url == "https://example.org/godwits"
    assert annotation.url_citation.title == "Godwits"


@pytest.mark.parametrize("start", [0, 17, 700, 1490])
def test_of_a_long_sentence_the_part_around_the_quote_is_shown(start: int) -> None:
    words = "".join(f"{number:04} " for number in range(300))
    answer = ask("When?")
    sentence = Sentence(100, 100 + len(words), words)
    quote = words[start : start + 9]
    long = replace(
        answer.citations[0],
        start=100 + start,
        end=100 + start + 9,
        quote=quote,
        sentence=sentence,
    )
    line = content_of(replace(answer, citations=(long,))).sources
    assert quote in line
    assert len(line) < LONGEST_SENTENCE + 60
    assert line.count("…") == (2 if start == 700 else 1)


def test_a_refusal_is_one_sentence_with_the_closest_titles() -> None:
    assert content_of(ask("Who?")).text == (
        "Not in the text. The passages closest to the question do not answer it. "
        "They are in “Godwits”."
    )
    assert content_of(ask("Who?", title=None)).text.endswith("do not answer it.")
    assert content_of(ask("Who?")).annotations == ()


@pytest.mark.parametrize("reason", Reason)
def test_a_refusal_comes_back_as_none(reason: Reason) -> None:
    text = content_of(replace(ask("Who?"), reason=reason)).text
    assert without_marks(text) is None
    assert without_marks(f"\n{text} ") is None


@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_comes_back_as_none(text: str) -> None:
    assert without_marks(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Some other model's answer.",
        "As [1] says, it is so [2]",
        "[1] “quote” — at the start",
        "a\n\nb",
    ],
)
def test_what_is_not_ours_is_left_as_it_is(text: str) -> None:
    assert without_marks(text) == text


# An answer that itself ends in " [1]" looks as if it had one mark more, so none is made here.
THING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[")).filter(str.strip)


@given(things=st.dictionaries(THING, st.integers(1, 3), min_size=1, max_size=3))
def test_an_answer_comes_back_as_it_was(things: dict[str, int]) -> None:
    answer = listing(things)
    assert answer.answer is not None
    content = content_of(answer)
    assert without_marks(content.text) == answer.answer.lstrip()
    assert without_marks(f" {content.text}\n") == answer.answer.lstrip()
