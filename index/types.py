"""One type per arrow: Source → Extract → Article → Document → Chunk → Hit → Passage.

All are frozen and slotted. Positions are half-open ranges of Unicode code points in the
document's canonical text, and the offset law holds for each: ``text[start:end] == quote``.
Scores are similarities: higher is better, everywhere.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range ``[start, end)`` of code points in a canonical text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters the span covers."""
        return text[self.start : self.end]

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader handed in, before anything is understood of it.

    ``name`` is what a person calls it (a file name without folders, ``stdin``, a URL);
    ``media_type`` is what the sender declared, or None to tell it from name and bytes.
    ``title``, ``author`` and ``published`` override what the article itself states.
    """

    data: bytes
    name: str
    media_type: str | None = None
    title: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A web page that is to be fetched; ``title`` overrides the one that it states."""

    url: str
    title: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in a canonical text, without its markup; ``level`` is 1 (highest) to 6."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Extract:
    """What a format gives: the canonical text, and what the format itself states.

    ``furniture`` are the ranges that the format knows not to be content (Markdown front
    matter, an HTML page's navigation), ``headings`` those it marks as headings, ``pages`` where
    its pages are, the first being page 1; each in order and not overlapping.
    """

    text: str
    media_type: str
    title: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None
    furniture: tuple[Span, ...] = ()
    headings: tuple[Heading, ...] = ()
    pages: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """Where the article is in its text.

    ``header`` holds the lines that say what it is (title, subtitle, author, date, outlet,
    caption), ``body`` its paragraphs; both in order, not overlapping, each one line or
    paragraph without surrounding white space. Whatever neither covers is boilerplate or
    blank. ``published`` is an ISO date (``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``).
    """

    title: str | None
    author: str | None
    published: str | None
    header: tuple[Span, ...]
    body: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """How a stored text is laid out: the article in it, its headings, its pages.

    ``header`` and ``body`` are as in Article; what neither covers is boilerplate or blank.
    ``headings`` are within ``body``. ``pages`` is empty where the format has none.
    """

    header: tuple[Span, ...]
    body: tuple[Span, ...]
    headings: tuple[Heading, ...]
    pages: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What tells people where in a document something stands: its headings and pages, in order."""

    headings: tuple[Heading, ...]
    pages: tuple[Span, ...]

    def heading(self, at: int) -> Heading | None:
        """The last heading that begins at a position or before."""
        above = bisect_right(self.headings, at, key=lambda heading: heading.start)
        return self.headings[above - 1] if above else None

    def page(self, at: int) -> int | None:
        """The number, from 1, of the page that holds a position; None where there are none."""
        number = bisect_right(self.pages, at, key=lambda page: page.start)
        return number or None


@dataclass(frozen=True, slots=True)
class Document:
    """A stored article, as clients see it. ``sha256`` is of the canonical text's UTF-8."""

    id: str
    name: str
    title: str | None
    author: str | None
    published: str | None
    url: str | None
    media_type: str
    sha256: str
    characters: int
    chunks: int
    created_at: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored piece of a document: whole sentences, never longer than the embedder reads.

    ``id`` is 0 until stored. ``ordinal`` counts from 0 within the document. A ``header``
    chunk holds what says who wrote it, when and where.
    """

    id: int
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    header: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk's id and how well it fits by one of the two searches."""

    chunk_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk with its scores: ``dense`` a cosine, ``lexical`` a BM25, ``score`` both fused."""

    chunk: Chunk
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Passage:
    """What a model reads: adjacent hits of one document stitched to one verbatim range."""

    document_id: str
    title: str | None
    start: int
    end: int
    text: str
    score: float
    dense: float
    lexical: float
    header: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents to look in: all, or those named and those whose metadata matches."""

    document_ids: tuple[str, ...] | None = None
    filter: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Added:
    """What adding did: ``created`` is False where the same content was there already."""

    document: Document
    created: bool


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What refreshing did: the document as it is now, and the id of the one it took the place of.

    ``replaced`` is None where the page has not changed.
    """

    document: Document
    replaced: str | None


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """One page of the document list; ``next_cursor`` is None on the last."""

    documents: tuple[Document, ...]
    next_cursor: str | None


class Stage(StrEnum):
    """The steps of adding, in order, as progress reports name them."""

    EXTRACT = "extract"
    CHUNK = "chunk"
    EMBED = "embed"
    STORE = "store"


Progress = Callable[[Stage, int, int], None]
"""Called with the stage, how many steps of it are done, and how many there are.

What it raises ends the adding with nothing left behind, but at the last report, when all is stored.
"""
