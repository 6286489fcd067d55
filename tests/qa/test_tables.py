"""The tables, through a pipe and on a terminal of 60 columns."""

import re
from dataclasses import replace

import pytest

from index.types import Added, Document, Source
from qa import tables
from qa.tables import Outcome
from tests.fakes import FakeService

TEXT = "The museum opened in 1871."
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def stored(**stated: str) -> Document:
    return FakeService().add(Source(TEXT.encode(), "museum.txt", **stated)).document  # type: ignore[arg-type]


def shown_lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return ANSI.sub("", capsys.readouterr().out).splitlines()


@pytest.mark.usefixtures("narrow")
def test_short_ids_are_long_enough_to_tell_documents_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    document = stored()
    twins = [replace(document, id=f"0123456789{end}") for end in "ab"]
    tables.documents(twins)
    assert [line.split()[0] for line in shown_lines(capsys)[1:]] == ["0123456789a", "0123456789b"]


@pytest.mark.usefixtures("narrow")
def test_a_narrow_table_loses_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    title = "A museum of clocks, maps and instruments in a town by the sea"
    document = stored(title=title, author="Ada Mer", published="2024-05-01")
    tables.documents([document])
    lines = shown_lines(capsys)
    assert all(len(line) <= 60 for line in lines)
    words = " ".join(lines).split()
    assert set(title.split()) <= set(words)
    assert {"2024-05-01", document.id[:8], str(len(TEXT))} <= set(words)


def test_no_documents_says_how_to_add_one(capsys: pytest.CaptureFixture[str]) -> None:
    tables.documents([])
    assert "pincite add FILE" in capsys.readouterr().out


def test_outcomes_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    document = stored()
    tables.outcomes(
        [
            Outcome(Added(document, created=True), None),
            Outcome(Added(document, created=False), None),
            Outcome(None, "c.bin: no text"),
        ],
        json=False,
    )
    lines = shown_lines(capsys)
    assert lines[0].split() == ["added", "museum.txt", "·", "1", "chunk"]
    assert lines[2].split() == ["failed", "c.bin:", "no", "text"]
    assert lines[-1] == "1 added, 1 already there, 1 failed."
