"""Labelled questions from files: SQuAD-format JSON, JSON Lines by paragraph, flat JSON Lines.

================================  =====================================================
a file holds                      and is read as
================================  =====================================================
``{"data": [...]}``               SQuAD 1.1 or 2.0: articles, paragraphs, questions
``{"text", "qas"}``               one article with its questions
lines of ``{"context", "qas"}``   paragraphs with their questions
lines of ``{"context", ...}``     a paragraph and one question with several ``spans``
lines of ``{"question", ...}``    questions on what is in the store already
================================  =====================================================

A name that ends in ``.gz`` is unpacked; a folder stands for the ``.json`` and ``.jsonl`` in it.
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.types import Source, Span
from qa.errors import DataError

_ENDINGS = (".json", ".jsonl", ".json.gz", ".jsonl.gz")
BROKEN = (
    *(OSError, EOFError, zlib.error),  # no such file, or no gzip
    *(ValueError, RecursionError),  # no JSON, or JSON nested too deep
    *(LookupError, TypeError, AttributeError),  # other JSON
)


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text that questions are asked about; ``key`` names it within its set."""

    key: str
    title: str
    text: str

    @property
    def source(self) -> Source:
        """The text as a plain text file to add; data sets write titles with underscores."""
        return Source(
            data=self.text.encode(),
            name=f"{self.key}.txt",
            media_type="text/plain",
            title=self.title.replace("_", " ") or None,
        )


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question with every accepted answer; none where the text does not hold one.

    ``text_key`` names the text it is about, None for what is in the store. ``spans`` are where
    the answers stand in that text, as far as the file says; ``support`` are sentences that
    hold the answer. ``items`` are the parts of an answer that is a list, in order.
    """

    id: str
    text: str
    answers: tuple[str, ...]
    kind: str = ""
    text_key: str | None = None
    spans: tuple[Span, ...] = ()
    support: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether the text holds an answer."""
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions and, where the file brings them, the texts they are about."""

    name: str
    texts: tuple[LabelledText, ...]
    questions: tuple[LabelledQuestion, ...]


@dataclass(slots=True)
class _Growing:
    """A set while it is read; a text that comes twice is kept once."""

    texts: dict[str, LabelledText] = field(default_factory=dict)
    questions: list[LabelledQuestion] = field(default_factory=list)

    def keep(self, title: str, text: str) -> str:
        return self.texts.setdefault(text, LabelledText(str(len(self.texts)), title, text)).key


def read(path: Path, *, limit: int | None = None) -> QuestionSet:
    """Read a file, or every question file of a folder; all questions or the first ``limit``.

    All texts are kept, so that fewer questions are not asked of an easier store.
    Raises DataError.
    """
    growing = _Growing()
    for file in files(path):
        try:
            for record in records(file):
                _take(record, growing)
        except BROKEN as error:
            raise DataError(
                f"{file} is no question set that is read ({type(error).__name__}: {error}); "
                "give SQuAD-format JSON, or JSON Lines that have qas or question"
            ) from error
    if not growing.questions:
        raise DataError(f"{path} holds no questions; give SQuAD-format JSON or JSON Lines")
    return QuestionSet(path.name, tuple(growing.texts.values()), tuple(growing.questions[:limit]))


def files(path: Path) -> Sequence[Path]:
    """The file itself, or the question files of a folder in the order of their names."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.name.endswith(_ENDINGS))


def records(file: Path) -> Iterator[Mapping[str, Any]]:
    """A file's JSON, or that of each of its lines; raises one of ``BROKEN``."""
    data = file.read_bytes()
    text = (gzip.decompress(data) if file.name.endswith(".gz") else data).decode("utf-8-sig")
    try:
        yield json.loads(text)
    except json.JSONDecodeError as error:
        yield from _lines(text, error)


def _lines(text: str, whole: json.JSONDecodeError) -> Iterator[Mapping[str, Any]]:
    """One record a line; ``whole`` is what is wrong with the text as one record.

    Only a line feed ends a line: JSON's strings may hold the other ends of lines as they are.
    """
    read = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                if not read:
                    raise whole from None
                raise ValueError(f"line {number}, column {error.colno}: {error.msg}") from error
            read += 1


def _take(record: Mapping[str, Any], growing: _Growing) -> None:
    if "data" in record:
        for article in record["data"]:
            for paragraph in article["paragraphs"]:
                _take_paragraph({"title": article.get("title", ""), **paragraph}, growing)
    elif "qas" in record:
        _take_paragraph(record, growing)
    elif "context" in record:
        key = growing.keep(str(record.get("title", "")), _string(record, "context"))
        growing.questions.append(_question(record, len(growing.questions), key))
    elif "question" in record:
        growing.questions.append(_question(record, len(growing.questions), None))
    else:
        raise ValueError(f"a record with {', '.join(sorted(record)) or 'nothing'} in it")


def _take_paragraph(record: Mapping[str, Any], growing: _Growing) -> None:
    text = _string(record, "context" if "context" in record else "text")
    key = growing.keep(str(record.get("title", "")), text)
    for qa in record["qas"]:
        growing.questions.append(_question(qa, len(growing.questions), key, text))


def _question(
    qa: Mapping[str, Any], number: int, key: str | None, text: str | None = None
) -> LabelledQuestion:
    answers, starts = _answers(qa)
    if qa.get("is_impossible") or qa.get("answerable") is False:
        answers, starts = [], []
    support = [_text(qa["support"], "support")] if qa.get("support") else []
    return LabelledQuestion(
        id=str(qa.get("id", number)),
        text=_string(qa, "question"),
        answers=tuple(dict.fromkeys(answers)),
        kind=str(qa.get("kind", "")),
        text_key=key,
        spans=_spans(answers, starts, text),
        support=(*support, *_further(qa)),
        items=_items(qa) if answers else (),
    )


def _items(qa: Mapping[str, Any]) -> tuple[str, ...]:
    """The parts of a list, where the record names several."""
    given = qa.get("spans") or []
    if not isinstance(given, list):
        raise TypeError(f"the spans are {given!r:.60}, not a list")
    items = [_text(one["text"] if isinstance(one, dict) else one, "span") for one in given]
    return tuple(items) if len(items) > 1 else ()


def _answers(qa: Mapping[str, Any]) -> tuple[list[str], list[int | None]]:
    """The accepted answers, and where each starts as far as the record says."""
    given = qa.get("spans") if "answers" not in qa else qa["answers"]
    if not isinstance(given, list | None):
        raise TypeError(f"the answers are {given!r:.60}, not a list")
    answers: list[str] = []
    starts: list[Any] = []
    for place, answer in enumerate(given or ()):
        if isinstance(answer, str):
            answers.append(_text(answer, "answer"))
            starts.append(qa["starts"][place] if "starts" in qa else None)
        else:
            answers.append(_string(answer, "text"))
            starts.append(answer.get("answer_start", answer.get("start")))
    return answers, [_start(start) for start in starts]


def _start(start: object) -> int | None:
    if start is None or (type(start) is int and start >= 0):
        return start
    raise ValueError(f"an answer starts at {start!r:.60}, not at a number of characters")


def _further(qa: Mapping[str, Any]) -> list[str]:
    given = qa.get("alt_support") or []
    if not isinstance(given, list):
        raise TypeError(f"the alt_support is {given!r:.60}, not a list")
    return [_text(one, "alt_support") for one in given]


def _string(record: Mapping[str, Any], name: str) -> str:
    return _text(record[name], name)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"the {name} is {value!r:.60}, not a text")
    value.encode()  # half a surrogate pair, which JSON can hold, is no text: a ValueError
    return value


def _spans(
    answers: Sequence[str], starts: Sequence[int | None], text: str | None
) -> tuple[Span, ...]:
    """Where the answers stand. A file that gives only words means the longest, wherever it is."""
    known = [
        Span(start, start + len(answer))
        for answer, start in zip(answers, starts, strict=True)
        if start is not None
    ]
    if known or text is None or not answers:
        return tuple(dict.fromkeys(known))
    return tuple(occurrences(max(answers, key=len), text))


def occurrences(words: str, text: str) -> list[Span]:
    """Every place where some words stand in a text."""
    found: list[Span] = []
    start = text.find(words) if words else -1
    while start >= 0:
        found.append(Span(start, start + len(words)))
        start = text.find(words, start + 1)
    return found
