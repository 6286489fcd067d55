"""``pincite add --feed``, on a site of loopback and a service in memory."""

from collections.abc import Iterator

import pytest

from index.settings import IndexSettings
from index.web.addresses import Allowed
from qa.cli import main
from qa.commands.target import Target
from qa.settings import AnswerSettings
from tests.fakes import FakeService
from tests.sites import Site, page, site


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as found:
        items = "".join(f"<item><link>/{name}</link></item>" for name in ("a", "gone", "b", "c"))
        found.pages["/feed"] = page(f"<rss>{items}</rss>".encode(), kind="application/rss+xml")
        found.pages |= {f"/{name}": page(f"<p>Text {name}.</p>".encode()) for name in "abc"}
        yield found


@pytest.fixture
def service() -> FakeService:
    return FakeService()


def run(service: FakeService, *arguments: str, url: str | None = None) -> int:
    target = Target(
        index=IndexSettings(fetch_allow=Allowed("127.0.0.1")),
        answering=AnswerSettings(),
        open_local=lambda *_, **__: service,
        url=url,
    )
    return main(("add", *arguments), target=target)


def test_each_article_is_added_and_each_failure_reported(
    service: FakeService, web: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(service, "--feed", f"{web.url}/feed", "--metadata", "k=v", "--limit", "3") == 3
    shown = capsys.readouterr().out
    assert "2 added, 1 failed." in shown
    assert "gone answered 404" in " ".join(shown.split())
    documents = service.documents().documents
    assert [one.url for one in documents] == [f"{web.url}/a", f"{web.url}/b"]
    assert {one.metadata["k"] for one in documents} == {"v"}
    web.pages["/gone"] = page(b"<p>Found again.</p>")
    assert run(service, "--feed", f"{web.url}/feed") == 0
    assert "2 added, 2 already there." in capsys.readouterr().out


def test_a_feed_that_cannot_be_read_is_one_line(
    service: FakeService, web: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(service, "--feed", f"{web.url}/nowhere") == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("pincite: ")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "url"),
    [
        ([], None),
        (["--limit", "5", "a.txt"], None),
        (["--feed", "{feed}", "a.txt"], None),
        (["--feed", "{feed}", "--limit", "0"], None),
        (["--feed", "{feed}", "--limit", "1001"], None),
        (["--feed", "{feed}", "--title", "One"], None),
        (["--feed", "{feed}"], "http://127.0.0.1:1"),
    ],
)
def test_usage_errors(
    service: FakeService,
    web: Site,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    url: str | None,
) -> None:
    filled = [argument.format(feed=f"{web.url}/feed") for argument in arguments]
    assert run(service, *filled, url=url) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert service.documents().documents == ()
