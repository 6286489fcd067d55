"""One file a format, each giving an Extract of a Source; here is the table of them.

A format is told by what the bytes are, then by the media type declared, then by the name.
To read a further one, write its module and add its row: PDF (``pdf.py``), DOCX (``docx.py``)
and EPUB (``epub.py``) are recognised and refused until then. What a URL gives is a Source
like any other (see ``index.sources``).
"""

from collections.abc import Callable
from dataclasses import dataclass

from index.errors import EmptySource, UnsupportedType
from index.formats import html, markdown, plain
from index.formats.kinds import binary_kind, is_html
from index.types import Extract, Source

__all__ = ["FORMATS", "SUFFIXES", "Format", "extract"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is read: its name for people, how it is declared, and its reader."""

    name: str
    media_types: tuple[str, ...]
    suffixes: tuple[str, ...]
    read: Callable[[Source], Extract]


PLAIN = Format("plain text", ("text/plain",), (".txt", ".text"), plain.extract)
MARKDOWN = Format(
    "Markdown", ("text/markdown", "text/x-markdown"), (".md", ".markdown"), markdown.extract
)
HTML = Format(
    "HTML", ("text/html", "application/xhtml+xml"), (".html", ".htm", ".xhtml"), html.extract
)
FORMATS = (PLAIN, MARKDOWN, HTML)
SUFFIXES = tuple(suffix for known in FORMATS for suffix in known.suffixes)


def extract(source: Source) -> Extract:
    """The canonical text of a source, and what its format states.

    Raises EmptySource, UnsupportedType and UndecodableText.
    """
    if kind := binary_kind(source.data):
        raise UnsupportedType(
            f"{source.name!r} is a file of the kind {kind}, which is not read; read are {_listed()}"
        )
    found = _format(source).read(source)
    if not found.text.strip():
        raise EmptySource(f"{source.name!r} holds no text; there is nothing to index in it")
    return found


def _format(source: Source) -> Format:
    if is_html(source.data):
        return HTML
    declared = (source.media_type or "").partition(";")[0].strip().lower()
    for known in FORMATS:
        if declared in known.media_types and known is not PLAIN:
            return known
    for known in FORMATS:
        if source.name.lower().endswith(known.suffixes):
            return known
    return PLAIN


def _listed() -> str:
    names = [known.name for known in FORMATS]
    return ", ".join(names[:-1]) + " and " + names[-1]
