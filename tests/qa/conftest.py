"""What tests of the answering side share: a terminal, and a service with the real models."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.settings import IndexSettings
from index.sources import read_path
from qa.bootstrap import open_service
from qa.local import LocalService
from qa.settings import AnswerSettings


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal with colours, 60 columns wide."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(scope="session")
def real_service(
    tmp_path_factory: pytest.TempPathFactory, articles: Path
) -> Iterator[LocalService]:
    """The real models on the sample articles, for tests that leave the store as it is."""
    index = IndexSettings(data=tmp_path_factory.mktemp("articles"))
    service = open_service(index, AnswerSettings(), writable=True)
    for path in sorted(articles.iterdir()):
        service.add(read_path(path, max_bytes=index.max_bytes))
    yield service
    service.close()
