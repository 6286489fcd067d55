"""The figures of an evaluation: both formats, the same twice, and a folder that cannot be."""

from dataclasses import replace
from pathlib import Path

import pytest

from qa.errors import DataError
from qa.figures import draw
from tests.qa.test_report import FULL

NAMES = ["reliability.png", "reliability.svg", "risk-coverage.png", "risk-coverage.svg"]


def test_both_figures_in_both_formats_and_the_same_again(tmp_path: Path) -> None:
    first, again = draw(FULL, tmp_path / "a" / "b"), draw(FULL, tmp_path / "again")
    assert [path.name for path in first] == NAMES
    for one, other in zip(first, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
        assert one.read_bytes()[:5] == (b"\x89PNG\r" if one.suffix == ".png" else b"<?xml")


def test_other_values_are_another_figure(tmp_path: Path) -> None:
    first = draw(FULL, tmp_path / "a")
    other = draw(replace(FULL, reliability=FULL.reliability[:1], risk_coverage=()), tmp_path / "b")
    for one, changed in zip(first, other, strict=True):
        assert one.read_bytes() != changed.read_bytes()


def test_a_folder_that_is_a_file_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="can't be written"):
        draw(FULL, tmp_path / "file")
