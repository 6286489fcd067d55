"""Connections to the database: one that writes, and as many that read as there are readers."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from index.errors import StoreError, StoreUnwritable
from index.failures import translated

_PATIENCE_S = 10.0
_LOG_BYTES = 64 << 20  # what the log may keep once it is merged
_CANNOT_SHARE = {  # by permission, or on a full disk: there is no place for the shared memory
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open for writing, creating the file. The caller holds the writer lock.

    Commits reach the disk before they return (``synchronous=FULL``). Checkpoints run on this
    connection only, under the lock that covers its transactions: readers can't run them.
    """
    connection = _connect(path, "mode=rwc")
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def peek(path: Path) -> sqlite3.Connection:
    """Open a closed store just to look at it, leaving no file behind where that is possible."""
    return _connect(path, "mode=ro" if _has_log(path) else "mode=ro&immutable=1")


@dataclass(frozen=True, slots=True)
class _Reader:
    connection: sqlite3.Connection
    reusable: bool


class Readers:
    """Read-only connections, each used by one reader at a time and kept for the next.

    Safe to use from many threads. Reading never changes the database.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[_Reader] = []
        self._guard = threading.Lock()
        self._closed = False

    @contextlib.contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with, until the block ends."""
        with translated(self._path):
            reader = self._take()
            try:
                yield reader.connection
            finally:
                self._return(reader)

    def close(self) -> None:
        """Close what is idle now, and the rest as it comes back."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.connection.close()

    def _take(self) -> _Reader:
        with self._guard:
            if self._closed:
                raise StoreError(f"the store in {self._path.parent} is closed; open it again")
            if self._idle:
                return self._idle.pop()
        return _connect_reader(self._path)

    def _return(self, reader: _Reader) -> None:
        with self._guard:
            if reader.reusable and not self._closed:
                self._idle.append(reader)
                return
        reader.connection.close()


def _connect_reader(path: Path) -> _Reader:
    """Read beside a writer where the folder allows it, else alone.

    Where nothing can be written a WAL database opens only as ``immutable``. SQLite then looks
    out for no writer, so such a connection serves one read, and never where a writer has left
    changes beside the database that would be overlooked.
    """
    try:
        return _Reader(_connect(path, "mode=ro"), reusable=True)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _CANNOT_SHARE:
            raise
    if _has_log(path):
        raise StoreUnwritable(
            f"{path} has changes beside it that a writer left when it ended abruptly, and"
            f" {path.parent} can't be written; open it once where it can"
        )
    return _Reader(_connect(path, "mode=ro&immutable=1"), reusable=False)


def _has_log(path: Path) -> bool:
    """Whether a write-ahead log with changes in it lies beside the database."""
    try:
        return path.with_name(path.name + "-wal").stat().st_size > 0
    except OSError:
        return False


def _connect(path: Path, options: str) -> sqlite3.Connection:
    """A connection in autocommit mode that has read the file once, so that errors show here."""
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{options}",
        uri=True,
        timeout=_PATIENCE_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
