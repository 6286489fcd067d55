"""The way of a question: reasons for refusing, thresholds, limits, several places, bad input."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import DocumentNotFound
from index.types import Passage, Scope, Source
from qa.errors import InvalidQuestion, InvalidRequest
from qa.local import LocalService
from qa.pipeline import WORTH_READING, worth_reading
from qa.types import Claim, Question, Reason
from tests.qa.stores import fake_service

FERRY = "Everyone knows that the ferry was sold by Kittiwake to the council in spring."


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LocalService]:
    service = fake_service(tmp_path)
    yield service
    service.close()


def add(service: LocalService, text: str) -> str:
    return service.add(Source(text.encode(), "note.txt")).document.id


def test_nothing_indexed(service: LocalService) -> None:
    answer = service.ask(Question("Who sold the ferry?"))
    assert (answer.answered, answer.reason) == (False, Reason.NOTHING_INDEXED)
    assert answer.confidence is None


def test_nothing_retrieved(service: LocalService) -> None:
    add(service, FERRY)
    answer = service.ask(Question("Who sold it?", scope=Scope(filter={"kind": "letter"})))
    assert answer.reason is Reason.NOTHING_RETRIEVED


def test_answered_with_a_citation(service: LocalService) -> None:
    id = add(service, FERRY)
    answer = service.ask(Question("who sold the ferry, everyone?"))
    assert answer.answered
    assert answer.answer == "Kittiwake"
    (citation,) = answer.citations
    assert (citation.document_id, citation.quote) == (id, "Kittiwake")
    assert FERRY[citation.start : citation.end] == "Kittiwake"
    assert citation.sentence.text == FERRY
    assert (
        FERRY[: citation.start - 32]
        + citation.prefix
        + "Kittiwake"
        + (citation.suffix + FERRY[citation.end + 32 :])
        == FERRY
    )


def test_not_in_the_text_shows_the_closest_passages(service: LocalService) -> None:
    add(service, "the boat was sold by nobody in particular, as far as is known.")
    answer = service.ask(Question("Who sold the boat?"))
    assert answer.reason is Reason.NOT_IN_TEXT
    assert (answer.answer, answer.spans, answer.citations) == (None, (), ())
    assert answer.confidence is not None
    assert answer.confidence < 0.5
    assert answer.passages[0].text.startswith("the boat")


def test_min_confidence_decides(service: LocalService) -> None:
    add(service, "the boat was sold by nobody in particular, as far as is known.")
    assert service.ask(Question("Who sold the boat?", min_confidence=0.0)).answered
    add(service, FERRY)
    assert not service.ask(Question("who sold the ferry?", min_confidence=1.0)).answered


def test_the_same_words_in_two_documents_are_one_span_with_two_citations(
    service: LocalService,
) -> None:
    first = add(service, FERRY)
    second = add(service, "it is said that the ferry was sold to the council by Kittiwake.")
    answer = service.ask(Question("who sold the ferry to the council, everyone?"))
    (span,) = answer.spans
    assert span.text == "Kittiwake"
    assert span.citations == (1, 2)
    assert {citation.document_id for citation in answer.citations} == {first, second}


def test_a_removed_document_is_not_quoted(service: LocalService) -> None:
    add(service, "The gulls were counted by Fulmar in the autumn.")
    gone = add(service, FERRY)
    service.remove(gone)
    answer = service.ask(Question("who sold the ferry?", min_confidence=0.0))
    assert gone not in {passage.document_id for passage in answer.passages}
    assert gone not in {citation.document_id for citation in answer.citations}


def test_limit_bounds_what_is_shown(service: LocalService) -> None:
    for number in range(8):
        add(service, f"the ferry number {number} was sold by Kittiwake.")
    assert len(service.ask(Question("who sold the ferry?", limit=2)).passages) == 2
    assert len(service.search("ferry", limit=7)) == 7


@pytest.mark.parametrize("text", ["", " \n", "x" * 2001, "half \ud800 a character"])
def test_bad_questions_are_refused(service: LocalService, text: str) -> None:
    with pytest.raises(InvalidQuestion):
        service.ask(Question(text))
    with pytest.raises(InvalidQuestion):
        service.search(text)


def test_bad_limits_are_refused(service: LocalService) -> None:
    for question in (Question("a", limit=0), Question("a", limit=21)):
        with pytest.raises(InvalidRequest):
            service.ask(question)
    for least in (-0.1, 1.1, float("nan")):
        with pytest.raises(InvalidRequest):
            service.ask(Question("a", min_confidence=least))
    with pytest.raises(InvalidRequest):
        service.search("a", limit=0)


def test_unknown_ids_are_said(service: LocalService) -> None:
    with pytest.raises(DocumentNotFound):
        service.ask(Question("a", scope=Scope(document_ids=("nope",))))


def test_verify(service: LocalService) -> None:
    id = add(service, FERRY)
    sha256 = service.document(id).sha256
    start = FERRY.index("Kittiwake")
    right = Claim(id, start, start + 9, "Kittiwake", sha256)
    assert service.verify(right).valid
    moved = service.verify(Claim(id, start + 1, start + 10, "Kittiwake"))
    assert (moved.valid, moved.actual) == (False, FERRY[start + 1 : start + 10])
    assert not service.verify(Claim(id, start, start + 9, "Kittiwake", "0" * 64)).valid
    for start, end in ((-1, 2), (5, 4), (0, len(FERRY) + 1)):
        assert service.verify(Claim(id, start, end, "")).actual is None


def test_other_documents_far_below_the_best_are_not_read() -> None:
    def passage(document_id: str, score: float) -> Passage:
        return Passage(document_id, None, 0, 1, "x", score, 0.5, 1.0)

    best, low, other = passage("a", 1.0), passage("a", 0.1), passage("b", WORTH_READING - 0.01)
    near = passage("c", WORTH_READING)
    assert worth_reading([best, near, other, low]) == [best, near, low]
    assert worth_reading([]) == []
