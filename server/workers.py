"""Blocking work off the event loop: a few threads, and a line before them that is never long.

The threads are daemons of our own rather than a ThreadPoolExecutor, whose threads a stopping
process has to wait for however long their work takes.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from server.errors import client_gone, stopping, unavailable

T = TypeVar("T")


@dataclass(eq=False, frozen=True, slots=True)
class _Job:
    call: Callable[[], Any]
    future: Future[Any] = field(default_factory=Future)
    own: bool = False


class Pool:
    """So many threads, and so many jobs that may wait for them.

    ``retry_after`` is what a client is told, in seconds, when the line is full.
    """

    def __init__(self, name: str, *, threads: int, queue: int, retry_after: int = 1) -> None:
        self.name = name
        self._limit = threads + queue
        self._retry_after = retry_after
        self._waiting: deque[_Job] = deque()
        self._running: set[_Job] = set()
        self._stopped = False
        self._changed = threading.Condition()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    @property
    def waiting(self) -> int:
        """How many jobs wait for a thread."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many jobs a thread works on."""
        return len(self._running)

    def put(self, call: Callable[[], T]) -> Future[T]:
        """Have a call made for the server itself, which takes the place of no request.

        It waits behind the requests that are there.
        """
        return self._line_up(_Job(call, own=True)).future

    async def run(
        self, call: Callable[[], T], *, gone: Callable[[], Awaitable[None]] | None = None
    ) -> T:
        """The call's result, once a thread has made it.

        ``gone`` gives an awaitable that ends when the client goes away: its job then leaves the
        line at once. Raises a 503 Problem with Retry-After where the line is full.
        """
        job = self._admit(call)
        work: asyncio.Future[T] = asyncio.wrap_future(job.future)
        watch: list[asyncio.Future[Any]] = [asyncio.ensure_future(gone())] if gone else []
        try:
            await asyncio.wait([work, *watch], return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise client_gone()
            return work.result()
        finally:
            self._leave(job)
            for pending in (work, *watch):
                pending.cancel()

    def stop(self) -> None:
        """Let the threads end once nothing waits for them."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    async def drained(self, seconds: float) -> bool:
        """Whether all work was done within the time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self._waiting or self._running:
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    def _admit(self, call: Callable[[], T]) -> _Job:
        with self._changed:
            if sum(not one.own for one in (*self._waiting, *self._running)) >= self._limit:
                raise unavailable(
                    f"The server has {self._limit} requests of this kind in hand, as many as it "
                    f"takes. Try again in {self._retry_after} s.",
                    kind="overloaded",
                    seconds=self._retry_after,
                )
            return self._line_up(_Job(call))

    def _line_up(self, job: _Job) -> _Job:
        with self._changed:
            if self._stopped:
                raise stopping()
            self._waiting.append(job)
            self._changed.notify()
        return job

    def _leave(self, job: _Job) -> None:
        with self._changed:
            if job in self._waiting:
                self._waiting.remove(job)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._stopped)
                if not self._waiting:
                    return
                job = self._waiting.popleft()
                self._running.add(job)
            finish = _outcome(job)
            with self._changed:
                # Before the client hears of it: its next request finds the place free.
                self._running.remove(job)
            finish()
            # An idle thread must not keep the last job's document alive.
            del job, finish


def _outcome(job: _Job) -> Callable[[], None]:
    """Do the job; what is given back tells its waiter."""
    if not job.future.set_running_or_notify_cancel():
        return lambda: None
    try:
        result = job.call()
    except BaseException as error:
        return partial(job.future.set_exception, error)
    return partial(job.future.set_result, result)
