"""The service's life within the server: opened in the background, shared, closed at the end."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from index.types import Added, Link, Progress, Source
from index.web.fetcher import Fetcher
from qa.service import Service
from server import logs
from server.errors import unavailable
from server.jobs import JobQueue
from server.metrics import Metrics
from server.settings import ServerSettings
from server.spool import Spool
from server.uploads import Sent
from server.workers import Pool

Opened = TypeVar("Opened")

_CLOSING_SECONDS = 1.5
_JOBS = "jobs"
_FETCHES = 4


class Serving:
    """What every route works with: the service once it is open, the pools, and the metrics.

    ``asking`` answers questions, ``reading`` looks up and does what is as quick (conversations,
    feedback), ``writing`` changes documents: a question never waits behind an upload, nor a look-up
    behind questions. ``writing`` is one thread, on which the service is opened and closed too, so
    none of these can overlap. ``fetching`` waits for web pages, and touches nothing else. ``data``
    is the store's folder.
    """

    def __init__(
        self,
        opening: Callable[[], Service],
        settings: ServerSettings,
        data: Path,
        *,
        fetcher: Fetcher,
    ) -> None:
        self._opening = opening
        self._data = data
        self.fetcher = fetcher
        self._most_jobs = settings.job_queue
        self._service: Service | None = None
        self._jobs: JobQueue | None = None
        self._closing = False
        self.metrics = Metrics()
        self.asking = Pool("ask", threads=settings.workers, queue=settings.queue)
        self.reading = Pool("read", threads=1, queue=settings.queue)
        self.writing = Pool("write", threads=1, queue=settings.upload_queue, retry_after=5)
        self.fetching = Pool("fetch", threads=_FETCHES, queue=settings.upload_queue, retry_after=5)
        for pool in (self.asking, self.reading, self.writing, self.fetching):
            self.metrics.watch(pool)
        self._later = Pool("jobs", threads=1, queue=0)

    @property
    def service(self) -> Service:
        """The open service. Raises a 503 Problem while it is not open."""
        return _opened(self._service)

    @property
    def jobs(self) -> JobQueue:
        """The documents that are added later. Raises a 503 Problem while it is not open."""
        return _opened(self._jobs)

    def add(self, source: Source, *, progress: Progress | None = None) -> Added:
        """Add a document, and count it; on the thread that writes."""
        added = self.service.add(source, progress=progress)
        if added.created:
            self.metrics.stored(documents=1, chunks=added.document.chunks)
        return added

    def remove(self, document_id: str) -> None:
        """Take a document out, and count it; on the thread that writes. Raises DocumentNotFound."""
        document = self.service.document(document_id)
        self.service.remove(document_id)
        self.metrics.stored(documents=-1, chunks=-document.chunks)

    async def open(self) -> None:
        """Load models and index, and count what is stored; raises what loading raises."""
        await self.writing.run(self._open)

    async def close(self) -> bool:
        """Flush and close the service; False where the work of some request would not end.

        Nothing is lost then: what was not acknowledged is not there, and the rest is on disk.
        """
        self._closing = True
        if self._jobs is not None:
            self._jobs.stop()
        pools = (self.asking, self.reading, self.writing)
        finished = all([await pool.drained(_CLOSING_SECONDS / 4) for pool in pools])
        await self._later.drained(_CLOSING_SECONDS / 4)  # which may still wait for a page
        service, self._service = self._service, None
        if finished and service is not None:
            try:
                await self.writing.run(service.close)
            except Exception as error:
                logs.unforeseen(error)  # nothing is left to be done about it, nor to be lost
        for pool in (*pools, self.fetching, self._later):
            pool.stop()
        logs.event("stopped", finished=finished)
        return finished

    def _open(self) -> None:
        start = time.perf_counter()
        service = self._opening()
        # From here, so that a server that was told to stop meanwhile closes it all the same.
        self._service = service
        jobs = JobQueue(
            Spool(self._data / _JOBS),
            add=self._add_later,
            submit=self._later.put,
            limit=self._most_jobs,
        )
        jobs.start()
        self._jobs = jobs
        self.metrics.watch(jobs)
        self.metrics.ready()
        logs.event("ready", seconds=round(time.perf_counter() - start, 2))
        # In the same job, so that nothing is added between: no document is counted twice.
        self._count(service)

    def _add_later(self, sent: Sent, *, progress: Progress) -> Added:
        """Add what was sent with a job, from the thread of the jobs."""
        source = self.fetcher.fetch(sent) if isinstance(sent, Link) else sent
        return self.writing.put(lambda: self.add(source, progress=progress)).result()

    def _count(self, service: Service) -> None:
        cursor = None
        while not self._closing:
            page = service.documents(limit=1000, cursor=cursor)
            chunks = sum(document.chunks for document in page.documents)
            self.metrics.stored(documents=len(page.documents), chunks=chunks)
            cursor = page.next_cursor
            if cursor is None:
                return


def _opened(part: Opened | None) -> Opened:
    if part is None:
        raise unavailable(
            "The models and the index are still loading. Try again in 1 s; "
            "GET /health/ready tells when.",
            kind="not-ready",
            seconds=1,
        )
    return part
