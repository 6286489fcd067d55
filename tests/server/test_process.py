"""`pincite serve` as a process of its own: how it starts, what it says, how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.server.conftest import problem

ROOT = Path(__file__).parents[2]
QUESTION = {"question": "who keeps the secret?"}


@dataclass
class Server:
    process: subprocess.Popen[str]
    client: httpx.Client

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, list[dict[str, object]]]:
        """The exit status and the log, after a signal."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> tuple[int, list[dict[str, object]]]:
        _, log = self.process.communicate(timeout=15)
        return self.process.returncode, [json.loads(line) for line in log.splitlines()]

    def wait_until_ready(self) -> None:
        while self.client.get("/health/ready").status_code != 200:
            time.sleep(0.02)


@contextmanager
def server(
    *arguments: str, module: str = "tests.server.fake_server", **fake: str
) -> Iterator[Server]:
    process = launch("--port", "0", *arguments, module=module, **fake)
    assert process.stdout is not None
    first = process.stdout.readline()
    found = re.match(r"Pincite listens on (http://\S+:\d+) ", first)
    try:
        assert found, first + (process.stderr.read() if process.stderr else "")
        # A wildcard address is where it listens; it is reached at a real one.
        with httpx.Client(base_url=found[1].replace("0.0.0.0", "127.0.0.1"), timeout=15) as client:
            yield Server(process, client)
    finally:
        process.kill()
        process.communicate()


def launch(
    *arguments: str, module: str = "tests.server.fake_server", **fake: str
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **fake},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refused(*arguments: str, **fake: str) -> tuple[int, str]:
    """The exit status and the one line of a server that does not start."""
    process = launch(*arguments, **fake)
    output, errors = process.communicate(timeout=15)
    assert not output
    assert len(errors.splitlines()) == 1
    return process.returncode, errors


def ask_at_once(
    server: Server, threads: ThreadPoolExecutor, number: int
) -> list[Future[httpx.Response]]:
    """So many questions, all of them received by the server."""
    asked = [threads.submit(server.client.post, "/v1/ask", json=QUESTION) for _ in range(number)]
    waiting = f'pincite_queue_depth{{queue="ask"}} {number - 1}.0'
    while waiting not in server.client.get("/metrics").text:
        time.sleep(0.01)
    return asked


def test_a_stopped_server_finishes_and_closes(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    with (
        server(FAKE_SECONDS="0.1", FAKE_CLOSED=str(closed)) as running,
        ThreadPoolExecutor(5) as threads,
    ):
        running.wait_until_ready()
        asked = ask_at_once(running, threads, 5)
        status, log = running.stop()
        assert [future.result().status_code for future in asked] == [200] * 5
    assert status == 0
    assert closed.exists()
    assert log[-1]["event"] == "stopped"
    assert "secret" not in json.dumps(log)
    requests = [entry for entry in log if entry["event"] == "request"]
    assert {"route": "/v1/ask", "status": 200}.items() <= requests[-1].items()


@pytest.mark.slow
def test_twenty_in_flight_all_finish() -> None:
    with server(FAKE_SECONDS="0.3") as running, ThreadPoolExecutor(20) as threads:
        running.wait_until_ready()
        asked = ask_at_once(running, threads, 20)
        start = time.monotonic()
        status, _ = running.stop()
        assert time.monotonic() - start < 10
        assert [future.result().status_code for future in asked] == [200] * 20
        assert status == 0


def test_work_that_does_not_end_does_not_hold_it() -> None:
    with (
        server("--stop-seconds", "1", FAKE_SECONDS="60") as running,
        ThreadPoolExecutor(2) as threads,
    ):
        running.wait_until_ready()
        asked, waiting = ask_at_once(running, threads, 2)
        status, log = running.stop()
        assert status == 0
        assert (log[-1]["event"], log[-1]["finished"]) == ("stopped", False)
        for response in (asked.result(), waiting.result()):
            problem(response, 503)
            assert response.headers["retry-after"] == "10"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_while_it_loads(number: signal.Signals) -> None:
    with server(FAKE_OPENING="0.5") as running:
        assert running.client.get("/health/live").status_code == 200
        assert running.client.get("/health/ready").status_code == 503
        status, log = running.stop(number)
        assert status == 0
        assert log[-1]["event"] == "stopped"


def test_a_service_that_can_not_be_opened_is_told_in_one_line() -> None:
    with server(
        FAKE_FAILURE="the store is locked by process 7: stop it", FAKE_OPENING="0.2"
    ) as running:
        status, log = running.end()
    assert status == 3
    (failure,) = [entry for entry in log if entry["level"] == "error"]
    assert failure["detail"] == "the store is locked by process 7: stop it"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "0"])
def test_other_machines_need_a_key(host: str) -> None:
    status, line = refused("--host", host, "--port", "0")
    assert status == 2
    assert "PINCITE_API_KEY" in line


def test_a_blank_key_is_refused() -> None:
    status, line = refused("--port", "0", PINCITE_API_KEY="  ")
    assert status == 2
    assert "PINCITE_API_KEY" in line


def test_with_a_key_it_may_listen_anywhere() -> None:
    with server("--host", "0.0.0.0", PINCITE_API_KEY="k3y") as running:
        assert running.client.get("/v1/documents").status_code == 401
        running.wait_until_ready()
        headers = {"Authorization": "Bearer k3y"}
        assert running.client.get("/v1/documents", headers=headers).status_code == 200
        status, log = running.stop()
    assert status == 0
    assert "k3y" not in json.dumps(log)


def test_an_address_in_use_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        status, line = refused("--port", port)
    assert status == 3
    assert port in line
    assert "--port" in line


@pytest.mark.parametrize(
    "host", ["no.such.host.invalid", "300.1.1.1", "\u2603" * 80], ids=["unknown", "no IP", "odd"]
)
def test_an_address_that_is_none_is_told_in_one_line(host: str) -> None:
    status, line = refused("--host", host, "--port", "0")
    assert status == 3
    assert "--host" in line


def test_settings_come_from_the_environment_and_options_win() -> None:
    with server(PINCITE_PORT="1", PINCITE_ALLOWED_HOSTS="other.example") as running:
        response = running.client.get("/health/live", headers={"Host": "other.example"})
        assert response.status_code == 200


def test_a_wrong_setting_is_a_usage_error() -> None:
    status, line = refused(PINCITE_QUEUE="many")
    assert status == 2
    assert "PINCITE_QUEUE" in line
