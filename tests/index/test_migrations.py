"""A database of another format or program is refused before anything is written to it."""

import sqlite3
from pathlib import Path

import pytest

from index.errors import StoreDamaged, StoreTooNew, StoreUnwritable
from index.migrations import APPLICATION_ID, FORMAT
from index.search import Searcher
from index.store import DATABASE
from index.types import Source
from tests.index.builders import EMBEDDER, open_library, open_store

PROSE = "The engine was built in Turku by a firm that made boats of wood, and later of steel."
UPGRADED = {
    "a.md": f"# Boats\n\nBy Ada Mer\n\n{PROSE}\n\n## Engines\n\nAn engine of two strokes.\n",
    "a.txt": f"Old boats\n\n{PROSE}\n\nHow the engine was kept\n\n{PROSE} It was oiled at night.\n",
    "a.html": f"<h1>Boats</h1><p>{PROSE}</p><h2>How it was kept</h2><p>{PROSE} It was oiled.</p>",
}
"""Of a page only what can be guessed comes back, so its heading looks like one."""


def test_a_store_is_stamped_with_program_and_format(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    header = (tmp_path / DATABASE).read_bytes()[:100]
    assert int.from_bytes(header[68:72], "big") == APPLICATION_ID
    assert int.from_bytes(header[60:64], "big") == FORMAT


@pytest.mark.parametrize("writable", [True, False])
def test_a_newer_format_is_refused_without_a_write(tmp_path: Path, writable: bool) -> None:
    open_store(tmp_path).close()
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(StoreTooNew, match="format 99"):
        open_store(tmp_path, writable=writable)
    assert (tmp_path / DATABASE).read_bytes() == before
    if writable:
        assert not (tmp_path / (DATABASE + "-wal")).exists()


def to_first_format(path: Path) -> None:
    """Make a store what it was before headings and pages were kept."""
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE documents DROP COLUMN headings")
    connection.execute("ALTER TABLE documents DROP COLUMN pages")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()


def test_a_store_of_the_first_format_is_upgraded_and_finds_the_same(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    sources = [Source(text.encode(), name) for name, text in UPGRADED.items()]
    ids = [library.add(source).document.id for source in sources]
    stored = [library.store.outline(id) for id in ids]
    assert all(outline.headings for outline in stored)
    stamp, hits = library.store.stamp(), Searcher(library, EMBEDDER).hits("engine", limit=5)
    library.close()
    to_first_format(tmp_path / DATABASE)
    with pytest.raises(StoreUnwritable, match="format 1"):
        open_library(tmp_path, writable=False)
    library = open_library(tmp_path)
    assert [library.store.outline(id) for id in ids] == stored
    assert library.store.stamp() == stamp
    assert Searcher(library, EMBEDDER).hits("engine", limit=5) == hits
    library.close()
    open_library(tmp_path, writable=False).close()


def test_a_failed_upgrade_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    library.add(Source(UPGRADED["a.md"].encode(), "a.md"))
    library.close()
    path = tmp_path / DATABASE
    to_first_format(path)
    connection = sqlite3.connect(path)
    (body,) = connection.execute("SELECT body FROM documents").fetchone()
    connection.execute("UPDATE documents SET body = '['")
    connection.commit()
    with pytest.raises(StoreDamaged):
        open_library(tmp_path)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.execute("UPDATE documents SET body = ?", (body,))
    connection.commit()
    connection.close()
    open_library(tmp_path).close()


@pytest.mark.parametrize("writable", [True, False])
def test_another_program_s_database_is_left_alone(tmp_path: Path, writable: bool) -> None:
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(StoreDamaged, match="not a Pincite store"):
        open_store(tmp_path, writable=writable)
    assert (tmp_path / DATABASE).read_bytes() == before
