"""An answer as a message's text, with a mark for each citation, and back again. All pure.

The text is the answer with marks after each thing in it, then the cited sentences::

    in September [1]

    [1] “They arrived in September, tired.” — Godwits, characters 28–40

``without_marks`` takes the answer out of such a text, since clients send it back as the
conversation's history.
"""

import re
from dataclasses import dataclass
from typing import Literal

import msgspec

from qa import refusals
from qa.answer import SEPARATOR
from qa.types import Answer, Citation, Reason

LONGEST_SENTENCE = 300
"""Characters of a cited sentence that are shown; of a longer one those around the quote."""

_REFUSALS = tuple(map(refusals.told, Reason))
_MOST_TITLES = 3
_MARKS = re.compile(rf" (?:\[\d+\])+(?={re.escape(SEPARATOR)}|\Z)")
_SOURCES = re.compile(r"\n\n\[1\] “[^\n]*(?:\n\[\d+\] “[^\n]*)*\s*\Z")


class UrlCitation(msgspec.Struct, frozen=True):
    """What a mark cites: ``url`` is the document's own, or where its text is served.

    ``start_index`` and ``end_index`` are the place of the mark in the content: half-open, in code
    points.
    """

    url: str
    title: str
    start_index: int
    end_index: int


class Annotation(msgspec.Struct, frozen=True):
    """A mark in the content."""

    url_citation: UrlCitation
    type: Literal["url_citation"] = "url_citation"


@dataclass(frozen=True, slots=True)
class Content:
    """A message's text: what answers, then the source list, and where the marks stand."""

    answer: str
    sources: str
    annotations: tuple[Annotation, ...] = ()

    @property
    def text(self) -> str:
        """The whole of it."""
        return self.answer + self.sources


def content_of(answer: Answer) -> Content:
    """The answer with its marks and its sources, or the sentence of a refusal."""
    if not answer.answered:
        return Content(_refusal(answer), "")
    cited = {citation.number: citation for citation in answer.citations}
    text = ""
    annotations = []
    for span in answer.spans:
        text += f"{SEPARATOR if text else ''}{span.text} "
        for number in span.citations:
            mark = f"[{number}]"
            annotations.append(_annotation(cited[number], len(text), len(text) + len(mark)))
            text += mark
    lines = [_source_line(citation) for citation in answer.citations]
    return Content(text, "\n\n" + "\n".join(lines), tuple(annotations))


def without_marks(content: str) -> str | None:
    """The answer in a content of ours; None for a refusal. Any other content is left as it is."""
    content = content.strip()
    if not content or content.startswith(_REFUSALS):
        return None
    answer, sources = _SOURCES.subn("", content)
    return _MARKS.sub("", answer) if sources else content


def _refusal(answer: Answer) -> str:
    sentence = refusals.told(refusals.reason_of(answer))
    titles = dict.fromkeys(_line(passage.title) for passage in answer.passages if passage.title)
    closest = ", ".join(f"“{title}”" for title in [*titles][:_MOST_TITLES])
    return f"{sentence} They are in {closest}." if closest else sentence


def _annotation(citation: Citation, start: int, end: int) -> Annotation:
    # A fragment by RFC 5147, whose positions are the contract's: half-open, in characters.
    # The address is relative, since a page that shows it may hand whole URLs on to strangers.
    place = f"#char={citation.start},{citation.end}"
    url = citation.url or f"/v1/documents/{citation.document_id}/text{place}"
    return Annotation(UrlCitation(url, title_of(citation), start, end))


def _source_line(citation: Citation) -> str:
    page = f", page {citation.page}" if citation.page is not None else ""
    place = f"{title_of(citation)}{page}, characters {citation.start}–{citation.end}"
    return f"[{citation.number}] “{_excerpt(citation)}” — {place}"


def title_of(citation: Citation) -> str:
    """What a person knows the document by, on one line."""
    return _line(citation.title or "") or _line(citation.name)


def _excerpt(citation: Citation) -> str:
    sentence = citation.sentence
    spare = len(sentence.text) - LONGEST_SENTENCE
    if spare <= 0:
        return _line(sentence.text)
    room = max(LONGEST_SENTENCE - len(citation.quote), 0)
    first = min(max(citation.start - sentence.start - room // 2, 0), spare)
    shown = _line(sentence.text[first : first + LONGEST_SENTENCE])
    return f"{'… ' if first else ''}{shown}{' …' if first < spare else ''}"


def _line(text: str) -> str:
    return " ".join(text.split())
