"""The one connection that changes the database, and what guards it."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from index import disk, migrations
from index.connections import connect_writer, peek
from index.errors import StoreError, StoreFull
from index.failures import translated
from index.lock import WriterLock
from index.tables import meta
from index.tables.meta import Recipe

LOCK = "writer.lock"
RESERVE = "reserve"


class Writer:
    """Changes the database, one transaction at a time, in the only process that may.

    SQLite before 3.51.3 can lose changes where a checkpoint meets a write of another connection;
    here both happen on one connection under one lock.
    """

    def __init__(self, path: Path, lock: WriterLock, reserve: disk.Reserve) -> None:
        self._path = path
        self._lock = lock
        self._reserve = reserve
        self._turn = threading.RLock()
        self._connection: sqlite3.Connection | None = connect_writer(path)

    @classmethod
    def open(cls, path: Path, recipe: Recipe) -> Self:
        """Take the writer lock, and create or upgrade the database.

        Raises StoreLocked, StoreUnwritable, StoreFull, StoreTooNew, StoreMismatch, StoreDamaged.
        """
        disk.make_folder(path.parent)
        lock = WriterLock.acquire(path.parent / LOCK)
        try:
            with translated(path):
                _look(path)
                writer = cls._connected(path, lock)
                try:
                    writer._prepare(recipe)
                except BaseException:
                    writer.close()
                    raise
        except BaseException:
            lock.release()
            raise
        writer._reserve.keep()
        return writer

    @classmethod
    def _connected(cls, path: Path, lock: WriterLock) -> Self:
        """Connected, with the reserve given up where even that takes space that is not there."""
        reserve = disk.Reserve(path.parent / RESERVE)
        try:
            with translated(path):
                return cls(path, lock, reserve)
        except StoreFull:
            reserve.release()
            return cls(path, lock, reserve)

    def _prepare(self, recipe: Recipe) -> None:
        with self._begun() as connection:
            migrations.migrate(connection, self._path)
            meta.insert(connection, recipe)
            meta.check(connection, recipe, self._path.parent)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Changes that are made durable together when the block ends, or not at all.

        Raises StoreFull, StoreUnwritable, StoreDamaged or StoreError where SQLite fails.
        """
        with translated(self._path), self._begun() as connection:
            yield connection
            meta.advance(connection)

    @contextlib.contextmanager
    def _begun(self) -> Iterator[sqlite3.Connection]:
        with self._turn:
            connection = self._open_connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                if connection.in_transaction:  # SQLite has rolled back after some errors
                    connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    self._shrink()
                raise

    def free_reserve(self) -> None:
        """Give the space kept back to the next transaction, which should free some itself."""
        self._reserve.release()

    def refill_reserve(self) -> None:
        """Keep space back again, once what was written has left the log."""
        with self._turn:
            self._shrink()
            self._reserve.keep()

    def close(self) -> None:
        """Merge the log into the database, and let another process write."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
                self._lock.release()

    def _shrink(self) -> None:
        """Merge the log and cut it, so that a failed or large change holds no space."""
        with contextlib.suppress(sqlite3.Error):
            self._open_connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreError(f"the store in {self._path.parent} is closed; open it again")
        return self._connection


def _look(path: Path) -> None:
    """Refuse a database of a newer format, or not ours, before anything is written to it."""
    if path.exists() and path.stat().st_size:
        connection = peek(path)
        try:
            migrations.stored_format(connection, path)
        finally:
            connection.close()
