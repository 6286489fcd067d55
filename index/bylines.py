"""Who wrote an article, from the lines that say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import regex

from index.names import either, leading_names, only_names, words

_LINE = 60
_SENTENCE, _STOPPED = 20, 10
_CAPTION = 600
_SEPARATOR = regex.compile(r"\s*[|·•/]\s*|\s+[-–—]+\s+|(?<=\p{L}{3})[.;]\s+|\t|\s{2,}")
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_MARKS = '*_#>~= \t“”"()[]—–-'
_REVIEW, _PLAIN, _WITHIN = range(3)


@dataclass(frozen=True, slots=True)
class Credit:
    """Names a line gives as the author's; the lower the rank, the surer."""

    names: str
    rank: int


def credit(line: str, *, dated: bool) -> Credit | None:
    """The author a line names outright: "By Jane Doe", "Text: Jane Doe", in ten languages.

    ``dated``: the line states a date, and "by" may then stand anywhere in it.
    """
    count = len(_WORD.findall(line))
    if count > _LINE:
        return None
    stopped = line.rstrip().endswith(".") and count >= _STOPPED
    sentence = (count >= _SENTENCE or stopped) and not dated
    for part in _parts(line):
        if (names := _after_label(part)) is not None:
            return Credit(names, _PLAIN)
        found = _after_by(part, within=dated or not sentence)
        if found and not (sentence and found.rank == _PLAIN and not part[0].isupper()):
            return found
    return None


def beside_date(line: str) -> str | None:
    """The person's name that stands alone among a line's parts: "Jane Doe - 3 May 2021"."""
    return next(filter(None, (only_names(part) for part in _parts(line))), None)


def alone(line: str) -> str | None:
    """The author of a line that is a name, or a name and where or for whom it reports."""
    bare = line.strip(_MARKS)
    if names := only_names(bare):
        return names
    name, comma, role = bare.partition(",")
    if comma and not words("outlet").isdisjoint(_WORD.findall(role.casefold())):
        return only_names(name)
    match = _reporting().fullmatch(bare)
    return only_names(match["who"]) if match else None


def signed(lines: Sequence[str], before: str) -> str | None:
    """The author by an article's last lines, its biography or signature.

    ``before`` is the text above them: a person the article itself is about is no author.
    """
    for line in lines:
        if match := _reported().match(line):
            return leading_names(match["who"])
        bare = line.strip(_MARKS)
        names = only_names(bare)
        if not names and (match := _biography().match(bare)):
            names = only_names(match["who"])
        if names and names.casefold() not in before.casefold():
            return names
    return None


def is_caption(line: str) -> bool:
    """Whether the line is a picture's caption or credit."""
    return len(line) < _CAPTION and _picture().search(line) is not None


def _parts(line: str) -> list[str]:
    parts = (part.strip(_MARKS) for part in _SEPARATOR.split(line.strip(_MARKS)))
    return [part for part in parts if part]


def _after_label(part: str) -> str | None:
    label, colon, rest = part.partition(":")
    said = [word.casefold() for word in _WORD.findall(label)]
    known = " ".join(said) in words("author") or (said[:1] and said[0] in words("author"))
    if not colon or not known or len(said) > 4:
        return None
    rest = rest.strip(_MARKS + "'")
    short = 0 < len(rest.split()) <= 4 and rest[0].isupper()
    return leading_names(rest) or (rest if short else None)


def _after_by(part: str, *, within: bool) -> Credit | None:
    """The names after "by": at the start, after up to four words, or after a comma."""
    for match in _by().finditer(part):
        before = [word.casefold() for word in _WORD.findall(part[: match.start()])]
        recent = before[-6:]
        if not words("other").isdisjoint(recent) or not words("directly").isdisjoint(recent[-1:]):
            continue
        if any(word in words("picture") for word in recent) and not _is_text(recent):
            continue
        if (before and not within) or (names := leading_names(match["who"])) is None:
            continue
        if any(word in words("review") for word in recent):
            return Credit(names, _REVIEW)
        return Credit(names, _WITHIN if len(before) > 4 else _PLAIN)
    return None


def _is_text(said: Sequence[str]) -> bool:
    """Whether a credit is for the text, too: "Words and pictures by"."""
    return any(word in words("author") for word in said if word != "by")


@cache
def _by() -> "regex.Pattern[str]":
    return regex.compile(rf"(?<!\p{{L}})(?i:{either('by')})\s+(?P<who>\p{{Lu}}.*)", regex.V1)


@cache
def _reporting() -> "regex.Pattern[str]":
    where = r"(?:in|for|at|from|reports|reporting|reviews)\s[^.?!]{1,70}"
    return regex.compile(rf"(?P<who>\p{{Lu}}[^,;:.]{{4,60}}?)\s+{where}")


@cache
def _biography() -> "regex.Pattern[str]":
    verb = either("biography")
    return regex.compile(
        rf"(?P<who>\p{{Lu}}[^,;:]{{4,60}}?)(?:(?:,[^.]{{2,80}},)?\s+{verb}|,\s+who)\s"
    )


@cache
def _reported() -> "regex.Pattern[str]":
    return regex.compile(r"\W*(?:Reporting|Reported|Words|Text)\s+by\s+(?P<who>.+)")


@cache
def _picture() -> "regex.Pattern[str]":
    said = either("picture")
    credited = rf"(?:^|[.(\[–—|]\s*)\W*{said}\s*(?::|by\s|von\s|par\s|di\s|de\s|\.\s)"
    return regex.compile(rf"(?i){credited}|^{said}\s*:")
