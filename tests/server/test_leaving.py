"""Clients that leave at every stage: none takes a place with it, and the next is answered."""

import json
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from tests.server.test_process import Server, server

pytestmark = pytest.mark.slow

CLIENTS = 500
AT_ONCE = 40
QUEUE = 24
BODY = json.dumps({"question": "Who?"}).encode()
WHOLE = len(BODY)
IDLE = (
    'pincite_queue_depth{queue="ask"} 0.0',
    'pincite_running{queue="ask"} 0.0',
    'pincite_queue_depth{queue="read"} 0.0',
    'pincite_running{queue="read"} 0.0',
)

Stage = Callable[[socket.socket, bytes], None]


def before_a_word(_: socket.socket, __: bytes) -> None:
    """Connects, and leaves."""


def within_the_head(link: socket.socket, head: bytes) -> None:
    link.sendall(head[: len(head) // 2])


def before_the_body(link: socket.socket, head: bytes) -> None:
    link.sendall(head)


def within_the_body(link: socket.socket, head: bytes) -> None:
    link.sendall(head + BODY[: WHOLE // 2])


def after_the_body(link: socket.socket, head: bytes) -> None:
    link.sendall(head + BODY)


def in_the_line(link: socket.socket, head: bytes) -> None:
    link.sendall(head + BODY)
    time.sleep(random.uniform(0, 0.1))


def at_the_first_byte(link: socket.socket, head: bytes) -> None:
    link.sendall(head + BODY)
    link.recv(1)


def after_the_first_event(link: socket.socket, head: bytes) -> None:
    link.sendall(head + BODY)
    _read_until(link, b"event: interpretation")


def after_the_answer(link: socket.socket, head: bytes) -> None:
    link.sendall(head + BODY)
    _read_until(link, b"event: answer")


def at_the_end(link: socket.socket, head: bytes) -> None:
    """Reads all there is; what is no event stream ends with the answer's last brace."""
    link.sendall(head + BODY)
    _read_until(link, b"event: done", b"}}")


STAGES: tuple[Stage, ...] = (
    *(before_a_word, within_the_head, before_the_body, within_the_body, after_the_body),
    *(in_the_line, at_the_first_byte, after_the_first_event, after_the_answer, at_the_end),
)


def _read_until(link: socket.socket, *marks: bytes) -> None:
    """Until one of the marks has come, or a refusal or an answer without events is complete."""
    received = b""
    while not any(mark in received for mark in (*marks, b"Retry-After", b"retry-after", b"}}")):
        chunk = link.recv(65536)
        if not chunk:
            return
        received += chunk


def leave(url: httpx.URL, path: str, number: int) -> None:
    """One client's visit, that ends at a stage, in one of the two ways that a connection ends."""
    accept = ("*/*", "text/event-stream")[number // len(STAGES) % 2]
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Accept: {accept}\r\nContent-Length: {WHOLE}\r\n\r\n"
    )
    with socket.create_connection((url.host, url.port or 80), timeout=20) as link:
        STAGES[number % len(STAGES)](link, head.encode())
        if number % 3 == 0:  # a reset, as when a program is killed, in place of a farewell
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def wait_until_idle(running: Server) -> None:
    deadline = time.monotonic() + 20
    while not all(line in (metrics := running.client.get("/metrics").text) for line in IDLE):
        assert time.monotonic() < deadline, metrics
        time.sleep(0.02)


@contextmanager
def reading_log(running: Server) -> Iterator[list[dict[str, object]]]:
    """The log while it is written: a pipe that nobody reads would fill, and hold the server."""
    entries: list[dict[str, object]] = []
    stream = running.process.stderr
    assert stream is not None
    reader = threading.Thread(target=lambda: entries.extend(map(json.loads, stream)))
    reader.start()
    try:
        yield entries
    finally:
        running.process.terminate()
        assert running.process.wait(15) == 0
        reader.join()


def test_clients_that_leave_take_no_place_with_them() -> None:
    with (
        server("--queue", str(QUEUE), FAKE_STEP_SECONDS="0.01") as running,
        reading_log(running) as log,
    ):
        running.wait_until_ready()
        running.client.post("/v1/documents", json={"text": "Godwits arrived."})
        conversation = running.client.post("/v1/conversations").headers["location"]
        paths = ("/v1/ask", f"{conversation}/messages")
        with ThreadPoolExecutor(AT_ONCE) as threads:
            visits = [
                threads.submit(leave, running.client.base_url, paths[number % 7 % 2], number)
                for number in range(CLIENTS)
            ]
            for visit in visits:
                visit.result()
        wait_until_idle(running)
        # Every place is free: as many as may wait are taken in, and answered.
        with ThreadPoolExecutor(QUEUE + 1) as threads:
            asked = [
                threads.submit(running.client.post, path, json={"question": "Who?"}, headers=accept)
                for path, accept in [(paths[0], {}), (paths[1], {"Accept": "text/event-stream"})]
                for _ in range((QUEUE + 1) // 2)
            ]
            assert [future.result().status_code for future in asked] == [200] * len(asked)
        wait_until_idle(running)
    # Some were served, some left, some left within a stream.
    ends = {(entry.get("status"), entry.get("problem")) for entry in log}
    assert ends >= {(200, None), (499, "client-gone"), (200, "client-gone")}
    assert [entry for entry in log if entry["level"] == "error"] == []
