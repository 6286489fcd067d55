"""Documents that were accepted and are not added yet, on disk: two files a job.

``ID.sent`` is the document as it was sent, until its job has ended; ``ID.json`` is the job. A job
is there from when its ``.json`` is, which is written after the other and deleted before it. Both
are written whole or not at all, so whatever a crash leaves behind is told from what is a job.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec

from index.disk import make_folder, replace_file, sync_folder
from index.errors import StoreDamaged
from index.failures import system_error
from index.types import Link, Source
from server.schemas import Job
from server.uploads import Sent

_JOB = ".json"
_SENT = ".sent"


class Record(msgspec.Struct, frozen=True):
    """A job as it is kept: ``waiting`` until it has ended.

    ``number`` is its place in the line, ``attempts`` how often it was begun.
    """

    number: int
    attempts: int
    job: Job


class _Sent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the two."""

    source: Source | None = None
    link: Link | None = None


class Spool:
    """The folder of the jobs. Every change is durable when its call returns.

    Any call may raise StoreError: StoreFull, StoreUnwritable, or StoreDamaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self) -> list[Record]:
        """All jobs in the order in which they came; what belongs to none is cleared away."""
        with self._failing():
            names = {path.name for path in self._folder.glob("*")}
        found = [self._load(name, names) for name in names if name.endswith(_JOB)]
        records = sorted(filter(None, found), key=lambda record: record.number)
        kept = {record.job.id + _JOB for record in records}
        kept |= {record.job.id + _SENT for record in records if not record.job.ended}
        with self._failing():
            for name in names - kept:
                (self._folder / name).unlink()
        return records

    def put(self, record: Record, sent: Sent) -> None:
        """Take in a job with what was sent."""
        kept = _Sent(source=sent) if isinstance(sent, Source) else _Sent(link=sent)
        make_folder(self._folder)
        try:
            with self._failing():
                replace_file(self._path(record.job.id, _SENT), msgspec.msgpack.encode(kept))
            self.keep(record)
        except BaseException:
            with contextlib.suppress(OSError):
                self._path(record.job.id, _SENT).unlink()
            raise

    def sent(self, job_id: str) -> Sent:
        """What was sent with a job that has not ended."""
        path = self._path(job_id, _SENT)
        with self._failing():
            data = path.read_bytes()
        try:
            kept = msgspec.msgpack.decode(data, type=_Sent)
        except msgspec.DecodeError as error:
            raise StoreDamaged(f"{path} is damaged ({error}); add the document again") from error
        return cast(Sent, kept.source or kept.link)

    def keep(self, record: Record) -> None:
        """Write what became of a job; where it has ended, what was sent goes."""
        with self._failing():
            replace_file(self._path(record.job.id, _JOB), msgspec.json.encode(record))
            if record.job.ended:
                self._path(record.job.id, _SENT).unlink(missing_ok=True)

    def forget(self, job_id: str) -> None:
        """Take a job out; on a full disk too."""
        with self._failing():
            self._path(job_id, _JOB).unlink(missing_ok=True)
            sync_folder(self._folder)
            self._path(job_id, _SENT).unlink(missing_ok=True)

    def _load(self, name: str, names: set[str]) -> Record | None:
        path = self._folder / name
        with self._failing():
            data = path.read_bytes()
        try:
            return msgspec.json.decode(data, type=Record)
        except msgspec.DecodeError as error:
            sent = path.with_suffix(_SENT).name
            if sent not in names:
                return None  # it had ended, and this version can't read what it ended in
            raise StoreDamaged(
                f"{path} is damaged ({error}); to go on without that document, delete it and {sent}"
            ) from error

    def _path(self, job_id: str, ending: str) -> Path:
        return self._folder / (job_id + ending)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise system_error(error, self._folder) from error
