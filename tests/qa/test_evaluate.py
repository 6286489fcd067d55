"""An evaluation whose figures can be told beforehand, with a fake reader and with the real one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.settings import IndexSettings
from index.types import Source, Span
from qa import questions
from qa.evaluate import Report, evaluate, located, opened, retrieval
from qa.local import LocalService
from qa.questions import LabelledQuestion, QuestionSet
from qa.settings import AnswerSettings
from tests.qa.stores import fake_service

TOWER = "the lighthouse was built by Kittiwake in 1871."
BAKERY = "the bakery was opened by Fulmar of Torve in spring."
KITTIWAKE = Span(TOWER.index("Kittiwake"), TOWER.index("Kittiwake") + 9)
FULMAR = Span(BAKERY.index("Fulmar"), BAKERY.index(" in spring"))

# The fake reader answers with the first name that the question does not hold, if there is one.
ASKED = QuestionSet(
    "made",
    (),
    (
        LabelledQuestion(
            "exact", "who built the lighthouse?", ("Kittiwake",), "who", "tower", (KITTIWAKE,)
        ),
        LabelledQuestion(
            "half", "who opened the bakery?", ("Fulmar of Torve",), "who", "bakery", (FULMAR,)
        ),
        LabelledQuestion("refused", "what of fulmar and torve?", (), "what", "bakery"),
        LabelledQuestion("made up", "who sold the lighthouse?", (), "who", "tower"),
        LabelledQuestion(
            "missed", "what of kittiwake?", ("in 1871",), "what", "tower", (Span(38, 45),)
        ),
    ),
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LocalService]:
    service = fake_service(tmp_path)
    yield service
    service.close()


@pytest.fixture
def ids(service: LocalService) -> dict[str, str]:
    return {
        key: service.add(Source(text.encode(), f"{key}.txt")).document.id
        for key, text in (("tower", TOWER), ("bakery", BAKERY))
    }


def measured(service: LocalService, ids: dict[str, str]) -> Report:
    return evaluate(ASKED, service, ids, own_document=True)


def test_each_outcome(service: LocalService, ids: dict[str, str]) -> None:
    outcomes = measured(service, ids).outcomes
    assert [(one.id, one.answer, one.em, one.f1, one.right) for one in outcomes] == [
        ("exact", "Kittiwake", 1.0, 1.0, True),
        ("half", "Fulmar", 0.0, 0.5, True),  # one word of three: 2 x 1 / (1 + 3)
        ("refused", None, 1.0, 1.0, True),
        ("made up", "Kittiwake", 0.0, 0.0, False),
        ("missed", None, 0.0, 0.0, False),
    ]
    assert all(one.best_guess is not None and one.confidence is not None for one in outcomes)
    assert [one.answer for one in outcomes if one.best_guess != one.answer] == [None, None]


def test_figures_by_hand(service: LocalService, ids: dict[str, str]) -> None:
    found = measured(service, ids)
    for scores, figures in (
        (found.overall, (5, 40, 50, 60, 60)),
        (found.answerable, (3, 100 / 3, 50, 200 / 3, 200 / 3)),
        (found.unanswerable, (2, 50, 50, 50, 50)),
        (found.kinds["who"], (3, 100 / 3, 50, 100, 200 / 3)),
        (found.kinds["what"], (2, 50, 50, 0, 50)),
    ):
        assert scores is not None
        got = (scores.questions, scores.em, scores.f1, scores.answered, scores.right)
        assert got == pytest.approx(figures)
    assert list(found.kinds) == ["what", "who"]
    assert (found.name, found.documents, found.chunks) == ("made", 2, 2)
    # Sure of itself each time: sure and right, sure and wrong once, sure that it has nothing.
    assert found.calibration_error == pytest.approx(1 / 5, abs=0.001)
    times = [one.milliseconds for one in found.outcomes]
    assert min(times) <= found.p50_ms <= found.p95_ms <= max(times)


def test_only_one_kind_of_question(service: LocalService, ids: dict[str, str]) -> None:
    one = QuestionSet("one", (), ASKED.questions[2:3])
    found = evaluate(one, service, ids, own_document=True)
    assert found.answerable is None
    assert found.unanswerable == found.overall
    assert found.retrieval == {}
    assert found.p95_ms == found.p50_ms


def test_progress_is_told_to_its_end(service: LocalService, ids: dict[str, str]) -> None:
    steps: list[tuple[str, int, int]] = []
    evaluate(ASKED, service, ids, progress=lambda *step: steps.append(step))
    assert steps[:6] == [("asking", number, 5) for number in range(6)]
    for way in ("dense", "lexical", "fused"):
        assert steps.count((f"searching, {way}", 3, 3)) == 1


def test_an_answer_in_the_second_hit_is_recalled_from_depth_two(
    service: LocalService, ids: dict[str, str]
) -> None:
    near = LabelledQuestion("1", "lighthouse built", ("Kittiwake",), "", "tower", (KITTIWAKE,))
    far = LabelledQuestion("2", "bakery opened spring", ("Kittiwake",), "", "tower", (KITTIWAKE,))
    nowhere = LabelledQuestion("3", "lighthouse built", ("x",), "", "tower", (Span(0, 999),))
    labelled = QuestionSet("three", (), (near, far, nowhere))
    found = retrieval(located(labelled, service, ids, own_document=False), service)
    assert list(found) == ["dense", "lexical", "fused"]
    for way in found.values():
        assert way.recall[1] == pytest.approx(100 / 3)
        assert way.recall[2] == way.recall[20] == pytest.approx(200 / 3)
        assert way.mrr == pytest.approx((1 + 1 / 2 + 0) / 3)


def test_answers_in_what_is_stored_are_located_by_their_sentences(
    service: LocalService, ids: dict[str, str]
) -> None:
    label = LabelledQuestion("1", "who?", ("Fulmar",), support=("Fulmar of Torve", "in "))
    (asked,) = located(QuestionSet("s", (), (label,)), service, {}, own_document=False)
    assert asked.places[ids["bakery"]] == [FULMAR, Span(FULMAR.end + 1, FULMAR.end + 4)]
    assert asked.places[ids["tower"]] == [Span(38, 41)]
    assert asked.scope.document_ids is None


def test_a_question_on_its_own_text_is_asked_of_no_other(
    service: LocalService, ids: dict[str, str]
) -> None:
    own = located(ASKED, service, ids, own_document=True)
    assert [one.scope.document_ids for one in own[:2]] == [(ids["tower"],), (ids["bakery"],)]
    on_all = located(ASKED, service, ids, own_document=False)
    assert {one.scope.document_ids for one in on_all} == {None}


def test_the_real_models_on_a_set_that_brings_its_texts(tmp_path: Path) -> None:
    tower = "The lighthouse of Skarholm was built in 1871 by the engineer Ada Lind."
    bread = "Bakers in Torve make their bread from rye flour and sour milk."
    built = {"id": "0", "question": "When was the lighthouse of Skarholm built?"}
    records = [
        {"context": tower, "qas": [{**built, "answers": ["1871"], "starts": [40]}]},
        {
            "context": bread,
            "qas": [{"id": "1", "question": "How many rivers does Brazil have?", "answers": []}],
        },
        {"context": tower, "qas": [{**built, "id": "2", "answers": ["when nobody looked"]}]},
    ]
    path = tmp_path / "tiny.jsonl"
    path.write_text("\n".join(map(json.dumps, records)))
    labelled = questions.read(path)
    folder = tmp_path / "data"
    with opened(labelled, IndexSettings(data=folder), AnswerSettings()) as (service, ids):
        found = evaluate(labelled, service, ids)
        own = service.library.store.folder
    assert (found.documents, found.chunks) == (2, 2)
    assert [outcome.answer for outcome in found.outcomes] == ["1871", None, "1871"]
    assert found.overall.right == pytest.approx(200 / 3)
    assert found.retrieval["fused"].recall[1] == 100
    assert not folder.exists()
    assert not own.exists()
