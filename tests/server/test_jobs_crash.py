"""Whenever the server dies: what it accepted is added, once, and nothing is left of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.index import agreement
from tests.index.builders import open_library
from tests.server.test_process import Server, server

pytestmark = pytest.mark.slow

LATER = {"Prefer": "respond-async"}
Jobs = dict[str, dict[str, Any]]


class Place:
    """A store, and what its servers are told by files beside it."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.hold = folder / "hold"
        self.died = folder / "died"

    @contextmanager
    def serve(self) -> Iterator[Server]:
        with server(
            *("--data", str(self.data)),
            module="tests.server.mortal_server",
            HOLD=str(self.hold),
            DIED=str(self.died),
        ) as running:
            running.wait_until_ready()
            yield running

    def serve_to_the_end(self) -> Jobs:
        """The jobs by their names, once all have ended."""
        with self.serve() as running:
            while any(job["state"] in {"waiting", "running"} for job in jobs(running).values()):
                time.sleep(0.02)
            found = jobs(running)
            assert running.stop()[0] == 0
        return found

    def check(self, expected: set[str]) -> None:
        """Exactly these documents are there, whole, and nothing is left to be done."""
        library = open_library(self.data)
        there = [library.store.document(id).name for id in agreement.check(library)]
        library.close()
        assert sorted(there) == sorted(expected)
        assert {path.suffix for path in (self.data / "jobs").iterdir()} == {".json"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def jobs(running: Server) -> Jobs:
    return {job["name"]: job for job in running.client.get("/v1/jobs").json()["jobs"]}


def accept(running: Server, *texts: str) -> None:
    for text in texts:
        sent = {"text": f"This is a {text} note. It holds little.", "title": text}
        response = running.client.post("/v1/documents", json=sent, headers=LATER)
        assert response.status_code == 202


def wait_for_death(running: Server) -> None:
    assert running.process.wait(20) == -9


def wait_until_embedding(running: Server, name: str) -> None:
    while jobs(running)[name]["stage"] != "embed":
        time.sleep(0.01)


def test_killed_while_one_runs_and_others_wait(place: Place) -> None:
    place.hold.touch()
    with place.serve() as running:
        accept(running, "first", "second", "third")
        wait_until_embedding(running, "first")
        running.process.kill()
        wait_for_death(running)
    place.hold.unlink()
    ended = place.serve_to_the_end()
    assert [*ended] == ["third", "second", "first"]
    assert all((job["state"], job["created"]) == ("done", True) for job in ended.values())
    place.check({"first", "second", "third"})


def test_killed_as_soon_as_they_are_accepted(place: Place) -> None:
    names = [f"number {number}" for number in range(20)]
    with place.serve() as running:
        accept(running, *names)
        running.process.kill()
        wait_for_death(running)
    ended = place.serve_to_the_end()
    assert sorted(ended) == sorted(names)
    assert {job["state"] for job in ended.values()} == {"done"}
    place.check(set(names))


def test_killed_between_storing_and_saying_so(place: Place) -> None:
    with place.serve() as running:
        accept(running, "last", "next")
        wait_for_death(running)
    ended = place.serve_to_the_end()
    assert [job["state"] for job in ended.values()] == ["done", "done"]
    assert ended["last"]["document"]["name"] == "last"
    place.check({"last", "next"})


def test_what_kills_the_server_is_given_up(place: Place) -> None:
    place.hold.touch()
    with place.serve() as running:
        accept(running, "deadly", "other")
        place.hold.unlink()
        wait_for_death(running)
    with place.serve() as running:
        wait_for_death(running)
    ended = place.serve_to_the_end()
    assert ended["deadly"]["problem"]["type"] == "urn:pincite:crashed"
    assert ended["other"]["state"] == "done"
    place.check({"other"})


def test_cancelled_while_it_runs_and_then_killed(place: Place) -> None:
    place.hold.touch()
    with place.serve() as running:
        accept(running, "first", "second")
        wait_until_embedding(running, "first")
        for job in jobs(running).values():
            assert running.client.delete(f"/v1/jobs/{job['id']}").status_code == 204
        accept(running, "third")
        running.process.kill()
        wait_for_death(running)
    place.hold.unlink()
    assert [*place.serve_to_the_end()] == ["third"]
    place.check({"third"})


def test_stopping_is_no_crash_however_often(place: Place) -> None:
    place.hold.touch()
    for number in range(3):
        with place.serve() as running:
            if not number:
                accept(running, "first")
            wait_until_embedding(running, "first")
            assert running.stop()[0] == 0
    place.hold.unlink()
    assert [job["state"] for job in place.serve_to_the_end().values()] == ["done"]
    place.check({"first"})
