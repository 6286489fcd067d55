"""Follow-up questions: one that leans on earlier turns is written out before it is searched for.

Extractive, like everything here: which words of the conversation to carry over is a learned
decision (``qa.carryover``); they are taken as they stand there, put in place of the pronoun that
stands for them, or behind the question in parentheses.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qa.candidates import normalized
from qa.carryover import POINTERS, Line, Word, carried, lines, words
from qa.types import Turn

GAP = 3
"""Words between two that are carried over, within which what lies between comes along."""

_PERSONAL = frozenset({"he", "she", "it", "they"})
_POSSESSIVE = frozenset({"his", "its", "their"})
_OTHERS = re.compile(r"\b(?:else|other|others|another|besides|apart|aside)\b", re.IGNORECASE)
_OPENING = re.compile(r"^(?:and|but|so|then|ok|okay)\b[,:]?\s+(?=\w+\W+\w)", re.IGNORECASE)
_END = re.compile(r"[\s?.!]*$")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question as it stands alone; ``avoid`` are earlier answers, which it asks not to hear."""

    text: str
    avoid: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words of the conversation that are carried over together."""

    text: str
    chance: float
    named: bool


def resolve(question: str, history: Sequence[Turn]) -> Resolved:
    """The question with what it leans on; as it is where it stands alone."""
    avoid: frozenset[str] = frozenset()
    if _OTHERS.search(question):
        avoid = frozenset(normalized(turn.answer) for turn in history if turn.answer)
    said = lines(history)
    chances = carried(question, said)
    if not chances:
        return Resolved(question, avoid)
    return Resolved(_written_out(question, list(_phrases(said, chances))), avoid)


def _phrases(said: Sequence[Line], chances: Mapping[str, float]) -> Iterator[_Phrase]:
    """What is carried over, in as few pieces as the lines of the conversation allow."""
    left = dict(chances)
    while left:
        # The line with most of it; of several the newest, and of a turn its answer.
        line = max(
            said, key=lambda one: (len(_held(one, left)), -one.age, one.answers)
        )
        places = [n for n, word in enumerate(line.words) if word.stem in left]
        if not places:
            return
        for run in _runs(places):
            first, last = _whole_name(line.words, run[0], run[-1])
            stems = {line.words[n].stem for n in range(first, last + 1)} & left.keys()
            if not stems:
                continue  # the same words earlier in the line were it
            yield _Phrase(
                line.text[line.words[first].start : line.words[last].end],
                max(left.pop(stem) for stem in stems if stem is not None),
                named=line.words[last].text[0].isupper(),
            )


def _held(line: Line, left: Mapping[str, float]) -> set[str]:
    return {word.stem for word in line.words if word.stem is not None} & left.keys()


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Places in groups between which there are few words."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place - runs[-1][-1] <= GAP:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _whole_name(line: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    """The run with the rest of a name at its ends."""
    while first > 1 and _is_name(line[first]) and _is_name(line[first - 1]):
        first -= 1
    while last + 1 < len(line) and _is_name(line[last]) and _is_name(line[last + 1]):
        last += 1
    return first, last


def _is_name(word: Word) -> bool:
    return word.stem is not None and word.text[0].isupper()


def _written_out(question: str, phrases: Sequence[_Phrase]) -> str:
    """The question with the likeliest phrase for its pronoun, and the others behind it."""
    rest = list(phrases)
    pronoun = _pronoun(question)
    if pronoun is not None:
        best = max(rest, key=lambda one: (one.named, one.chance))
        rest.remove(best)
        ending = "’s" if _is_possessive(question, pronoun) else ""
        question = question[: pronoun.start] + best.text + ending + question[pronoun.end :]
    question = _OPENING.sub("", question)
    question = question[:1].upper() + question[1:]
    if rest:
        end = _END.search(question)
        bare = question[: end.start()] if end else question
        question = f"{bare} ({', '.join(one.text for one in rest)})?"
    return question


def _pronoun(question: str) -> Word | None:
    """The first word that stands for a thing said before."""
    for word in words(question):
        if POINTERS.get(word.text.lower()) in _PERSONAL:
            return word
    return None


def _is_possessive(question: str, pronoun: Word) -> bool:
    if pronoun.text.lower() in _POSSESSIVE:
        return True
    behind = words(question[pronoun.end :])
    return pronoun.text.lower() == "her" and bool(behind) and behind[0].stem is not None
