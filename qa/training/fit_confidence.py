"""Fits the confidence: labelled questions in, ``calibration.json`` out.

    python -m qa.training.fit_confidence --data FOLDER [--weights qa/reader/weights]

Each question about the articles that the recipe holds out is asked on its own document; every
finding weighed is a row, right where its F1 with an accepted answer is 0.5 or more. A logistic
model is fitted, its figures by cross-validation over whole documents. Of articles that the reader
was trained on the confidence would promise too much.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from index.settings import IndexSettings
from qa import questions, scoring
from qa.evaluate import Asked, located, opened
from qa.evidence import FEATURES
from qa.local import LocalService
from qa.questions import QuestionSet
from qa.reader.calibrate import Calibration, save
from qa.reader.model import WEIGHTS
from qa.settings import AnswerSettings
from qa.training.recipe import read_recipe

FOLDS = 8
STRENGTH = 0.3
"""Inverse strength of the L2 penalty: the features are correlated and the rows few."""

NEARLY = 0.01
"""The share of questions that may go wrong so that more are answered."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One row a finding: evidence (n, features), F1, its question's number, its document's."""

    evidence: NDArray[np.float64]
    f1: NDArray[np.float64]
    question: NDArray[np.int64]
    document: NDArray[np.int64]
    answerable: NDArray[np.bool_]


def collect(sets: Sequence[QuestionSet], index: IndexSettings, weights: Path) -> Rows:
    """Ask every question on its own document and keep the evidence of what is found."""
    evidence, f1, question, document, answerable = [], [], [], [], []
    number = 0
    for place, labelled in enumerate(sets):
        with opened(labelled, index, AnswerSettings(), weights=weights) as (service, documents):
            for asked in located(labelled, service, documents, own_document=True):
                for values, score in _findings(asked, service):
                    evidence.append(values)
                    f1.append(score)
                    question.append(number)
                    document.append(place)
                    answerable.append(asked.label.answerable)
                number += 1
    return Rows(
        np.array(evidence),
        np.array(f1),
        np.array(question),
        np.array(document),
        np.array(answerable),
    )


def _findings(asked: Asked, service: LocalService) -> list[tuple[tuple[float, ...], float]]:
    label = asked.label
    passages = service.searcher.passages(
        label.text, limit=AnswerSettings().passages, scope=asked.scope
    )
    return [
        (astuple(facts), scoring.f1(finding.best.text, label.answers))
        for finding, facts in service.pipeline.weigh(label.text, passages)
    ]


def fit(evidence: NDArray[np.float64], right: NDArray[np.bool_]) -> LogisticRegression:
    """The logistic model over standardised features."""
    return LogisticRegression(C=STRENGTH, max_iter=1000).fit(evidence, right)


def cross_validated(rows: Rows) -> NDArray[np.float64]:
    """Each finding's probability from a model that has not seen its document."""
    mean, scale = _moments(rows.evidence)
    standard = (rows.evidence - mean) / scale
    right = rows.f1 >= scoring.RIGHT_F1
    out = np.zeros(len(right))
    for train, test in GroupKFold(FOLDS).split(standard, right, rows.document):
        out[test] = fit(standard[train], right[train]).predict_proba(standard[test])[:, 1]
    return out


@dataclass(frozen=True, slots=True)
class Chosen:
    """One row a question: the most probable finding's probability and F1."""

    probability: NDArray[np.float64]
    f1: NDArray[np.float64]
    answerable: NDArray[np.bool_]

    def right_at(self, threshold: float) -> float:
        """The share that is right, or rightly refused, when answering from a threshold up."""
        given = self.probability >= threshold
        return float(
            np.mean(np.where(self.answerable, given & (self.f1 >= scoring.RIGHT_F1), ~given))
        )

    def best_threshold(self) -> float:
        """The lowest at which nearly as many are right, or rightly refused, as at the best.

        Between thresholds that are as good, an answer that can be checked beats a refusal.
        """
        grid = np.round(np.arange(0.05, 0.96, 0.01), 2)
        scores = np.array([self.right_at(t) for t in grid])
        return float(grid[scores >= scores.max() - NEARLY].min())


def choose(rows: Rows, probability: NDArray[np.float64]) -> Chosen:
    """The most probable finding of each question."""
    best = [
        int(own[np.argmax(probability[own])])
        for number in np.unique(rows.question)
        if len(own := np.flatnonzero(rows.question == number))
    ]
    return Chosen(probability[best], rows.f1[best], rows.answerable[best])


def _moments(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    scale = values.std(axis=0)
    return values.mean(axis=0), np.where(scale > 0, scale, 1.0)


def calibrate(rows: Rows, *, reader_sha256: str, source: str) -> Calibration:
    """The calibration of all rows, with its cross-validated figures."""
    chosen = choose(rows, cross_validated(rows))
    threshold = chosen.best_threshold()
    mean, scale = _moments(rows.evidence)
    model = fit((rows.evidence - mean) / scale, rows.f1 >= scoring.RIGHT_F1)
    right = chosen.answerable & (chosen.f1 >= scoring.RIGHT_F1)
    return Calibration(
        features=FEATURES,
        mean=tuple(mean.round(5).tolist()),
        scale=tuple(scale.round(5).tolist()),
        weight=tuple(model.coef_[0].round(5).tolist()),
        bias=round(float(model.intercept_[0]), 5),
        threshold=threshold,
        aim="as many answered as can be while, of 100 questions, at most one fewer is answered "
        "rightly or rightly refused than at the best threshold",
        reader_sha256=reader_sha256,
        provenance={
            "fitted_on": source,
            "questions": len(chosen.f1),
            "documents": int(rows.document.max()) + 1,
            "folds": FOLDS,
            "right_or_rightly_refused": round(chosen.right_at(threshold), 4),
            "expected_calibration_error": round(
                scoring.calibration_error(chosen.probability.tolist(), right.tolist()), 4
            ),
        },
    )


def unfitted(reader_sha256: str) -> Calibration:
    """A confidence of the margin alone, for asking with new weights before there is another."""
    count = len(FEATURES)
    return Calibration(
        features=FEATURES,
        mean=(0.0,) * count,
        scale=(1.0,) * count,
        weight=tuple(float(name == "margin") for name in FEATURES),
        bias=0.0,
        threshold=0.5,
        aim="none: not fitted",
        reader_sha256=reader_sha256,
        provenance={"fitted_on": "nothing"},
    )


def main() -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recipe's files")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    held_out = read_recipe(arguments.data).held_out_articles()
    sha256 = json.loads((arguments.weights / "manifest.json").read_text())["model_sha256"]
    save(unfitted(sha256), arguments.weights)
    rows = collect([questions.read(path) for path in held_out], IndexSettings(), arguments.weights)
    source = f"the {len(held_out)} articles that recipe.toml holds out"
    calibration = calibrate(rows, reader_sha256=sha256, source=source)
    save(calibration, arguments.weights)
    print(json.dumps(calibration.provenance, indent=1))


if __name__ == "__main__":
    main()
