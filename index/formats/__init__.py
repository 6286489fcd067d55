"""One file a format, each giving an Extract of a Source; here is the table of them.

A format is told by what the bytes are, then by the media type declared, then by the name.
To read a further one, write its module and add its row. What a URL gives is a Source like any
other (see ``index.sources``). Formats that need a parser are read apart (``index.sandbox``).
"""

from collections.abc import Callable
from dataclasses import dataclass

from index.errors import EmptySource, UnsupportedType
from index.formats import docx, epub, html, kinds, markdown, pdf, plain
from index.formats.kinds import binary_kind, is_html
from index.types import Extract, Source

__all__ = ["FORMATS", "SUFFIXES", "Format", "extract", "format_of"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is read: its name for people, how it is declared, and its reader.

    ``apart`` says that its parser is one that a hostile file may fell or freeze; ``kind`` is
    what ``binary_kind`` calls it, where it is no text.
    """

    name: str
    media_types: tuple[str, ...]
    suffixes: tuple[str, ...]
    read: Callable[[Source], Extract]
    apart: bool = False
    kind: str | None = None


PLAIN = Format("plain text", ("text/plain",), (".txt", ".text"), plain.extract)
MARKDOWN = Format(
    "Markdown", ("text/markdown", "text/x-markdown"), (".md", ".markdown"), markdown.extract
)
HTML = Format(
    "HTML",
    ("text/html", "application/xhtml+xml"),
    (".html", ".htm", ".xhtml"),
    html.extract,
    apart=True,
)
PDF = Format("PDF", (pdf.MEDIA_TYPE,), (".pdf",), pdf.extract, apart=True, kind=kinds.PDF)
DOCX = Format(
    "DOCX", (docx.MEDIA_TYPE,), (".docx", ".docm"), docx.extract, apart=True, kind=kinds.DOCX
)
EPUB = Format("EPUB", (epub.MEDIA_TYPE,), (".epub",), epub.extract, apart=True, kind=kinds.EPUB)
FORMATS = (PLAIN, MARKDOWN, HTML, PDF, DOCX, EPUB)
SUFFIXES = tuple(suffix for known in FORMATS for suffix in known.suffixes)


def format_of(source: Source) -> Format:
    """The format a source is of. Raises UnsupportedType, naming what it is instead."""
    if kind := binary_kind(source.data):
        for known in FORMATS:
            if known.kind == kind:
                return known
        raise UnsupportedType(
            f"{source.name!r} is a file of the kind {kind}, which is not read; read are {_listed()}"
        )
    return _textual(source)


def extract(source: Source) -> Extract:
    """The canonical text of a source, and what its format states.

    Raises SourceError: UnsupportedType, UndecodableText, EmptySource, and for what is damaged or
    over a limit UnreadableSource and SourceTooLarge.
    """
    found = format_of(source).read(source)
    if not found.text.strip():
        raise EmptySource(f"{source.name!r} holds no text; there is nothing to index in it")
    return found


def _textual(source: Source) -> Format:
    if is_html(source.data):
        return HTML
    textual = [known for known in FORMATS if known.kind is None]
    declared = (source.media_type or "").partition(";")[0].strip().lower()
    for known in textual:
        if declared in known.media_types and known is not PLAIN:
            return known
    for known in textual:
        if source.name.lower().endswith(known.suffixes):
            return known
    return PLAIN


def _listed() -> str:
    names = [known.name for known in FORMATS]
    return ", ".join(names[:-1]) + " and " + names[-1]
