"""How many tokens a text has, by tiktoken: what chunk sizes are measured in."""

import re
from collections.abc import Iterator

import tiktoken

from index.errors import ModelError

LONGEST_RUN = 400
"""Longer runs without a change between space and non-space are cut before encoding. tiktoken's
merging is quadratic on such runs in the encodings it ships, and its panic on a very long one is
no ``Exception``, so it would pass every handler."""

_LONG_RUN = re.compile(rf"\S{{{LONGEST_RUN}}}|\s{{{LONGEST_RUN}}}")


class TokenCounter:
    """Counts tokens of the encoding that tiktoken knows by ``name``.

    ``pincite_bpe`` is ours and needs no network; ``cl100k_base``, ``o200k_base`` and the others
    are downloaded by tiktoken when first used. Raises ModelError where the name is unknown, the
    file is damaged, or the download fails.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._encoding = _load(name)

    def count(self, text: str) -> int:
        """The number of tokens; the marks of special tokens count as the plain text they are."""
        encode = self._encoding.encode_ordinary
        return sum(len(encode(piece)) for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    start = 0
    if len(text) > LONGEST_RUN:
        for run in _LONG_RUN.finditer(text):
            yield text[start : run.end()]
            start = run.end()
    yield text[start:]


def _load(name: str) -> tiktoken.Encoding:
    known = tiktoken.list_encoding_names()
    if name not in known:
        raise ModelError(
            f"no tiktoken encoding is called {name!r}; choose one of {', '.join(sorted(known))}"
        )
    try:
        return tiktoken.get_encoding(name)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"can't load the tiktoken encoding {name!r}: {error}; connect to the network once, "
            "point TIKTOKEN_CACHE_DIR at a folder that has it, or use 'pincite_bpe'"
        ) from error
