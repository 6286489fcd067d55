"""SQLite's and the operating system's failures, told as this package's errors."""

import contextlib
import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from index.errors import StoreDamaged, StoreError, StoreFull, StoreUnwritable

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_UNWRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_LITTLE_SPACE = 1 << 20  # below this an unexplained write failure is put down to a full disk


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise SQLite's errors on ``path`` as StoreFull, StoreUnwritable, StoreDamaged, StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        told = database_error(error, path)
        if told is None:
            raise
        raise told from error


def database_error(error: sqlite3.Error, path: Path) -> StoreError | None:
    """What an error of SQLite means for the store; None for a mistake in a statement."""
    full_code: int | None = getattr(error, "sqlite_errorcode", None)
    if full_code is None:
        return None
    code = full_code & 0xFF
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _nearly_full(path)):
        return _full(path)
    if code in _UNWRITABLE:
        return StoreUnwritable(f"{path} can't be written ({error}); check who owns the folder")
    if code == sqlite3.SQLITE_CANTOPEN:
        return StoreUnwritable(f"{path} can't be opened; check the path and who owns it")
    if code in _DAMAGED:
        return StoreDamaged(f"{path} is damaged ({error}); restore it from a backup")
    if code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreError(f"{path} can't be used now ({error}); try again, and check the disk")
    return None


def system_error(error: OSError, path: Path) -> StoreError:
    """What an error of the operating system means for the store."""
    if error.errno in _NO_SPACE:
        return _full(path)
    reason = error.strerror or str(error)
    return StoreUnwritable(f"{path} can't be written ({reason}); check the path and who owns it")


def _full(path: Path) -> StoreFull:
    return StoreFull(f"no space left on the disk of {path}; free some, or remove documents")


def _nearly_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _LITTLE_SPACE
    except OSError:
        return False
