"""The model card says what was measured, of the weights beside it."""

import json
from dataclasses import asdict, replace
from pathlib import Path

from qa.evaluate import ListScores, Scores
from qa.questions import LabelledQuestion
from qa.reader.model import WEIGHTS
from qa.training import card
from qa.training.measure import Guess, near_misses_refused, reading_of
from tests.qa.test_report import FULL, RIGHT


def test_the_card_has_the_figures_of_these_weights() -> None:
    figures = card.figures_of(WEIGHTS)
    manifest = json.loads((WEIGHTS / "manifest.json").read_text())
    assert figures["reader_sha256"] == manifest["model_sha256"]
    said = (WEIGHTS / card.CARD).read_text()
    assert card.BEGIN + card.tables(figures) + card.END in said


def test_the_measured_part_is_written_anew_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / card.CARD).write_text(f"before\n{card.BEGIN}stale{card.END}after\n")
    scores = asdict(Scores(4, 50.0, 60.04, 70.0, 80.0))
    lists = asdict(ListScores(2, 40.0, 55.55))
    figures = {
        "reader_sha256": "x",
        "reading": {
            "a set": {"questions": 9, "answerable": 5, "em": 1.0, "f1": 2.0, "best_f1": 3.0}
        },
        "lists": lists,
        "closed_corpus": {**scores, "paragraphs": 7},
        "articles": {
            "documents": 3,
            **dict.fromkeys(("overall", "answerable", "unanswerable"), scores),
            "kinds": {"near_miss": scores},
            "lists": lists,
            "calibration_error": 0.041,
            "near_misses_refused_at_85": 71.23,
            "refused_when_cut": 82.0,
        },
    }
    for _ in range(2):
        card.write(tmp_path, figures)
    said = (tmp_path / card.CARD).read_text()
    assert said.startswith(f"before\n{card.BEGIN}### 3 articles")
    assert said.endswith(f"{card.END}after\n")
    assert "stale" not in said
    for line in (
        "| near miss | 4 | 70.0 | 50.0 | 60.0 | 80.0 |",
        "| a set | 9 | 5 | 1.0 | 2.0 | 3.0 |",
        "| expected calibration error | 4.1 |",
    ):
        assert line in said
    assert card.figures_of(tmp_path) == figures


def guess(text: str, margin: float, *answers: str) -> Guess:
    return Guess(LabelledQuestion("q", "Who?", answers), text, margin)


def test_the_best_threshold_answers_the_sure_and_refuses_the_rest() -> None:
    made = [guess("Ada", 3.0, "Ada"), guess("Bo", 2.0), guess("Cy", 1.0, "Cy Ek")]
    found = reading_of(made)
    assert (found.questions, found.answerable, found.em) == (3, 2, 50.0)
    assert round(found.f1, 2) == 83.33
    # Ada answered and the others refused: 2 of 3; all answered, 1 + 0 + 2/3, is less.
    assert round(found.best_f1, 2) == 66.67


def test_near_misses_count_and_other_refusals_do_not() -> None:
    outcomes = (
        *(replace(RIGHT, confidence=0.5 + n / 100) for n in range(20)),
        replace(RIGHT, kind="near_miss", accepted=(), confidence=0.6),
        replace(RIGHT, kind="near_miss", accepted=(), confidence=0.1),
        replace(RIGHT, kind="off_topic", accepted=(), confidence=0.9),
    )
    assert near_misses_refused(replace(FULL, outcomes=outcomes)) == 50.0
