"""Reading works beside a writer and where nothing can be written, and changes nothing."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from index.errors import StoreError, StoreMissing, StoreUnwritable
from index.store import DATABASE, Store
from tests.index.builders import ROOT, entry, fill, open_store

NOBODY = 65534


def test_reading_needs_a_store(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(StoreMissing, match="add a document first"):
            open_store(folder, writable=False)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / DATABASE).touch()
    with pytest.raises(StoreMissing):
        open_store(tmp_path, writable=False)


def test_a_store_for_reading_refuses_changes(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    store = open_store(tmp_path, writable=False)
    with pytest.raises(StoreUnwritable, match="reading only"):
        store.add(entry("One."))
    with pytest.raises(StoreUnwritable, match="reading only"):
        store.remove("one")
    store.close()


def test_another_process_reads_beside_the_writer(store: Store) -> None:
    read = (
        "import sys, pathlib\n"
        "from tests.index.builders import open_store\n"
        "store = open_store(pathlib.Path(sys.argv[1]), writable=False)\n"
        "print(store.chunk_count(), flush=True)\n"
        "sys.stdin.readline()\n"
        "print(store.chunk_count(), flush=True)\n"
        "store.close()\n"
    )
    store.add(entry("One."))
    with subprocess.Popen(
        [sys.executable, "-c", read, str(store.folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"1\n"
        store.add(entry("Two."))
        reader.stdin.write(b"\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == b"2\n"
    assert store.chunk_count() == 2


def test_connections_are_used_again_and_closed_with_the_store(store: Store) -> None:
    store.add(entry("One."))
    before = len(open_files())
    for _ in range(20):
        thread = threading.Thread(target=store.chunk_count)
        thread.start()
        thread.join()
    assert len(open_files()) <= before + 2
    store.close()
    assert not [link for link in open_files() if store.folder in link.parents]


def test_a_read_under_way_ends_well_when_the_store_is_closed(store: Store) -> None:
    with store._readers.connection() as connection:
        store.close()
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(StoreError, match="closed"):
        store.chunk_count()
    assert not [link for link in open_files() if store.folder in link.parents]


def open_files() -> list[Path]:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not list a process's open files")
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            links.append(descriptor.readlink())
        except FileNotFoundError:  # the one that listed the folder
            continue
    return links


def test_a_full_disk_can_be_read(small_disk: Path) -> None:
    store = open_store(small_disk)
    store.add(entry("A word."))
    store.close()
    fill(small_disk / "filler")
    reader = open_store(small_disk, writable=False)
    assert len(reader.match('"word"', limit=5)) == 1
    reader.close()


def as_nobody(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program as a user to whom file permissions apply."""
    prelude = (
        "import os, sys, pathlib\n"
        "from tests.index.builders import *\n"
        f"if os.geteuid() == 0: os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "folder = pathlib.Path(sys.argv[1])\n"
    )
    return subprocess.run(
        [sys.executable, "-c", prelude + program, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


READ = (
    "store = open_store(folder, writable=False)\n"
    "print([len(store.match('word', limit=9)) for _ in range(3)])\n"
    "store.close()\n"
)
WRITE = (
    "from index.errors import StoreUnwritable\n"
    "try: open_store(folder)\n"
    "except StoreUnwritable as error: print(error)\n"
)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def stored(public_folder: Path) -> Path:
    """A folder with a closed store of one document."""
    store = open_store(public_folder)
    store.add(entry("A word.\nAnother."))
    store.close()
    return public_folder


def test_a_read_only_folder_can_be_read_and_stays_as_it_is(stored: Path) -> None:
    before = contents(stored)
    stored.chmod(0o555)
    result = as_nobody(READ, stored)
    assert result.stdout == "[1, 1, 1]\n", result.stderr
    assert contents(stored) == before


def test_a_read_only_folder_is_not_written(stored: Path) -> None:
    before = contents(stored)
    stored.chmod(0o555)
    for path in stored.iterdir():
        path.chmod(0o444)
    result = as_nobody(WRITE, stored)
    assert "can't be written" in result.stdout, result.stderr
    assert contents(stored) == before


def test_a_read_only_folder_is_read_beside_a_live_writer(stored: Path) -> None:
    store = open_store(stored)
    store.add(entry("A word more."))
    stored.chmod(0o555)
    result = as_nobody(READ, stored)
    store.close()
    assert result.stdout == "[2, 2, 2]\n", result.stderr


def test_changes_that_a_reader_could_not_see_are_not_overlooked(stored: Path) -> None:
    store = open_store(stored)
    store.add(entry("A word more."))
    log = (stored / (DATABASE + "-wal")).read_bytes()
    assert log
    store.close()
    (stored / (DATABASE + "-wal")).write_bytes(log)
    stored.chmod(0o555)
    result = as_nobody(READ, stored)
    assert "StoreUnwritable" in result.stderr
    assert "ended abruptly" in result.stderr


def test_a_database_file_that_cannot_be_written_is_refused(stored: Path) -> None:
    for path in stored.iterdir():
        path.chmod(0o444)
    (stored / "writer.lock").chmod(0o666)
    stored.chmod(0o777)
    result = as_nobody(WRITE, stored)
    assert "can't be written" in result.stdout, result.stderr


def test_a_store_that_cannot_be_read_is_refused_clearly(stored: Path) -> None:
    read = (
        "from index.errors import StoreError\n"
        "for writable in (False, True):\n"
        "    try: open_store(folder, writable=writable)\n"
        "    except StoreError as error: print(error)\n"
    )
    (stored / DATABASE).chmod(0)
    result = as_nobody(read, stored)
    assert result.stdout.count(str(stored)) == 2, result.stderr
    stored.chmod(0)
    result = as_nobody(read, stored)
    assert result.stdout.count(str(stored)) == 2, result.stderr
