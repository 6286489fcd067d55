"""Adding without waiting, as a client sees it: accepted, followed, cancelled, remembered."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from index.errors import SourceTooLarge, StoreFull, UnreadableSource
from index.settings import IndexSettings
from index.types import Added, Link, Progress, Source, Stage
from index.web.fetcher import Fetcher
from server.settings import Limits, ServerSettings
from tests.fakes import FakeService
from tests.index.builders import fill
from tests.server.conftest import TEXT, problem, serving

LATER = {"Prefer": "respond-async"}


class Held(FakeService):
    """Begins to add, then waits for the test to let it go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)

    def add(self, source: Source, *, progress: Progress | None = None) -> Added:
        if progress is not None:
            progress(Stage.EMBED, 32, 96)
        self.begun.release()
        assert self.go.wait(20)
        return super().add(source, progress=progress)


@pytest.fixture
def held() -> Iterator[Held]:
    service = Held()
    yield service
    service.go.set()


def later(client: httpx.Client, text: str) -> dict[str, Any]:
    """The job that a text became."""
    response = client.post("/v1/documents", json={"text": text}, headers=LATER)
    assert response.status_code == 202, response.text
    job: dict[str, Any] = response.json()
    assert response.headers["location"] == f"/v1/jobs/{job['id']}"
    assert response.headers["preference-applied"] == "respond-async"
    return job


def follow(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """The job once it has ended."""
    return until(
        client, f"/v1/jobs/{job['id']}", lambda job: job["state"] not in {"waiting", "running"}
    )


def until(client: httpx.Client, url: str, met: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + 10
    while True:
        found: dict[str, Any] = client.get(url).json()
        if met(found):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.005)


def test_a_text_is_accepted_and_then_there(client: httpx.Client) -> None:
    job = later(client, TEXT)
    assert {**job, "id": None, "created_at": None} == {
        "id": None,
        "state": "waiting",
        "name": "text",
        "stage": None,
        "done": 0,
        "total": 0,
        "document": None,
        "created": None,
        "problem": None,
        "created_at": None,
    }
    done = follow(client, job)
    assert (done["state"], done["created"], done["problem"]) == ("done", True, None)
    document = client.get(f"/v1/documents/{done['document']['id']}").json()
    assert done["document"] == document
    assert client.get("/v1/jobs").json() == {"jobs": [done]}
    assert "pincite_documents 1.0\n" in client.get("/metrics").text


def test_a_file_is_accepted_too(client: httpx.Client) -> None:
    response = client.post(
        "/v1/documents",
        files={"file": ("godwits.md", TEXT.encode(), "text/markdown")},
        data={"title": "Götwits", "metadata": '{"topic": "birds"}'},
        headers=LATER,
    )
    assert response.status_code == 202
    document = follow(client, response.json())["document"]
    assert (document["name"], document["title"]) == ("godwits.md", "Götwits")
    assert (document["media_type"], document["metadata"]) == ("text/markdown", {"topic": "birds"})


@pytest.mark.parametrize("prefer", ["wait=10", "return=minimal", "", "respond-sync"])
def test_without_the_preference_it_is_added_at_once(client: httpx.Client, prefer: str) -> None:
    response = client.post("/v1/documents", json={"text": TEXT}, headers={"Prefer": prefer})
    assert response.status_code == 201
    assert "preference-applied" not in response.headers
    assert client.get("/v1/jobs").json() == {"jobs": []}


def test_the_preference_may_stand_in_any_of_several_headers(client: httpx.Client) -> None:
    headers = [("Prefer", "wait=1"), ("Prefer", "Respond-Async; x=y"), ("Prefer", "foo")]
    response = client.post("/v1/documents", json={"text": TEXT}, headers=headers)
    assert response.status_code == 202


def test_what_is_known_at_once_is_told_at_once() -> None:
    with serving(FakeService, limits=Limits(file_bytes=1000, question_characters=2000)) as client:

        def send(**body: Any) -> httpx.Response:
            return client.post("/v1/documents", headers={**LATER, **body.pop("kind", {})}, **body)

        problem(send(json={}), 422)
        problem(send(json={"text": "a", "nope": 1}), 422)
        problem(send(json={"text": "a" * 1001}), 413)
        problem(send(json={"text": "a" * 200_000}), 413)
        problem(send(content=b"{", kind={"Content-Type": "application/json"}), 400)
        problem(send(content=b"a", kind={"Content-Type": "text/plain"}), 415)
        problem(send(files={"file": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(99))}), 415)
        problem(send(files={"nope": ("a", b"a")}), 422)
        assert client.get("/v1/jobs").json() == {"jobs": []}


@pytest.mark.parametrize("sent", [{"text": " "}, {"text": "x"}])
def test_what_fails_is_told_as_it_would_have_been_at_once(sent: dict[str, str]) -> None:
    class Refusing(FakeService):
        def add(self, source: Source, *, progress: Progress | None = None) -> Added:
            super().add(source, progress=None)
            raise SourceTooLarge("the book holds too much: split it")

    with serving(Refusing) as client:
        response = client.post("/v1/documents", json=sent)
        job = client.post("/v1/documents", json=sent, headers=LATER).json()
        failed = follow(client, job)
        assert (failed["state"], failed["document"]) == ("failed", None)
        assert failed["problem"] == problem(response, response.status_code)


def test_a_full_line_is_503(held: Held) -> None:
    with serving(lambda: held, ServerSettings(job_queue=2)) as client:
        later(client, "running")
        assert held.begun.acquire(timeout=10)
        for text in ("one", "two"):
            later(client, text)
        response = client.post("/v1/documents", json={"text": "three"}, headers=LATER)
        assert problem(response, 503)["type"] == "urn:pincite:overloaded"
        assert response.headers["retry-after"] == "5"
        metrics = client.get("/metrics").text
        assert 'pincite_queue_depth{queue="jobs"} 2.0' in metrics
        assert 'pincite_running{queue="jobs"} 1.0' in metrics
        held.go.set()


def test_a_full_disk_is_507(small_disk: Path) -> None:
    with serving(FakeService, data=small_disk) as client:
        fill(small_disk / "filler")
        response = client.post("/v1/documents", json={"text": TEXT}, headers=LATER)
        assert problem(response, 507)["type"] == "urn:pincite:disk-full"
        assert client.get("/v1/jobs").json() == {"jobs": []}
        (small_disk / "filler").unlink()
        assert follow(client, later(client, TEXT))["state"] == "done"


def test_a_disk_that_is_full_later_fails_the_job() -> None:
    class Full(FakeService):
        def add(self, source: Source, *, progress: Progress | None = None) -> Added:
            raise StoreFull("no space left: free some")

    with serving(Full) as client:
        failed = follow(client, later(client, TEXT))
        assert failed["problem"]["status"] == 507


# Following and cancelling


def test_progress_is_told(held: Held) -> None:
    with serving(lambda: held) as client:
        job = later(client, TEXT)
        assert held.begun.acquire(timeout=10)
        running = client.get(f"/v1/jobs/{job['id']}").json()
        assert {k: running[k] for k in ("state", "stage", "done", "total")} == {
            "state": "running",
            "stage": "embed",
            "done": 32,
            "total": 96,
        }
        held.go.set()
        assert follow(client, job)["state"] == "done"


def test_cancelling(held: Held) -> None:
    with serving(lambda: held) as client:
        running, waiting = later(client, "running"), later(client, "waiting")
        assert held.begun.acquire(timeout=10)
        for job in (running, waiting):
            response = client.delete(f"/v1/jobs/{job['id']}")
            assert (response.status_code, response.content) == (204, b"")
        problem(client.get(f"/v1/jobs/{waiting['id']}"), 404)
        assert client.get(f"/v1/jobs/{running['id']}").json()["state"] == "running"
        held.go.set()
        assert follow(client, running)["state"] == "cancelled"
        assert client.get("/v1/documents").json()["documents"] == []
        assert client.delete(f"/v1/jobs/{running['id']}").status_code == 204
        assert client.get("/v1/jobs").json() == {"jobs": []}


def test_forgetting_leaves_the_document(client: httpx.Client) -> None:
    done = follow(client, later(client, TEXT))
    assert client.delete(f"/v1/jobs/{done['id']}").status_code == 204
    assert client.get(f"/v1/documents/{done['document']['id']}").status_code == 200
    problem(client.delete(f"/v1/jobs/{done['id']}"), 404)


@pytest.mark.parametrize("id", ["nope", "%00", "%F0%9F%90%A6", "..", "a%2Fb", "a" * 2000])
def test_unknown_ids_are_404(shared: httpx.Client, id: str) -> None:
    problem(shared.get(f"/v1/jobs/{id}"), 404)
    problem(shared.delete(f"/v1/jobs/{id}"), 404)


def test_one_thread_writes_however_it_is_added() -> None:
    threads: list[str] = []

    class Watched(FakeService):
        def add(self, source: Source, *, progress: Progress | None = None) -> Added:
            threads.append(threading.current_thread().name)
            return super().add(source, progress=progress)

    with serving(Watched) as client:
        assert client.post("/v1/documents", json={"text": "At once."}).status_code == 201
        assert follow(client, later(client, TEXT))["state"] == "done"
    assert threads == ["write-0"] * 2


def test_requests_pass_a_long_line_of_jobs(held: Held) -> None:
    with serving(lambda: held, ServerSettings(upload_queue=0)) as client:
        jobs = [later(client, f"Note {number}") for number in range(20)]
        assert held.begun.acquire(timeout=10)
        with ThreadPoolExecutor() as threads:
            sent = threads.submit(client.post, "/v1/documents", json={"text": "At once."})
            while 'pincite_queue_depth{queue="write"} 1.0' not in client.get("/metrics").text:
                time.sleep(0.005)
            held.go.set()
            assert sent.result().status_code == 201
        for job in jobs:
            follow(client, job)
        # Only the job that was under way came before it.
        documents = client.get("/v1/documents").json()["documents"]
        assert documents[1]["name"] == "text"
        assert client.get(f"/v1/documents/{documents[1]['id']}/text").text == "At once."


# Web pages


class Site(Fetcher):
    """Gives one page, once the test lets it."""

    def __init__(self) -> None:
        super().__init__(IndexSettings())
        self.go = threading.Event()

    def fetch(self, link: Link) -> Source:
        assert self.go.wait(20)
        if link.url.endswith("/gone"):
            raise UnreadableSource("the page is gone: look for it elsewhere")
        return Source(TEXT.encode(), "godwits", url=link.url, title=link.title)


def test_a_page_is_fetched_in_its_job_and_holds_nobody_up(tmp_path: Path) -> None:
    site, url = Site(), "https://example.org/godwits"
    with serving(FakeService, fetcher=site, data=tmp_path) as client:
        sent = {"url": url, "title": "Godwits"}
        job = client.post("/v1/documents", json=sent, headers=LATER).json()
        assert (job["state"], job["name"]) == ("waiting", url)
        running = until(client, f"/v1/jobs/{job['id']}", lambda job: job["state"] == "running")
        assert running["stage"] is None
        # Nothing else waits for the site.
        assert client.post("/v1/documents", json={"text": "At once."}).status_code == 201
        site.go.set()
        document = follow(client, job)["document"]
        assert (document["url"], document["title"]) == (url, "Godwits")


def test_a_page_that_is_not_to_be_had_is_told_as_at_once() -> None:
    site, sent = Site(), {"url": "https://example.org/gone"}
    site.go.set()
    with serving(FakeService, fetcher=site) as client:
        response = client.post("/v1/documents", json=sent)
        failed = follow(client, client.post("/v1/documents", json=sent, headers=LATER).json())
        assert failed["problem"] == problem(response, 422)


def test_a_server_that_waits_for_a_page_stops_and_the_next_fetches_it(tmp_path: Path) -> None:
    site, url = Site(), "https://example.org/godwits"
    with serving(FakeService, fetcher=site, data=tmp_path) as client:
        job = client.post("/v1/documents", json={"url": url}, headers=LATER).json()
        until(client, f"/v1/jobs/{job['id']}", lambda job: job["state"] == "running")
    site.go.set()
    with serving(FakeService, fetcher=site, data=tmp_path) as client:
        assert follow(client, job)["document"]["url"] == url


# From one server to the next


def test_jobs_outlive_their_server(tmp_path: Path) -> None:
    service = FakeService()
    with serving(lambda: service, data=tmp_path) as client:
        ended = [follow(client, later(client, text)) for text in (TEXT, " ")]
    with serving(lambda: service, data=tmp_path) as client:
        assert client.get("/v1/jobs").json() == {"jobs": ended[::-1]}


def test_what_waits_when_the_server_stops_is_done_by_the_next(tmp_path: Path, held: Held) -> None:
    with serving(lambda: held, data=tmp_path) as client:
        jobs = [later(client, text) for text in ("one", "two", "three")]
        assert held.begun.acquire(timeout=10)
    service = FakeService()
    with serving(lambda: service, data=tmp_path) as client:
        assert [follow(client, job)["state"] for job in jobs] == ["done"] * 3
        documents = client.get("/v1/documents").json()["documents"]
        assert [client.get(f"/v1/documents/{d['id']}/text").text for d in documents] == [
            "one",
            "two",
            "three",
        ]
        assert "pincite_documents 3.0\n" in client.get("/metrics").text


def test_jobs_need_the_service_open() -> None:
    opened = threading.Event()

    def opening() -> FakeService:
        assert opened.wait(20)
        return FakeService()

    with serving(opening, wait=False) as client:
        for response in (
            client.get("/v1/jobs"),
            client.get("/v1/jobs/a"),
            client.delete("/v1/jobs/a"),
            client.post("/v1/documents", json={"text": TEXT}, headers=LATER),
        ):
            assert problem(response, 503)["type"] == "urn:pincite:not-ready"
        opened.set()


def test_jobs_need_the_key() -> None:
    with serving(FakeService, key="k3y") as client:
        problem(client.get("/v1/jobs"), 401)
        key = {"Authorization": "Bearer k3y"}
        assert client.get("/v1/jobs", headers=key).json() == {"jobs": []}
