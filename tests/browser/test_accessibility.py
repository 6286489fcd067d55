"""axe-core finds nothing in any state of the page, light or dark, at any width."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import (
    OTHER,
    QUESTION,
    UNANSWERED,
    WIDTHS,
    Opening,
    PausingService,
    Site,
    ask,
)

State = Callable[[Opening, PausingService, Site, dict[str, Any]], Page]
STATES: dict[str, State] = {}


def state(make: State) -> State:
    """A state of the page that is looked at."""
    STATES[make.__name__] = make
    return make


def answered(page: Page, question: str = QUESTION) -> Page:
    ask(page, question)
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")
    expect(page.get_by_role("article").last).to_be_visible()
    return page


@state
def start(opened: Opening, service: PausingService, site: Site, options: dict[str, Any]) -> Page:
    return opened(1440, **options)


@state
def no_articles(
    opened: Opening, service: PausingService, site: Site, options: dict[str, Any]
) -> Page:
    for document in service.documents().documents:
        service.remove(document.id)
    return opened(1440, **options)


@state
def being_answered(
    opened: Opening, service: PausingService, site: Site, options: dict[str, Any]
) -> Page:
    service.hold()
    page = opened(1440, **options)
    ask(page, QUESTION)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    return page


@state
def answer_and_source(
    opened: Opening, service: PausingService, site: Site, options: dict[str, Any]
) -> Page:
    page = answered(answered(opened(1440, **options)), OTHER)
    expect(page.get_by_role("complementary", name="Source").locator("mark").first).to_be_visible()
    return page


@state
def confidence_explained(
    opened: Opening, service: PausingService, site: Site, options: dict[str, Any]
) -> Page:
    page = answered(opened(1440, **options))
    page.locator("details.sureness summary").click()
    return page


@state
def copying(opened: Opening, service: PausingService, site: Site, options: dict[str, Any]) -> Page:
    page = answered(opened(1440, **options))
    page.get_by_role("article").get_by_label("Copy with citation").click()
    return page


@state
def judged_wrong(
    opened: Opening, service: PausingService, site: Site, options: dict[str, Any]
) -> Page:
    page = answered(opened(1440, **options))
    page.get_by_role("button", name="Wrong").click()
    expect(page.get_by_label("What would have been right?")).to_be_visible()
    return page


@state
def refused(opened: Opening, service: PausingService, site: Site, options: dict[str, Any]) -> Page:
    return answered(opened(1440, **options), UNANSWERED)


@state
def stopped_server(
    opened: Opening, service: PausingService, site: Site, options: dict[str, Any]
) -> Page:
    page = answered(opened(1440, **options))
    site.stop()
    ask(page, OTHER)
    expect(page.get_by_role("button", name="Try now")).to_be_visible()
    return page


@state
def adding(opened: Opening, service: PausingService, site: Site, options: dict[str, Any]) -> Page:
    page = opened(1440, **options)
    page.get_by_role("button", name="Add articles").click()
    page.locator("#add-text").fill("A text to add. It says one thing.")
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    page.locator("#add-text").fill("https://127.0.0.1/private")
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Not added:")).to_be_visible()
    return page


@state
def shortcuts(
    opened: Opening, service: PausingService, site: Site, options: dict[str, Any]
) -> Page:
    page = opened(1440, **options)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    return page


@state
def renaming(opened: Opening, service: PausingService, site: Site, options: dict[str, Any]) -> Page:
    page = answered(opened(1440, **options))
    page.get_by_label(f"More: {QUESTION}").click()
    page.get_by_role("button", name="Rename").click()
    return page


@state
def undoing(opened: Opening, service: PausingService, site: Site, options: dict[str, Any]) -> Page:
    page = answered(opened(1440, **options))
    page.get_by_role("button", name="Delete The kelp forest").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    return page


@state
def gone(opened: Opening, service: PausingService, site: Site, options: dict[str, Any]) -> Page:
    return opened(1440, path="/#/c/nothing-there", **options)


@state
def source_gone(
    opened: Opening, service: PausingService, site: Site, options: dict[str, Any]
) -> Page:
    return opened(1440, path="/#/d/nothing-there", **options)


@state
def printed(opened: Opening, service: PausingService, site: Site, options: dict[str, Any]) -> Page:
    page = answered(opened(1440, **options))
    page.keyboard.press("Escape")
    page.emulate_media(media="print")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing(
    opened: Opening, service: PausingService, site: Site, name: str, scheme: str
) -> None:
    page = STATES[name](opened, service, site, {"color_scheme": scheme})
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        violations = Axe().run(page).response["violations"]
        told = [
            (width, one["id"], one["help"], [node["html"][:150] for node in one["nodes"]][:3])
            for one in violations
        ]
        assert told == []
