"""Which blocks are the page's furniture: vocabulary, judged by form and by position.

Vocabulary alone decides nothing: an article may be about cookies, or be a privacy policy.
So the core is found first, the stretch between the first and the last prose that says nothing
suspicious. At the edges, outside the core, what sounds like furniture is furniture; within
the core only a line that can be nothing else is. A kind of vocabulary that the title or
several paragraphs of the core share is the article's subject, and then no evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.boilerplate import Reading

_DATA = frozenset(("cookies", "legal"))  # what is about the one is about the other
_SUBJECT_SHARE = 0.1
_INNER_WORDS = 30
_INNER_PROMPT = 4
_INNER_LINE = 12
_LINK_WORDS = 25
_LABEL_WORDS = 3
_SHORT_WORDS = 12
_MOST_LINKS = 12
_MENU_LINE = 3
_MENU_RUN = 3
_LONG_RUN = 4
_COMPANY_WORDS = 14


@dataclass(frozen=True, slots=True)
class _Page:
    """The readings of a page's blocks, where its core is, and what it is about."""

    readings: Sequence[Reading]
    first: int
    last: int
    subjects: frozenset[str]

    def at_edge(self, index: int) -> bool:
        return not self.first <= index <= self.last


def furniture(readings: Sequence[Reading], title: Reading | None = None) -> list[bool]:
    """For each block of a page, in order, whether it is furniture.

    ``title`` is what the title says, where it is known.
    """
    page = _page(readings, title)
    marks = [_is_plain(page, index) for index in range(len(readings))]
    _mark_menus(page, marks)
    _mark_links(page, marks)
    _mark_company(page, marks)
    return marks


def _page(readings: Sequence[Reading], title: Reading | None) -> _Page:
    core = [
        i for i, reading in enumerate(readings) if reading.prose and not _is_suspicious(reading)
    ]
    if not core:
        everything = frozenset().union(*(reading.mentions for reading in readings))
        return _Page(readings, 0, len(readings) - 1, everything)
    first, last = core[0], core[-1]
    within = [reading for reading in readings[first : last + 1] if reading.prose]
    subjects = {
        kind
        for kind in frozenset().union(*(reading.mentions for reading in within))
        if sum(kind in reading.mentions for reading in within)
        >= max(2, _SUBJECT_SHARE * len(within))
    }
    if title:
        subjects |= title.mentions | title.labels
    if subjects & _DATA:
        subjects |= _DATA
    return _Page(readings, first, last, frozenset(subjects))


def _is_suspicious(reading: Reading) -> bool:
    return bool(reading.sure or reading.hints or reading.labels)


def _is_plain(page: _Page, index: int) -> bool:
    """Whether the block is furniture by itself, whatever stands beside it."""
    reading = page.readings[index]
    labels = reading.labels - page.subjects
    if reading.silent or (labels and (page.at_edge(index) or reading.words > 1)):
        return True
    if page.at_edge(index):
        told = reading.sure | reading.hints
        return bool(told) and not reading.mentions & page.subjects or reading.menu >= _MENU_LINE
    if not reading.sure - page.subjects:
        return "ads" in labels
    prompted = reading.words <= _INNER_WORDS and reading.prompt <= _INNER_PROMPT
    return prompted or reading.words <= _INNER_LINE


def _mark_menus(page: _Page, marks: list[bool]) -> None:
    """Entries of a menu are furniture where several stand together, or beside furniture."""
    index = 0
    while index < len(marks):
        end = index
        while end < len(marks) and _is_entry(page, marks, end):
            end += 1
        _mark_run(page, marks, index, end)
        index = max(end, index + 1)


def _is_entry(page: _Page, marks: list[bool], index: int) -> bool:
    reading = page.readings[index]
    return not reading.prose and (
        marks[index] or reading.menu > 0 or reading.words <= _LABEL_WORDS
    )


def _mark_run(page: _Page, marks: list[bool], start: int, end: int) -> None:
    menu = [i for i in range(start, end) if page.readings[i].menu or marks[i]]
    plain = [i for i in menu if marks[i] and not page.readings[i].silent]
    inside = not page.at_edge(start)
    if len(menu) < (_LONG_RUN if inside else _MENU_RUN) and (inside or not plain):
        return
    for i in menu:
        marks[i] = True
    if not inside and len(menu) >= _LONG_RUN and 2 * len(menu) > end - start:
        for i in range(menu[0], menu[-2]):  # the last may be the paper's or the section's name
            marks[i] = True


def _mark_links(page: _Page, marks: list[bool]) -> None:
    """Links to other articles: those named in a line, and the lines under a heading for them."""
    for index, reading in enumerate(page.readings):
        if reading.words > _LINK_WORDS or not (reading.link or reading.opener):
            continue
        marks[index] = True
        if not reading.opener:
            continue
        end = index + 1
        while end < len(marks) and end <= index + _MOST_LINKS and not page.readings[end].prose:
            end += 1
        if end < len(marks) and not page.at_edge(end):
            end -= 1  # the line before prose may be its heading
        for i in range(index + 1, end):
            marks[i] = True


def _mark_company(page: _Page, marks: list[bool]) -> None:
    """After the core: credits beside furniture, and short lines between furniture."""
    after = range(page.last + 1, len(marks))
    plain = [i for i in after if marks[i] and not page.readings[i].silent]
    if not plain:
        return
    for i in range(plain[0] + 1, len(marks)):
        reading = page.readings[i]
        company = reading.company and reading.words <= _COMPANY_WORDS
        between = i < plain[-1] and reading.words <= _SHORT_WORDS and not reading.sentence
        if company or between:
            marks[i] = True
