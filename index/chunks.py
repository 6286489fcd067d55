"""An article to chunks: whole sentences, packed up to a number of tokens."""

from collections.abc import Iterator, Sequence

from index.embedding import Embedder
from index.packing import Packer
from index.tokens import TokenCounter
from index.types import Article, Chunk, Span

SMALLEST_LIMIT = 16
"""The least a chunk may be limited to, in tokens: no single code point takes as many."""

HEADER_LIMITS = 2
"""How many times the limit a header chunk may have: its lines answer questions together."""


class Chunker:
    """Packs whole sentences into chunks of at most ``limit`` tokens, twice that for a header.

    A chunk ends with a paragraph where that leaves it at least half full, shares its last
    ``overlap`` sentences with the next unless a heading stands between them, and is never longer
    than ``embedder`` reads. Raises ValueError on a limit below 16 or a negative overlap.
    """

    def __init__(
        self, counter: TokenCounter, embedder: Embedder, *, limit: int = 160, overlap: int = 1
    ) -> None:
        if limit < SMALLEST_LIMIT or overlap < 0:
            raise ValueError(
                f"can't make chunks of {limit} tokens that share {overlap} sentences; "
                f"take at least {SMALLEST_LIMIT} tokens and 0 sentences"
            )
        self._header = Packer(counter, embedder, limit=HEADER_LIMITS * limit, overlap=0)
        self._body = Packer(counter, embedder, limit=limit, overlap=overlap)

    def chunks(self, text: str, article: Article, document_id: str) -> list[Chunk]:
        """The article's chunks in the order of the text, their ids 0 until they are stored.

        Every character of header and body that is not white is in at least one, and nothing
        else of the text is in any but white space.
        """
        headers = _packed(self._header, text, article.header)
        bodies = _packed(self._body, text, article.body)
        of_header = set(headers)
        return [
            Chunk(0, document_id, ordinal, span.start, span.end, span.of(text), span in of_header)
            for ordinal, span in enumerate(sorted([*headers, *bodies]))
        ]


def _packed(packer: Packer, text: str, spans: Sequence[Span]) -> list[Span]:
    return [piece for run in _runs(text, spans) for piece in packer.packed(text, run)]


def _runs(text: str, spans: Sequence[Span]) -> Iterator[list[Span]]:
    """The spans in groups with nothing but white space between them."""
    run: list[Span] = []
    for span in spans:
        if not span.of(text).strip():
            continue
        if run and text[run[-1].end : span.start].strip():
            yield run
            run = []
        run.append(span)
    if run:
        yield run
