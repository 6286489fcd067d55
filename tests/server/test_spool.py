"""What is on disk of jobs: whole, in order, and nothing beside it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from index.errors import StoreDamaged, StoreFull, StoreUnwritable
from index.types import Link, Source
from server.schemas import Job, JobState
from server.spool import Record, Spool
from server.uploads import Sent
from tests.index.builders import fill

SOURCE = Source("Über Wale".encode(), "wale.txt", "text/plain", title="Wale", metadata={"a": "b"})
LINK = Link("https://example.org/a", title="A", metadata={"k": "v"})


def record(number: int, state: JobState = JobState.WAITING) -> Record:
    job = Job(id=f"job{number}", state=state, name="wale.txt", created_at="2026-01-02T03:04:05Z")
    return Record(number=number, attempts=0, job=job)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_spool_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert Spool(tmp_path / "jobs").load() == []
    assert not (tmp_path / "jobs").exists()


@pytest.mark.parametrize("sent", [SOURCE, LINK], ids=["source", "link"])
def test_what_was_put_comes_back(tmp_path: Path, sent: Sent) -> None:
    Spool(tmp_path / "jobs").put(record(1), sent)
    spool = Spool(tmp_path / "jobs")
    assert spool.load() == [record(1)]
    assert spool.sent("job1") == sent


def test_jobs_come_back_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in (10, 2, 9, 1):
        spool.put(record(number), SOURCE)
    assert [one.number for one in spool.load()] == [1, 2, 9, 10]


def test_of_a_job_that_has_ended_what_was_sent_goes(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put(record(1), SOURCE)
    spool.keep(replace(record(1), attempts=1))
    assert names(tmp_path) == {"job1.json", "job1.sent"}
    spool.keep(record(1, JobState.DONE))
    assert names(tmp_path) == {"job1.json"}
    assert spool.load() == [record(1, JobState.DONE)]


def test_a_forgotten_job_leaves_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put(record(1), SOURCE)
    spool.forget("job1")
    spool.forget("job1")
    assert names(tmp_path) == set()


def test_what_a_crash_left_is_cleared_away(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put(record(1), SOURCE)
    spool.put(record(2), SOURCE)
    ended = (tmp_path / "job2.sent").read_bytes()
    spool.keep(record(2, JobState.FAILED))
    (tmp_path / "job2.sent").write_bytes(ended)
    (tmp_path / "job3.sent").write_bytes(ended)
    (tmp_path / "job1.json.new").write_bytes(b"{")
    assert [one.number for one in spool.load()] == [1, 2]
    assert names(tmp_path) == {"job1.json", "job1.sent", "job2.json"}


@pytest.mark.parametrize("ending", ["json", "sent"])
def test_a_damaged_job_is_told_by_its_file(tmp_path: Path, ending: str) -> None:
    spool = Spool(tmp_path)
    spool.put(record(1), SOURCE)
    (tmp_path / f"job1.{ending}").write_bytes(os.urandom(100))
    reads: Callable[[], object] = spool.load if ending == "json" else lambda: spool.sent("job1")
    with pytest.raises(StoreDamaged, match=f"job1.{ending} is damaged"):
        reads()
    assert names(tmp_path) == {"job1.json", "job1.sent"}


def test_a_job_that_had_ended_as_no_version_says_any_more_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "job1.json").write_bytes(b'{"number": 1, "state": "done"}')
    assert Spool(tmp_path).load() == []
    assert names(tmp_path) == set()


def test_where_nothing_can_be_written_nothing_is_taken_in(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("a file")
    with pytest.raises(StoreUnwritable, match="jobs"):
        Spool(tmp_path / "jobs").put(record(1), SOURCE)


def test_what_was_sent_goes_where_its_job_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "job1.json" / "inside").mkdir(parents=True)
    with pytest.raises(StoreUnwritable, match="irectory"):
        Spool(tmp_path).put(record(1), SOURCE)
    assert names(tmp_path) == {"job1.json"}


def test_on_a_full_disk_nothing_is_taken_in_and_jobs_can_go(small_disk: Path) -> None:
    spool = Spool(small_disk)
    spool.put(record(1), SOURCE)
    fill(small_disk / "filler")
    for size in (10, 1_000_000):
        with pytest.raises(StoreFull, match="no space left"):
            spool.put(record(2), Source(bytes(size), "big.txt"))
    assert names(small_disk) == {"filler", "job1.json", "job1.sent"}
    spool.forget("job1")
    assert names(small_disk) == {"filler"}
