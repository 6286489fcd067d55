"""Folders added again: what is skipped, what takes whose place, and what stays."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from index.settings import IndexSettings
from index.types import Source
from qa.cli import main
from qa.commands.target import Target
from qa.settings import AnswerSettings
from tests.fakes import FakeService

_LONG_AGO = 1_700_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    write(folder / "a.txt", "The first text.")
    write(folder / "b.txt", "The second text.")
    return folder


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def add(
    service: FakeService, tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[], str]:
    def run() -> str:
        target = Target(
            index=IndexSettings(data=tmp_path / "data"),
            answering=AnswerSettings(),
            open_local=lambda *_, **__: service,
        )
        assert main(("add", str(folder)), target=target) == 0
        return capsys.readouterr().out.splitlines()[-1]

    return run


def write(path: Path, text: str, *, at: int = _LONG_AGO) -> None:
    path.write_text(text)
    os.utime(path, (at, at))


def names(service: FakeService) -> list[str]:
    return [service.text(one.id) for one in service.documents().documents]


def test_unchanged_files_are_not_even_read(add: Callable[[], str], folder: Path) -> None:
    assert add() == "2 added."
    write(folder / "a.txt", "The FIRST text.")  # same size, same time: only reading would tell
    assert add() == "2 unchanged."


def test_a_touched_file_is_unchanged(add: Callable[[], str], folder: Path) -> None:
    add()
    os.utime(folder / "a.txt")
    assert add() == "2 unchanged."


def test_a_young_file_is_told_by_its_bytes(add: Callable[[], str], folder: Path) -> None:
    os.utime(folder / "a.txt")
    state = (folder / "a.txt").stat()
    add()
    (folder / "a.txt").write_text("The FIRST text.")
    os.utime(folder / "a.txt", ns=(state.st_atime_ns, state.st_mtime_ns))
    assert add() == "1 changed, 1 unchanged."


def test_a_new_version_takes_the_old_ones_place(
    add: Callable[[], str], folder: Path, service: FakeService
) -> None:
    add()
    write(folder / "a.txt", "Another first text.")
    assert add() == "1 changed, 1 unchanged."
    assert names(service) == ["The second text.", "Another first text."]


def test_a_document_that_another_file_still_is_stays(
    add: Callable[[], str], folder: Path, service: FakeService
) -> None:
    write(folder / "c.txt", "The first text.")
    add()
    write(folder / "a.txt", "Another first text.")
    add()
    assert "The first text." in names(service)


def test_a_document_that_was_there_before_stays(
    add: Callable[[], str], folder: Path, service: FakeService
) -> None:
    service.add(Source(b"The first text.", "elsewhere.txt"))
    add()
    write(folder / "a.txt", "Another first text.")
    add()
    assert "The first text." in names(service)


def test_a_removed_document_is_added_again(add: Callable[[], str], service: FakeService) -> None:
    add()
    service.remove(service.documents().documents[0].id)
    assert add() == "1 added, 1 unchanged."
