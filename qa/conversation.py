"""Follow-up questions: one that leans on earlier turns is written out before it is searched for.

Extractive, like everything here: which words of the conversation to carry over is a learned
decision (``qa.carryover``); they are put behind the question as they stand there, in parentheses.
In place of the pronoun they read better and were answered worse: a wrong word there misleads the
reader more.
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from qa.candidates import normalized
from qa.carryover import Line, Word, carried, lines
from qa.types import Turn

GAP = 3
"""Words between two that are carried over, within which what lies between comes along."""

_OTHERS = re.compile(r"\b(?:else|other|others|another|besides|apart|aside)\b", re.IGNORECASE)
_END = re.compile(r"[\s?.!]*$")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question as it stands alone; ``avoid`` are earlier answers, which it asks not to hear."""

    text: str
    avoid: frozenset[str] = frozenset()


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


def _phrases(said: Sequence[Line], stems: Iterable[str]) -> Iterator[str]:
    """What is carried over, in as few pieces as the lines of the conversation allow."""
    left = set(stems)
    while left:
        # The line with most of it; of several the newest, and of a turn its answer.
        line = max(said, key=lambda one: (_held(one, left), -one.age, one.answers))
        places = [n for n, word in enumerate(line.words) if word.stem in left]
        if not places:
            return
        for run in _runs(places):
            first, last = _whole_name(line, run[0], run[-1])
            taken = left & {line.words[n].stem for n in range(first, last + 1)}
            if taken:  # else the same words earlier in the line were it
                yield line.text[line.words[first].start : line.words[last].end]
            left -= taken


def _held(line: Line, left: Set[str]) -> int:
    return len(left & {word.stem for word in line.words})


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Places in groups between which there are few words."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place - runs[-1][-1] <= GAP:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _whole_name(line: Line, first: int, last: int) -> tuple[int, int]:
    """The run with the rest of a name at its ends; the word that opens a question is none."""
    found, least = line.words, 0 if line.answers else 1
    while first > least and _is_name(found[first]) and _is_name(found[first - 1]):
        first -= 1
    while last + 1 < len(found) and _is_name(found[last]) and _is_name(found[last + 1]):
        last += 1
    return first, last


def _is_name(word: Word) -> bool:
    return word.stem is not None and word.text[0].isupper()


def _written_out(question: str, phrases: Sequence[str]) -> str:
    """The question with the phrases behind it: ``How old is he (Nikol)?``"""
    return f"{_END.sub('', question)} ({', '.join(phrases)})?"
