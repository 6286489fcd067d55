"""Names of people in lines: where they begin and end, and what is no name of a person."""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import takewhile

import regex

_INITIALS = r"\p{Lu}\.(?:-?\p{Lu}\.)*"
_TAIL = r"(?:[-’'‘]\p{L}[\p{L}\p{M}]*)"
_WORD = rf"(?:[dDlL][’'])?\p{{Lu}}(?:[\p{{L}}\p{{M}}]+{_TAIL}*|{_TAIL}+)"
_PART = rf"(?:{_INITIALS}|{_WORD})"
_ROLE = regex.compile(r"(?:\s*,(?:\s+\p{Ll}\S*){1,5})?[\s.]*")
_FEWEST, _MOST = 2, 6
_LINE = 120


@cache
def words(group: str) -> frozenset[str]:
    """The words or phrases of a group of ``header.toml``, of all languages."""
    return frozenset(word for language in _data()[group].values() for word in language)


def either(group: str) -> str:
    """A regular expression for any of a group's phrases, the longest first."""
    phrases = sorted(words(group), key=lambda phrase: (-len(phrase), phrase))
    return "(?:" + "|".join(regex.escape(phrase) for phrase in phrases) + ")"


def leading_names(text: str) -> str | None:
    """The name, or the list of names, with which the text begins; None if there is none.

    A name is two to six capitalised words, initials and particles, and not that of a paper
    or a desk. ``JANE DOE`` is given as ``Jane Doe``.
    """
    match = _names().match(text)
    if not match:
        return None
    return listed(list(takewhile(bool, map(_trimmed, match.captures("name")))))


def only_names(text: str) -> str | None:
    """The names of which the whole text consists, or None; a role may follow a comma."""
    match = _names().match(text) if len(text) < _LINE else None
    if not match or not _ROLE.fullmatch(text, match.end()):
        return None
    names = [_trimmed(name) for name in match.captures("name")]
    whole = all(
        name and len(name.split()) == len(given.split())
        for name, given in zip(names, match.captures("name"), strict=True)
    )
    return listed(names) if whole else None


def listed(names: Sequence[str | None]) -> str | None:
    """Names as a sentence lists them: "A, B and C"; None for none."""
    given = [name for name in names if name]
    if len(given) < 2:
        return given[0] if given else None
    return f"{', '.join(given[:-1])} and {given[-1]}"


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    text = resources.files("index").joinpath("header.toml").read_text(encoding="utf-8")
    data: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    return data


@cache
def _names() -> "regex.Pattern[str]":
    inner = rf"(?:\s+(?:{either('particle')}\s+)*{_PART})"
    name = rf"(?P<name>{_PART}{inner}{{1,{_MOST - 1}}})(?!\p{{L}})"
    name += rf"(?:\s+(?:in|at|from)\s+{_PART}(?:\s+{_PART}){{0,2}}(?=\s+{either('and')}\s))?"
    joined = rf"(?:\s*,\s*{name})*\s*,?\s+{either('and')}\s+{name}"
    return regex.compile(rf"{name}(?:{joined}|(?:\s*,\s*{name}){{2,}})?")


def _trimmed(name: str) -> str | None:
    """The name without the role or paper after it; None where not enough is left."""
    parts = name.split()
    shouted = parts[0].isupper() and len(parts[0].strip(".")) > 1
    for at, part in enumerate(parts):
        foreign = part.isupper() and len(part) > 2 and "." not in part and not shouted
        if part.casefold() in words("outlet") or (foreign and at):
            parts = parts[:at]
            break
    said = [part.casefold() for part in parts]
    if not (words("article") | words("and")).isdisjoint(said) or not words("opening").isdisjoint(
        said[:1]
    ):
        return None
    if " ".join(said) in words("kicker"):
        return None
    if any(part.endswith(("’s", "'s")) for part in said):
        return None
    capital = [part for part in parts if part[0].isupper()]
    if len(capital) < _FEWEST or not parts[-1][0].isupper():
        return None
    return " ".join(_cased(part) if shouted else part for part in parts)


def _cased(part: str) -> str:
    """A part of a name in capitals, as names are written otherwise."""
    if part.startswith("MC") and len(part) > 3:
        return "Mc" + part[2:].capitalize()
    return part.title()
