"""Which words of a question stand nowhere in what was asked: a hint why there is no answer."""

import re
from collections.abc import Callable, Sequence

from index.words import STOP_WORDS, searchable

_PART = re.compile(r"[^\W_]+")
_WORD = re.compile(rf"{_PART.pattern}(?:(?:['’-]|[.,](?=\d)){_PART.pattern})*")
_NEGATION = re.compile(r"[^\W_]+n['’]t", re.IGNORECASE)
_ASKING = re.compile(
    r"\bhow\s+(?:many|much|long|often|old|far|big|large|tall|high|deep|wide|soon)\b"
    r"|\b(?:what|which)\s+(?:kind|sort|type|year|month|day|date|time|name|number|amount|place"
    r"|person)s?\b",
    re.IGNORECASE,
)
"""What asks for a number, a date or a name: an answer does without these words."""


def missing(question: str, present: Callable[[Sequence[str]], frozenset[str]]) -> tuple[str, ...]:
    """The question's content words that stand nowhere, as it spells them, in its order.

    ``present`` gives those of some folded words that stand somewhere, in any form of theirs; of
    a word like "co-founder" every part must. A script written without spaces has no words here.
    """
    spelled: dict[tuple[str, ...], str] = {}
    for word in _WORD.findall(_ASKING.sub(" ", question)):
        spelled.setdefault(_forms(word), word)
    wanted = list(dict.fromkeys(form for forms in spelled for form in forms))
    there = present(wanted) if wanted else frozenset()
    return tuple(word for forms, word in spelled.items() if not there.issuperset(forms))


def _forms(word: str) -> tuple[str, ...]:
    """The word's parts as they are searched for; none where it says nothing or is no word."""
    forms = searchable(word).split()
    if len(forms) > len(_PART.findall(word)) or _NEGATION.fullmatch(word):
        return ()
    return tuple(form for form in forms if form not in STOP_WORDS)
