"""A database of another format or program is refused before anything is written to it."""

import sqlite3
from pathlib import Path

import pytest

from index.errors import StoreDamaged, StoreTooNew
from index.migrations import APPLICATION_ID, FORMAT
from index.store import DATABASE
from tests.index.builders import open_store


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


@pytest.mark.parametrize("writable", [True, False])
def test_another_program_s_database_is_left_alone(tmp_path: Path, writable: bool) -> None:
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(StoreDamaged, match="not a Pincite store"):
        open_store(tmp_path, writable=writable)
    assert (tmp_path / DATABASE).read_bytes() == before
