"""The pool: what it lets in, what it turns away, and what it lets go of."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from server.errors import Problem
from server.workers import Pool


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await test()

    asyncio.run(bounded())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


def test_results_and_errors_come_back() -> None:
    async def test() -> None:
        pool = Pool("test", threads=1, queue=1)
        assert await pool.run(lambda: threading.current_thread().name) == "test-0"
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 / 0)
        pool.stop()

    run(test)


def test_a_full_line_turns_away_with_the_time_to_come_back() -> None:
    async def test() -> None:
        pool = Pool("test", threads=2, queue=3, retry_after=7)
        free = threading.Event()
        jobs = [asyncio.create_task(pool.run(free.wait)) for _ in range(5)]
        await until(lambda: pool.waiting == 3)
        assert pool.running == 2
        with pytest.raises(Problem) as caught:
            await pool.run(lambda: None)
        assert caught.value.status == 503
        assert caught.value.headers == {"Retry-After": "7"}
        free.set()
        assert all(await asyncio.gather(*jobs))
        assert (pool.waiting, pool.running) == (0, 0)
        await pool.run(lambda: None)
        pool.stop()

    run(test)


def test_its_own_work_takes_the_place_of_no_request() -> None:
    async def test() -> None:
        pool = Pool("test", threads=1, queue=1)
        free = threading.Event()
        done: list[str] = []
        pool.put(lambda: done.append("own") if free.wait(10) else None)
        await until(lambda: pool.running == 1)
        pool.put(lambda: done.append("own, later"))
        requests = [asyncio.create_task(pool.run(lambda: done.append("asked"))) for _ in range(2)]
        await until(lambda: pool.waiting == 3)
        with pytest.raises(Problem):
            await pool.run(lambda: None)
        pool.put(lambda: done.append("own, last"))
        free.set()
        await asyncio.gather(*requests)
        assert await pool.drained(5)
        assert done == ["own", "own, later", "asked", "asked", "own, last"]
        pool.stop()

    run(test)


def test_its_own_work_may_fail() -> None:
    async def test() -> None:
        pool = Pool("test", threads=1, queue=0)

        def fail() -> None:
            raise ZeroDivisionError

        pool.put(fail)
        assert await pool.drained(5)
        assert await pool.run(lambda: "still there") == "still there"
        pool.stop()

    run(test)


def test_whoever_has_an_answer_finds_the_place_free() -> None:
    async def test() -> None:
        pool = Pool("test", threads=1, queue=0)
        for _ in range(200):
            await pool.run(lambda: None)
        pool.stop()

    run(test)


def test_a_client_that_goes_away_leaves_the_line() -> None:
    async def test() -> None:
        pool = Pool("test", threads=1, queue=1)
        free, gone = threading.Event(), asyncio.Event()
        ran: list[str] = []
        busy = asyncio.create_task(pool.run(free.wait))
        await until(lambda: pool.waiting == 0)
        waiting = asyncio.create_task(pool.run(lambda: ran.append("x"), gone=_when(gone)))
        await until(lambda: pool.waiting == 1)
        gone.set()
        with pytest.raises(Problem) as caught:
            await waiting
        assert caught.value.status == 499
        assert pool.waiting == 0
        after = asyncio.create_task(pool.run(lambda: ran.append("y")))
        free.set()
        await asyncio.gather(busy, after)
        assert ran == ["y"]
        pool.stop()

    run(test)


def test_a_cancelled_waiter_leaves_the_line() -> None:
    async def test() -> None:
        pool = Pool("test", threads=1, queue=1)
        free = threading.Event()
        busy = asyncio.create_task(pool.run(free.wait))
        await until(lambda: pool.waiting == 0)
        waiting = asyncio.create_task(pool.run(lambda: None))
        await until(lambda: pool.waiting == 1)
        waiting.cancel()
        await until(lambda: pool.waiting == 0)
        free.set()
        await busy
        pool.stop()

    run(test)


def test_a_client_that_goes_away_while_it_runs_holds_its_place_until_the_end() -> None:
    async def test() -> None:
        pool = Pool("test", threads=1, queue=0)
        free, gone = threading.Event(), asyncio.Event()
        running = asyncio.create_task(pool.run(free.wait, gone=_when(gone)))
        await asyncio.sleep(0.01)
        gone.set()
        with pytest.raises(Problem):
            await running
        with pytest.raises(Problem) as caught:
            await pool.run(lambda: None)
        assert caught.value.status == 503
        free.set()
        assert await pool.drained(5)
        await pool.run(lambda: None)
        pool.stop()

    run(test)


def test_no_place_is_lost_over_many_disconnects() -> None:
    async def test() -> None:
        pool = Pool("test", threads=2, queue=8)

        async def impatient(seconds: float) -> None:
            with suppress(Problem):
                await pool.run(lambda: None, gone=lambda: asyncio.sleep(seconds))

        for turn in range(100):
            await asyncio.gather(*(impatient(n % 3 * 0.0001) for n in range(5)))
            assert await pool.drained(5), turn
        await asyncio.gather(*(pool.run(lambda: None) for _ in range(10)))
        pool.stop()

    run(test)


def test_drained_says_when_work_goes_on() -> None:
    async def test() -> None:
        pool = Pool("test", threads=1, queue=0)
        free = threading.Event()
        busy = asyncio.create_task(pool.run(free.wait))
        await asyncio.sleep(0.01)
        assert not await pool.drained(0.05)
        free.set()
        await busy
        assert await pool.drained(5)
        pool.stop()

    run(test)


def test_stopped_threads_end() -> None:
    pool = Pool("ending", threads=3, queue=0)
    threads = [t for t in threading.enumerate() if t.name.startswith("ending-")]
    assert len(threads) == 3
    pool.stop()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def _when(event: asyncio.Event) -> Callable[[], Awaitable[None]]:
    async def gone() -> None:
        await event.wait()

    return gone
