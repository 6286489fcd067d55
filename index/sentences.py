"""Sentences with exact offsets: nupunkt for English, pysbd for other languages.

Both see one block of lines at a time and only say where sentences end; positions are counted
here, never searched for.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from functools import cache

from index.cuts import cut, pieces
from index.languages import language
from index.lines import blocks, stripped
from index.types import Span

LONGEST = 1_000
"""The most characters in a sentence; longer ones are cut at clauses, words, or anywhere."""

_PYSBD_READS = 1_000
"""pysbd is quadratic in the sentences it finds, so it is given so many characters at a time."""

_PYSBD_MARKS = 0.2
"""Text with a larger share of punctuation is no prose, and slow for pysbd: nupunkt takes it."""

_PYSBD_BLOCK = 50_000
"""A longer block is no paragraph of prose, and goes to nupunkt, which is twenty times faster."""

_CONTEXT = 50
"""Characters on either side of an end that decide whether it is one."""

_LONG_RUN = re.compile(r"\S{500}")
"""What nupunkt's patterns are quadratic on, so text is handed to it in parts that end here."""

_WHITE = {ord(mark): " " for mark in "\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029"}
_FULL_STOP = re.compile("[。！？｡؟۔।॥።။។][\"'”’»」』）)\\]]*")
_STOPPED = re.compile("[.!?…。！？｡;:؟۔।॥።။։][\"'”’“»«」』）)\\]]*$")
_MARK = re.compile("[!-/:-@[-`{-~¡-¿‐-⁞、-〿！-／：-？;։؟؛،।॥።။]")
_CLOSERS = re.compile("[”’»」』）)\\]】]*")
_GOES_ON = re.compile(r"[,;:)\]]|[\W_]*$")
_MARKER = re.compile(r"\W*(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]$")
_ABBREVIATION = re.compile(
    r"(?:^|\W)(?:Sr|Sra|Srta|Dr|Dra|Prof|Mr|Mrs|Mme|Mlle|Hr|Fr|Al|ul|św|inż|im|ул|проф|акад)\.$"
    r"|(?:^|[^\s\d][\s(«„]+)[^\W\d_]\.$"
)
"""A title, or a single letter that is no unit of a number before it."""
_SHORT_WORD = re.compile(r"(?:^|\W)[^\W\d_]{1,4}\.$")


def sentences(text: str, within: Span) -> list[Span]:
    """The sentences of the range, in order, none with white space around it.

    Together they hold every character of the range that is not white; none is longer than
    ``LONGEST`` characters, and none crosses a blank line.
    """
    return [
        piece
        for block in blocks(text, within)
        for sentence in _of_block(text, block)
        for piece in pieces(text, sentence, reach=LONGEST)
    ]


def sentence_around(text: str, start: int, end: int) -> Span:
    """The sentence that holds ``text[start:end]``, or from the first to the last it touches.

    Reads only the neighbourhood of the range, whatever the length of the text.
    """
    window = Span(_near(text, start), min(len(text), end + LONGEST))
    touched = [
        sentence
        for sentence in sentences(text, window)
        if sentence.start < end and sentence.end > start
    ]
    if not touched:
        return Span(start, end)
    return Span(min(start, touched[0].start), max(end, touched[-1].end))


def _near(text: str, start: int) -> int:
    """A place to start reading from, at most ``LONGEST`` before: a paragraph's, if there is one."""
    earliest = max(0, start - LONGEST)
    border = text.find("\n\n", earliest, start)
    return earliest if border < 0 or earliest == 0 else border


def _of_block(text: str, block: Span) -> Iterator[Span]:
    flat = block.of(text).translate(_WHITE)
    code = language(flat) if len(flat) <= _PYSBD_BLOCK else "en"
    ends = _english(flat) if code == "en" else _foreign(flat, code)
    start = 0
    for end in _mended(flat, sorted({*ends, len(flat)}), foreign=code != "en"):
        if sentence := stripped(text, block.start + start, block.start + end):
            yield sentence
        start = end


def _english(text: str) -> set[int]:
    ends: set[int] = set()
    start = 0
    for end in [*(run.end() for run in _LONG_RUN.finditer(text)), len(text)]:
        ends.update(start + last for _, last in _nupunkt()(text[start:end]))
        ends.discard(end)  # where a part ends, no sentence need end
        start = end
    return ends.union(mark.end() for mark in _FULL_STOP.finditer(text))


def _foreign(text: str, code: str) -> set[int]:
    ends: set[int] = set()
    start = 0
    while start + _PYSBD_READS < len(text):
        found = sorted(_found(text[start : start + _PYSBD_READS], code))
        # The last one is cut short by where the reading stopped, so the next reading begins there.
        whole = found[:-1] or [cut(text, start, start + _PYSBD_READS) - start]
        ends.update(start + end for end in whole)
        start += whole[-1]
    return ends.union(start + end for end in _found(text[start:], code))


def _found(text: str, code: str) -> set[int]:
    is_prose = len(_MARK.findall(text)) <= _PYSBD_MARKS * len(text)
    return _ends_of(_pysbd(code)(text), text) if is_prose else _english(text)


def _ends_of(found: list[str], text: str) -> set[int]:
    """Where the sentences that pysbd found end; nupunkt's where it changed the text or lost some.

    Each is compared with the text where the one before it ended.
    """
    ends: set[int] = set()
    place = 0
    for sentence in map(str.strip, found):
        place = stripped(text, place, len(text)).start
        if not text.startswith(sentence, place):
            return _english(text)
        place += len(sentence)
        ends.add(place)
    return ends if place == len(text) else _english(text)


def _mended(text: str, ends: list[int], *, foreign: bool) -> Iterator[int]:
    """The ends, behind the quotes they close and without those that end no sentence."""
    start = 0
    for end, following in zip(ends, [*ends[1:], len(text)], strict=True):
        place = end
        if (closers := _CLOSERS.match(text, end)) and not text[end - 1].isspace():
            place = closers.end()
        before = text[max(start, place - _CONTEXT) : place].strip()
        after = text[place : min(following, place + _CONTEXT)].strip()
        if after and _is_no_end(before, after, foreign=foreign):
            continue
        yield place
        start = place


def _is_no_end(before: str, after: str, *, foreign: bool) -> bool:
    if _GOES_ON.match(after) or _MARKER.match(before):
        return True
    if not foreign:
        return False
    if not _STOPPED.search(before):
        return True  # pysbd takes the numbers of two dates for those of a list
    if not before.endswith("."):
        return False
    number = after[0].isdigit() and _SHORT_WORD.search(before)
    return bool(after[0].islower() or number or _ABBREVIATION.search(before))


# Both libraries are imported when first needed: asking a question must not wait for them.


@cache
def _nupunkt() -> Callable[[str], list[tuple[int, int]]]:
    from nupunkt import sent_spans

    return sent_spans


@cache
def _pysbd(code: str) -> Callable[[str], list[str]]:
    with warnings.catch_warnings():
        # Its source has invalid escapes, which warn where no compiled copy of it is cached.
        warnings.simplefilter("ignore")
        from pysbd import Segmenter
    segment: Callable[[str], list[str]] = Segmenter(language=code, clean=False).segment
    return segment
