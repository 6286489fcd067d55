"""What a person sees: answers, refusals and passages, on a terminal or through a pipe.

A terminal gets colour, and lines folded to its width. A pipe gets one line for each thing, no
colour and no boxes, and a quote inside its sentence is marked ``**so**``.
"""

import json
import string
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import rich_click as click
from rich.text import Text

from index.types import Document, Passage
from qa import refusals
from qa.reference import Reference
from qa.service import Service, still_stored
from qa.terminal import Terminal, printable
from qa.types import Answer, AnswerSpan, Citation, Reason

_LIKELIHOODS = (
    (0.9, "very likely", "green"),
    (0.7, "likely", "green"),
    (0.5, "more likely than not", "yellow"),
    (0.25, "unsure", "yellow"),
    (0.0, "unlikely", "red"),
)

_ADVICE = {
    Reason.NOTHING_INDEXED: refusals.ADD_FIRST,
    Reason.NOTHING_RETRIEVED: "Ask with words that the article might use: pincite docs lists them.",
    Reason.NOT_IN_TEXT: "Ask in other words, or see the best guess with --min-confidence 0.",
}
_CERTAIN = 0.995  # what would be rounded to 1.00
_EXCERPT = 240  # characters of a passage that are shown under a refusal
_WINDOW = 40  # about as many words
_SMALL_WORD = 3  # characters of a word that says little


def as_json(value: object) -> None:
    """Print dataclasses, and mappings of them, as the REST API would send them.

    A pipe gets one line. Characters that the output's encoding lacks are escaped.
    """
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf8")
    indent = 2 if sys.stdout.isatty() else None
    click.echo(json.dumps(value, default=asdict, ensure_ascii=not utf8, indent=indent))


def likelihood(confidence: float) -> Text:
    """A confidence in words and as a number: ``very likely (0.93)``; never as certainty."""
    words, style = next((w, s) for least, w, s in _LIKELIHOODS if confidence >= least)
    number = f"{confidence:.2f}" if confidence < _CERTAIN else "over 0.99"
    return Text(f"{words} ({number})", style=style)


def sources(service: Service, found: Sequence[Passage]) -> dict[str, Document]:
    """The documents that passages come from, by id; one removed meanwhile is left out."""
    return still_stored((passage.document_id for passage in found), service.document)


def answer(result: Answer, documents: Mapping[str, Document]) -> None:
    """Print an answer with its citations, or a refusal with the closest passages.

    A question that was taken to ask something else than it says is shown as it was understood.
    """
    out = Terminal()
    out.paragraph()
    if result.interpreted_as != result.question:
        understood = f"understood as: {printable(result.interpreted_as)}"
        out.paragraph(Text(understood, style="dim"), indent=2)
    if result.answered:
        _answered(out, result)
    else:
        _refused(out, result, documents)


def passages(found: Sequence[Passage], documents: Mapping[str, Document]) -> None:
    """Print passages in full, best first."""
    out = Terminal()
    out.paragraph()
    if not found:
        out.paragraph(refusals.NO_PASSAGES, indent=2)
        out.paragraph()
    for number, passage in enumerate(found, start=1):
        _passage(out, number, passage, documents, printable(passage.text))


def _answered(out: Terminal, result: Answer) -> None:
    out.paragraph(Text(printable(result.answer or ""), style="bold"), indent=2)
    out.paragraph(likelihood(result.confidence or 0.0), indent=2)
    several = len(result.citations) > 1
    cited = {number: span for span in result.spans for number in span.citations}
    for citation in result.citations:
        out.paragraph()
        mark = _mark(citation, cited.get(citation.number), result) if several else Text()
        out.paragraph(mark + _sentence(citation, plain=not out.is_terminal), indent=2)
        out.paragraph(_reference(citation), indent=2)
    out.paragraph()


def _mark(citation: Citation, span: AnswerSpan | None, result: Answer) -> Text:
    """``[2]``, and with several things in the answer how likely this one is."""
    mark = Text(f"[{citation.number}] ", style="bold")
    if span is not None and len(result.spans) > 1 and span.citation == citation.number:
        mark += Text.assemble(likelihood(span.confidence), " ")
    return mark


def _sentence(citation: Citation, *, plain: bool) -> Text:
    """The sentence on one line, the quote inside it standing out."""
    text, start = citation.sentence.text, citation.sentence.start
    first, last = (min(max(at - start, 0), len(text)) for at in (citation.start, citation.end))
    before, quote, after = text[:first], text[first:last], text[last:]
    marked = f"**{printable(quote)}**" if plain else printable(quote)
    return Text.assemble(
        "“",
        _spaced(before.lstrip()),
        (marked, "bold reverse"),
        _spaced(after.rstrip()),
        "”",
    )


def _spaced(text: str) -> str:
    """Printable, with one space kept at an end that has any white space."""
    middle = printable(text)
    if not middle:
        return " " if text else ""
    return " " * text[0].isspace() + middle + " " * text[-1].isspace()


def _reference(citation: Citation) -> Text:
    place = f"{printable(citation.name)}:{citation.start}-{citation.end}"
    said = Reference.of(citation)
    rest = (
        *(said.section, said.page, said.title),
        *(citation.author, citation.published, citation.url),
    )
    about = "".join(f" · {printable(part)}" for part in rest if part)
    return Text.assemble((place, "cyan"), (about, "dim"))


def _refused(out: Terminal, result: Answer, documents: Mapping[str, Document]) -> None:
    reason = refusals.reason_of(result)
    out.paragraph(Text(refusals.NOT_IN_TEXT, style="bold"), indent=2)
    out.paragraph(refusals.WHY[reason], indent=2)
    if missing := refusals.missing(result):
        out.paragraph(printable(missing), indent=2)
    if result.confidence is not None:
        best = Text.assemble("The best candidate was turned down: ", likelihood(result.confidence))
        out.paragraph(best, indent=2)
    out.paragraph()
    for number, passage in enumerate(result.passages, start=1):
        _passage(out, number, passage, documents, _excerpt(passage.text, result.question))
    out.paragraph(Text(_ADVICE[reason], style="dim"), indent=2)
    out.paragraph()


def _passage(
    out: Terminal, number: int, passage: Passage, documents: Mapping[str, Document], text: str
) -> None:
    document = documents.get(passage.document_id)
    name = document.name if document else passage.title or passage.document_id
    place = Text(f"{printable(name)}:{passage.start}-{passage.end}", style="cyan")
    title = f" · {printable(passage.title)}" if passage.title and passage.title != name else ""
    out.paragraph(Text.assemble(place, (title, "dim")), indent=5, bullet=f"{number}. ")
    out.paragraph(text, indent=5)
    out.paragraph()


def _excerpt(text: str, question: str) -> str:
    """The part of a passage that shares the most words with the question."""
    words = printable(text).split()
    wanted = {_bare(word) for word in question.split() if len(word) > _SMALL_WORD}
    found = [_bare(word) in wanted for word in words]
    starts = range(max(len(words) - _WINDOW, 0) + 1)
    start = max(starts, key=lambda at: (sum(found[at : at + _WINDOW]), -at))
    shown = " ".join(words[start:])
    before = "… " if start else ""
    if len(shown) <= _EXCERPT:
        return before + shown
    cut = shown[:_EXCERPT]
    return f"{before}{cut.rpartition(' ')[0] or cut} …"


def _bare(word: str) -> str:
    return word.strip(string.punctuation + "“”‘’«»„¿¡").casefold()
