"""From readings to findings: what each passage offers as an answer, merged where it is the same.

Two candidates are the same finding where they overlap in the text or say the same words; the
best of them speaks for the finding, the others are further places that say so too.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from index.types import Passage
from qa.reader.decode import Reading, decode

PER_PASSAGE = 3
"""Candidates taken from one passage."""

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_MARKS = regex.compile(r"[^\w\s%$€£]")  # its \w holds the marks on letters, that of re does not


@dataclass(frozen=True, slots=True)
class Place:
    """A candidate answer and where it stands: ``start`` and ``end`` in the canonical text.

    ``margin`` is the reader's score above its null answer for that passage; ``rank`` is the
    passage's place in the order of retrieval, from 0.
    """

    passage: Passage
    rank: int
    start: int
    end: int
    margin: float

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


@dataclass(frozen=True, slots=True)
class Finding:
    """One possible answer and all the places that say it, best first."""

    places: tuple[Place, ...]

    @property
    def best(self) -> Place:
        """The place with the largest margin."""
        return self.places[0]


def places(passages: Sequence[Passage], readings: Sequence[Reading]) -> list[Place]:
    """Every passage's best candidates with their places, largest margin first."""
    found = [
        Place(passage, rank, passage.start + span.start, passage.start + span.end, span.margin)
        for rank, (passage, reading) in enumerate(zip(passages, readings, strict=True))
        for span in decode(reading, limit=PER_PASSAGE)
    ]
    return sorted(found, key=lambda place: -place.margin)


def findings(candidates: Sequence[Place]) -> list[Finding]:
    """Candidates merged to findings, in the order of their best margins."""
    groups: list[list[Place]] = []
    for place in sorted(candidates, key=lambda place: -place.margin):
        for group in groups:
            if any(_overlap(place, other) for other in group):
                break  # a weaker cut of a place that is there already adds nothing
            if same_words(place.text, group[0].text):
                group.append(place)
                break
        else:
            groups.append([place])
    return [Finding(tuple(group)) for group in groups]


def same_words(one: str, other: str) -> bool:
    """Whether two quotes say the same, case, articles and punctuation aside."""
    return normalized(one) == normalized(other)


def normalized(text: str) -> str:
    """The words of a quote for comparing: lower case, no articles, no punctuation.

    A quote of nothing else, such as an emoji, stays as it is.
    """
    folded = unicodedata.normalize("NFC", text).lower()
    return " ".join(_ARTICLES.sub(" ", _MARKS.sub(" ", folded)).split()) or folded


def _overlap(one: Place, other: Place) -> bool:
    return (
        one.passage.document_id == other.passage.document_id
        and one.start < other.end
        and other.start < one.end
    )
