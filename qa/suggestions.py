"""Where to begin with an article: its headings, and sentences of it that say something.

All are verbatim and have their places. Only the paragraphs that promise most are cut into
sentences, so that the time hardly grows with the article's length.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from index.sentences import sentences
from index.types import Outline, Span
from qa.types import Suggestion, SuggestionKind

LIMIT = 6
"""How many there are unless another number is asked for."""

LARGEST_LIMIT = 20

_WEIGHED, _CUT = 40, 2  # paragraphs of each part of an article
_READ = 1_200  # characters of a paragraph
_SHORTEST, _IDEAL, _LONGEST = 50, 130, 240  # characters of a sentence
_NUMBERS, _NAMES = 2, 3  # more of them say no more
_PROSE_END = re.compile(r"[.!?…。！？।][\"'”’»」』)\]]*$")
_BEGINNING = re.compile(r"\W?(?=[^\W_a-z])(\w+)")
_NUMBER = re.compile(r"\d[\d.,]*")
_NAME = re.compile(r"(?<=[^.!?:]\s)(?=[^\W\d_a-z])\w[\w’'-]+")
_UNPLAIN = re.compile(r"[\n\r|“”\"„«»*_`\[\]…]|https?:")
_LEANING = frozenset(
    """
    he she it they we i you his her its their him them this that these those here there then so
    but and or also however instead meanwhile such both another others otherwise yet still now
    even for nor since because
    """.split()
)
"""First words of sentences that lean on another."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A range of the article, and how much it says."""

    weight: float
    span: Span


def suggestions(
    text: str, outline: Outline, *, document_id: str, limit: int = LIMIT
) -> tuple[Suggestion, ...]:
    """At most ``limit`` of an article: headings first, about half of them, then sentences.

    Each kind is spread over the article, in its order; the same text always gives the same.
    """
    titles = [Span(heading.start, heading.end) for heading in outline.headings]
    headings = [one for one in _distinct(text, titles) if any(map(str.isalpha, one.of(text)))]
    found = _key_sentences(text, outline.body, titles, count=limit)
    shown = _spread(headings, max(limit - len(found), (limit + 1) // 2))
    kinds = (
        (SuggestionKind.HEADING, shown),
        (SuggestionKind.SENTENCE, _spread(found, limit - len(shown))),
    )
    return tuple(
        Suggestion(kind, span.of(text), document_id, span.start, span.end)
        for kind, spans in kinds
        for span in spans
    )


def merged(found: Sequence[Sequence[Suggestion]], *, limit: int) -> tuple[Suggestion, ...]:
    """At most ``limit`` of several articles: the first of each, then the second of each, ..."""
    turns = chain.from_iterable(zip_longest(*found))
    return tuple([one for one in turns if one is not None][:limit])


def _key_sentences(
    text: str, body: Sequence[Span], headings: Sequence[Span], *, count: int
) -> list[Span]:
    """At most ``count`` sentences, the best of each part of the article before the second best."""
    named = {_bare(span.of(text)) for span in headings}
    prose = [span for span in body if _is_prose(text, span)]
    parts = [_best(text, part) for part in _parts(prose, count)]
    turns = [span for turn in zip_longest(*parts) for span in turn if span is not None]
    fresh = [span for span in _distinct(text, turns) if _bare(span.of(text)) not in named]
    return sorted(fresh[:count])


def _is_prose(text: str, span: Span) -> bool:
    """Whether a paragraph is running text, and no heading or item of a list."""
    ended = _PROSE_END.search(text, max(span.start, span.end - 4), span.end)
    return len(span) >= _SHORTEST and bool(ended and _BEGINNING.match(text, span.start))


def _parts(spans: Sequence[Span], count: int) -> Iterator[Sequence[Span]]:
    """The paragraphs in at most ``count`` parts of as many paragraphs each."""
    for part in range(count):
        if own := spans[part * len(spans) // count : (part + 1) * len(spans) // count]:
            yield own


def _best(text: str, part: Sequence[Span]) -> list[Span]:
    """The sentences of the paragraphs that promise most, the best first."""
    read = (Span(span.start, min(span.end, span.start + _READ)) for span in _spread(part, _WEIGHED))
    promising = _heaviest([_Weighed(_facts(span.of(text)), span) for span in read])[:_CUT]
    weighed = []
    for span in promising:
        for sentence in sentences(text, span):
            said = sentence.of(text)
            if _SHORTEST <= len(said) <= _LONGEST and said.endswith((".", "。")):
                weighed.append(_Weighed(_weight(said), sentence))
    return _heaviest([one for one in weighed if one.weight > 0])


def _heaviest(weighed: Sequence[_Weighed]) -> list[Span]:
    return [one.span for one in sorted(weighed, key=lambda one: (-one.weight, one.span))]


def _facts(said: str) -> float:
    numbers = len(_NUMBER.findall(said))
    names = len({match.group() for match in _NAME.finditer(said)})
    return min(numbers, _NUMBERS) + min(names, _NAMES)


def _weight(said: str) -> float:
    """How much a sentence says by itself; nothing where it leans on another."""
    first = _BEGINNING.match(said)
    if not first or first[1].lower() in _LEANING:
        return 0.0
    form = 1.0 - abs(len(said) - _IDEAL) / _LONGEST - bool(_UNPLAIN.search(said))
    return max(0.0, 1.0 + form + 0.5 * _facts(said))


def _distinct(text: str, spans: Sequence[Span]) -> list[Span]:
    """The ranges without those that say what an earlier one says."""
    first: dict[str, Span] = {}
    for span in spans:
        first.setdefault(_bare(span.of(text)), span)
    return list(first.values())


def _bare(said: str) -> str:
    return " ".join(re.findall(r"\w+", said.casefold()))


def _spread(spans: Sequence[Span], count: int) -> list[Span]:
    """At most ``count`` of the ranges, at even distances, the first among them."""
    if len(spans) <= count:
        return list(spans)
    return [spans[place * len(spans) // count] for place in range(count)]
