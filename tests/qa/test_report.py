"""An evaluation as it is shown and as JSON has it, from figures made up for it."""

import json
from dataclasses import replace

import pytest

from qa import report
from qa.evaluate import ListScores, Outcome, Report, Retrieval, Scores
from qa.scoring import Bin, Operating

RIGHT = Outcome(
    id="q1",
    kind="when",
    question="When did it open?",
    accepted=("1871",),
    answer="1871",
    best_guess="1871",
    confidence=0.9,
    things=("1871",),
    items=(),
    em=1.0,
    f1=1.0,
    right=True,
    guess_right=True,
    milliseconds=10.0,
)
WRONG = replace(
    RIGHT, id="q2", question="Who\x1b[2J built\nit?", accepted=("Ada Lind",), f1=0.0, right=False
)
REFUSED = replace(RIGHT, id="q3", answer=None, confidence=None, accepted=("x", "y"), right=False)
MADE_UP = replace(RIGHT, id="q4", accepted=(), right=False)
RIGHTLY_REFUSED = replace(RIGHT, id="q5", accepted=(), answer=None, confidence=0.114)

FULL = Report(
    name="tiny.jsonl",
    documents=2,
    chunks=7,
    overall=Scores(questions=5, em=40.04, f1=41.25, answered=60.0, right=40.0),
    answerable=Scores(questions=3, em=33.333, f1=35.0, answered=66.667, right=33.333),
    unanswerable=Scores(questions=2, em=50.0, f1=50.0, answered=50.0, right=50.0),
    kinds={"when": Scores(questions=5, em=1.5, f1=2.5, answered=3.5, right=4.5)},
    lists=ListScores(questions=2, exact=62.5, partly=70.04),
    calibration_error=0.0625,
    reliability=(Bin(3, 0.25, 0.3), Bin(3, 0.8, 0.7)),
    risk_coverage=(Operating(0.9, 0.5, 0.1), Operating(0.2, 1.0, 0.4)),
    refused_at_85=72.26,
    retrieval={"fused": Retrieval({depth: 50.0 + depth for depth in range(1, 21)}, 0.6789)},
    p50_ms=12.4,
    p95_ms=99.6,
    outcomes=(RIGHT, WRONG, REFUSED, MADE_UP, RIGHTLY_REFUSED),
)


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colours and no width, as in a pipe."""
    for name in ("FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def cells(line: str) -> list[str]:
    return line.split()


def test_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    report.evaluation(FULL)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tiny.jsonl: 5 questions on 2 documents, 7 chunks"
    rows = [cells(line) for line in lines if line]
    assert rows[1:6] == [
        ["answers", "questions", "answered", "%", "EM", "F1", "right", "%"],
        ["all", "5", "60.0", "40.0", "41.2", "40.0"],
        ["answerable", "3", "66.7", "33.3", "35.0", "33.3"],
        ["unanswerable", "2", "50.0", "50.0", "50.0", "50.0"],
        ["when", "5", "3.5", "1.5", "2.5", "4.5"],
    ]
    assert rows[6:8] == [
        ["retrieval", "R@1", "R@2", "R@3", "R@5", "R@10", "R@20", "MRR"],
        ["fused", "51.0", "52.0", "53.0", "55.0", "60.0", "70.0", "0.679"],
    ]
    assert lines[-3:] == [
        "Expected calibration error 0.062.  A question takes 12 ms (p50), 100 ms (p95).",
        "Where 85 % of the answerable are answered, 72.3 % of others are refused.",
        "Lists: 62.5 F1 of whole things, 70.0 by their words (2 questions).",
    ]
    assert all(line == line.rstrip() for line in lines)


def test_what_there_is_not_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = replace(FULL, answerable=None, unanswerable=None, kinds={}, retrieval={})
    report.evaluation(replace(nothing, lists=None, refused_at_85=None))
    shown = capsys.readouterr().out
    assert "\nall " in shown
    for word in ("answerable", "when", "retrieval", "R@1", "Lists", "refused"):
        assert word not in shown


def test_each_question_with_its_answer_and_what_was_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report.evaluation(FULL)
    assert "q1" not in capsys.readouterr().out
    report.evaluation(FULL, each=True)
    assert capsys.readouterr().out.splitlines()[-5:] == [
        "right  q1  When did it open?  →  “1871” (0.90)",
        "wrong  q2  Who\ufffd[2J built it?  →  “1871” (0.90)  wanted “Ada Lind”",
        "wrong  q3  When did it open?  →  refused  wanted “x”",
        "wrong  q4  When did it open?  →  “1871” (0.90)  wanted a refusal",
        "right  q5  When did it open?  →  refused (0.11)",
    ]


def test_names_from_a_file_do_not_reach_the_terminal_as_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kinds = {"\x1b]0;k\x07": FULL.overall}
    outcome = replace(RIGHT, id="\x1b[31mq1", answer="18\x9b71")
    report.evaluation(replace(FULL, name="\x1b[1mset", kinds=kinds, outcomes=(outcome,)), each=True)
    shown = capsys.readouterr().out
    assert not {"\x1b", "\x9b", "\x07"} & set(shown)


def test_as_data_is_json() -> None:
    data = json.loads(json.dumps(report.as_data(FULL, each=True)))
    assert data["overall"] == {
        "questions": 5,
        "em": 40.04,
        "f1": 41.25,
        "answered": 60.0,
        "right": 40.0,
    }
    assert data["retrieval"]["fused"]["recall"]["20"] == 70.0
    assert [outcome["id"] for outcome in data["outcomes"]] == ["q1", "q2", "q3", "q4", "q5"]
    assert data["outcomes"][4]["answer"] is None
    assert data["outcomes"][4]["confidence"] == 0.114


def test_as_data_has_the_questions_only_where_wanted() -> None:
    whole = report.as_data(FULL, each=True)
    assert report.as_data(FULL) == {k: v for k, v in whole.items() if k != "outcomes"}
