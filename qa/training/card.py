"""The measured part of the model card, from ``figures.json``."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FIGURES = "figures.json"
CARD = "README.md"
BEGIN, END = "<!-- figures:begin -->\n", "<!-- figures:end -->"

_READING = ("questions", "answerable", "em", "f1", "best_f1")
_SCORES = ("questions", "answered %", "EM", "F1", "right %")


def figures_of(weights: Path) -> Mapping[str, Any]:
    """The figures of a weights folder. Raises OSError and ValueError."""
    found: Mapping[str, Any] = json.loads((weights / FIGURES).read_text(encoding="utf-8"))
    return found


def write(weights: Path, figures: Mapping[str, Any]) -> None:
    """Store the figures, and say them in the card between its two marks."""
    (weights / FIGURES).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    card = weights / CARD
    before, _, rest = card.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    card.write_text(before + BEGIN + tables(figures) + END + after, encoding="utf-8")


def tables(figures: Mapping[str, Any]) -> str:
    """The figures as Markdown."""
    articles, corpus = figures["articles"], figures["closed_corpus"]
    lists = articles["lists"]
    return "\n".join(
        [
            f"### {articles['documents']} articles held out, each asked its own questions",
            *_table(("of the questions", *_SCORES), _groups(articles)),
            "",
            *_table(
                ("", "%"),
                [
                    (
                        "near misses refused, where 85 % of the answerable are answered",
                        articles["near_misses_refused_at_85"],
                    ),
                    (
                        "answerable questions refused once the answering paragraph is cut out",
                        articles["refused_when_cut"],
                    ),
                    (f"F1 of the things listed, in {lists['questions']} lists", lists["exact"]),
                    ("the same by their words", lists["partly"]),
                    ("expected calibration error", 100 * articles["calibration_error"]),
                ],
            ),
            "",
            f"### A closed corpus of {corpus['paragraphs']} paragraphs, answerable questions",
            *_table(_SCORES, [_scores(corpus)]),
            "",
            "### The right paragraph given",
            *_table(
                ("of", "questions", "answerable", "EM", "F1", "F1 with refusals, best threshold"),
                [
                    (name, *(one[key] for key in _READING))
                    for name, one in figures["reading"].items()
                ],
            ),
            "",
            f"F1 of the things listed, MultiSpanQA ({figures['lists']['questions']} lists): "
            f"{figures['lists']['exact']:.1f}, by their words {figures['lists']['partly']:.1f}.",
            "",
        ]
    )


def _groups(articles: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for name in ("overall", "answerable", "unanswerable"):
        yield (f"**{name}**", *_scores(articles[name]))
    for kind, scores in articles["kinds"].items():
        yield (kind.replace("_", " "), *_scores(scores))


def _scores(scores: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(scores[key] for key in ("questions", "answered", "em", "f1", "right"))


def _table(heads: Sequence[str], rows: Iterator[tuple[Any, ...]] | Sequence[Any]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        cells = (f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in row)
        yield "| " + " | ".join(cells) + " |"
