"""A conversation as a document to keep: Markdown for people, JSON for programs.

Questions, answers, names and sentences are foreign text. In Markdown each stands on one line with
all that Markdown would act on escaped, so that none can become a heading, a link or HTML, or end
the block it stands in.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict
from json import dumps

from qa import refusals
from qa.reference import Reference
from qa.terminal import printable
from qa.types import Answer, AnswerSpan, Citation, Feedback, Mark, Message, Transcript

_SPECIAL = re.compile(r"[\\`*_\[\]<>&#~|$]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)

_MOST_CONFIDENT = 0.99  # never shown as certain


def markdown(transcript: Transcript) -> str:
    """The conversation as Markdown (CommonMark): each question with its answer and citations.

    White space of any length and kind is shown as one space; ``json`` keeps every character.
    """
    blocks = [f"# {_escaped(transcript.title)}", _date(transcript)]
    for message in transcript.messages:
        blocks += _message(message)
    return "\n\n".join(blocks) + "\n"


def json(transcript: Transcript) -> str:
    """The conversation as the REST API gives it, indented."""
    return dumps(asdict(transcript), ensure_ascii=False, indent=2) + "\n"


def _date(transcript: Transcript) -> str:
    count = len(transcript.messages)
    at = transcript.created_at.replace("T", " ").replace("Z", " UTC")
    return f"Started {_escaped(at)} · {count} question{'s' * (count != 1)}"


def _message(message: Message) -> Iterator[str]:
    answer = message.answer
    yield f"## {_escaped(message.question)}"
    if answer.interpreted_as != message.question:
        yield f"Understood as: {_escaped(answer.interpreted_as)}"
    yield _answered(answer) if answer.answered else refusals.told(refusals.reason_of(answer))
    if missing := refusals.missing(answer):
        yield _escaped(missing)
    for citation in answer.citations:
        yield f"> {_sentence(citation)}\n>\n> {_reference(citation)}"
    if message.feedback is not None:
        yield _judged(message.feedback)


def _answered(answer: Answer) -> str:
    things = "; ".join(map(_thing, answer.spans))
    return f"{things} · confidence {min(answer.confidence or 0.0, _MOST_CONFIDENT):.2f}"


def _judged(feedback: Feedback) -> str:
    expected = _escaped(feedback.expected or "") if feedback.verdict is Mark.WRONG else ""
    return f"Judged {feedback.verdict}" + f"; expected: {expected}" * bool(expected)


def _thing(span: AnswerSpan) -> str:
    marks = "".join(f"[{number}]" for number in span.citations)
    return f"{_bold(span.text)} {marks}"


def _sentence(citation: Citation) -> str:
    """The sentence, the quote inside it bold."""
    text, start = citation.sentence.text, citation.sentence.start
    before = text[: max(citation.start - start, 0)]
    after = text[max(citation.end - start, 0) :]
    quote = printable(citation.quote)
    return "".join(
        (
            "“",
            _before(before, quote),
            _bold(quote),
            _after(after, quote),
            "”",
        )
    )


def _before(text: str, quote: str) -> str:
    shown = printable(text)
    if not shown:
        return ""
    if text[-1:].isspace() or quote[:1].isalnum():
        return _escaped(shown) + " " * text[-1:].isspace()
    return _escaped(shown[:-1]) + _reference_to(shown[-1])


def _after(text: str, quote: str) -> str:
    shown = printable(text)
    if not shown:
        return ""
    if text[:1].isspace() or quote[-1:].isalnum():
        return " " * text[:1].isspace() + _escaped(shown)
    return _reference_to(shown[0]) + _escaped(shown[1:])


def _reference_to(character: str) -> str:
    """A character as an HTML reference, which is punctuation to whatever stands beside it.

    ``**`` between a letter and a mark would be two asterisks and no emphasis (CommonMark 6.2).
    """
    return f"&#{ord(character)};"


def _reference(citation: Citation) -> str:
    said = Reference.of(citation)
    about = (said.title, citation.author, citation.published, said.section, said.page)
    place = f"characters {citation.start}–{citation.end}"
    parts = [
        f"[{citation.number}] {_escaped(citation.name)}",
        *(_escaped(part) for part in about if part),
        *([_link(citation.url)] if citation.url else []),
        place,
        f"SHA-256 of the text {_escaped(citation.sha256)}",
    ]
    return " · ".join(parts) + " (document removed since)" * citation.removed


def _link(url: str) -> str:
    """A web address to click on; anything else is only text."""
    is_link = _WEB_ADDRESS.fullmatch(url) and printable(url) == url
    return f"<{url}>" if is_link else _escaped(url)


def _bold(text: str) -> str:
    shown = _escaped(text)
    return f"**{shown}**" if shown else ""


def _escaped(text: str) -> str:
    """Text on one line, without control characters, that Markdown shows letter for letter.

    It must not stand first in a line: what only means something there is left as it is.
    """
    return _SPECIAL.sub(r"\\\g<0>", printable(text))
