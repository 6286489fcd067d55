"""Pincite's own encoding: how text is split, and which bytes are tokens."""

import base64
import hashlib
from importlib.resources import files
from typing import Any

from index.errors import ModelError

NAME = "pincite_bpe"

SHA256 = "d4d35332d2f5c2f77867985c2530d8b0432455fd1ae781e4255235df05a75f8f"
"""Of the vocabulary file: stored chunk borders depend on it."""

PATTERN = (
    r"['’](?:[sdmt]|ll|ve|re)"
    r"| ?[\p{L}\p{M}]{1,32}"
    r"| ?\p{N}{1,4}"
    r"| ?[^\s\p{L}\p{M}\p{N}]{1,32}"
    r"|\s{1,32}"
)
"""GPT-style pieces, but without look-ahead and with every run bounded: matching is linear, and
so is merging, whatever the text. The classes cover every character, so nothing is skipped."""


def pincite_bpe() -> dict[str, Any]:
    """The arguments of ``tiktoken.Encoding``.

    Raises ModelError where the vocabulary is missing or damaged.
    """
    # Read here, not by tiktoken's loader: that one copies even local files to a shared folder
    # under /tmp and reads them back from there.
    file = files("index.vocabulary").joinpath(f"{NAME}.tiktoken")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ModelError(f"can't read the vocabulary: {error}; reinstall pincite") from error
    return {"name": NAME, "pat_str": PATTERN, "mergeable_ranks": ranks(data), "special_tokens": {}}


def ranks(data: bytes) -> dict[bytes, int]:
    """The vocabulary file's tokens and their ranks, lowest merged first.

    Raises ModelError where the file isn't the one that is pinned.
    """
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise ModelError(
            f"the vocabulary {NAME}.tiktoken has the SHA-256 {found}, not {SHA256}: it is damaged; "
            "reinstall pincite"
        )
    pairs = (line.split() for line in data.splitlines())
    return {base64.b64decode(token): int(rank) for token, rank in pairs}
