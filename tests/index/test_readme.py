"""What the package's README shows runs, and the files it tells of are the files there are."""

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "index"
README = (PACKAGE / "README.md").read_text()


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", README, re.S)
    exec(compile(example, "README.md", "exec"), {})
    assert (tmp_path / "notes" / "pincite.sqlite").is_file()


def test_every_file_has_its_place() -> None:
    listed = set(re.findall(r"`([\w/]+\.(?:py|toml))`", README))
    missing = [
        path.name
        for path in [*PACKAGE.glob("*.py"), *PACKAGE.glob("*.toml"), *PACKAGE.glob("formats/*.py")]
        if not any(one.endswith(path.name) for one in listed)
    ]
    assert missing == []
