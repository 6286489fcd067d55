"""Answers that list several things: whether they do, and what the things are.

By form alone: of the question, which names a number or a plural, and of the answer, whose parts a
comma or a conjunction joins. A reader that labels each token as inside or outside of an item was
trained too and left out: there are too few lists to learn it from (the model card has figures).
"""

import re

from index.types import Span

_NUMBERS = "two|three|four|five|six|seven|eight|nine|ten|both|several|pair"
_PLURAL = r"(?!(?:this|was|is|has|does|its|his|as|us)\b)\w*(?:[^\Wsu]s|people|children|men|women)"
_SEVERAL = re.compile(
    rf"\b(?:what|which|names?|list|between|tell me)\b(?:\W+\w+){{0,3}}?\W+"
    rf"(?:{_NUMBERS}|{_PLURAL})\b|\bwho (?:are|were)\b|\b(?:{_NUMBERS})\b",
    re.IGNORECASE,
)
_CONJUNCTION = r"(?:and|or|as well as|plus)\s+"
_BETWEEN = re.compile(
    rf"\s*[,;]?\s*\n\s*(?:[-•*]\s+)?|\s*[,;]\s*{_CONJUNCTION}|\s*(?:;|,(?!\d))\s*|\s{_CONJUNCTION}"
)
_LONGEST_ITEM, _SHORT_ITEM = 12, 5
"""Words: what is longer is a clause, and three short things are a list whatever is asked."""


def items(question: str, answer: str) -> tuple[Span, ...]:
    """Where in an answer the things stand that it lists, in order; at least two, or none."""
    found = _parts(answer)
    words = [len(span.of(answer).split()) for span in found]
    if len(found) < 2 or max(words) > _LONGEST_ITEM or not all(_whole(s.of(answer)) for s in found):
        return ()
    plain = len(found) > 2 and max(words) <= _SHORT_ITEM
    return found if plain or _SEVERAL.search(question) else ()


def _parts(answer: str) -> tuple[Span, ...]:
    found: list[Span] = []
    start = 0
    for mark in (*_BETWEEN.finditer(answer), None):
        end = mark.start() if mark else len(answer)
        if end > start:
            found.append(Span(start, end))
        start = mark.end() if mark else end
    return tuple(found)


def _whole(item: str) -> bool:
    """Whether no bracket or quotation is open or closed on one side only."""
    pairs = (("(", ")"), ("[", "]"), ("“", "”"))
    return all(item.count(a) == item.count(b) for a, b in pairs) and item.count('"') % 2 == 0
