"""The page in a real browser, on a real server around a fake service.

A test gets a ``page`` at each of three widths; while it runs nothing may fail in the console, break
the Content-Security-Policy, or be asked of any other server. All of these tests are slow. One that
fails is tried once more and reported as such, since a browser on a busy machine is late at times.
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from index.types import Source
from qa.service import Service
from qa.types import Answer, Question, Watch
from tests.conftest import ARTICLES
from tests.fakes import FakeService
from tests.server.conftest import serving

HERE = Path(__file__).parent
WIDTHS = {360: 740, 768: 1024, 1440: 900}

KELP = "kelp-forest.txt"
COFFEE = "coffee-machine.md"
QUESTION = "How long does rinsing take?"
QUOTE = "a further seven minutes"
OTHER = "When are the results of the kelp sequencing expected?"
UNANSWERED = "Who founded the Sandnes Marine Institute?"

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
_WATCH = """addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.flaky(reruns=1))


class PausingService(FakeService):
    """A service whose answers can be held back: ``hold()``, then ``let_go()``."""

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__(answers)
        self._free = threading.Event()
        self._free.set()

    def hold(self) -> None:
        self._free.clear()

    def let_go(self) -> None:
        self._free.set()

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        answer = super().ask(question, watch=watch)
        assert self._free.wait(20)
        return answer


class Site:
    """A server that can be stopped, and started again at the same address."""

    def __init__(self, opening: Callable[[], Service], *, key: str | None = None) -> None:
        self._opening = opening
        self._key = key
        self._running = ExitStack()
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        client = self._running.enter_context(serving(self._opening, key=self._key, port=self._port))
        self._port = urlsplit(str(client.base_url)).port or 0

    def stop(self) -> None:
        self._running.close()


class Watched:
    """What goes wrong in a page: errors of its scripts, broken policy, calls to other servers."""

    def __init__(self, page: Page, origin: str) -> None:
        self.faults: list[str] = []
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", lambda request: self._asked(request.url, origin))
        page.add_init_script(_WATCH)

    def _said(self, kind: str, text: str) -> None:
        # A browser logs every 4xx, and a server that is away, by itself.
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.faults.append(f"console: {text}")

    def _asked(self, url: str, origin: str) -> None:
        if not url.startswith((f"{origin}/", "blob:", "data:")):
            self.faults.append(f"left the origin: {url}")


def chromium(playwright: Playwright) -> Browser:
    """The system's Chromium, else the one that Playwright has installed."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return playwright.chromium.launch(executable_path=found, args=_FLAGS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture
def service() -> PausingService:
    """Two articles, and answers to two questions about them."""
    service = PausingService({QUESTION: QUOTE, OTHER: "before the end of the year"})
    for name in (KELP, COFFEE):
        data = (ARTICLES / name).read_bytes()
        title = "Descaling the Duo 3" if name == COFFEE else "The kelp forest"
        service.add(Source(data, name, title=title))
    return service


@pytest.fixture
def site(service: PausingService) -> Iterator[Site]:
    site = Site(lambda: service)
    yield site
    service.let_go()
    site.stop()


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def width(request: pytest.FixtureRequest) -> int:
    """Every test is run at three widths; one for which they are the same asks for ``wide``."""
    chosen: int = request.param
    return chosen


Opening = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, site: Site) -> Iterator[Opening]:
    """Opens pages: ``opened(width, path="/", **options of a Playwright context)``."""
    contexts: list[BrowserContext] = []
    watched: list[Watched] = []

    def open_page(width: int = 1440, path: str = "/", **options: Any) -> Page:
        viewport = {"width": width, "height": WIDTHS.get(width, 900)}
        context = browser.new_context(
            base_url=site.url, viewport=viewport, reduced_motion="reduce", **options
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watched.append(Watched(page, site.url))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [fault for one in watched for fault in one.faults] == []


@pytest.fixture
def page(opened: Opening, width: int) -> Page:
    """The page at one of three widths."""
    return opened(width)


@pytest.fixture
def wide(opened: Opening) -> Page:
    """The page on a desktop."""
    return opened(1440)


def ask(page: Page, question: str) -> None:
    """Types a question and sends it."""
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")


def break_once(page: Page, path: str, detail: str) -> None:
    """The next call of a path ends in an error of the server."""
    problem = {"status": 500, "detail": detail}
    page.route(path, lambda route: route.fulfill(status=500, json=problem), times=1)
