"""How well follow-ups are understood: labelled conversations asked turn by turn, three ways.

In conversation, with the service's own answers as its history; each question as it stands, with
nothing resolved; and each written out to stand alone, which is what the first is measured by.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from index.types import Scope
from qa import questions, scoring
from qa.errors import DataError
from qa.evaluate import Progress
from qa.questions import LabelledText
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
    """A labelled conversation; ``text_key`` names its text, None for what is in the store."""

    id: str
    text_key: str | None
    turns: tuple[LabelledTurn, ...]


@dataclass(frozen=True, slots=True)
class DialogueSet:
    """Conversations and, where the file brings them, the texts they are about."""

    name: str
    texts: tuple[LabelledText, ...]
    dialogues: tuple[Dialogue, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One way of asking: turns right or rightly refused, and their F1, in percent."""

    right: float
    f1: float


@dataclass(frozen=True, slots=True)
class Three:
    """Some turns asked three ways."""

    turns: int
    in_conversation: Way
    as_it_stands: Way
    written_out: Way


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """One turn, what was understood and answered in conversation, and its F1 each way."""

    dialogue: str
    question: str
    interpreted_as: str
    answer: str | None
    in_conversation: float
    as_it_stands: float
    written_out: float


@dataclass(frozen=True, slots=True)
class DialogueReport:
    """The turns that lean on others, those that do not, and those that change the topic."""

    name: str
    leaning: Three | None
    standing: Three | None
    switching: Three | None
    outcomes: tuple[TurnOutcome, ...]


def read(path: Path) -> DialogueSet:
    """The conversations of a file or folder: records with ``turns``, or articles with ``chats``.

    Raises DataError.
    """
    texts: list[LabelledText] = []
    dialogues: list[Dialogue] = []
    for file in questions.files(path):
        try:
            for record in questions.records(file):
                key = None
                if "text" in record:
                    key = str(len(texts))
                    texts.append(LabelledText(key, record["title"], record["text"]))
                chats = record["chats"] if key else [record]
                dialogues += [
                    _dialogue(f"{record['id']}-{number}" if key else record["id"], key, chat)
                    for number, chat in enumerate(chats, start=1)
                ]
        except questions.BROKEN as error:
            raise DataError(
                f"{file} holds no conversations ({type(error).__name__}: {error}); "
                "give JSON Lines that have turns, or articles that have chats"
            ) from error
    if not dialogues:
        raise DataError(f"{path} holds no conversations; give JSON Lines that have turns")
    return DialogueSet(path.name, tuple(texts), tuple(dialogues))


def evaluate(
    labelled: DialogueSet,
    service: Service,
    documents: Mapping[str, str],
    *,
    progress: Progress | None = None,
) -> DialogueReport:
    """Ask every turn three ways; ``documents`` says which document each text has become.

    A conversation about a text of the set is held about that document only.
    """
    outcomes: list[tuple[LabelledTurn, TurnOutcome]] = []
    for number, dialogue in enumerate(labelled.dialogues):
        if progress:
            progress("asking", number, len(labelled.dialogues))
        about = None if dialogue.text_key is None else (documents[dialogue.text_key],)
        outcomes += _held(dialogue, service, Scope(document_ids=about))
    return DialogueReport(
        name=labelled.name,
        leaning=_three([out for turn, out in outcomes if turn.leans]),
        standing=_three([out for turn, out in outcomes if not (turn.leans or turn.switches)]),
        switching=_three([out for turn, out in outcomes if turn.switches]),
        outcomes=tuple(out for _, out in outcomes),
    )


def _held(
    dialogue: Dialogue, service: Service, scope: Scope
) -> Iterator[tuple[LabelledTurn, TurnOutcome]]:
    history: tuple[Turn, ...] = ()
    for turn in dialogue.turns:
        asked = service.ask(Question(turn.question, scope=scope, history=history))
        yield (
            turn,
            TurnOutcome(
                dialogue=dialogue.id,
                question=turn.question,
                interpreted_as=asked.interpreted_as,
                answer=asked.answer,
                in_conversation=_score(turn, asked),
                as_it_stands=_score(turn, service.ask(Question(turn.question, scope=scope))),
                written_out=_score(turn, service.ask(Question(turn.standalone, scope=scope))),
            ),
        )
        history = (*history, Turn(turn.question, asked.answer))


def _score(turn: LabelledTurn, answer: Answer) -> float:
    if not turn.answers:
        return float(not answer.answered)
    return scoring.f1(answer.answer, turn.answers) if answer.answer else 0.0


def _three(outcomes: Sequence[TurnOutcome]) -> Three | None:
    if not outcomes:
        return None
    return Three(
        turns=len(outcomes),
        in_conversation=_way([one.in_conversation for one in outcomes]),
        as_it_stands=_way([one.as_it_stands for one in outcomes]),
        written_out=_way([one.written_out for one in outcomes]),
    )


def _way(scores: Sequence[float]) -> Way:
    right = mean(score >= scoring.RIGHT_F1 for score in scores)
    return Way(right=100 * right, f1=100 * mean(scores))


def _dialogue(id: str, text_key: str | None, record: Mapping[str, Any]) -> Dialogue:
    return Dialogue(
        id,
        text_key,
        tuple(
            LabelledTurn(
                question=turn["question"],
                standalone=turn["standalone"],
                answers=tuple(turn["answers"]) if turn["answerable"] else (),
                # Only some files say it; the first turn has nothing to lean on.
                leans=turn.get("depends_on_context", number > 0),
                switches=turn.get("topic_switch", False),
            )
            for number, turn in enumerate(record["turns"])
        ),
    )
