"""A real server on a real socket, in a thread, around a fake service."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from index.web.fetcher import Fetcher
from qa.service import Service
from server.app import create_app
from server.front import Front
from server.process import address, http_server, listen
from server.settings import DEFAULT_LIMITS, Limits, ServerSettings
from tests.fakes import FakeService
from tests.sites import offline

QUESTION = "When did the godwits arrive?"
QUOTE = "in September"
TEXT = "Godwits left Alaska. 🐦\nThey arrived in September, tired.\n"


@contextmanager
def serving(
    opening: Callable[[], Service],
    settings: ServerSettings | None = None,
    *,
    key: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    port: int = 0,
    data: Path | None = None,
    fetcher: Fetcher | None = None,
    wait: bool = True,
) -> Iterator[httpx.Client]:
    """A client of a running server; ``wait`` for it to be ready.

    ``data`` is the folder in which documents wait to be added; else one that is cleared away.
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as own:
        app = create_app(
            opening,
            settings or ServerSettings(),
            data=data or Path(own),
            fetcher=fetcher or offline(),
            key=key,
            limits=limits,
        )
        with _running(app, port, wait=wait) as client:
            yield client


@contextmanager
def _running(app: Front, port: int, *, wait: bool) -> Iterator[httpx.Client]:
    listener = listen("127.0.0.1", port)
    url = address(listener)
    server = http_server(app, stop_seconds=2)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
    )
    thread.start()
    try:
        with httpx.Client(base_url=url, timeout=20) as client:
            while wait and client.get("/health/ready").status_code != 200:
                time.sleep(0.01)
            yield client
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def service() -> FakeService:
    return FakeService({QUESTION: QUOTE})


@pytest.fixture
def client(service: FakeService) -> Iterator[httpx.Client]:
    with serving(lambda: service) as client:
        yield client


@pytest.fixture(scope="session")
def shared() -> Iterator[httpx.Client]:
    """One server for tests that leave nothing behind that another could notice."""
    with serving(lambda: FakeService({QUESTION: QUOTE})) as client:
        yield client


def problem(response: httpx.Response, status: int) -> dict[str, object]:
    """The problem document of a response, after checking that it is a right one."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, object] = response.json()
    assert document["status"] == status
    assert document["type"]
    assert document["title"]
    assert document["detail"]
    assert ("errors" in document) == (status == 422)
    assert "Traceback" not in response.text
    return document


def openai_error(response: httpx.Response, status: int) -> dict[str, object]:
    """The error of a response in OpenAI's shape, after checking that it is a right one."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    (found,) = response.json().values()
    assert list(found) == ["message", "type", "param", "code"]
    assert found["message"]
    assert found["type"] == ("server_error" if status >= 500 else "invalid_request_error")
    return dict(found)
