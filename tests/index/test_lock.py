"""One process writes at a time, and whoever is refused learns which one does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import StoreLocked, StoreUnwritable
from index.lock import WriterLock
from tests.index.builders import ROOT

HOLD = """
import sys, pathlib
from index.lock import WriterLock
lock = WriterLock.acquire(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_lock_is_refused_and_names_the_process_that_holds_it(tmp_path: Path) -> None:
    lock = WriterLock.acquire(tmp_path / "lock")
    with pytest.raises(StoreLocked, match=rf"process {os.getpid()} \(.*python"):
        WriterLock.acquire(tmp_path / "lock")
    lock.release()


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    lock = WriterLock.acquire(tmp_path / "lock")
    lock.release()
    lock.release()
    again = WriterLock.acquire(tmp_path / "lock")
    with pytest.raises(StoreLocked):
        WriterLock.acquire(tmp_path / "lock")
    again.release()


def test_a_killed_process_holds_nothing_any_more(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(StoreLocked, match=f"process {process.pid} "):
            WriterLock.acquire(path)
        process.kill()
        process.wait()
    WriterLock.acquire(path).release()


def test_a_program_started_meanwhile_does_not_keep_the_lock(tmp_path: Path) -> None:
    lock = WriterLock.acquire(tmp_path / "lock")
    wait = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(wait, stdin=subprocess.PIPE, close_fds=False) as process:
        lock.release()
        WriterLock.acquire(tmp_path / "lock").release()
        process.kill()


def test_the_name_is_this_holder_s_not_a_former_one_s(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("process 1 (" + "x" * 2_000)
    lock = WriterLock.acquire(tmp_path / "lock")
    with pytest.raises(StoreLocked) as refused:
        WriterLock.acquire(tmp_path / "lock")
    assert f"process {os.getpid()} " in str(refused.value)
    assert "xxx" not in str(refused.value)
    lock.release()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnwritable, match="can't be written"):
        WriterLock.acquire(tmp_path / "file" / "lock")
