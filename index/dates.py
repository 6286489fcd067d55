"""Dates as people write them, to ISO dates."""

import datetime
import re
from dataclasses import dataclass
from functools import cache

from babel.dates import get_month_names

_LANGUAGES = "en de fr es it pl pt nl ru uk cs sk sv da nb fi ro hu el bg tr ca et lv lt".split()
_EARLIEST, _LATEST = 1800, 2100
_ISO = re.compile(r"(?<![\d-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})(?!\d)")
_CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월](?:\s?(\d{1,2})\s?[日일])?")
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_OF = r"(?:\s+(?:de|del|of)\b|\s+d[’'])?\s*"
_DAY_MONTH = re.compile(
    rf"(?<![\d.:/])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|[.ºª°])?{_OF}{_MONTH},?{_OF}{_YEAR}"
)
_MONTH_DAY = re.compile(
    rf"(?<!\w){_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+{_YEAR}", re.IGNORECASE
)
_MONTH_YEAR = re.compile(rf"(?<!\w){_MONTH},?{_OF}{_YEAR}", re.IGNORECASE)
_DASH = r"\s*[-–—]\s*"
_DAY_BEFORE = re.compile(rf"\d(?:st|nd|rd|th|\.)?{_DASH}$")
_MONTH_BEFORE = re.compile(rf"(?<!\w)([^\W\d_]{{3,12}})\.?[\s\d,]*{_DASH}$")
_RANGE_AFTER = re.compile(rf"^{_DASH}(?:\d{{1,2}}\D|\d{{4}}\b|[^\W\d_]{{3,12}}\.?\s+\d{{1,2}},\s)")


@dataclass(frozen=True, slots=True)
class Dated:
    """A date and where in the text it stands: ``iso`` is YYYY-MM-DD, YYYY-MM or YYYY."""

    iso: str
    start: int
    end: int


def first_date(text: str) -> Dated | None:
    """The first date that is no end of a range, with at least a year; None where none is.

    Reads ISO and numeric forms and months by name in some 25 languages (names from the
    Unicode CLDR). Of ``03/04/2021`` only the year is sure, and only that is given.
    """
    end = 0
    for date in sorted(_dates(text), key=lambda date: (date.start, -date.end)):
        if date.end > end and not _in_range(text, date):
            return date
        end = max(end, date.end)
    return None


@cache
def _months() -> dict[str, int]:
    """Month names and abbreviations, lower case and without dots, to 1..12."""
    names: dict[str, int] = {"sept": 9}
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    words = re.findall(r"[^\W\d_]{3,}", str(name).casefold())
                    names.setdefault(words[-1] if words else "", int(number))
    names.pop("", None)
    return names


def _dates(text: str) -> list[Dated]:
    found = []
    for match in _ISO.finditer(text):
        found.append(_dated(match, match[1], match[3], match[4]))
    for match in _CJK.finditer(text):
        found.append(_dated(match, match[1], match[2], match[3]))
    for match in _NUMERIC.finditer(text):
        found.append(_numeric(match))
    for pattern in (_DAY_MONTH, _MONTH_DAY, _MONTH_YEAR):
        for match in pattern.finditer(text):
            month = _months().get(match["month"].casefold())
            day = match.groupdict().get("day")
            found.append(_dated(match, match["year"], month, day) if month else None)
    return [date for date in found if date is not None]


def _numeric(match: re.Match[str]) -> Dated | None:
    """Day first, as most of the world writes it; slashes may also be month first."""
    first, second = int(match[1]), int(match[3])
    if match[2] == "/" and first != second and first <= 12 and second <= 12:
        return _dated(match, match[4], None, None)
    if second > 12:
        first, second = second, first
    return _dated(match, match[4], second, first)


def _dated(
    match: re.Match[str], year: str, month: str | int | None, day: str | int | None
) -> Dated | None:
    """The match as a date, if there is such a day."""
    if not _EARLIEST <= int(year) <= _LATEST:
        return None
    try:
        date = datetime.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    length = 4 if not month else 7 if not day else 10
    return Dated(date.isoformat()[:length], match.start(), match.end())


def _in_range(text: str, date: Dated) -> bool:
    """Whether a dash ties it to another date: the dates of a life or of an event."""
    before = text[max(0, date.start - 24) : date.start]
    after = text[date.end : date.end + 24]
    if _RANGE_AFTER.search(after) or (text[date.start].isdigit() and _DAY_BEFORE.search(before)):
        return True
    month = _MONTH_BEFORE.search(before)
    return month is not None and month[1].casefold() in _months()
