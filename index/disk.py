"""Files that survive a power cut, their checksums, and space kept back for a full disk."""

import contextlib
import hashlib
import os
from pathlib import Path

from index.failures import system_error

_RESERVED_BYTES = 8 << 20
_BLOCK = bytes(1 << 20)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, durably. Raises StoreUnwritable or StoreFull."""
    try:
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for place in missing:
            sync_folder(place.parent)
    except OSError as error:
        raise system_error(error, folder) from error


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable: a file's own fsync does not cover its name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` whole or not at all, durably. Raises OSError."""
    new = path.with_name(path.name + ".new")
    try:
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    sync_folder(path.parent)


def sha256_of(path: Path) -> str:
    """A file's SHA-256, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Reserve:
    """A file that only takes up space, given back to make a delete possible on a full disk."""

    def __init__(self, path: Path, *, size: int = _RESERVED_BYTES) -> None:
        self._path = path
        self._size = size

    def keep(self) -> None:
        """Take what is missing of the space; of a nearly full disk no more than half the rest."""
        with contextlib.suppress(OSError), self._path.open("ab", buffering=0) as file:
            held = file.tell()
            try:
                while (missing := self._size - file.tell()) > 0:
                    file.write(_BLOCK[:missing])
            except OSError:
                file.truncate(max(held, file.tell() // 2))

    def release(self) -> None:
        """Give the space back."""
        with contextlib.suppress(OSError):
            self._path.unlink()
