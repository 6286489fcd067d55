"""Makes the README's pictures of the page: ``python -m tests.browser.pictures``.

They show the real service on the sample articles: desktop, light and dark, and a phone.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from index.settings import IndexSettings
from index.sources import read_path
from qa.bootstrap import open_service
from qa.service import Service
from qa.settings import AnswerSettings
from tests.browser.conftest import ask, chromium
from tests.conftest import ARTICLES
from tests.server.conftest import serving

FOLDER = Path(__file__).parent / "pictures"
QUESTIONS = (
    "When are the results of the kelp sequencing expected?",
    "How long does the pump work in short bursts?",
)
_DESKTOP = {"width": 1280, "height": 800}
_PHONE = {"width": 390, "height": 780}


def main() -> None:
    """Draw all three."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        serving(lambda: _service(Path(data))) as client,
        sync_playwright() as playwright,
    ):
        browser = chromium(playwright)
        for name, scheme, size in (
            ("light", "light", _DESKTOP),
            ("dark", "dark", _DESKTOP),
            ("phone", "light", _PHONE),
        ):
            _draw(browser, str(client.base_url), name, scheme, size)
        browser.close()


def _service(data: Path) -> Service:
    settings = IndexSettings(data=data)
    service = open_service(settings, AnswerSettings(), writable=True)
    for path in sorted(ARTICLES.iterdir()):
        service.add(read_path(path, max_bytes=settings.max_bytes))
    return service


def _draw(browser: Browser, url: str, name: str, scheme: str, size: dict[str, int]) -> None:
    page = browser.new_context(
        base_url=url,
        viewport=size,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    ).new_page()
    page.goto("/")
    for question in QUESTIONS if name != "phone" else QUESTIONS[:1]:
        ask(page, question)
        page.get_by_role("article").last.locator("blockquote").wait_for()
    if name != "phone":
        page.get_by_role("complementary", name="Source").locator("mark").first.wait_for()
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
