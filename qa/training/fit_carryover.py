"""Fits which words of a conversation a question leans on: ``qa/carryover.json``.

    python -m qa.training.fit_carryover --data FOLDER

From the rewritten questions of CANARD and the conversations of the articles: a word of the
history is to be carried over if the question written out has it and the question has not. The
questions written out, and the articles' other questions, are examples too of what needs nothing.
Held-out articles are not trained on, nor is every fourth of the other conversations.
"""

import argparse
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from qa.carryover import WEIGHTS, Model, candidates, carried, lines, words
from qa.training.recipe import Recipe, read_recipe
from qa.types import Turn

CONVERSATIONS = "data/canard_dev.jsonl.gz"  # CANARD, Elgohary et al. 2019, CC BY-SA 4.0
HELD_OUT = 4
"""One conversation in so many of CANARD is kept out."""

HIDDEN = 32
NETWORKS = 4
"""Networks whose log-odds are averaged, as one with so many times the hidden units."""

ARTICLES_COUNT = 2
"""How often an article's conversation counts, against one of CANARD."""

WRITTEN_OUT = 0.5
"""The share of the questions written out that are examples too."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its history, and the same written out."""

    source: str
    history: tuple[Turn, ...]
    question: str
    standalone: str
    held_out: bool

    @property
    def wanted(self) -> frozenset[str]:
        """The stems that the question lacks."""
        own = {word.stem for word in words(self.question)}
        return frozenset(w.stem for w in words(self.standalone) if w.stem and w.stem not in own)


def canard(path: Path) -> Iterator[Case]:
    """CANARD's turns; the page's title and section are the first turn."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    dialogs = sorted({row["dialog"] for row in rows})
    random.Random(3).shuffle(dialogs)
    held = set(dialogs[::HELD_OUT])
    for row in rows:
        title, section, *said = row["history"]
        turns = [Turn(f"{title}; {section}")]
        turns += [Turn(*said[at : at + 2]) for at in range(0, len(said), 2)]
        yield Case("canard", tuple(turns), row["question"], row["rewrite"], row["dialog"] in held)


def articles(recipe: Recipe) -> Iterator[Case]:
    """The turns of the articles' conversations, and after each another question of the article."""
    chooser = random.Random(recipe.seed)
    for path in recipe.articles():
        article = json.loads(path.read_text(encoding="utf-8"))
        held = recipe.is_held_out(path)
        alone = [one["question"] for one in article["qas"] if one["kind"] not in {"keyword"}]
        for chat in article["chats"]:
            history: list[Turn] = []
            for turn in chat["turns"]:
                if history:
                    told = tuple(history)
                    yield Case("articles", told, turn["question"], turn["standalone"], held)
                    other = chooser.choice(alone)
                    yield Case("switches", told, other, other, held)
                history.append(Turn(turn["question"], (turn["answers"] or [None])[0]))


def rows_of(cases: Sequence[Case]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Features and labels of all candidate words; the questions written out among them."""
    chooser = random.Random(1)
    features, labels = [], []
    for case in cases:
        said = lines(case.history)
        asked = {case.question: case.wanted}
        if chooser.random() < WRITTEN_OUT:
            asked.setdefault(case.standalone, frozenset())
        for question, wanted in asked.items():
            stems, rows = candidates(question, said)
            if stems:
                times = 1 if case.source == "canard" else ARTICLES_COUNT
                features += [rows] * times
                labels += [stem in wanted for stem in stems] * times
    return np.concatenate(features), np.array(labels)


def f1_of(cases: Sequence[Case], chosen: Sequence[frozenset[str]]) -> dict[str, float]:
    """Precision, recall and F1 over the words of the history, in percent."""
    hit = extra = missed = 0
    for case, stems in zip(cases, chosen, strict=True):
        there = {w.stem for line in lines(case.history) for w in line.words}
        wanted = case.wanted & there
        hit += len(stems & wanted)
        extra += len(stems - wanted)
        missed += len(wanted - stems)
    precision, recall = hit / max(1, hit + extra), hit / max(1, hit + missed)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return {name: round(100 * v, 1) for name, v in (("p", precision), ("r", recall), ("f1", f1))}


def fit(cases: Sequence[Case]) -> Model:
    """The networks of all cases, as one."""
    features, labels = rows_of(cases)
    print(f"{len(labels)} words of {len(cases)} questions", flush=True)
    scaler = StandardScaler().fit(features)
    networks = [
        MLPClassifier(
            (HIDDEN,), alpha=1e-2, early_stopping=True, n_iter_no_change=8, random_state=number
        ).fit(scaler.transform(features), labels)
        for number in range(NETWORKS)
    ]
    return Model(
        mean=scaler.mean_,
        scale=scaler.scale_,
        hidden=np.concatenate([one.coefs_[0] for one in networks], axis=1),
        hidden_bias=np.concatenate([one.intercepts_[0] for one in networks]),
        out=np.concatenate([one.coefs_[1][:, 0] for one in networks]) / NETWORKS,
        out_bias=float(np.mean([one.intercepts_[1][0] for one in networks])),
    )


def figures_of(model: Model, cases: Sequence[Case]) -> dict[str, object]:
    """How well the model chooses, and what it leaves alone that needs nothing."""

    def chosen(case: Case) -> frozenset[str]:
        return frozenset(carried(case.question, lines(case.history), fitted=model))

    figures: dict[str, object] = {}
    for source in ("canard", "articles"):
        some = [one for one in cases if one.source == source]
        everything = [frozenset(candidates(c.question, lines(c.history))[0]) for c in some]
        figures[source] = {
            "questions": len(some),
            "nothing carried over": f1_of(some, [frozenset()] * len(some)),
            "everything carried over": f1_of(some, everything),
            "chosen": f1_of(some, [chosen(one) for one in some]),
        }
    written_out = [
        replace(one, question=one.standalone) for one in cases if one.source != "switches"
    ]
    switches = [one for one in cases if one.source == "switches"]
    for name, asked in (("changes of topic", switches), ("written out", written_out)):
        alone = [not chosen(one) for one in asked]
        percent = round(100 * sum(alone) / len(alone), 1)
        figures[name] = {"questions": len(asked), "left alone": percent}
    return figures


def as_data(model: Model, figures: dict[str, object]) -> dict[str, object]:
    """The model as it is stored."""
    return {
        "mean": _short(model.mean),
        "scale": _short(model.scale),
        "hidden": [_short(row) for row in model.hidden],
        "hidden_bias": _short(model.hidden_bias),
        "out": _short(model.out),
        "out_bias": model.out_bias,
        "figures": figures,
        "made_by": "qa.training.fit_carryover on CANARD's dev set and the articles' conversations",
    }


def _short(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 4) for value in values]


def main() -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recipe's files")
    arguments = parser.parse_args()
    cases = [*canard(arguments.data / CONVERSATIONS), *articles(read_recipe(arguments.data))]
    model = fit([one for one in cases if not one.held_out])
    figures = figures_of(model, [one for one in cases if one.held_out])
    made = json.dumps(as_data(model, figures))
    WEIGHTS.write_text(f"{made}\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
