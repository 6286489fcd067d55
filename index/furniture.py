"""Which blocks are the page's furniture: vocabulary, judged by form and by position.

Vocabulary alone decides nothing: an article may be about cookies, or be a privacy policy.
So the core is found first, the stretch between the first and the last prose that says nothing
suspicious. At the edges, outside the core, what sounds like furniture is furniture; within
the core only a line that can be nothing else is. A kind of vocabulary that the title or
several paragraphs of the core share is the article's subject, and then no evidence.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from index.boilerplate import Reading

_DATA = frozenset(("cookies", "legal"))  # what is about the one is about the other
_NONE: frozenset[str] = frozenset()
_SUBJECT_SHARE = 0.1
_FOR, _AGAINST, _ENTRY = 80, 25, 4  # words
_EDGE_WORDS = 45
_INNER_WORDS = 30
_INNER_PROMPT = 4
_INNER_LINE = 12
_LINK_WORDS = 25
_LABEL_WORDS = 3
_SHORT_WORDS = 12
_MOST_SHORT, _MOST_BRIEF = 2, 6
_FEWEST_MARKS = 2
_MOST_LINKS = 12
_MENU_LINE = 3
_MENU_RUN = 3
_LONG_RUN = 4
_COMPANY_WORDS = 14


@dataclass(frozen=True, slots=True)
class _Page:
    """The readings of a page's blocks, where its core is, and what it is about.

    ``topics`` are its subjects and what else its title mentions, which spares running text only.
    """

    readings: Sequence[Reading]
    first: int
    last: int
    subjects: frozenset[str]
    topics: frozenset[str]
    states: Callable[[int], bool]

    def at_edge(self, index: int) -> bool:
        return not self.first <= index <= self.last


def furniture(
    readings: Sequence[Reading],
    *,
    title: Reading | None = None,
    states: Callable[[int], bool] = lambda _: False,
) -> list[bool]:
    """For each block of a page, in order, whether it is furniture.

    ``title`` is what the title says, where it is known; ``states`` tells of a block near the
    top whether it states the author or the date, which furniture beside it does not change.
    """
    core = _core(readings)
    if core is None:  # no article to tell it from
        return [reading.silent for reading in readings]
    subjects = _subjects(readings[core[0] : core[1] + 1], title)
    page = _Page(readings, *core, subjects, subjects | (title.edge if title else _NONE), states)
    marks = [_is_plain(page, index) for index in range(len(readings))]
    _mark_menus(page, marks)
    _mark_links(page, marks)
    _mark_edges(page, marks)
    _mark_company(page, marks)
    return marks


def _subjects(core: Sequence[Reading], title: Reading | None) -> frozenset[str]:
    """The kinds of vocabulary that the article itself is about."""
    within = [reading for reading in core if reading.prose]
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
    return frozenset(subjects)


def _core(readings: Sequence[Reading]) -> tuple[int, int] | None:
    """The first and last block of the stretch with most prose and least that is suspicious.

    The maximal sum of what each block speaks for or against, after Finn, Kushmerick and
    Smyth, "Fact or fiction: content classification for digital libraries" (2001).
    """
    best, core = 0.0, None
    total, start = 0.0, 0
    for index, reading in enumerate(readings):
        if total <= 0:
            total, start = 0.0, index
        total += _weight(reading)
        if total > best:
            best, core = total, (start, index)
    return core


def _weight(reading: Reading) -> float:
    if _is_suspicious(reading) or reading.menu >= _MENU_LINE or reading.opener:
        return -_AGAINST
    if reading.firm and reading.words <= _EDGE_WORDS:
        return 0.0
    if reading.prose or reading.sentence:
        return min(reading.words, _FOR)
    return -_ENTRY if reading.menu else 0.0


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
        about = bool(reading.mentions & page.topics)
        return (bool(told) and not about) or reading.menu >= _MENU_LINE
    if not reading.sure - page.topics:
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
    return not reading.prose and (marks[index] or reading.menu > 0 or reading.words <= _LABEL_WORDS)


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


def _mark_edges(page: _Page, marks: list[bool]) -> None:
    """Outside the core, beside other furniture, words that furniture uses are enough."""
    for edge in (range(page.first), range(page.last + 1, len(marks))):
        if not any(marks[i] and not page.readings[i].silent for i in edge):
            continue
        told = [i for i in edge if marks[i] or _is_told(page, i, above=edge.start == 0)]
        for i in told:
            marks[i] = marks[i] or page.readings[i].firm
        if edge.start == 0:
            continue
        for run in _runs(told):
            bounded = marks[run[0]] and (marks[run[-1]] or run[-1] + 1 == len(marks))
            for i in run if bounded else ():
                marks[i] = True


def _is_told(page: _Page, index: int, *, above: bool) -> bool:
    reading = page.readings[index]
    about = page.topics if reading.sentence else page.subjects
    told = bool(reading.edge - about) and reading.words <= _EDGE_WORDS
    return told and not (above and page.states(index))


def _runs(indices: Sequence[int]) -> Iterator[list[int]]:
    """The indices in groups of consecutive ones."""
    for _, group in groupby(enumerate(indices), key=lambda pair: pair[1] - pair[0]):
        yield [index for _, index in group]


def _mark_company(page: _Page, marks: list[bool]) -> None:
    """Outside the core: credits beside furniture, and short lines between furniture."""
    after = range(page.last + 1, len(marks))
    seen = False
    for i in after:
        reading = page.readings[i]
        if seen and reading.company and reading.words <= _COMPANY_WORDS:
            marks[i] = True
        seen = seen or (marks[i] and not reading.silent)
    _mark_between(page, marks, after, ends=(False, True))
    _mark_between(page, marks, range(page.first), ends=(True, False))


def _mark_between(page: _Page, marks: list[bool], edge: range, *, ends: tuple[bool, bool]) -> None:
    """Short lines between furniture, or between it and the page's own beginning or end."""
    plain = [i for i in edge if marks[i] and not page.readings[i].silent]
    if len(plain) < _FEWEST_MARKS:
        return
    borders = [*([edge.start - 1] if ends[0] else []), *plain, *([edge.stop] if ends[1] else [])]
    longest = max((page.readings[i].words for i in edge if not marks[i]), default=0)
    for before, following in pairwise(borders):
        between = range(before + 1, following)
        lines = [page.readings[i] for i in between]
        short = all(r.words <= _SHORT_WORDS and not (r.sentence or r.listed) for r in lines)
        brief = short and all(r.words <= _LABEL_WORDS for r in lines)
        if edge.start == 0:  # above the core the longest line left may be the title
            found = [i for i in between if page.readings[i].words < longest and not page.states(i)]
            few = brief and len(between) <= _MOST_BRIEF
        else:
            found = list(between)
            few = short and len(between) <= (_MOST_BRIEF if brief else _MOST_SHORT)
        for i in found if few else ():
            marks[i] = True
