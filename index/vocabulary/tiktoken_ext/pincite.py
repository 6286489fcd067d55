"""Pincite's own encoding, as a tiktoken plugin: found by name, without a download.

The folder above is on ``sys.path`` (or installed as the top-level namespace package
``tiktoken_ext``, which must have no ``__init__.py``), so tiktoken finds this module by itself.
"""

import base64
import hashlib
from importlib.resources import files
from typing import Any

from index.errors import ModelError

NAME = "pincite_bpe"
SHA256 = "d4d35332d2f5c2f77867985c2530d8b0432455fd1ae781e4255235df05a75f8f"

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
    """The arguments of ``tiktoken.Encoding``. Raises ModelError on a damaged vocabulary."""
    return {
        "name": NAME,
        "pat_str": PATTERN,
        "mergeable_ranks": _ranks(_vocabulary()),
        "special_tokens": {},
    }


def _vocabulary() -> bytes:
    # Read here, not by tiktoken's loader: that one copies even local files to a shared folder
    # under /tmp and reads them back from there.
    file = files("index").joinpath("vocabulary", f"{NAME}.tiktoken")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ModelError(f"can't read the vocabulary {file}: {error}; reinstall pincite") from error
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise ModelError(f"the vocabulary {file} is damaged: SHA-256 {found}; reinstall pincite")
    return data


def _ranks(data: bytes) -> dict[bytes, int]:
    pairs = (line.split() for line in data.splitlines())
    return {base64.b64decode(token): int(rank) for token, rank in pairs}


ENCODING_CONSTRUCTORS = {NAME: pincite_bpe}
