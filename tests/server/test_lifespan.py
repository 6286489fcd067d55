"""Loading in the background, overload, and the end."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from index.settings import IndexSettings
from index.types import Added, Progress, Source
from index.web.fetcher import Fetcher
from qa.types import Answer, Question, Watch
from server.lifespan import Serving
from server.settings import ServerSettings
from tests.fakes import FakeService
from tests.server.conftest import TEXT, problem, serving


class Slow(FakeService):
    """Takes as long as the test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.started = threading.Semaphore(0)

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        self._wait()
        return super().ask(question, watch=watch)

    def add(self, source: Source, *, progress: Progress | None = None) -> Added:
        self._wait()
        return super().add(source)

    def _wait(self) -> None:
        self.started.release()
        assert self.go.wait(20)


def wait_for(client: httpx.Client, line: str) -> None:
    """Until the metrics hold the line."""
    deadline = time.monotonic() + 10
    while line not in client.get("/metrics").text:
        assert time.monotonic() < deadline, client.get("/metrics").text
        time.sleep(0.005)


def test_it_answers_while_it_loads() -> None:
    loaded = threading.Event()

    def opening() -> FakeService:
        assert loaded.wait(20)
        return FakeService()

    with serving(opening, wait=False) as client:
        assert client.get("/health/live").status_code == 200
        assert client.get("/schema/openapi.json").status_code == 200
        assert "pincite_ready 0.0" in client.get("/metrics").text
        for response in (
            client.get("/health/ready"),
            client.post("/v1/ask", json={"question": "Who?"}),
            client.post("/v1/documents", json={"text": TEXT}),
            client.get("/v1/documents"),
        ):
            problem(response, 503)
            assert response.headers["retry-after"] == "1"
        problem(client.post("/v1/ask", json={"question": ""}), 422)
        loaded.set()
        wait_for(client, "pincite_ready 1.0")
        assert client.get("/health/ready").json() == {"status": "ready"}
        assert client.post("/v1/ask", json={"question": "Who?"}).status_code == 200


def test_what_is_stored_is_counted_at_the_start() -> None:
    service = FakeService()
    for number in range(1234):
        service.add(Source(data=f"Text {number}".encode(), name="a"))
    with serving(lambda: service) as client:
        wait_for(client, "pincite_documents 1234.0")
        wait_for(client, "pincite_chunks 1234.0")


def test_overload_sheds_and_recovers() -> None:
    service = Slow()
    settings = ServerSettings(workers=1, queue=2)
    with serving(lambda: service, settings) as client, ThreadPoolExecutor(8) as threads:
        asked = [
            threads.submit(client.post, "/v1/ask", json={"question": "Who?"}) for _ in range(3)
        ]
        wait_for(client, 'pincite_queue_depth{queue="ask"} 2.0')
        for call, field in (("/v1/ask", "question"), ("/v1/search", "query")):
            response = client.post(call, json={field: "Who?"})
            problem(response, 503)
            assert response.headers["retry-after"] == "1"
        # What does not ask is not in that line.
        assert client.get("/health/ready").status_code == 200
        assert client.get("/v1/documents").status_code == 200
        service.go.set()
        assert [future.result().status_code for future in asked] == [200] * 3
        assert client.post("/v1/ask", json={"question": "Who?"}).status_code == 200
        assert 'pincite_rejections_total{reason="overloaded"} 2.0' in client.get("/metrics").text


def test_too_many_uploads_shed_too() -> None:
    service = Slow()
    settings = ServerSettings(upload_queue=1)
    with serving(lambda: service, settings) as client, ThreadPoolExecutor(8) as threads:
        sent = [threads.submit(client.post, "/v1/documents", json={"text": t}) for t in "ab"]
        wait_for(client, 'pincite_queue_depth{queue="write"} 1.0')
        response = client.post("/v1/documents", json={"text": "c"})
        problem(response, 503)
        assert response.headers["retry-after"] == "5"
        service.go.set()
        assert [future.result().status_code for future in sent] == [201, 201]


def test_a_client_that_goes_away_frees_its_place() -> None:
    service = Slow()
    with (
        serving(lambda: service, ServerSettings(queue=3)) as client,
        ThreadPoolExecutor() as threads,
    ):
        first = threads.submit(client.post, "/v1/ask", json={"question": "Who?"})
        assert service.started.acquire(timeout=10)
        for _ in range(5):
            links = [open_question(client) for _ in range(3)]
            wait_for(client, 'pincite_queue_depth{queue="ask"} 3.0')
            for link in links:
                link.close()
            wait_for(client, 'pincite_queue_depth{queue="ask"} 0.0')
        service.go.set()
        assert first.result().status_code == 200
        assert client.post("/v1/ask", json={"question": "Who?"}).status_code == 200
        # Of those who left, nothing was worked on.
        assert len(service.asked) == 2


def test_a_delete_is_done_though_its_client_left() -> None:
    service = Slow()
    service.go.set()
    id = service.add(Source(data=TEXT.encode(), name="a")).document.id
    assert service.started.acquire(timeout=10)
    service.go.clear()
    with serving(lambda: service) as client, ThreadPoolExecutor() as threads:
        adding = threads.submit(client.post, "/v1/documents", json={"text": "Another."})
        assert service.started.acquire(timeout=10)
        with connection(client) as link:
            link.sendall(f"DELETE /v1/documents/{id} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            wait_for(client, 'pincite_queue_depth{queue="write"} 1.0')
        time.sleep(0.05)  # the server hears of it
        service.go.set()
        assert adding.result().status_code == 201
        wait_for(client, "pincite_documents 1.0")
        problem(client.get(f"/v1/documents/{id}"), 404)


def test_a_document_is_counted_though_its_client_left() -> None:
    service = Slow()
    with serving(lambda: service) as client:
        body = b'{"text": "An article."}'
        head = (
            "POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        with connection(client) as link:
            link.sendall(head.encode() + body)
            assert service.started.acquire(timeout=10)
        service.go.set()
        wait_for(client, "pincite_documents 1.0")


def test_the_service_is_closed_at_the_end() -> None:
    service = FakeService()
    with serving(lambda: service):
        assert not service.closed
    assert service.closed


def test_a_server_that_stops_while_loading_closes_what_it_loaded() -> None:
    service = FakeService()
    begun = threading.Event()

    def opening() -> FakeService:
        begun.set()
        time.sleep(0.3)
        return service

    with serving(opening, wait=False):
        assert begun.wait(10)
    assert service.closed


@pytest.mark.parametrize("name", ["asking", "reading", "writing"])
def test_writing_is_one_thread_whatever_the_settings(name: str, tmp_path: Path) -> None:
    fetcher = Fetcher(IndexSettings())
    serving = Serving(FakeService, ServerSettings(workers=3), tmp_path, fetcher=fetcher)
    threads = [t.name for t in threading.enumerate()]
    pool = getattr(serving, name)
    assert f"{pool.name}-0" in threads
    assert "write-1" not in threads
    for pool in (serving.asking, serving.reading, serving.writing):
        pool.stop()


def open_question(client: httpx.Client) -> socket.socket:
    """A connection on which a question was asked, whose answer nobody has read yet."""
    body = b'{"question": "Who?"}'
    head = (
        "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    link = connection(client)
    link.sendall(head.encode() + body)
    return link


def connection(client: httpx.Client) -> socket.socket:
    return socket.create_connection((client.base_url.host, client.base_url.port or 80))
