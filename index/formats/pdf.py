"""PDF: the canonical text is extracted, in reading order, with its pages."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from index.errors import EmptySource, UnreadableSource
from index.formats.pdf_lines import Piece, lines
from index.formats.pdf_paragraphs import (
    Paragraph,
    body_size,
    goes_on,
    mark_headings,
    paragraphs,
    split_notes,
    vocabulary,
    written,
)
from index.formats.pdf_running import running
from index.formats.pdf_words import page_pieces
from index.formats.written import Writing
from index.names import only_names
from index.types import Extract, Source

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MEDIA_TYPE = "application/pdf"

_PROTECTED = 4
"""pdfium's code for a document that wants a password."""
_MADE_BY_PROGRAM = re.compile(
    r"\.\w{2,5}$|^(?:microsoft|untitled|document\d*$|unknown)", re.IGNORECASE
)
_FEWEST_TITLE_WORDS = 2
_BEGINNING = 4_000


def extract(source: Source) -> Extract:
    """The pages' paragraphs, words that a line breaks made whole, running heads as furniture.

    A paragraph that goes on over a page is not broken by what stands at the page's edges. Raises
    UnreadableSource for a damaged, protected or partly unreadable file, and EmptySource where
    its pages are only pictures.
    """
    document = _opened(source)
    try:
        pages = [_lines(document, page, source.name) for page in range(len(document))]
        stated = document.get_metadata_dict(skip_empty=True)
    finally:
        document.close()
    if not any(pages):
        raise EmptySource(
            f"{source.name!r} holds no text on any page ({len(pages)} in all): they are pictures, "
            "as scans are, or empty; make a copy with text recognition (OCR) and add that"
        )
    found = _Pages(pages)
    writing = found.written()
    text = writing.text
    return Extract(
        text=text,
        media_type=MEDIA_TYPE,
        title=_title(stated.get("Title"), text) or found.title,
        author=_author(stated.get("Author")),
        url=source.url,
        furniture=tuple(writing.furniture),
        headings=tuple(writing.headings),
        pages=writing.pages,
    )


def _opened(source: Source) -> "PdfDocument":
    # Imported here, since a question is asked without it.
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(source.data)
        if len(document):
            return document
        document.close()
    except PdfiumError as error:
        if error.err_code == _PROTECTED:
            raise UnreadableSource(
                f"{source.name!r} wants a password; save it without one and try again"
            ) from error
    raise UnreadableSource(
        f"{source.name!r} is no whole PDF file; save it anew with the program that made it"
    )


def _lines(document: "PdfDocument", number: int, name: str) -> list[Piece]:
    from pypdfium2 import PdfiumError

    try:
        page = document[number]
        text = page.get_textpage()
        try:
            return lines(page_pieces(text))
        finally:
            text.close()
            page.close()
    except PdfiumError as error:
        raise UnreadableSource(
            f"page {number + 1} of the {len(document)} of {name!r} can't be read ({error}); save "
            "it anew with the program that made it"
        ) from error


class _Pages:
    """The lines of all pages, sorted out: paragraphs, notes, and what only names the page."""

    def __init__(self, pages: Sequence[list[Piece]]) -> None:
        self.title: str | None = None
        marks = running(pages)
        self._furniture = [
            [lines[at].text for at in sorted(mark)]
            for lines, mark in zip(pages, marks, strict=True)
        ]
        kept = [
            [line for at, line in enumerate(page) if at not in mark]
            for page, mark in zip(pages, marks, strict=True)
        ]
        self._usual = body_size(kept)
        self._words = vocabulary(kept)
        self._found = list(self._joined(kept))
        mark_headings(self._found, self._usual)

    def written(self) -> Writing:
        """The text of all pages."""
        writing = Writing()
        page = -1
        waiting: list[str] = []
        before: Paragraph | None = None
        for found in self._found:
            waiting += self._turn(writing, page, found.pages[0])
            page = max(page, found.pages[0])
            for text in waiting:
                writing.add_furniture(text)
            together = not waiting and _together(before, found)
            page, waiting = self._write(found, writing, page, together=together)
            before = found
        for text in waiting + self._turn(writing, page, len(self._furniture) - 1):
            writing.add_furniture(text)
        return writing

    def _turn(self, writing: Writing, page: int, to: int) -> list[str]:
        """Open the pages up to ``to``; gives what stands at their edges."""
        edges: list[str] = []
        for number in range(page + 1, to + 1):
            writing.open_page()
            edges += self._furniture[number]
        return edges

    def _write(
        self, found: Paragraph, writing: Writing, page: int, *, together: bool
    ) -> tuple[int, list[str]]:
        """Write a paragraph; gives the page it ends on and the edges it passed over."""
        if found.level:
            whole = "".join(written(found, self._words))
            if found.level == 1 and self.title is None and found.pages[0] == 0:
                self.title = whole
            writing.add_heading(whole, found.level)
            return page, []
        edges: list[str] = []
        gap = "\n" if together else "\n\n"
        for number, text in zip(found.pages, written(found, self._words), strict=True):
            edges += self._turn(writing, page, number)
            page = max(page, number)
            writing.add(text, gap=gap)
            gap = ""
        return page, edges

    def _joined(self, pages: Sequence[list[Piece]]) -> Iterator[Paragraph]:
        """The paragraphs in order; one that goes on over a page comes after the page's notes."""
        last: Paragraph | None = None
        notes: list[Paragraph] = []
        for number, page in enumerate(pages):
            text, small = split_notes(page, self._usual)
            found = _whole(([last] if last else []) + paragraphs(text, number))
            if last and len(found) > 1 and found[0].pages[-1] < number:
                yield found.pop(0)
                last = None
            yield from notes
            notes = _whole(paragraphs(small, number))
            yield from found[:-1]
            last = found[-1] if found else last
        if last:
            yield last
        yield from notes


def _whole(found: Sequence[Paragraph]) -> list[Paragraph]:
    """The paragraphs, those as one of which the second goes on with the first elsewhere."""
    whole: list[Paragraph] = []
    for paragraph in found:
        if whole and goes_on(whole[-1], paragraph):
            whole[-1].take(paragraph)
        else:
            whole.append(paragraph)
    return whole


def _together(before: Paragraph | None, found: Paragraph) -> bool:
    """Whether both are rows of a table, or items of a list."""
    return before is not None and ((before.row and found.row) or (before.item and found.item))


def _title(stated: str | None, text: str) -> str | None:
    """The title that the file states, where a person wrote it: its words are in the text."""
    title = " ".join((stated or "").split())
    words = title.casefold().split()
    if len(words) < _FEWEST_TITLE_WORDS or _MADE_BY_PROGRAM.search(title):
        return None
    said = " ".join(text[:_BEGINNING].casefold().split())
    return title if all(word in said for word in words) else None


def _author(stated: str | None) -> str | None:
    """The author that the file states, if it is a person's name."""
    names = (name.strip() for name in (stated or "").split(";"))
    return only_names(" and ".join(name for name in names if name))
