"""``pincite calibrate`` on a store with verdicts: shown, refitted, put back, refused."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.settings import IndexSettings
from index.types import Source
from qa.cli import main
from qa.commands.target import Target
from qa.evidence import FEATURES
from qa.local import LocalService
from qa.reader.calibrate import CALIBRATION, load, load_own, save
from qa.reader.model import WEIGHTS, read_manifest
from qa.recalibrate import Scaling
from qa.settings import AnswerSettings
from qa.types import Feedback, Mark, Question
from tests.qa.stores import fake_service

SHA256 = read_manifest(WEIGHTS).model_sha256
SHIPPED = load(WEIGHTS, reader_sha256=SHA256, features=FEATURES)
BOATS = ("ferry", "tug", "barge", "yacht", "trawler", "dinghy", "cutter", "punt", "sloop", "ketch")

Run = Callable[..., int]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LocalService]:
    service = fake_service(tmp_path)
    service.add(Source(b"Everyone knows that the boats were sold by Kittiwake.", "boats.txt"))
    yield service
    service.close()


@pytest.fixture
def run(service: LocalService, tmp_path: Path) -> Run:
    """The command line, on a store which it opens anew each time."""
    service.close()
    target = Target(
        index=IndexSettings(data=tmp_path),
        answering=AnswerSettings(),
        open_local=lambda *_, **__: fake_service(tmp_path),
    )
    return lambda *arguments: main(["calibrate", *arguments], target=target)


def judge(folder: Path, *marks: Mark) -> None:
    """A question about another boat for each mark, with that verdict on its answer."""
    service = fake_service(folder)
    for number, mark in enumerate(marks):
        boat = f"{BOATS[number % len(BOATS)]} {number}"
        answer = service.ask(Question(f"who sold the {boat}, everyone?"))
        assert answer.answer == "Kittiwake"
        service.give_feedback(Feedback(answer.id, mark))
    service.close()


def test_it_shows_the_shipped_one(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    assert capsys.readouterr().out.startswith("The confidence is shipped; answers are given from")
    assert run("--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["own"] is False
    assert shown["provenance"] == SHIPPED.provenance


def test_verdicts_refit_it_and_reset_puts_it_back(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge(tmp_path, *[Mark.WRONG] * 15, *[Mark.RIGHT] * 10)
    assert run("--feedback") == 0
    shown = capsys.readouterr().out
    assert "25 verdicts used: 10 right, 15 wrong." in shown
    assert "On verdicts held out: log loss" in shown
    assert "next start" in shown
    own = load_own(tmp_path, reader_sha256=SHA256, features=FEATURES)
    assert own is not None
    scaling = Scaling(**own.provenance["scaling"])
    assert scaling.of(0.9) < 0.9
    assert own == SHIPPED.scaled(scaling.scale, scaling.shift, provenance=own.provenance)
    assert own.provenance["verdicts"] == 25
    assert run() == 0
    assert "refitted from verdicts" in capsys.readouterr().out
    assert run("--reset") == 0
    assert "shipped one again" in capsys.readouterr().out
    assert not (tmp_path / CALIBRATION).exists()
    assert run("--reset") == 0
    assert "already" in capsys.readouterr().out


def test_a_dry_run_shows_the_same_and_keeps_nothing(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge(tmp_path, *[Mark.WRONG] * 10)
    assert run("--feedback", "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "10 verdicts used: 0 right, 10 wrong." in shown
    assert "Too few to test it on verdicts held out." in shown
    assert "Nothing was changed" in shown
    assert run("--feedback", "--dry-run", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["kept"] is False
    assert data["provenance"]["scaling"]["shift"] < 0
    assert data["threshold"] == SHIPPED.threshold
    assert not (tmp_path / CALIBRATION).exists()


def test_refitting_again_starts_from_the_shipped_one(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge(tmp_path, *[Mark.WRONG] * 12)
    assert run("--feedback", "--json") == 0
    once = json.loads(capsys.readouterr().out)
    assert once["kept"] is True
    assert run("--feedback", "--json") == 0
    assert json.loads(capsys.readouterr().out) == once


def test_too_few_verdicts_are_refused_with_their_number(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--feedback") == 3
    assert "0 of 0 verdicts can be used and 10 are needed" in capsys.readouterr().err
    judge(tmp_path, *[Mark.RIGHT] * 9)
    judge(tmp_path, *[Mark.WRONG] * 2)
    assert run("--feedback") == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "9 of 11 verdicts can be used and 10 are needed" in printed.err
    assert "2 × the same question was judged again later" in printed.err
    assert printed.err.count("\n") == 1
    assert not (tmp_path / CALIBRATION).exists()


def test_one_for_another_reader_is_refused_until_it_is_reset_or_refitted(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = replace(SHIPPED, reader_sha256="0" * 64)
    save(other, tmp_path)
    assert run() == 3
    assert "pincite calibrate --reset" in capsys.readouterr().err
    assert run("--reset") == 0
    assert run() == 0
    save(other, tmp_path)
    judge(tmp_path, *[Mark.RIGHT] * 10)
    assert run("--feedback") == 0
    assert run() == 0


def test_only_a_store_of_this_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = Target(index=IndexSettings(data=tmp_path), answering=AnswerSettings())
    assert main(["calibrate", "--url", "http://127.0.0.1:9"], target=target) == 2
    assert "store of this machine" in capsys.readouterr().err
    remote = replace(target, url="http://127.0.0.1:9")
    assert main(["calibrate", "--feedback"], target=remote) == 2
    assert "store of this machine" in capsys.readouterr().err
    assert main(["calibrate", "--data", str(tmp_path)], target=remote) == 0


@pytest.mark.parametrize("options", [["--dry-run"], ["--reset", "--feedback"]])
def test_options_that_make_no_sense_together(run: Run, options: list[str]) -> None:
    assert run(*options) == 2
