"""Which words of a conversation a question leans on: a small learned decision for each.

In the manner of QuReTeC (Voskarides et al. 2020), but over features of form instead of a
network's: where in the conversation a word stands, whether it looks like a name, and what the
question itself lacks. Fitted by ``qa.training.fit_carryover``; no list of words of any text.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.words import STOP_WORDS, Stemmer
from qa.types import Turn

WEIGHTS = Path(__file__).with_name("carryover.json")

TURNS = 8
"""Earlier turns that are looked at."""

LEANING = 0.2
"""The chance from which a word is carried over into a question that points at something or is
short. Where the word should not have come, the reader loses less than where it is missing."""

STANDING = 0.35
"""The same for any other question, which more likely stands alone."""

_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")

POINTERS = {
    word: kind
    for kind, words in {
        "he": "he him his himself",
        "she": "she her hers herself",
        "it": "it its itself",
        "they": "they them their theirs themselves",
        "this": "this that these those",
        "there": "there then here",
        "other": "one ones another other others else same such former latter both",
    }.items()
    for word in words.split()
}
"""Words that point at something said before, by the kind of thing they point at."""

_KINDS = tuple(dict.fromkeys(POINTERS.values()))
_OPENINGS = ("and", "but", "what", "why", "so", "who", "when", "where", "how", "did", "was")
_SHORT = 3
_PLACES = frozenset({"in", "at", "from", "to", "on", "near", "into", "of"})
_PERSONS = frozenset({"who", "whom", "whose"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text with its place; ``stem`` None for one that says nothing by itself."""

    text: str
    start: int
    end: int
    stem: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A question or an answer of the conversation; ``age`` 1 is the last turn's."""

    text: str
    words: tuple[Word, ...]
    age: int
    answers: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """One occurrence of a stem."""

    line: Line
    place: int


@dataclass(frozen=True, slots=True)
class Model:
    """One hidden layer; ``mean`` and ``scale`` standardise the features."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    hidden: NDArray[np.float64]
    hidden_bias: NDArray[np.float64]
    out: NDArray[np.float64]
    out_bias: float

    def probabilities(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """For each row of features how likely its word is to be carried over."""
        inner = np.maximum((rows - self.mean) / self.scale @ self.hidden + self.hidden_bias, 0.0)
        given: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-(inner @ self.out + self.out_bias)))
        return given


def words(text: str) -> tuple[Word, ...]:
    """The words of a text; a possessive's ending is no part of its word."""
    found = []
    for match in _WORD.finditer(text):
        bare = _POSSESSIVE.sub("", match.group())
        stem = None if bare.lower() in STOP_WORDS else _stem(bare)
        found.append(Word(bare, match.start(), match.start() + len(bare), stem))
    return tuple(found)


def lines(history: Sequence[Turn]) -> list[Line]:
    """The conversation's last turns as lines, oldest first."""
    found: list[Line] = []
    last = history[-TURNS:]
    for age, turn in zip(range(len(last), 0, -1), last, strict=True):
        found.append(Line(turn.question, words(turn.question), age, answers=False))
        if turn.answer:
            found.append(Line(turn.answer, words(turn.answer), age, answers=True))
    return found


def candidates(question: str, said: Sequence[Line]) -> tuple[list[str], NDArray[np.float64]]:
    """The stems that the question lacks, with a row of features each."""
    asked = words(question)
    own = {word.stem for word in asked}
    seen: dict[str, list[_Seen]] = {}
    for line in said:
        for place, word in enumerate(line.words):
            if word.stem is not None and word.stem not in own:
                seen.setdefault(word.stem, []).append(_Seen(line, place))
    if not seen:
        return [], np.empty((0, 0))
    about = _of_question(asked)
    turns = max(line.age for line in said)
    newest = min((_age(of) for of in seen.values() if _named(of)), default=turns + 1)
    questions = {line.age: line for line in said if not line.answers}
    rows = [
        [*_of_word(of, turns, newest), *_of_place(of, questions), *about] for of in seen.values()
    ]
    return list(seen), np.array(rows)


def carried(
    question: str, said: Sequence[Line], *, fitted: Model | None = None
) -> dict[str, float]:
    """The stems to carry over into the question, with their chances by the shipped model."""
    stems, rows = candidates(question, said)
    if not stems:
        return {}
    chances = (fitted or model()).probabilities(rows).tolist()
    asked = words(question)
    points = any(word.text.lower() in POINTERS for word in asked)
    short = sum(word.stem is not None for word in asked) < _SHORT
    least = LEANING if points or short else STANDING
    return {s: c for s, c in zip(stems, chances, strict=True) if c >= least}


def _of_question(asked: Sequence[Word]) -> list[float]:
    lower = [word.text.lower() for word in asked]
    content = sum(word.stem is not None for word in asked)
    kinds = {POINTERS[word] for word in lower if word in POINTERS}
    named = any(word.text[0].isupper() for word in asked[1:])
    return [
        *(float(kind in kinds) for kind in _KINDS),
        *(float(lower[:1] == [opening]) for opening in _OPENINGS),
        min(len(asked), 15) / 15,
        min(content, 8) / 8,
        float(named),
        float(not kinds),
        float(not kinds and named),
        float(not kinds and content >= _SHORT),
        float(len(asked) <= _SHORT),
        float(bool(lower) and lower[-1] in POINTERS),
    ]


def _of_word(of: Sequence[_Seen], turns: int, newest: int) -> list[float]:
    ages = {(one.line.age, one.line.answers) for one in of}
    age = _age(of)
    last = [one for one in of if one.line.age == age]
    text = last[-1].line.words[last[-1].place].text
    named = _named(of)
    return [
        float((1, False) in ages),
        float((1, True) in ages),
        float((2, False) in ages),
        float((2, True) in ages),
        float(any(not answers for _, answers in ages)),
        float(any(answers for _, answers in ages)),
        1 / age,
        min(len({a for a, _ in ages}), 4) / 4,
        len({a for a, _ in ages}) / turns,
        float((turns, False) in ages),
        float(named),
        float(all(_capital(one, 0) for one in of)),
        float(text[0].isdigit()),
        min(len(text), 12) / 12,
        float(any(_capital(one, 1) for one in of)),
        float(any(_capital(one, -1) for one in of)),
        last[0].place / len(last[0].line.words),
        min(len(last[-1].line.words), 30) / 30,
        float(text.endswith("s") and not named),
        float(text.endswith(("ing", "ed"))),
        min(turns, TURNS) / TURNS,
        float(newest < age),
        float(named and newest == age),
    ]


def _of_place(of: Sequence[_Seen], questions: Mapping[int, Line]) -> list[float]:
    """How its last occurrence stands, and what that turn asked for."""
    age = _age(of)
    one = [one for one in of if one.line.age == age][-1]
    line, place = one.line.words, one.place
    asked = [word.text.lower() for word in questions[one.line.age].words]
    kinds = {POINTERS[word] for word in asked if word in POINTERS}
    person = not _PERSONS.isdisjoint(asked[:3])
    before = line[place - 1].text.lower() if place else ""
    first = next(n for n, word in enumerate(line) if word.stem is not None)
    return [
        float(person and one.line.answers),
        float(person),
        float(before in _PLACES),
        float(before == "the"),
        min(_name_length(one), 4) / 4,
        float(place == first),
        float(bool(kinds)),
        float(not kinds.isdisjoint({"he", "she"})),
        float("it" in kinds),
        float("they" in kinds),
        float(one.line.answers and len(line) <= _SHORT),
        float(place == len(line) - 1),
    ]


def _name_length(one: _Seen) -> int:
    """How many capitalised words stand together there, the line's first aside."""
    first = last = one.place
    while _capital(one, last + 1 - one.place):
        last += 1
    while first > 1 and _capital(one, first - 1 - one.place):
        first -= 1
    return last - first + 1


def _age(of: Sequence[_Seen]) -> int:
    return min(one.line.age for one in of)


def _named(of: Sequence[_Seen]) -> bool:
    """Whether it is written like a name: with a capital where no sentence begins."""
    return any(_capital(one, 0) and one.place > 0 for one in of)


def _capital(one: _Seen, step: int) -> bool:
    place = one.place + step
    return 0 <= place < len(one.line.words) and one.line.words[place].text[0].isupper()


@cache
def model() -> Model:
    """The fitted model that ships."""
    kept: dict[str, Any] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    arrays = {
        name: np.array(kept[name]) for name in ("mean", "scale", "hidden", "hidden_bias", "out")
    }
    return Model(**arrays, out_bias=kept["out_bias"])


_stemmer = Stemmer()


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str | None:
    stems = _stemmer.stems([word])[0]
    return min(stems) if stems else None
