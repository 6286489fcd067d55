"""Whatever the moment a process dies: what it said it did is done, and nothing is half done."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.index import agreement
from tests.index.builders import ROOT, open_library
from tests.index.crash_worker import POINTS


def run_until_killed(folder: Path, *, seed: int, point: str, after_s: float = 30) -> list[str]:
    """What the worker said; it dies at the point, or so many seconds after it was ready."""
    worker = [sys.executable, "-m", "tests.index.crash_worker", str(folder), str(seed), point]
    with subprocess.Popen(worker, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if point == "never":
            time.sleep(after_s)
            process.kill()
        said = process.stdout.read().splitlines()
    assert process.returncode == -9
    return said


def check(folder: Path, said: list[str], before: set[str]) -> set[str]:
    """Assert that what was said is true after opening again; gives the documents there now."""
    library = open_library(folder)
    there = agreement.check(library)
    library.close()
    added, removing, removed = (ids(said, word) for word in ("added", "removing", "removed"))
    assert not there & removed, "a removed document is back"
    assert (before | added) - removing <= there, "a document was lost"
    assert len(there - before - added) <= 1, "more is there than the one that was being added"
    return there


def ids(said: list[str], word: str) -> set[str]:
    return {line.split()[1] for line in said if line.split()[0] == word}


@pytest.mark.parametrize("point", [point for point in POINTS if point != "never"])
def test_killed_at_a_point(tmp_path: Path, point: str) -> None:
    check(tmp_path, run_until_killed(tmp_path, seed=1, point=point), set())


def test_killed_at_any_time(tmp_path: Path) -> None:
    there: set[str] = set()
    for seed in range(3):  # each time in the store that the last one left
        said = run_until_killed(tmp_path, seed=seed, point="never", after_s=0.1 + 0.1 * seed)
        there = check(tmp_path, said, there)


@pytest.mark.slow
@pytest.mark.long
def test_killed_two_hundred_times(tmp_path: Path) -> None:
    chance, there = random.Random(1), set[str]()
    for seed in range(200):
        point = chance.choice([*POINTS, *["never"] * len(POINTS)])
        said = run_until_killed(tmp_path, seed=seed, point=point, after_s=chance.random() / 2)
        there = check(tmp_path, said, there)
