"""What a block says that only the furniture of a page says: the vocabulary, and its matches.

The phrases are data, in ``boilerplate.toml``. A block is looked up word by word, so that the
time grows with its length only, however many phrases there are.
"""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

LONGEST = 4000
"""Characters: a longer block is a paragraph of an article and not looked up."""

_WORD = re.compile(r"\w+")
_SEPARATOR = re.compile(r"\s*[|·•›»>/\t←→]\s*|\s[-–—]\s|\s{2,}|(?<=\w),\s")
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)[\s©]*(?:\(c\)\s*)?(?:\D{0,60})\d{4}", re.I)
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"”“»«’')\]*_]*$")
_LISTED = re.compile(r"^[•◦‣▪*–—-]\s|\d|:$")
_PROSE_WORDS = 20
_SENTENCE_WORDS = 8
_FEWEST_WORDS = 5
_COPYRIGHT_WORDS = 45
_STEM = 3
_EARLY = 4
_LINE_WORDS = 14


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the vocabulary: its words, what it is evidence of, and how strongly."""

    words: tuple[str, ...]
    kind: str
    strength: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the vocabulary finds in a block.

    ``prose`` is running text, a ``sentence`` may be shorter.
    ``labels`` and ``menu`` name the kinds of which the whole line consists; ``sure``,
    ``hints`` the kinds whose phrases occur in it (hints: two different ones), ``mentions`` all
    that occur. ``edge`` kinds count at the page's edges only, and there, unless ``firm``, only
    between other furniture; so does ``company``. ``prompt`` is how many words stand before the
    first sure phrase. A ``listed`` line looks like an item of the article's own lists. An
    ``opener`` heads a list of links, a ``link`` line names one itself.
    """

    words: int
    prose: bool
    sentence: bool = False
    labels: frozenset[str] = frozenset()
    menu: int = 0
    sure: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    edge: frozenset[str] = frozenset()
    firm: bool = False
    company: bool = False
    opener: bool = False
    link: bool = False
    silent: bool = False
    listed: bool = False
    prompt: int = 0


def read(text: str) -> Reading:
    """What the block says, by the vocabulary of ten languages."""
    if len(text) > LONGEST:
        return glance(text)
    words = tokens(text)
    sentence = len(words) >= _FEWEST_WORDS and _SENTENCE_END.search(text) is not None
    prose = len(words) >= _PROSE_WORDS or (sentence and len(words) >= _SENTENCE_WORDS)
    if not words:
        return Reading(0, prose=False, silent=True)
    found = list(_matches(words))
    edge = [(at, phrase) for at, phrase in found if phrase.strength == "edge"]
    first = min((at for at, _ in edge), default=0)
    told = len({at for at, _ in edge})
    firm = told > 1 or (told == 1 and first < _EARLY and len(words) <= _LINE_WORDS)
    return Reading(
        words=len(words),
        prose=prose,
        sentence=sentence,
        labels=_labels(text, words),
        menu=_menu(text, words),
        sure=frozenset(phrase.kind for _, phrase in found if phrase.strength == "sure"),
        hints=_repeated(phrase for _, phrase in found),
        mentions=frozenset(phrase.kind for _, phrase in found if phrase.strength in _TOPICAL),
        edge=frozenset(phrase.kind for _, phrase in edge),
        firm=firm,
        company=any(at == 0 and phrase.strength == "company" for at, phrase in found),
        opener=bool(_cover(words, ("openers",))),
        link=_links(text),
        listed=_LISTED.search(text) is not None and len(words) > 2 and " | " not in text,
        prompt=min((at for at, phrase in found if phrase.strength == "sure"), default=0),
    )


_TOPICAL = ("sure", "hints")


def glance(text: str) -> Reading:
    """What a block is by its length alone: for those that are no furniture anyway."""
    words = text.count(" ") + 1
    return Reading(words=words, prose=words >= _PROSE_WORDS or len(text) > LONGEST)


def tokens(text: str) -> list[str]:
    """The words of a text, without case, accents composed."""
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


@cache
def _vocabulary() -> dict[str, tuple[Phrase, ...]]:
    """The phrases by their first word, or by its stem where it may end otherwise, longest first."""
    data = tomllib.loads(
        resources.files("index").joinpath("boilerplate.toml").read_text(encoding="utf-8")
    )
    found: dict[str, list[Phrase]] = defaultdict(list)
    for kind, strengths in data.items():
        for strength, languages in strengths.items():
            for text in {text for texts in languages.values() for text in texts}:
                words = tuple(re.findall(r"\w+\*?", text.casefold()))
                head = words[0][:_STEM] + "*" if words[0][-1] == "*" else words[0]
                found[head].append(Phrase(words, kind, strength))
    return {head: tuple(sorted(group, key=_longest_first)) for head, group in found.items()}


def _longest_first(phrase: Phrase) -> tuple[int, bool, tuple[str, ...]]:
    """The longest first; of the same words those that tell more."""
    return -len(phrase.words), phrase.strength in ("menu", "company"), phrase.words


def _matches(words: list[str]) -> Iterator[tuple[int, Phrase]]:
    for at, word in enumerate(words):
        for phrase in _beginning(word):
            if _stands_at(phrase, words, at):
                yield at, phrase


@lru_cache(maxsize=1 << 16)
def _beginning(word: str) -> tuple[Phrase, ...]:
    """The phrases that may begin with the word."""
    vocabulary = _vocabulary()
    stemmed = vocabulary.get(word[:_STEM] + "*", ())
    return vocabulary.get(word, ()) + stemmed


def _stands_at(phrase: Phrase, words: list[str], at: int) -> bool:
    if at + len(phrase.words) > len(words):
        return False
    return all(
        word.startswith(wanted[:-1]) if wanted[-1] == "*" else word == wanted
        for wanted, word in zip(phrase.words, words[at : at + len(phrase.words)], strict=True)
    )


def _repeated(phrases: Iterable[Phrase]) -> frozenset[str]:
    """The kinds of which two different phrases occur, hints or sure."""
    seen: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for phrase in phrases:
        if phrase.strength in _TOPICAL:
            seen[phrase.kind].add(phrase.words)
    return frozenset(kind for kind, different in seen.items() if len(different) > 1)


def _labels(text: str, words: list[str]) -> frozenset[str]:
    """The kinds of labels of which the line consists, alone or parted by separators."""
    kinds = _cover(words, ("labels", "menu", "openers"))
    if kinds and "labels" in {phrase.strength for phrase in kinds}:
        return frozenset(phrase.kind for phrase in kinds if phrase.strength == "labels")
    if len(words) <= _COPYRIGHT_WORDS and _COPYRIGHT.search(text):
        return frozenset(("copyright",))
    parts = [tokens(part) for part in _SEPARATOR.split(text)] if len(words) < 40 else []
    said = [phrase.kind for part in parts for phrase in _cover(part, ("labels",))[:1]]
    return frozenset(said) if len(said) > 1 and 2 * len(said) >= len(parts) - 1 else frozenset()


def _menu(text: str, words: list[str]) -> int:
    """How many entries of a menu the line consists of; 0 where it says anything else."""
    return len(_cover(words, ("menu", "labels", "openers")))


def _links(text: str) -> bool:
    """Whether the line names another article after a colon: "Read also: ..."."""
    head, colon, rest = text.partition(":")
    return bool(colon and rest.strip()) and bool(_cover(tokens(head)[:9], ("openers",)))


def _cover(words: list[str], strengths: tuple[str, ...]) -> list[Phrase]:
    """Phrases of the given strengths that say the words one after the other, or none.

    Numbers and single letters between them (counts, the A of text sizes) do not matter.
    """
    found: list[Phrase] = []
    at = 0
    while at < len(words):
        for phrase in _beginning(words[at]):
            if phrase.strength in strengths and _stands_at(phrase, words, at):
                found.append(phrase)
                at += len(phrase.words)
                break
        else:
            if len(words[at]) > 1 and not words[at].isdecimal():
                return []
            at += 1
    return found
