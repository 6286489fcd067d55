"""Stores to test with, in folders of their own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.store import Store
from tests.index.builders import open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store, open for writing."""
    store = open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """An empty folder that every user can reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)
