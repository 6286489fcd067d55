"""The way of a question: reasons for refusing, thresholds, limits, what is read and weighed."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.types import Passage, Scope, Source
from index.words import Stemmer
from qa.errors import InvalidQuestion, InvalidRequest
from qa.evidence import FEATURES, evidence
from qa.local import LocalService
from qa.pipeline import FAR_BEHIND, LARGEST_LIMIT, WEIGHED, WORTH_READING, worth_reading
from qa.reader.decode import Reading
from qa.types import Answer, Interpretation, Question, Reason, Retrieval, Turn
from tests.fakes import FakeCorpus, FakeReader, FirstWordReader
from tests.index.builders import stored
from tests.qa.stores import MARGIN_ONLY, fake_service

FERRY = "Everyone knows that the ferry was sold by Kittiwake to the council in spring."
NOBODY = "the boat was sold by nobody in particular, as far as is known."
NOTHING = (0.0,) * len(FEATURES)
COIN = replace(MARGIN_ONLY, weight=NOTHING)
"""Half as probable as not, whatever speaks for it."""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LocalService]:
    service = fake_service(tmp_path)
    yield service
    service.close()


def add(service: LocalService, text: str, **metadata: str) -> str:
    return service.add(Source(text.encode(), "note.txt", metadata=metadata)).document.id


# Why there is no answer


def test_nothing_indexed(service: LocalService) -> None:
    answer = service.ask(Question("Who sold the ferry?"))
    assert (answer.answered, answer.reason) == (False, Reason.NOTHING_INDEXED)
    assert (answer.confidence, answer.passages) == (None, ())


def test_nothing_retrieved(service: LocalService) -> None:
    add(service, FERRY)
    answer = service.ask(Question("Who sold it?", scope=Scope(filter={"kind": "letter"})))
    assert answer.reason is Reason.NOTHING_RETRIEVED
    assert (answer.confidence, answer.passages) == (None, ())


def test_not_in_the_text_shows_the_closest_passages(service: LocalService) -> None:
    add(service, NOBODY)
    answer = service.ask(Question("Who sold the boat?"))
    assert answer.reason is Reason.NOT_IN_TEXT
    assert (answer.answer, answer.spans, answer.citations) == (None, (), ())
    assert answer.confidence is not None
    assert answer.confidence < 0.5
    assert answer.passages[0].text.startswith("the boat")


def test_a_refusal_names_the_words_that_stand_nowhere_in_what_was_asked(
    service: LocalService,
) -> None:
    asked = "Who founded the Boats of Sandnes?"
    note, other = add(service, NOBODY), add(service, "nothing is founded there, it was said.")
    whole = service.ask(Question(asked))
    assert (whole.answered, whole.missing) == (False, ("Sandnes",))
    for id, missing in ((note, ("founded", "Sandnes")), (other, ("Boats", "Sandnes"))):
        assert service.ask(Question(asked, scope=Scope(document_ids=(id,)))).missing == missing
    turns = (Turn("Who sold the ferry?", "Kittiwake"),)
    follow_up = service.ask(Question("who bought it?", history=turns))
    assert (follow_up.answered, follow_up.missing) == (False, ("bought",))
    assert service.ask(Question("who sold the boat?", min_confidence=0.0)).missing == ()


# Answers


def test_answered_with_a_citation(service: LocalService) -> None:
    id = add(service, FERRY)
    answer = service.ask(Question("who sold the ferry, everyone?"))
    assert answer.answered
    assert answer.answer == "Kittiwake"
    (citation,) = answer.citations
    assert (citation.document_id, citation.quote) == (id, "Kittiwake")
    assert FERRY[citation.start : citation.end] == "Kittiwake"
    assert citation.sentence.text == FERRY
    assert citation.sha256 == service.document(id).sha256
    assert (citation.section, citation.page) == (None, None)


def test_a_citation_names_the_heading_above_it(service: LocalService) -> None:
    text = f"# of boats\n\n{NOBODY}\n\n## the *ferry*\n\n{FERRY}\n"
    service.add(Source(text.encode(), "note.md"))
    (citation,) = service.ask(Question("who sold the ferry, everyone?")).citations
    assert (citation.quote, citation.section) == ("Kittiwake", "the *ferry*")


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


def test_the_same_question_has_the_same_answer_from_any_thread(service: LocalService) -> None:
    for number in range(6):
        add(service, f"the ferry number {number} was sold by Kittiwake{number}.")
    questions = [Question(f"who sold the ferry number {number % 6}?") for number in range(24)]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(service.ask, questions))
    assert [answer.answer for answer in answers[:6]] == [f"Kittiwake{n}" for n in range(6)]
    for answer, again in zip(answers, answers[6:], strict=False):
        assert same(answer, again)
    assert len({answer.id for answer in answers}) == 24


def same(one: Answer, other: Answer) -> bool:
    return replace(one, id="", timings_ms=other.timings_ms) == replace(other, id="")


def test_the_most_probable_is_the_answer_whatever_its_margin(tmp_path: Path) -> None:
    weight = tuple(float(name == "in_sentence") for name in FEATURES)
    service = fake_service(tmp_path, calibration=replace(MARGIN_ONLY, weight=weight))
    text = "it was Fulmar who came. the ferry was sold by Kittiwake in spring."
    add(service, text)
    by_evidence = service.ask(Question("who sold the ferry?")).answer
    judged = service.pipeline.judge("who sold the ferry?", service.search("who sold the ferry?"))
    service.close()
    assert by_evidence == "Kittiwake"
    assert [one.finding.best.text for one in judged[:2]] == ["Kittiwake", "Fulmar"]
    assert judged[0].finding.best.margin < judged[1].finding.best.margin
    assert [one.confidence for one in judged] == sorted(
        (one.confidence for one in judged), reverse=True
    )


# Thresholds and limits


def test_min_confidence_decides(service: LocalService) -> None:
    add(service, NOBODY)
    assert service.ask(Question("Who sold the boat?", min_confidence=0.0)).answered
    add(service, FERRY)
    assert not service.ask(Question("who sold the ferry?", min_confidence=1.0)).answered


@pytest.mark.parametrize(
    ("least", "threshold", "answered"),
    [(0.5, 0.9, True), (0.51, 0.1, False), (None, 0.5, True), (None, 0.51, False)],
)
def test_an_answer_is_given_from_the_least_confidence_up(
    tmp_path: Path, least: float | None, threshold: float, answered: bool
) -> None:
    service = fake_service(tmp_path, calibration=replace(COIN, threshold=threshold))
    add(service, FERRY)
    answer = service.ask(Question("who sold the ferry?", min_confidence=least))
    service.close()
    assert (answer.answered, answer.confidence) == (answered, 0.5)


def test_limit_bounds_what_is_shown_and_not_what_is_read(service: LocalService) -> None:
    closest = add(service, "the ferry number 1 was sold by somebody.")
    add(service, "the ferry number 2 was sold by Kittiwake.")
    for limit in (1, 2):
        answer = service.ask(Question("the ferry number 1 was sold by whom?", limit=limit))
        assert len(answer.passages) == limit
        assert answer.passages[0].document_id == closest
        assert answer.answer == "Kittiwake"


@pytest.mark.parametrize("text", ["", " \n", "x" * 2001, "half \ud800 a character"])
def test_bad_questions_are_refused(service: LocalService, text: str) -> None:
    with pytest.raises(InvalidQuestion):
        service.ask(Question(text))


@pytest.mark.parametrize("text", ["x" * 2000, "\x00", "?", "🇺🇦" * 999, '"NEAR(" OR *'])
def test_odd_questions_are_asked(service: LocalService, text: str) -> None:
    add(service, FERRY)
    assert service.ask(Question(text)).question == text


@pytest.mark.parametrize("limit", [0, -1, LARGEST_LIMIT + 1])
def test_bad_limits_are_refused(service: LocalService, limit: int) -> None:
    with pytest.raises(InvalidRequest, match=f"limit is {limit}"):
        service.ask(Question("a", limit=limit))


@pytest.mark.parametrize("least", [-0.1, 1.1, float("nan")])
def test_bad_confidences_are_refused(service: LocalService, least: float) -> None:
    with pytest.raises(InvalidRequest, match="min_confidence"):
        service.ask(Question("a", min_confidence=least))


# Which documents are asked


def test_only_what_is_in_scope_is_read(service: LocalService) -> None:
    letter = add(service, FERRY, kind="letter")
    note = add(service, "the ferry was sold by Fulmar to the council.", kind="note")
    scopes = {
        "Kittiwake": [Scope((letter,)), Scope(filter={"kind": "letter"})],
        "Fulmar": [Scope((note,)), Scope((letter, note), {"kind": "note"})],
    }
    for name, of_name in scopes.items():
        for scope in of_name:
            answer = service.ask(Question("who sold the ferry, everyone?", scope=scope))
            assert answer.answer == name
            assert len({passage.document_id for passage in answer.passages}) == 1
    both = service.ask(Question("who sold it?", scope=Scope((letter,), {"kind": "note"})))
    assert both.reason is Reason.NOTHING_RETRIEVED


def test_a_removed_document_is_not_quoted(service: LocalService) -> None:
    add(service, "The gulls were counted by Fulmar in the autumn.")
    gone = add(service, FERRY)
    service.ask(Question("who sold the ferry?"))  # its text is in memory now
    service.remove(gone)
    answer = service.ask(Question("who sold the ferry?", min_confidence=0.0))
    assert gone not in {passage.document_id for passage in answer.passages}
    assert gone not in {citation.document_id for citation in answer.citations}


class Meanwhile(FakeReader):
    """A reader while whose work documents are removed."""

    def __init__(self) -> None:
        self.remove: list[str] = []
        self.service: LocalService | None = None

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        while self.remove:
            assert self.service is not None
            self.service.remove(self.remove.pop())
        return super().read(question, passages)


def test_a_document_removed_while_it_is_read_is_not_quoted(tmp_path: Path) -> None:
    reader = Meanwhile()
    service = reader.service = fake_service(tmp_path, reader=reader)
    reader.remove.append(add(service, FERRY))
    answer = service.ask(Question("who sold the ferry?"))
    service.close()
    assert (answer.answered, answer.reason) == (False, Reason.NOT_IN_TEXT)
    assert (answer.citations, answer.passages) == ((), ())


@pytest.mark.parametrize("place", [0, 1])
def test_what_is_left_answers_where_a_document_is_removed_while_it_is_read(
    tmp_path: Path, place: int
) -> None:
    reader = Meanwhile()
    service = reader.service = fake_service(tmp_path, reader=reader)
    texts = (FERRY, "it is said that the ferry was sold to the council by Kittiwake.")
    ids = [add(service, text) for text in texts]
    reader.remove.append(ids.pop(place))
    answer = service.ask(Question("who sold the ferry to the council, everyone?"))
    service.close()
    assert answer.answer == "Kittiwake"
    assert [citation.document_id for citation in answer.citations] == ids
    assert {passage.document_id for passage in answer.passages} == set(ids)


# What is read and weighed


def test_other_documents_far_below_the_best_are_not_read() -> None:
    def passage(document_id: str, score: float) -> Passage:
        return Passage(document_id, None, 0, 1, "x", score, 0.5, 1.0)

    best, low, other = passage("a", 1.0), passage("a", 0.1), passage("b", WORTH_READING - 0.01)
    near = passage("c", WORTH_READING)
    assert worth_reading([best, near, other, low]) == [best, near, low]
    assert worth_reading([]) == []


def test_few_findings_are_weighed_and_none_that_is_far_behind(service: LocalService) -> None:
    add(service, "Ann met Ben and Cid and Dan and Eve in spring, it is said.")
    passages = service.search("who met?")
    assert len(service.pipeline.weigh("who met?", passages)) == WEIGHED
    ((finding, measured),) = service.pipeline.weigh("was it Ann, Ben, Cid or Dan?", passages)
    assert finding.best.text == "Eve"
    assert measured.lead > FAR_BEHIND


WORDS = st.lists(
    st.sampled_from("who sold Ferries Oslo 2019 the Council nobody counted Bergen ?".split()),
    min_size=1,
    max_size=8,
).map(" ".join)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalService, FakeCorpus]]:
    """A store of two documents, and the same counted by hand."""
    service = fake_service(tmp_path_factory.mktemp("two"))
    chunks = [
        [FERRY, "In 2019 the Council met in Oslo. Nobody counted the ferries."],
        ["The ferry to Oslo is slow, as Fulmar knows. It is green.", NOBODY],
    ]
    ids = [stored(service.library, *parts) for parts in chunks]
    yield service, FakeCorpus(dict(zip(ids, chunks, strict=True)))
    service.close()


@settings(max_examples=40)
@given(WORDS)
def test_evidence_over_a_store_is_as_counted_by_hand(
    two: tuple[LocalService, FakeCorpus], question: str
) -> None:
    service, corpus = two
    weighed = service.pipeline.weigh(question, service.search(question))
    found = [finding for finding, _ in weighed]
    by_hand = evidence(question, found, corpus, stemmer=Stemmer(), limit=len(found))
    for (_, measured), expected in zip(weighed, by_hand, strict=True):
        # Of all findings, of which only those weighed are given here.
        assert replace(measured, lead=0.0, share=0.0) == replace(expected, lead=0.0, share=0.0)


# Follow-ups


HISTORY = (Turn("who sold the ferry, everyone?", "Kittiwake"),)


def test_a_follow_up_is_written_out_and_said_so(tmp_path: Path) -> None:
    service = fake_service(tmp_path, reader=FirstWordReader({}))
    add(service, FERRY)
    told: list[object] = []
    question = Question("why?", history=HISTORY)
    answer = service.ask(question, watch=told.append)
    assert answer.question == "why?"
    assert "Kittiwake" in answer.interpreted_as
    assert told == [Interpretation(answer.interpreted_as), Retrieval(answer.passages)]
    as_it_is = service.ask(replace(question, resolve=False))
    assert as_it_is.interpreted_as == "why?"
    service.close()


def test_other_answers_than_before_are_asked_for(service: LocalService) -> None:
    add(service, f"{FERRY}\n\nIt was painted by Heron in the year before, everyone says.")
    first = service.ask(Question("who sold the ferry, everyone?"))
    assert first.answer == "Kittiwake"
    other = service.ask(
        Question("who else of everyone?", history=(Turn(first.question, first.answer),))
    )
    assert other.answered
    assert "Kittiwake" not in (other.answer or "")


def test_the_words_as_put_are_answered_only_where_that_is_sure(tmp_path: Path) -> None:
    reader = FirstWordReader({"why?": 3.0})
    service = fake_service(tmp_path, reader=reader)
    add(service, FERRY)
    question = Question("why?", history=HISTORY)
    assert service.ask(question).interpreted_as == "why?"
    reader.likes["why?"] = 1.0  # a confidence of 0.73: less than SURE
    assert service.ask(question).interpreted_as != "why?"
    service.close()


def test_whoever_watches_can_end_the_work(service: LocalService) -> None:
    add(service, FERRY)

    def leave(_: object) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        service.ask(Question("who sold the ferry, everyone?"), watch=leave)
