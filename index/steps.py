"""A database's schema as steps from one format to the next, and how they are taken."""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

from index.errors import StoreTooNew

Step = tuple[str | Callable[[sqlite3.Connection], None], ...]
"""Statements, and functions for what SQL can't say; a released step is never edited."""


def take(steps: Iterable[Step], connection: sqlite3.Connection) -> None:
    """Take the steps, inside the caller's transaction."""
    for step in steps:
        for change in step:
            if isinstance(change, str):
                connection.execute(change)
            else:
                change(connection)


def check_format(version: int, *, known: int, path: Path) -> None:
    """Raise StoreTooNew for a format after those that are known."""
    if version > known:
        raise StoreTooNew(
            f"{path} has format {version} and this version of Pincite reads up to {known};"
            " use a newer Pincite"
        )
