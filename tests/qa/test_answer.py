"""From a finding to an Answer: what is cited, what is shown around it, and refusals."""

from dataclasses import replace

import pytest

from index.types import Document, Heading, Landmarks, Passage, Span
from qa import answer
from qa.answer import CONTEXT, Judged, Texts
from qa.candidates import Finding, Place
from qa.types import Answer, Question, Reason, Timings

FIRST = "Everyone knows that the ferry was sold by Kittiwake to the council of Torve in spring."
SECOND = "Kittiwake sold it. 渡船 👍🏽 Kittiwake"
TIMINGS = Timings(1.0, 2.0, 3.0)


def document(id: str, text: str) -> Document:
    return Document(
        id=id,
        name=f"{id}.txt",
        title=f"Title of {id}",
        author="A. Uthor",
        published="2024-05",
        url=f"https://example.org/{id}",
        media_type="text/plain",
        sha256=f"sha-of-{id}",
        characters=len(text),
        chunks=1,
        created_at="2026-01-02T03:04:05Z",
        metadata={},
    )


LANDMARKS = {
    "two": Landmarks((Heading(0, 9, 1), Heading(15, 17, 2)), (Span(0, 10), Span(10, len(SECOND))))
}
STORED = {"one": FIRST, "two": SECOND, "three": "Ada Lind and Bo."}
TEXTS = Texts(
    document=lambda id: document(id, STORED[id]),
    text=STORED.__getitem__,
    sentence=lambda text, start, end: Span(0, len(text)),
    landmarks=lambda id: LANDMARKS.get(id, Landmarks((), ())),
)


def passage(id: str) -> Passage:
    return Passage(id, None, 0, len(STORED[id]), STORED[id], 0.5, 0.5, 1.0)


def place(id: str, start: int, margin: float = 1.0) -> Place:
    return Place(passage(id), 0, start, start + len("Kittiwake"), margin)


def answered(*places: Place, question: str = "Who sold it?") -> Answer:
    judged = Judged(Finding(places), 0.8)
    return answer.answered(
        Question(question), judged, [passage("one")], texts=TEXTS, timings=TIMINGS
    )


def test_an_answer_is_its_span_and_its_citation() -> None:
    found = answered(place("one", 42))
    assert (found.answered, found.answer, found.reason) == (True, "Kittiwake", None)
    assert found.question == found.interpreted_as == "Who sold it?"
    (span,) = found.spans
    assert (span.text, span.citation, span.citations) == ("Kittiwake", 1, (1,))
    assert found.confidence == span.confidence == 0.8
    assert found.passages == (passage("one"),)
    assert found.timings_ms == TIMINGS


def test_a_citation_says_where_and_of_what() -> None:
    (found,) = answered(place("one", 42)).citations
    assert (found.number, found.document_id, found.name) == (1, "one", "one.txt")
    assert (found.title, found.author, found.published) == ("Title of one", "A. Uthor", "2024-05")
    assert (found.url, found.sha256, found.page) == ("https://example.org/one", "sha-of-one", None)
    assert (found.start, found.end, found.quote) == (42, 51, "Kittiwake")
    assert found.prefix == FIRST[42 - CONTEXT : 42]
    assert found.suffix == FIRST[51 : 51 + CONTEXT]
    assert (found.sentence.start, found.sentence.text) == (0, FIRST)


def test_a_citation_says_below_which_heading_and_on_which_page() -> None:
    (none,), (first,), (second,) = (
        answered(place(id, start)).citations
        for id, start in (("one", 42), ("two", 0), ("two", SECOND.rindex("Kittiwake")))
    )
    assert (none.section, none.page) == (None, None)
    assert (first.section, first.page) == ("Kittiwake", 1)
    assert (second.section, second.page) == (SECOND[15:17], 2)


@pytest.mark.parametrize("start", [0, SECOND.rindex("Kittiwake")])
def test_context_ends_where_the_text_does(start: int) -> None:
    (found,) = answered(place("two", start)).citations
    assert SECOND.startswith(found.prefix + found.quote) or SECOND.endswith(found.quote)
    assert found.prefix == SECOND[max(0, start - CONTEXT) : start]
    assert found.suffix == SECOND[start + 9 :][:CONTEXT]


def test_every_place_that_convinces_is_cited_in_order() -> None:
    found = answered(place("two", 0, 3.0), place("one", 42, 0.1), place("two", 27, 0.0))
    assert [(one.number, one.document_id) for one in found.citations] == [(1, "two"), (2, "one")]
    assert found.spans[0].citations == (1, 2)


def test_each_thing_of_a_list_is_a_span_with_its_own_citation() -> None:
    start = FIRST.index("Kittiwake")
    stretch = replace(place("one", start), end=FIRST.index(" of Torve"))
    assert stretch.text == "Kittiwake to the council"
    listed = answered(stretch, question="Which two?").spans
    assert [span.text for span in listed] == ["Kittiwake to the council"]
    stretch = replace(place("two", 0), passage=passage("three"), end=len(STORED["three"]) - 1)
    found = answered(stretch, place("one", start), question="Which two sold it?")
    assert found.answer == "Ada Lind; Bo"
    assert [(span.text, span.citation, span.citations) for span in found.spans] == [
        ("Ada Lind", 1, (1,)),
        ("Bo", 2, (2,)),
    ]
    assert [(one.start, one.end, one.quote) for one in found.citations] == [
        (0, 8, "Ada Lind"),
        (13, 15, "Bo"),
    ]


def test_the_best_place_is_cited_even_where_the_reader_prefers_no_answer() -> None:
    found = answered(place("one", 42, -2.0), place("two", 0, -3.0))
    assert [one.document_id for one in found.citations] == ["one"]


@pytest.mark.parametrize("reason", Reason)
def test_a_refusal_has_a_reason_and_passages(reason: Reason) -> None:
    found = answer.refused(
        Question("Who?"), reason, [passage("one")], confidence=0.2, timings=TIMINGS
    )
    assert (found.answered, found.answer, found.reason) == (False, None, reason)
    assert (found.spans, found.citations) == ((), ())
    assert (found.confidence, found.passages) == (0.2, (passage("one"),))


def test_every_answer_has_an_id_of_its_own() -> None:
    refusals = [
        answer.refused(Question("Who?"), Reason.NOTHING_INDEXED, timings=TIMINGS) for _ in range(3)
    ]
    assert len({one.id for one in [*refusals, answered(place("one", 42))]}) == 4
    assert (refusals[0].confidence, refusals[0].passages) == (None, ())
