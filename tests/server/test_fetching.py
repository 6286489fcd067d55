"""Documents that the server fetches from the web, and fetches anew."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import pytest

from index.settings import IndexSettings
from index.web.addresses import Allowed
from index.web.fetcher import Fetcher
from tests.fakes import FakeService
from tests.server.conftest import problem, serving
from tests.sites import PAGE, Site, canary, page, redirect, site

LATER = {"Prefer": "respond-async"}


def fetcher(**settings: Any) -> Fetcher:
    return Fetcher(IndexSettings(fetch_allow=Allowed("127.0.0.1"), **settings))


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as found:
        found.pages["/herons"] = page(ETag='"v1"')
        yield found


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with serving(FakeService, fetcher=fetcher()) as client:
        yield client


def added(client: httpx.Client, url: str, **more: Any) -> dict[str, Any]:
    response = client.post("/v1/documents", json={"url": url, **more})
    assert response.status_code == 201, response.text
    document: dict[str, Any] = response.json()
    return document


def test_a_url_alone_is_fetched(client: httpx.Client, web: Site) -> None:
    document = added(client, f"{web.url}/herons", title="Herons", metadata={"k": "v"})
    assert (document["url"], document["title"]) == (f"{web.url}/herons", "Herons")
    assert document["name"] == "127.0.0.1/herons"
    assert document["metadata"]["k"] == "v"
    assert document["metadata"]["fetched_from"] == document["url"]
    assert client.get(f"/v1/documents/{document['id']}/text").content == PAGE
    again = client.post("/v1/documents", json={"url": f"{web.url}/herons"})
    assert (again.status_code, again.json()["id"]) == (200, document["id"])
    assert "pincite_documents 1.0" in client.get("/metrics").text


def test_a_url_with_a_text_is_not_fetched(client: httpx.Client, web: Site) -> None:
    added(client, f"{web.url}/herons", text="The page's text.")
    assert web.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "herons",
        "file:///etc/passwd",
        "http://127.0.0.2:{port}/",
        "http://[::1]:{port}/",
        "http://2130706434:{port}/",
        "http://①②⑦.⓪.⓪.②:{port}/",
        "http://169.254.169.254/",
        "http://user@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}\n/",
        "http://😀.\u2028/",
    ],
)
@pytest.mark.parametrize("headers", [{}, LATER])
def test_what_is_private_is_refused(
    client: httpx.Client, url: str, headers: dict[str, str]
) -> None:
    with canary() as port:
        sent = {"url": url.format(port=port)}
        response = client.post("/v1/documents", json=sent, headers=headers)
        if response.status_code == 202:
            job = ended(client, response.json())
            assert job["problem"]["type"] == "urn:pincite:address-refused"
        else:
            assert problem(response, 422)["type"] == "urn:pincite:address-refused"
    assert client.get("/v1/documents").json()["documents"] == []


def test_a_redirect_to_what_is_private_is_refused(client: httpx.Client, web: Site) -> None:
    with canary() as port:
        web.pages["/old"] = redirect(f"http://127.0.0.2:{port}/")
        problem(client.post("/v1/documents", json={"url": f"{web.url}/old"}), 422)


def test_what_gives_no_page_is_a_problem(client: httpx.Client, web: Site) -> None:
    def of(status: int, kind: str, path: str) -> str:
        document = problem(client.post("/v1/documents", json={"url": web.url + path}), status)
        assert document["type"] == f"urn:pincite:{kind}"
        return str(document["detail"])

    assert "answered 404 (Not Found)" in of(422, "fetch-failed", "/missing")
    web.pages["/image"] = page(kind="image/png")
    assert "is image/png, which is not read" in of(415, "unsupported-type", "/image")
    web.pages["/robots.txt"] = page(b"User-agent: *\nDisallow: /private", kind="text/plain")
    with serving(FakeService, fetcher=fetcher()) as fresh:
        response = fresh.post("/v1/documents", json={"url": f"{web.url}/private"})
    assert "robots.txt" in str(problem(response, 422)["detail"])


def test_a_page_over_the_limit_is_413(web: Site) -> None:
    with serving(FakeService, fetcher=fetcher(max_bytes=10)) as client:
        problem(client.post("/v1/documents", json={"url": f"{web.url}/herons"}), 413)


def test_fetching_can_be_switched_off(web: Site) -> None:
    with serving(FakeService, fetcher=fetcher(fetch=False)) as client:
        off = problem(client.post("/v1/documents", json={"url": f"{web.url}/herons"}), 422)
        assert "switched off here (PINCITE_FETCH)" in str(off["detail"])
        assert client.get("/health/ready").status_code == 200
    assert web.requests == []


def test_a_page_can_be_fetched_later(client: httpx.Client, web: Site) -> None:
    response = client.post("/v1/documents", json={"url": f"{web.url}/herons"}, headers=LATER)
    assert response.status_code == 202
    job = ended(client, response.json())
    assert (job["state"], job["created"]) == ("done", True)
    assert job["document"]["url"] == f"{web.url}/herons"


@pytest.mark.parametrize(("headers", "status"), [({}, 201), (LATER, 202)])
def test_a_site_that_is_slow_keeps_nobody_waiting(
    client: httpx.Client, web: Site, headers: dict[str, str], status: int
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(request: BaseHTTPRequestHandler) -> None:
        begun.set()
        assert go.wait(20)
        page()(request)

    web.pages["/slow"] = slow
    with ThreadPoolExecutor() as pool:
        sent = {"url": f"{web.url}/slow"}
        waiting = pool.submit(client.post, "/v1/documents", json=sent, headers=headers)
        assert begun.wait(20)
        try:
            assert client.get("/health/live").status_code == 200
            assert client.post("/v1/documents", json={"text": "Meanwhile."}).status_code == 201
        finally:
            go.set()
        assert waiting.result().status_code == status
    assert [job["state"] for job in jobs_ended(client)] == ["done"] * (status == 202)


# Fetching anew


def refreshed(client: httpx.Client, document: dict[str, Any]) -> dict[str, Any]:
    response = client.post(f"/v1/documents/{document['id']}/refresh")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_a_page_that_has_not_changed_stays(client: httpx.Client, web: Site) -> None:
    document = added(client, f"{web.url}/herons")
    assert refreshed(client, document) == {"document": document, "replaced": None}
    web.pages["/herons"] = page(b"", status=304)
    assert refreshed(client, document) == {"document": document, "replaced": None}
    assert web.requests[-1][1]["If-None-Match"] == '"v1"'


def test_a_page_that_has_changed_takes_the_place(client: httpx.Client, web: Site) -> None:
    document = added(client, f"{web.url}/herons", metadata={"k": "v"})
    web.pages["/herons"] = page(PAGE + b"<p>And stayed.</p>", ETag='"v2"')
    found = refreshed(client, document)
    assert found["replaced"] == document["id"] != found["document"]["id"]
    assert found["document"]["metadata"]["etag"] == '"v2"'
    assert found["document"]["metadata"]["k"] == "v"
    assert client.get("/v1/documents").json()["documents"] == [found["document"]]
    assert "pincite_documents 1.0" in client.get("/metrics").text


def test_a_page_that_is_gone_leaves_its_document(client: httpx.Client, web: Site) -> None:
    document = added(client, f"{web.url}/herons")
    web.pages["/herons"] = page(status=410)
    response = client.post(f"/v1/documents/{document['id']}/refresh")
    assert problem(response, 422)["type"] == "urn:pincite:fetch-failed"
    assert client.get("/v1/documents").json()["documents"] == [document]


def test_only_what_was_fetched_is_fetched_anew(client: httpx.Client) -> None:
    document = client.post("/v1/documents", json={"text": "A text."}).json()
    response = client.post(f"/v1/documents/{document['id']}/refresh")
    assert problem(response, 422)["type"] == "urn:pincite:not-fetched"
    problem(client.post("/v1/documents/nothing/refresh"), 404)


def ended(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """The job once it has ended."""
    return until(lambda: client.get(f"/v1/jobs/{job['id']}").json(), seconds=20)


def jobs_ended(client: httpx.Client) -> list[dict[str, Any]]:
    """All jobs, once they have ended."""
    return [ended(client, job) for job in client.get("/v1/jobs").json()["jobs"]]


def until(look: Callable[[], dict[str, Any]], *, seconds: float) -> dict[str, Any]:
    last = time.monotonic() + seconds
    while (job := look())["state"] in ("waiting", "running"):
        assert time.monotonic() < last
        time.sleep(0.01)
    return job
