"""Feedback as a question set: in SQuAD's shape, and every answer where it says it is."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.errors import DocumentNotFound
from index.types import Source
from qa import questions
from qa.feedback import squad
from qa.types import Answer, Feedback, Judgement, Mark, Question
from tests.fakes import FakeService

ASKED = "When did the godwits arrive?"
TEXT = "Godwits left Alaska. 🐦\nThey arrived in September, tired.\n\nAnother paragraph, tired too."


@pytest.fixture
def service() -> FakeService:
    service = FakeService({ASKED: "in September"})
    service.add(Source(TEXT.encode(), "godwits.txt", title="Godwits"))
    return service


def judged(answer: Answer, verdict: Mark, expected: str | None = None) -> Judgement:
    return Judgement(Feedback(answer.id, verdict, expected), answer, "2026-01-02T03:04:05Z")


def only(exported: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The one context, and the one question under it."""
    (article,) = exported["data"]
    (paragraph,) = article["paragraphs"]
    (question,) = paragraph["qas"]
    for answer in (*question["answers"], *question.get("plausible_answers", ())):
        start = answer["answer_start"]
        assert paragraph["context"][start : start + len(answer["text"])] == answer["text"]
    return paragraph["context"], question


def test_a_right_answer_gives_its_quotes(service: FakeService) -> None:
    answer = service.ask(Question(ASKED))
    context, question = only(squad([judged(answer, Mark.RIGHT, "ignored")], service.text))
    assert context == TEXT
    assert question == {
        "id": answer.id,
        "question": ASKED,
        "answers": [{"text": "in September", "answer_start": TEXT.index("in September")}],
        "is_impossible": False,
        "verdict": "right",
    }


def test_a_right_refusal_is_impossible(service: FakeService) -> None:
    context, question = only(
        squad([judged(service.ask(Question("Who?")), Mark.RIGHT)], service.text)
    )
    assert context == TEXT
    assert (question["is_impossible"], question["answers"]) == (True, [])


@pytest.mark.parametrize("asked", [ASKED, "Who?"])
def test_what_was_expected_is_found_word_for_word(service: FakeService, asked: str) -> None:
    answer = service.ask(Question(asked))
    _, question = only(squad([judged(answer, Mark.WRONG, " tired\n")], service.text))
    places = [TEXT.index("tired"), TEXT.rindex("tired")]
    assert question["answers"] == [{"text": "tired", "answer_start": at} for at in places]
    assert question["is_impossible"] is False
    assert question.keys() & {"expected", "plausible_answers"} == set()


def test_what_was_expected_and_is_not_there_is_kept(service: FakeService) -> None:
    answer = service.ask(Question(ASKED))
    _, question = only(squad([judged(answer, Mark.WRONG, "Tired")], service.text))
    assert (question["answers"], question["is_impossible"]) == ([], False)
    assert (question["expected"], question["verdict"]) == ("Tired", "wrong")


@pytest.mark.parametrize(("asked", "plausible"), [(ASKED, ["in September"]), ("Who?", [])])
def test_a_wrong_answer_is_only_plausible(
    service: FakeService, asked: str, plausible: list[str]
) -> None:
    answer = service.ask(Question(asked))
    _, question = only(squad([judged(answer, Mark.WRONG)], service.text))
    assert (question["answers"], question["is_impossible"]) == ([], False)
    assert [one["text"] for one in question["plausible_answers"]] == plausible
    assert question["verdict"] == "wrong"


def test_a_follow_up_stands_as_it_was_understood(service: FakeService) -> None:
    answer = replace(service.ask(Question(ASKED)), question="And when?")
    assert only(squad([judged(answer, Mark.RIGHT)], service.text))[1]["question"] == ASKED


def test_a_quote_outside_the_passages_stands_in_its_paragraph(service: FakeService) -> None:
    answer = replace(service.ask(Question(ASKED)), passages=())
    exported = squad([judged(answer, Mark.RIGHT)], service.text)
    assert only(exported)[0] == TEXT.partition("\n\n")[0]
    last = replace(
        answer.citations[0],
        start=TEXT.rindex("tired"),
        end=TEXT.rindex("tired") + 5,
        quote="tired",
        sentence=replace(answer.citations[0].sentence, start=TEXT.index("Another"), end=len(TEXT)),
    )
    exported = squad([judged(replace(answer, citations=(last,)), Mark.RIGHT)], service.text)
    assert only(exported)[0] == "Another paragraph, tired too."


def test_of_a_removed_document_the_sentence_is_left(service: FakeService) -> None:
    answer = replace(service.ask(Question(ASKED)), passages=())
    service.remove(answer.citations[0].document_id)
    with pytest.raises(DocumentNotFound):
        service.text(answer.citations[0].document_id)
    context, question = only(squad([judged(answer, Mark.RIGHT)], service.text))
    assert context == "They arrived in September, tired."
    assert question["answers"][0]["text"] == "in September"


def test_the_context_holds_most_of_the_quotes(service: FakeService) -> None:
    answer = service.ask(Question(ASKED))
    (whole,), (first,) = answer.passages, answer.citations
    head = replace(whole, end=21, text=TEXT[:21])
    tail = replace(whole, start=21, text=TEXT[21:])
    alaska = replace(first, number=2, start=13, end=19, quote="Alaska")
    tired = replace(first, number=3, start=50, end=55, quote=TEXT[50:55])
    answer = replace(answer, passages=(head, tail), citations=(alaska, first, tired))
    context, question = only(squad([judged(answer, Mark.RIGHT)], service.text))
    assert context == TEXT[21:]
    assert [one["text"] for one in question["answers"]] == ["in September", TEXT[50:55]]


def test_questions_are_gathered_by_document_and_passage(service: FakeService) -> None:
    service.add(Source(b"Terns left too.", "terns.txt"))
    asked = [service.ask(Question(text)) for text in (ASKED, "Who?", "Whose?")]
    other = replace(asked[2], passages=asked[2].passages[1:])
    judgements = [judged(answer, Mark.RIGHT) for answer in (asked[0], other, asked[1])]
    first, second = squad(judgements, service.text)["data"]
    assert (first["title"], second["title"]) == ("Godwits", "")
    (paragraph,) = first["paragraphs"]
    assert [qa["question"] for qa in paragraph["qas"]] == [ASKED, "Who?"]


def test_a_refusal_that_read_nothing_is_left_out() -> None:
    service = FakeService()
    answer = service.ask(Question("Who?"))
    for verdict in Mark:
        exported = squad([judged(answer, verdict, "Bela")], service.text)
        assert exported == {"version": "v2.0", "data": []}


def test_it_loads_as_a_question_set(service: FakeService, tmp_path: Path) -> None:
    given = [
        judged(service.ask(Question(ASKED)), Mark.RIGHT),
        judged(service.ask(Question("Who?")), Mark.RIGHT),
        judged(service.ask(Question("How?")), Mark.WRONG, "tired"),
    ]
    path = tmp_path / "feedback.json"
    path.write_text(json.dumps(squad(given, service.text)), encoding="utf-8")
    found = questions.read(path)
    assert [text.text for text in found.texts] == [TEXT]
    assert [question.answers for question in found.questions] == [("in September",), (), ("tired",)]
    for question in found.questions:
        for span in question.spans:
            assert span.of(TEXT) in question.answers
