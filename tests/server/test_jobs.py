"""The line of jobs: what it takes in, does, gives up, forgets, and takes up again."""

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from index.errors import EmptySource, StoreFull, UnsupportedType
from index.types import Added, Progress, Source, Stage
from server.errors import Problem
from server.jobs import KEPT, JobQueue
from server.schemas import Job, JobState
from server.spool import Record, Spool
from server.uploads import Sent
from tests.fakes import FakeService
from tests.index.builders import fill


def note(text: str) -> Source:
    return Source(text.encode(), f"{text[:9]}.txt")


class Bench:
    """A queue whose thread that writes is the test, a call at a time."""

    def __init__(
        self, folder: Path, *, limit: int = 100, service: FakeService | None = None
    ) -> None:
        self.folder = folder
        self.calls: deque[Callable[[], None]] = deque()
        self.service = service or FakeService()
        self.begun: list[str] = []
        self.during: Callable[[Stage, int], None] = lambda stage, done: None
        self.queue = JobQueue(Spool(folder), add=self.add, submit=self.calls.append, limit=limit)

    def add(self, sent: Sent, *, progress: Progress) -> Added:
        assert isinstance(sent, Source)
        self.begun.append(sent.name)

        def report(stage: Stage, done: int, total: int) -> None:
            self.during(stage, done)
            progress(stage, done, total)

        return self.service.add(sent, progress=report)

    def work(self) -> None:
        while self.calls:
            self.calls.popleft()()

    def again(self) -> "Bench":
        """The next process on the same folder."""
        bench = Bench(self.folder, service=self.service)
        bench.queue.start()
        return bench

    def states(self) -> list[JobState]:
        return [job.state for job in self.queue.jobs()]

    def files(self) -> list[str]:
        return sorted(path.suffix for path in self.folder.iterdir())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    bench.queue.start()
    yield bench
    assert not [path for path in tmp_path.iterdir() if path.suffix not in {".json", ".sent"}]


def test_a_document_is_accepted_and_then_added(bench: Bench) -> None:
    job = bench.queue.accept(note("Whales"))
    assert (job.state, job.name, job.stage, job.document) == ("waiting", "Whales.txt", None, None)
    assert bench.queue.jobs() == (job,)
    assert (bench.queue.waiting, bench.queue.running) == (1, 0)
    bench.work()
    done = bench.queue.job(job.id)
    assert (done.state, done.stage, done.done, done.total) == ("done", "store", 1, 1)
    assert done.document == bench.service.documents().documents[0]
    assert done.created is True
    assert (bench.queue.waiting, bench.queue.running) == (0, 0)


def test_the_same_content_again_is_the_document_that_is_there(bench: Bench) -> None:
    jobs = [bench.queue.accept(note("Whales")) for _ in range(2)]
    bench.work()
    first, second = (bench.queue.job(job.id) for job in jobs)
    assert (first.created, second.created) == (True, False)
    assert first.document == second.document


def test_they_are_done_in_order_one_call_each_and_listed_newest_first(bench: Bench) -> None:
    for text in "abc":
        bench.queue.accept(note(text))
        assert len(bench.calls) == 1
    bench.calls.popleft()()
    assert bench.begun == ["a.txt"]
    assert len(bench.calls) == 1  # behind whatever came meanwhile
    bench.work()
    assert bench.begun == ["a.txt", "b.txt", "c.txt"]
    assert [job.name for job in bench.queue.jobs()] == ["c.txt", "b.txt", "a.txt"]


def test_progress_is_told_while_it_runs(bench: Bench) -> None:
    seen: list[Job] = []
    job = bench.queue.accept(note("Whales"))
    bench.during = lambda stage, done: seen.append(bench.queue.job(job.id))
    bench.work()
    assert {one.state for one in seen} == {JobState.RUNNING}
    # What is seen at a report is what the one before it told.
    assert [one.stage for one in seen] == [None, *Stage]


def test_what_fails_tells_the_problem_and_the_next_is_done(bench: Bench) -> None:
    blank, good = bench.queue.accept(note(" ")), bench.queue.accept(note("Whales"))
    bench.work()
    failed = bench.queue.job(blank.id)
    assert failed.state is JobState.FAILED
    assert failed.problem is not None
    assert (failed.problem.status, failed.problem.type) == (422, "urn:pincite:unusable-document")
    assert failed.problem.detail.startswith(" .txt: the file is empty")
    assert bench.queue.job(good.id).state is JobState.DONE
    assert bench.files() == [".json", ".json"]


def test_an_error_that_nobody_foresaw_says_nothing_of_itself(bench: Bench) -> None:
    def fail(stage: Stage, done: int) -> None:
        raise KeyError("secret")

    bench.during = fail
    job = bench.queue.accept(note("Whales"))
    bench.work()
    problem = bench.queue.job(job.id).problem
    assert problem is not None
    assert problem.status == 500
    assert "secret" not in problem.detail


def test_what_is_known_to_be_unreadable_is_refused_at_once(bench: Bench) -> None:
    with pytest.raises(UnsupportedType):
        bench.queue.accept(Source(b"\x89PNG\r\n\x1a\n" + bytes(99), "a.png"))
    assert bench.queue.jobs() == ()
    assert not bench.calls


def test_a_full_line_turns_away_and_running_jobs_are_not_in_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limit=2)
    bench.queue.start()
    for text in "ab":
        bench.queue.accept(note(text))
    with pytest.raises(Problem) as caught:
        bench.queue.accept(note("c"))
    assert (caught.value.status, caught.value.headers) == (503, {"Retry-After": "5"})

    def accept_one(stage: Stage, done: int) -> None:
        if len(bench.queue.jobs()) == 2:
            bench.queue.accept(note("d"))

    bench.during = accept_one
    bench.work()
    assert bench.states() == [JobState.DONE] * 3


def test_a_full_disk_takes_nothing_in(small_disk: Path) -> None:
    bench = Bench(small_disk / "jobs")
    bench.queue.start()
    first = bench.queue.accept(note("a"))
    fill(small_disk / "filler")
    with pytest.raises(StoreFull):
        bench.queue.accept(note("b"))
    assert bench.queue.jobs() == (first,)
    # It can't be begun either, since that is written down; nor can it be written that it failed.
    bench.work()
    problem = bench.queue.job(first.id).problem
    assert problem is not None
    assert problem.status == 507
    (small_disk / "filler").unlink()
    later = bench.again()
    later.work()
    assert later.states() == [JobState.DONE]


def test_an_end_is_told_once_it_is_on_disk(tmp_path: Path) -> None:
    class Watching(Spool):
        def keep(self, record: Record) -> None:
            super().keep(record)
            if record.job.ended:
                told.append(queue.job(record.job.id).state)

    told: list[JobState] = []
    calls: deque[Callable[[], None]] = deque()
    queue = JobQueue(Watching(tmp_path), add=Bench(tmp_path).add, submit=calls.append, limit=9)
    job = queue.accept(note("Whales"))
    calls.popleft()()
    assert told == [JobState.RUNNING]
    assert queue.job(job.id).state is JobState.DONE


# Cancelling


def test_a_waiting_job_is_taken_out(bench: Bench) -> None:
    first, second = (bench.queue.accept(note(text)) for text in "ab")
    bench.queue.cancel(first.id)
    bench.work()
    assert [job.id for job in bench.queue.jobs()] == [second.id]
    assert bench.begun == ["b.txt"]


def test_the_only_waiting_job_is_taken_out_and_the_next_is_done(bench: Bench) -> None:
    bench.queue.cancel(bench.queue.accept(note("a")).id)
    assert bench.files() == []
    bench.work()
    bench.queue.accept(note("b"))
    bench.work()
    assert bench.begun == ["b.txt"]


@pytest.mark.parametrize("at", [*Stage, None])
def test_a_running_job_ends_with_nothing_added(bench: Bench, at: Stage | None) -> None:
    job = bench.queue.accept(note("Whales"))

    states: list[JobState] = []
    files: list[str] = []

    def cancel(stage: Stage, done: int) -> None:
        if stage is (at or Stage.STORE) and done == (at is None):
            bench.queue.cancel(job.id)
            states.append(bench.queue.job(job.id).state)
            files.extend(bench.files())

    bench.during = cancel
    bench.work()
    assert states == [JobState.RUNNING]
    assert files == []  # whatever happened then, no process would have begun it again
    stored = bench.service.documents().documents
    if at is None:  # it was stored already
        assert bench.queue.job(job.id).document == stored[0]
        assert bench.states() == bench.again().states() == [JobState.DONE]
    else:
        assert stored == ()
        assert bench.states() == bench.again().states() == [JobState.CANCELLED]
    bench.queue.cancel(job.id)
    assert bench.queue.jobs() == bench.again().queue.jobs() == ()


def test_a_job_that_has_ended_is_forgotten_and_its_document_stays(bench: Bench) -> None:
    job = bench.queue.accept(note("Whales"))
    bench.work()
    bench.queue.cancel(job.id)
    for call in (bench.queue.job, bench.queue.cancel):
        with pytest.raises(Problem) as caught:
            call(job.id)
        assert (caught.value.status, caught.value.kind) == (404, "job-not-found")
    assert len(bench.service.documents().documents) == 1
    assert bench.files() == []


def test_a_cancelled_job_that_fails_is_cancelled(bench: Bench) -> None:
    job = bench.queue.accept(note("Whales"))

    def fail(stage: Stage, done: int) -> None:
        bench.queue.cancel(job.id)
        raise EmptySource("nothing in it")

    bench.during = fail
    bench.work()
    assert bench.states() == [JobState.CANCELLED]


# Remembering


def test_so_many_are_remembered_and_the_waiting_are_not_counted(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limit=1_000)
    bench.queue.start()
    jobs = [bench.queue.accept(note(f"Note {number}")) for number in range(KEPT + 5)]
    for _ in range(KEPT + 3):
        bench.calls.popleft()()
    assert bench.states() == [JobState.WAITING] * 2 + [JobState.DONE] * KEPT
    assert len(bench.files()) == KEPT + 2 * 2
    bench.work()
    kept = [job.id for job in reversed(jobs)][:KEPT]
    assert [job.id for job in bench.queue.jobs()] == kept
    assert [job.id for job in bench.again().queue.jobs()] == kept


def test_what_ended_is_told_alike_by_the_next_process(bench: Bench) -> None:
    for text in ("Whales", " ", "Ships"):
        bench.queue.accept(note(text))
    bench.work()
    assert bench.again().queue.jobs() == bench.queue.jobs()
    assert bench.again().begun == []


def test_what_waited_is_done_in_order_by_the_next_process(bench: Bench) -> None:
    jobs = [bench.queue.accept(note(text)) for text in "cab"]
    later = bench.again()
    assert later.queue.jobs() == tuple(reversed(jobs))
    new = later.queue.accept(note("new"))
    later.work()
    assert later.begun == ["c.txt", "a.txt", "b.txt", "new.txt"]
    assert later.queue.jobs()[0].id == new.id


def test_a_job_whose_end_was_not_written_is_done_again(bench: Bench) -> None:
    job = bench.queue.accept(note("Whales"))
    spool = Spool(bench.folder)
    (before,), sent = spool.load(), spool.sent(job.id)
    bench.work()
    spool.put(replace(before, attempts=1), sent)
    later = bench.again()
    later.work()
    assert later.states() == [JobState.DONE]
    assert later.queue.job(job.id).document == bench.queue.job(job.id).document
    assert len(later.service.documents().documents) == 1


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_job_that_ended_the_process_twice_is_given_up(bench: Bench, attempts: int) -> None:
    job = bench.queue.accept(note("Whales"))
    Spool(bench.folder).keep(Record(number=1, attempts=attempts, job=job))
    later = bench.again()
    later.work()
    if attempts == 1:
        assert later.states() == [JobState.DONE]
        return
    problem = later.queue.job(job.id).problem
    assert problem is not None
    assert (problem.status, problem.type) == (500, "urn:pincite:crashed")
    assert later.begun == []
    assert later.files() == [".json"]
    assert later.again().states() == [JobState.FAILED]


def test_an_attempt_is_written_down_before_it_is_made(bench: Bench) -> None:
    bench.queue.accept(note("Whales"))
    seen: list[int] = []
    bench.during = lambda stage, done: seen.append(Spool(bench.folder).load()[0].attempts)
    bench.work()
    assert set(seen) == {1}


# Stopping


@pytest.mark.parametrize("fails", [False, True])
def test_a_job_that_was_stopped_is_begun_again_and_that_is_no_attempt(
    bench: Bench, fails: bool
) -> None:
    bench.queue.accept(note("Whales"))
    bench.queue.accept(note("Ships"))

    attempts: list[int] = []

    def stop(stage: Stage, done: int) -> None:
        bench.queue.stop()
        attempts.extend(one.attempts for one in Spool(bench.folder).load())
        if fails:
            raise EmptySource("it was being closed")

    bench.during = stop
    bench.work()
    assert attempts == [0, 0]
    assert bench.begun == ["Whales.txt"]
    assert bench.service.documents().documents == ()
    assert bench.states() == [JobState.WAITING] * 2
    later = bench.again()
    later.work()
    assert later.states() == [JobState.DONE] * 2


def test_what_was_stored_when_it_was_stopped_is_done(bench: Bench) -> None:
    bench.queue.accept(note("Whales"))
    bench.during = lambda stage, done: bench.queue.stop() if done else None
    bench.work()
    assert bench.states() == bench.again().states() == [JobState.DONE]


def test_a_stopped_queue_begins_nothing_and_loses_nothing(bench: Bench) -> None:
    bench.queue.accept(note("Whales"))
    bench.queue.stop()
    bench.queue.accept(note("Ships"))
    bench.work()
    assert bench.begun == []
    later = bench.again()
    later.work()
    assert later.begun == ["Whales.txt", "Ships.txt"]
