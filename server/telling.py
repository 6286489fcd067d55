"""Results in words, for models and people who are shown no JSON: enough to cite from.

Quotes and passages stand in them as they stand in their texts, to the character.
"""

from collections.abc import Iterable

from index.types import Document, Passage
from qa import refusals
from qa.reference import Reference
from qa.types import Answer, Citation
from server.marks import content_of
from server.schemas import Documents, Passages, TextSlice


def answer(result: Answer) -> str:
    """The answer with its marks, then what is quoted; or a refusal with the closest passages."""
    parts = _answered(result) if result.answered else _refused(result)
    if result.interpreted_as != result.question:
        parts = [f"Understood as: {result.interpreted_as}", *parts]
    return "\n\n".join(parts)


def passages(result: Passages) -> str:
    """Passages in full, best first."""
    if not result.passages:
        return refusals.NO_PASSAGES
    return "\n\n".join(_passages(result.passages))


def documents(result: Documents) -> str:
    """A line for each document."""
    if not result.documents:
        return "There are no articles here."
    lines = [f"- {_document(document)}" for document in result.documents]
    if result.next_cursor is not None:
        lines.append(f'There are more: call this again with cursor "{result.next_cursor}".')
    return "\n".join(lines)


def text_slice(result: TextSlice) -> str:
    """Where the part stands, an empty line, and the part itself."""
    place = f"Characters {result.start} to {result.end} of {result.characters} of {result.name}"
    more = "" if result.next_start is None else f"; the next part starts at {result.next_start}"
    return f"{place}{more}:\n\n{result.text}"


def _answered(result: Answer) -> list[str]:
    return [
        content_of(result).answer,
        f"Confidence: {result.confidence:.2f}",
        *(_citation(citation) for citation in result.citations),
    ]


def _citation(citation: Citation) -> str:
    said = Reference.of(citation)
    source = _joined(
        *(said.section, said.page, said.title),
        *(citation.author, citation.published, citation.url),
    )
    place = f"{citation.name}:{citation.start}-{citation.end}"
    return (
        f"[{citation.number}] “{citation.quote}”, in the sentence: “{citation.sentence.text}”\n"
        f"{_joined(place, source, _id(citation.document_id))}"
    )


def _refused(result: Answer) -> list[str]:
    parts = [refusals.told(refusals.reason_of(result))]
    if missing := refusals.missing(result):
        parts.append(f"{missing}.")
    if result.confidence is not None:
        parts.append(f"The best candidate was turned down, at confidence {result.confidence:.2f}.")
    if result.passages:
        parts.append("The closest passages, which are not an answer:")
    return [*parts, *_passages(result.passages)]


def _passages(found: Iterable[Passage]) -> list[str]:
    return [
        f"{number}. {_joined(passage.title, f'characters {passage.start}-{passage.end}')}"
        f" · {_id(passage.document_id)}\n{passage.text}"
        for number, passage in enumerate(found, start=1)
    ]


def _document(document: Document) -> str:
    title = document.title if document.title != document.name else None
    length = f"{document.characters:,} characters"
    about = _joined(title, document.author, document.published, document.url, length)
    return _joined(document.name, about, _id(document.id))


def _id(document_id: str) -> str:
    return f"document {document_id}"


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)
