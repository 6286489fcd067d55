"""The service's life within the server: opened in the background, shared, closed at the end."""

import time
from collections.abc import Callable

from qa.service import Service
from server import logs
from server.errors import unavailable
from server.metrics import Metrics
from server.settings import ServerSettings
from server.workers import Pool

_CLOSING_SECONDS = 1.5


class Serving:
    """What every route works with: the service once it is open, the pools, and the metrics.

    ``asking`` answers questions, ``reading`` looks up and does what is as quick (conversations,
    feedback), ``writing`` changes documents: a question never waits behind an upload, nor a look-up
    behind questions. ``writing`` is one thread, on which the service is opened and closed too, so
    none of these can overlap.
    """

    def __init__(self, opening: Callable[[], Service], settings: ServerSettings) -> None:
        self._opening = opening
        self._service: Service | None = None
        self._closing = False
        self.metrics = Metrics()
        self.asking = Pool("ask", threads=settings.workers, queue=settings.queue)
        self.reading = Pool("read", threads=1, queue=settings.queue)
        self.writing = Pool("write", threads=1, queue=settings.upload_queue, retry_after=5)
        for pool in (self.asking, self.reading, self.writing):
            self.metrics.watch(pool)

    @property
    def service(self) -> Service:
        """The open service. Raises a 503 Problem while it is not open."""
        if self._service is None:
            raise unavailable(
                "The models and the index are still loading. Try again in 1 s; "
                "GET /health/ready tells when.",
                kind="not-ready",
                seconds=1,
            )
        return self._service

    async def open(self) -> None:
        """Load models and index, and count what is stored; raises what loading raises."""
        await self.writing.run(self._open)

    async def close(self) -> bool:
        """Flush and close the service; False where the work of some request would not end.

        Nothing is lost then: what was not acknowledged is not there, and the rest is on disk.
        """
        self._closing = True
        pools = (self.asking, self.reading, self.writing)
        finished = all([await pool.drained(_CLOSING_SECONDS / 3) for pool in pools])
        service, self._service = self._service, None
        if finished and service is not None:
            try:
                await self.writing.run(service.close)
            except Exception as error:
                logs.unforeseen(error)  # nothing is left to be done about it, nor to be lost
        for pool in pools:
            pool.stop()
        logs.event("stopped", finished=finished)
        return finished

    def _open(self) -> None:
        start = time.perf_counter()
        service = self._opening()
        # From here, so that a server that was told to stop meanwhile closes it all the same.
        self._service = service
        self.metrics.ready()
        logs.event("ready", seconds=round(time.perf_counter() - start, 2))
        # In the same job, so that nothing is added between: no document is counted twice.
        self._count(service)

    def _count(self, service: Service) -> None:
        cursor = None
        while not self._closing:
            page = service.documents(limit=1000, cursor=cursor)
            chunks = sum(document.chunks for document in page.documents)
            self.metrics.stored(documents=len(page.documents), chunks=chunks)
            cursor = page.next_cursor
            if cursor is None:
                return
