"""What was added from folders: which file became which document, so that unchanged ones are known.

The ledger is kept beside the store. Losing it costs only that every file is read again.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from index.errors import DocumentNotFound
from index.failures import system_error, translated
from index.sources import read_path
from index.types import Added, Source

_NAME = "sources.sqlite"
_PATIENCE_S = 10.0
# A file may change again without a new time of change while that is as young as this.
_SETTLED_NS = 2_000_000_000
_SCHEMA = """CREATE TABLE IF NOT EXISTS files (
    store TEXT NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL, changed_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL, document TEXT NOT NULL, owned INTEGER NOT NULL,
    PRIMARY KEY (store, path)
) STRICT, WITHOUT ROWID"""


@dataclass(frozen=True, slots=True)
class Known:
    """A file as it was when it was added. ``changed_ns`` is -1 where its time says nothing.

    ``sha256`` is of the file's bytes. A document is ``owned`` if adding this file, or another
    of the ledger, brought it into the store.
    """

    size: int
    changed_ns: int
    sha256: str
    document: str
    owned: bool


class Ledger:
    """The files that were added to one store; ``store`` is its address, empty for a local one.

    Raises StoreError for a file that cannot be read or written. Not for several threads.
    """

    def __init__(self, folder: Path, *, store: str = "") -> None:
        self._store = store
        self._path = folder / _NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise system_error(error, self._path) from error
        with translated(self._path):
            self._connection = sqlite3.connect(
                self._path, timeout=_PATIENCE_S, isolation_level=None
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(_SCHEMA)

    def known(self, path: Path) -> Known | None:
        """What is known of the file at an absolute path."""
        with translated(self._path):
            row = self._connection.execute(
                "SELECT size, changed_ns, sha256, document, owned FROM files"
                " WHERE store = ? AND path = ?",
                (self._store, str(path)),
            ).fetchone()
        return Known(row[0], row[1], row[2], row[3], bool(row[4])) if row else None

    def record(self, path: Path, known: Known) -> None:
        """Remember a file, in place of what was known of it."""
        with translated(self._path):
            self._connection.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self._store, str(path), *astuple(known)),
            )

    def refers(self, document: str, *, owned: bool = False) -> bool:
        """Whether any file became this document; with ``owned`` one that brought it in."""
        with translated(self._path):
            row = self._connection.execute(
                "SELECT 1 FROM files WHERE store = ? AND document = ? AND owned >= ? LIMIT 1",
                (self._store, document, owned),
            ).fetchone()
        return row is not None

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a file of a folder: it was ``added``, or is an ``unchanged`` document's.

    ``replaced`` is the id of the older version that was removed.
    """

    added: Added | None
    unchanged: str | None = None
    replaced: str | None = None


def keep(
    path: Path,
    ledger: Ledger,
    stored: Collection[str],
    *,
    max_bytes: int,
    add: Callable[[Source], Added],
    remove: Callable[[str], None],
) -> Kept:
    """Add a file unless it is unchanged; an older version goes once the new one is durable.

    ``stored`` are the ids of the documents that there are. A file whose size and time are as
    known is not even read. Raises what ``read_path`` and ``add`` raise.
    """
    path = path.absolute()
    known = ledger.known(path)
    if known and known.document not in stored:
        known = None  # removed since
    size, changed_ns = _state(path)
    if known and changed_ns >= 0 and (known.size, known.changed_ns) == (size, changed_ns):
        return Kept(None, unchanged=known.document)
    source = read_path(path, max_bytes=max_bytes)
    sha256 = hashlib.sha256(source.data).hexdigest()
    if known and known.sha256 == sha256:
        ledger.record(path, Known(size, changed_ns, sha256, known.document, known.owned))
        return Kept(None, unchanged=known.document)
    added = add(source)
    new = added.document.id
    owned = added.created or ledger.refers(new, owned=True)
    ledger.record(path, Known(size, changed_ns, sha256, new, owned))
    # A document that another file still is, or that was there before the folder, stays.
    if known is None or not known.owned or ledger.refers(known.document):
        return Kept(added)
    with suppress(DocumentNotFound):  # removed meanwhile
        remove(known.document)
    return Kept(added, replaced=known.document)


def _state(path: Path) -> tuple[int, int]:
    """A file's size and time of change; -1 for a time that is too young to be trusted."""
    try:
        found = path.stat()
    except OSError:
        return 0, -1  # reading it says what is wrong
    settled = time.time_ns() - found.st_mtime_ns > _SETTLED_NS
    return found.st_size, found.st_mtime_ns if settled else -1
