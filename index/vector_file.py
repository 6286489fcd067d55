"""The vectors' cache file: FAISS's bytes, with a checksum and what state of the store they are.

FAISS notices neither flipped bits nor a short write on a full disk, so nothing is read back that
does not carry the right checksum, and nothing that is not exactly the state asked for. Losing
the file costs the time to make the index from SQLite again, never an answer.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from index.disk import replace_file
from index.vectors import VectorIndex

_MAGIC = b"pincite vectors 1\n"
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """Which vectors a file holds: of which state of the store, made by which embedder."""

    generation: int
    token: str
    fingerprint: str
    dimension: int


def save(path: Path, vectors: VectorIndex, identity: Identity) -> None:
    """Write the file, whole or not at all. Raises OSError."""
    checked = json.dumps(asdict(identity)).encode() + b"\n" + vectors.to_bytes().tobytes()
    replace_file(path, _MAGIC + hashlib.sha256(checked).digest() + checked)


def load(path: Path, identity: Identity) -> VectorIndex | None:
    """What the file holds; None where it is missing, damaged, or of another identity."""
    try:
        data = memoryview(path.read_bytes())
    except OSError:
        return None
    start = len(_MAGIC) + _DIGEST_BYTES
    checked = data[start:]
    wanted = json.dumps(asdict(identity)).encode() + b"\n"
    if (
        data[: len(_MAGIC)] != _MAGIC
        or checked[: len(wanted)] != wanted
        or hashlib.sha256(checked).digest() != data[len(_MAGIC) : start]
    ):
        return None
    return VectorIndex.from_bytes(np.frombuffer(checked[len(wanted) :], dtype=np.uint8))
