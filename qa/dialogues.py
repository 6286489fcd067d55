"""How well follow-ups are understood: labelled conversations asked turn by turn, three ways.

In conversation, with the service's own answers as its history; each question as it stands, with
nothing resolved; and each written out to stand alone, which is what the first is measured by.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from index.types import Scope, Source
from qa import scoring
from qa.errors import DataError
from qa.service import Service
from qa.types import Answer, Question, Turn


@dataclass(frozen=True, slots=True)
class LabelledTurn:
    """A question, the same written out, and its accepted answers; none for "not in the text"."""

    question: str
    standalone: str
    answers: tuple[str, ...]
    leans: bool
    switches: bool


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A labelled conversation, and the article that it is about, where the file brings it."""

    id: str
    source: Source | None
    turns: tuple[LabelledTurn, ...]


@dataclass(frozen=True, slots=True)
class Three:
    """The share of turns right or rightly refused, in percent, and their F1, asked three ways."""

    turns: int
    in_conversation: tuple[float, float]
    as_it_stands: tuple[float, float]
    written_out: tuple[float, float]


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """One turn with what was understood and answered in conversation, and its three scores."""

    question: str
    interpreted_as: str
    answer: str | None
    scores: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class DialogueReport:
    """The turns that lean on others, those that do not, and those that change the topic."""

    leaning: Three | None
    standing: Three | None
    switching: Three | None
    outcomes: tuple[TurnOutcome, ...]


def read(path: Path) -> list[Dialogue]:
    """The conversations of a file: JSON Lines with ``turns``, or an article with its ``chats``.

    Raises DataError where it holds none.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    found = [one for file in files for one in _of_file(file)]
    if not found:
        raise DataError(f"{path} holds no conversations: give a file with turns, or with chats")
    return found


def evaluate(
    dialogues: Sequence[Dialogue], service: Service, documents: Mapping[str, str] | None = None
) -> DialogueReport:
    """Ask every turn three ways. ``documents`` maps a conversation's id to the one it is about."""
    outcomes: list[tuple[LabelledTurn, TurnOutcome]] = []
    for dialogue in dialogues:
        about = (documents or {}).get(dialogue.id)
        scope = Scope() if about is None else Scope(document_ids=(about,))
        history: tuple[Turn, ...] = ()
        for turn in dialogue.turns:
            asked = service.ask(Question(turn.question, scope=scope, history=history))
            stands = service.ask(Question(turn.question, scope=scope))
            alone = service.ask(Question(turn.standalone, scope=scope))
            scores = tuple(_score(turn, answer) for answer in (asked, stands, alone))
            outcomes.append(
                (turn, TurnOutcome(turn.question, asked.interpreted_as, asked.answer, scores))  # type: ignore[arg-type]
            )
            history = (*history, Turn(turn.question, asked.answer))
    return DialogueReport(
        leaning=_three([out for turn, out in outcomes if turn.leans]),
        standing=_three([out for turn, out in outcomes if not (turn.leans or turn.switches)]),
        switching=_three([out for turn, out in outcomes if turn.switches]),
        outcomes=tuple(out for _, out in outcomes),
    )


def _score(turn: LabelledTurn, answer: Answer) -> float:
    if not turn.answers:
        return float(not answer.answered)
    return scoring.f1(answer.answer, turn.answers) if answer.answer else 0.0


def _three(outcomes: Sequence[TurnOutcome]) -> Three | None:
    if not outcomes:
        return None
    ways = [[one.scores[way] for one in outcomes] for way in range(3)]
    means = [
        (100 * mean(score >= scoring.RIGHT_F1 for score in way), 100 * mean(way)) for way in ways
    ]
    return Three(len(outcomes), *means)


def _of_file(file: Path) -> list[Dialogue]:
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".jsonl":
            records = [json.loads(line) for line in text.splitlines() if line.strip()]
            return [_dialogue(one["id"], None, one["turns"]) for one in records]
        article = json.loads(text)
        source = Source(article["text"].encode(), f"{article['id']}.txt", "text/plain")
        return [
            _dialogue(f"{article['id']}-{number}", source, chat["turns"])
            for number, chat in enumerate(article["chats"], start=1)
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{file} can't be read as conversations: {error!r}") from error


def _dialogue(id: str, source: Source | None, turns: Sequence[Mapping[str, Any]]) -> Dialogue:
    return Dialogue(
        id,
        source,
        tuple(
            LabelledTurn(
                question=turn["question"],
                standalone=turn["standalone"],
                answers=tuple(turn["answers"]) if turn["answerable"] else (),
                # Only some files say it; the first turn has nothing to lean on.
                leans=turn.get("depends_on_context", number > 0),
                switches=turn.get("topic_switch", False),
            )
            for number, turn in enumerate(turns)
        ),
    )
