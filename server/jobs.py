"""Documents that are added later: accepted once they are on disk, then taken one at a time.

A job that ends with its process is begun again by the next one; a document is stored at most
once, since the same text again gives the document that is there.
"""

import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from msgspec.structs import replace

from index.errors import StoreError
from index.formats import format_of
from index.types import Added, Progress, Source, Stage
from server import logs
from server.errors import Problem, problem_of, unavailable
from server.schemas import Job, JobState
from server.spool import Record, Spool
from server.uploads import Sent

KEPT = 100
"""So many jobs that have ended are remembered."""

_MOST_ATTEMPTS = 2
_RETRY_SECONDS = 5


class Add(Protocol):
    """Adds what was sent with a job. What ``progress`` raises ends it, with nothing added."""

    def __call__(self, sent: Sent, *, progress: Progress) -> Added:
        """The document, durably."""
        ...


class JobQueue:
    """The jobs of a store, in the only process that writes it. Safe to use from many threads.

    ``submit`` has a call made on another thread, one at a time, each of which does one job. At most
    ``limit`` jobs wait. Those that change a job may raise StoreError.
    """

    name = "jobs"

    def __init__(
        self,
        spool: Spool,
        *,
        add: Add,
        submit: Callable[[Callable[[], None]], object],
        limit: int,
    ) -> None:
        self._spool = spool
        self._add = add
        self._submit = submit
        self._limit = limit
        # For changes, which wait for the disk. The mapping is replaced, never changed, so that
        # whoever only looks waits for nothing.
        self._turn = threading.Lock()
        self._records: Mapping[str, Record] = {}
        self._running: _Running | None = None
        self._under_way = False
        self._stopping = False

    @property
    def waiting(self) -> int:
        """How many jobs are still to be begun."""
        return sum(job.state is JobState.WAITING for job in self.jobs())

    @property
    def running(self) -> int:
        """Whether a job is under way: 1 or 0."""
        return int(self._running is not None)

    def start(self) -> None:
        """Take up what earlier processes left, in order."""
        with self._turn:
            self._records = {record.job.id: record for record in self._spool.load()}
            for record in self._records.values():
                if not record.job.ended and record.attempts >= _MOST_ATTEMPTS:
                    self._keep(record, _failed(record.job, _crashed()))
            self._proceed()

    def stop(self) -> None:
        """Begin no further job; the one under way ends at its next step, to be begun again."""
        with self._turn:
            self._stopping = True
            if self._running is None or self._running.cancelled:
                return
            self._running.halted = True
            record = self._records[self._running.job.id]
            try:
                self._spool.keep(replace(record, attempts=record.attempts - 1))
            except StoreError as error:
                logs.unforeseen(error)  # it then counts as a crash: at worst one attempt less

    def jobs(self) -> tuple[Job, ...]:
        """All jobs, newest first."""
        return tuple(map(self._as_of_now, reversed([*self._records.values()])))

    def job(self, job_id: str) -> Job:
        """One job. Raises a 404 Problem."""
        return self._as_of_now(self._record(job_id))

    def accept(self, sent: Sent) -> Job:
        """Put a document in the line, durably. Raises a 503 Problem where the line is full.

        Raises UnsupportedType where that can be known at once.
        """
        if isinstance(sent, Source):
            format_of(sent)
        with self._turn:
            if self.waiting >= self._limit:
                raise unavailable(
                    f"{self._limit} documents wait to be added, as many as may. "
                    f"Try again in {_RETRY_SECONDS} s.",
                    kind="overloaded",
                    seconds=_RETRY_SECONDS,
                )
            number = max((record.number for record in self._records.values()), default=0) + 1
            job = Job(
                id=secrets.token_hex(8),
                state=JobState.WAITING,
                name=sent.name if isinstance(sent, Source) else sent.url,
                created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
            record = Record(number=number, attempts=0, job=job)
            self._spool.put(record, sent)
            self._records = {**self._records, job.id: record}
            self._proceed()
        return job

    def cancel(self, job_id: str) -> None:
        """Take a job out, durably. Raises a 404 Problem.

        One that is under way ends as ``cancelled`` at its next step, or as ``done`` where its
        document is stored already.
        """
        with self._turn:
            record = self._record(job_id)
            self._spool.forget(job_id)  # first, and on a full disk too: no process will begin it
            if self._running is not None and self._running.job.id == job_id:
                self._running.halted = self._running.cancelled = True
            else:
                self._records = {id: one for id, one in self._records.items() if one is not record}

    def _proceed(self) -> None:
        """Ask for the next job to be done, where none is."""
        if self._next() is not None and not self._under_way and not self._stopping:
            self._under_way = True
            self._submit(self._step)

    def _step(self) -> None:
        """Do one job, on the thread of the jobs."""
        try:
            if (running := self._begun()) is not None:
                self._end(running, self._outcome(running))
        finally:
            with self._turn:
                self._under_way = False
                self._proceed()

    def _begun(self) -> "_Running | None":
        """The next job. The attempt is counted before it is made: it may end the process."""
        with self._turn:
            record = self._next()
            if record is None or self._stopping:
                return None
            record = replace(record, attempts=record.attempts + 1)
            try:
                self._spool.keep(record)
            except StoreError as error:
                self._keep(record, _failed(record.job, problem_of(error)))
                return None
            self._records = {**self._records, record.job.id: record}
            self._running = _Running(replace(record.job, state=JobState.RUNNING))
            return self._running

    def _outcome(self, running: "_Running") -> Job | None:
        """The job as it ended; None where it is to be begun again."""
        try:
            added = self._add(self._spool.sent(running.job.id), progress=running.report)
        except Exception as error:
            if running.cancelled:
                return replace(running.job, state=JobState.CANCELLED)
            # What fails while all is being closed may go well the next time.
            return None if running.halted else _failed(running.job, problem_of(error))
        return replace(
            running.job, state=JobState.DONE, document=added.document, created=added.created
        )

    def _end(self, running: "_Running", job: Job | None) -> None:
        with self._turn:
            if job is not None:
                self._keep(self._records[running.job.id], job)
            self._running = None

    def _keep(self, record: Record, ended: Job) -> None:
        """Write how a job ended, then tell it, and forget the oldest that did."""
        record = replace(record, job=ended)
        records = {**self._records, ended.id: record}
        old = [id for id, one in records.items() if one.job.ended][:-KEPT]
        try:
            self._spool.keep(record)
            for id in old:
                self._spool.forget(id)
        except StoreError as error:
            # The next process does it again then, which gives the document that is there.
            logs.unforeseen(error)
        self._records = {id: one for id, one in records.items() if id not in old}

    def _next(self) -> Record | None:
        waiting = (record for record in self._records.values() if not record.job.ended)
        return next(waiting, None)

    def _record(self, job_id: str) -> Record:
        record = self._records.get(job_id)
        if record is None:
            raise Problem(
                404,
                f"No job has the id {job_id!r}: it was cancelled, or is long over.",
                kind="job-not-found",
            )
        return record

    def _as_of_now(self, record: Record) -> Job:
        running = self._running
        if running is not None and running.job.id == record.job.id and not record.job.ended:
            return running.job
        return record.job


class _Halted(Exception):
    """Raised where a job reports its progress, to end it."""


class _Running:
    """The job under way: how far it is, and whether it is to end."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.halted = False
        self.cancelled = False

    def report(self, stage: Stage, done: int, total: int) -> None:
        """Take note of progress. Raises _Halted, unless the document is stored already."""
        self.job = replace(self.job, stage=stage, done=done, total=total)
        if self.halted and not (stage is Stage.STORE and done):
            raise _Halted


def _failed(job: Job, problem: Problem) -> Job:
    return replace(job, state=JobState.FAILED, problem=problem.document)


def _crashed() -> Problem:
    return Problem(
        500,
        f"The server ended {_MOST_ATTEMPTS} times while it added this document, so it does not try "
        "again. Add it in another format, or in parts.",
        kind="crashed",
    )
