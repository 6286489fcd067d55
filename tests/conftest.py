"""What every test gets: the sample articles, repeatable Hypothesis, and no environment of yours."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from index.settings import IndexSettings
from qa.reader.model import SpanReader

ARTICLES = Path(__file__).parent / "data" / "articles"

# Slow machines are no failures, and a failure must fail again: no deadline, no random seed.
settings.register_profile(
    "pincite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("pincite")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the person who runs the tests reaches them."""
    for name in [name for name in os.environ if name.startswith("PINCITE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def articles() -> Path:
    """The folder with the three sample articles: plain text, Markdown and a saved web page."""
    return ARTICLES


@pytest.fixture(scope="session")
def reader() -> SpanReader:
    """The shipped reader, compiled once for all tests and kept for the next run."""
    return SpanReader(cache=IndexSettings().cache / "reader")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk to fill")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
