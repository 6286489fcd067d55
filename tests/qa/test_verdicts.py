"""What people said, asked again: which verdicts count, as what, and why the others do not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.types import Source
from qa.local import LocalService
from qa.types import Answer, Feedback, Judgement, Mark, Question
from qa.verdicts import WHY, LeftOut, Outcome, collect
from tests.qa.stores import MARGIN_ONLY, fake_service

FERRY = "Everyone knows that the ferry was sold by Kittiwake to the council in spring."
NOBODY = "the boat was sold by nobody in particular, as far as is known."
SOLD = "who sold the ferry, everyone?"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LocalService]:
    service = fake_service(tmp_path)
    yield service
    service.close()


def add(service: LocalService, text: str) -> str:
    return service.add(Source(text.encode(), "note.txt")).document.id


def judged(answer: Answer, verdict: Mark, expected: str | None = None) -> Judgement:
    return Judgement(Feedback(answer.id, verdict, expected), answer, "2026-01-02T03:04:05Z")


def only(judgement: Judgement, service: LocalService) -> Outcome | LeftOut:
    """What one verdict counts as, or why it does not."""
    sample = collect([judgement], service)
    reasons = [reason for reason, count in sample.left_out.items() if count]
    (found,) = (*sample.outcomes, *reasons)
    return found


@pytest.mark.parametrize("verdict", Mark)
def test_the_same_answer_counts_as_it_was_judged(service: LocalService, verdict: Mark) -> None:
    add(service, FERRY)
    answer = service.ask(Question(SOLD))
    assert answer.answer == "Kittiwake"
    assert answer.confidence is not None
    right = verdict is Mark.RIGHT
    assert only(judged(answer, verdict), service) == Outcome(answer.confidence, right)


def test_the_confidence_is_todays_and_not_the_kept_one(service: LocalService) -> None:
    add(service, FERRY)
    answer = service.ask(Question(SOLD))
    kept = replace(answer, confidence=0.123)
    assert answer.confidence is not None
    assert only(judged(kept, Mark.RIGHT), service) == Outcome(answer.confidence, True)


def test_case_marks_and_articles_make_no_other_answer(service: LocalService) -> None:
    add(service, FERRY)
    answer = replace(service.ask(Question(SOLD)), answer="the “kittiwake”")
    assert isinstance(only(judged(answer, Mark.RIGHT), service), Outcome)


@pytest.mark.parametrize("verdict", Mark)
def test_another_answer_than_was_judged_says_nothing(service: LocalService, verdict: Mark) -> None:
    add(service, FERRY)
    answer = replace(service.ask(Question(SOLD)), answer="Guillemot")
    assert only(judged(answer, verdict), service) is LeftOut.OTHER_ANSWER
    assert only(judged(answer, verdict, "Razorbill"), service) is LeftOut.OTHER_ANSWER


def test_another_answer_is_right_where_it_was_expected(service: LocalService) -> None:
    add(service, FERRY)
    answer = replace(service.ask(Question(SOLD)), answer="Guillemot")
    outcome = only(judged(answer, Mark.WRONG, "Kittiwake Ltd"), service)
    assert isinstance(outcome, Outcome)
    assert outcome.right


def test_a_right_refusal_means_that_the_best_found_is_wrong(service: LocalService) -> None:
    add(service, NOBODY)
    answer = service.ask(Question("Who sold the boat?"))
    assert not answer.answered
    assert answer.confidence is not None
    assert only(judged(answer, Mark.RIGHT), service) == Outcome(answer.confidence, False)


def test_a_wrong_refusal_counts_only_where_what_was_expected_is_found(
    service: LocalService,
) -> None:
    add(service, FERRY)
    answer = service.ask(Question(SOLD, min_confidence=1.0))
    assert not answer.answered
    assert answer.confidence is not None
    assert only(judged(answer, Mark.WRONG), service) is LeftOut.UNKNOWN
    assert only(judged(answer, Mark.WRONG, "Guillemot"), service) is LeftOut.UNKNOWN
    expected = judged(answer, Mark.WRONG, "kittiwake")
    assert only(expected, service) == Outcome(answer.confidence, True)


def test_a_refusal_of_nothing_says_nothing(service: LocalService) -> None:
    answer = service.ask(Question(SOLD))
    add(service, FERRY)
    assert only(judged(answer, Mark.RIGHT), service) is LeftOut.NOTHING_FOUND


def test_of_a_removed_document_nothing_is_known(service: LocalService) -> None:
    id = add(service, FERRY)
    answer = service.ask(Question(SOLD))
    service.remove(id)
    add(service, NOBODY)
    assert only(judged(answer, Mark.RIGHT), service) is LeftOut.REMOVED


def test_a_document_added_later_does_not_turn_a_refusal(service: LocalService) -> None:
    add(service, NOBODY)
    answer = service.ask(Question("Who sold the boat?"))
    add(service, "Everyone saw that Kittiwake sold the boat, and who sold the boat.")
    assert service.ask(Question("Who sold the boat?")).answered
    outcome = only(judged(answer, Mark.RIGHT), service)
    assert isinstance(outcome, Outcome)
    assert outcome.confidence < 0.5


def test_a_question_is_asked_as_it_was_understood(service: LocalService) -> None:
    add(service, FERRY)
    answer = replace(service.ask(Question(SOLD)), question="Who?")
    assert isinstance(only(judged(answer, Mark.RIGHT), service), Outcome)
    shown = replace(answer, interpreted_as=" ")
    assert only(judged(shown, Mark.RIGHT), service) is LeftOut.NOTHING_FOUND


def test_of_a_question_judged_again_the_last_verdict_counts(service: LocalService) -> None:
    add(service, FERRY)
    answers = [service.ask(Question(SOLD)) for _ in range(3)]
    marks = (Mark.WRONG, Mark.RIGHT, Mark.WRONG)
    sample = collect([judged(*pair) for pair in zip(answers, marks, strict=True)], service)
    assert [one.right for one in sample.outcomes] == [False]
    assert sample.left_out[LeftOut.REPEATED] == 2


def test_every_reason_is_counted_and_has_its_words(service: LocalService) -> None:
    assert set(WHY) == set(LeftOut)
    assert collect([], service).left_out == dict.fromkeys(LeftOut, 0)


def test_progress_is_told_of_each_question(service: LocalService) -> None:
    add(service, FERRY)
    told: list[tuple[str, int, int]] = []
    answer = service.ask(Question(SOLD))
    collect([judged(answer, Mark.RIGHT)], service, progress=lambda *step: told.append(step))
    assert told == [("asking again", 0, 1)]


def test_what_the_threshold_refuses_is_found_all_the_same(tmp_path: Path) -> None:
    strict = fake_service(tmp_path, calibration=replace(MARGIN_ONLY, threshold=1.0))
    add(strict, FERRY)
    answer = strict.ask(Question(SOLD))
    assert not answer.answered
    assert isinstance(only(judged(answer, Mark.WRONG, "Kittiwake"), strict), Outcome)
    strict.close()
