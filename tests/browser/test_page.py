"""The page as a whole: its panes, colours, shortcuts, key, and what it does without its server."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import QUESTION, QUOTE, Opening, PausingService, Site, ask

KEY = "a-key-of-9-words"


def test_the_page_opens_ready_to_be_asked(page: Page) -> None:
    expect(page.get_by_role("heading", name="Pincite")).to_be_visible()
    expect(page.get_by_label("Question", exact=True)).to_be_visible()


def test_the_side_is_a_drawer_where_there_is_no_room(page: Page, width: int) -> None:
    side = page.get_by_role("navigation", name="Articles and conversations")
    opener = page.get_by_role("button", name="Articles and conversations")
    if width == 1440:
        expect(side).to_be_visible()
        expect(opener).to_be_hidden()
        return
    expect(side).to_be_hidden()
    opener.click()
    expect(side).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(side).to_be_visible()
    assert page.evaluate("document.querySelector('#side').contains(document.activeElement)")
    side.get_by_role("button", name="Close").click()
    expect(side).to_be_hidden()
    page.keyboard.press("a")
    expect(side).to_be_visible()
    page.mouse.click(width - 5, 400)
    expect(side).to_be_hidden()


def test_what_is_covered_is_out_of_reach(opened: Opening) -> None:
    page = opened(360)
    page.get_by_role("button", name="Articles and conversations").click()
    for _ in range(40):
        page.keyboard.press("Tab")
        inside = """!document.activeElement.matches("#talk *, .bar *")"""
        assert page.evaluate(inside)


def test_shortcuts_are_listed_and_can_be_turned_off(page: Page) -> None:
    page.locator("body").press("?")
    listed = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(listed).to_contain_text("New conversation")
    listed.get_by_label("Single keys act as shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    page.locator("body").press("?")
    expect(listed).to_be_hidden()
    page.reload()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    listed.get_by_label("Single keys act as shortcuts").check()
    listed.get_by_role("button", name="Close").click()
    page.locator("body").press("/")
    expect(page.get_by_label("Question", exact=True)).to_be_focused()


def test_typing_is_never_a_shortcut(wide: Page) -> None:
    field = wide.get_by_label("Question", exact=True)
    field.press_sequentially("any? n/z")
    expect(field).to_have_value("any? n/z")
    expect(wide.get_by_role("dialog")).to_have_count(0)


def test_colours_follow_the_system_until_they_are_chosen(opened: Opening) -> None:
    page = opened(1440, color_scheme="dark")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Colours: as the system is").click()
    assert page.evaluate(ground) != dark
    page.reload()
    page.get_by_role("button", name="Colours: light").press("Enter")
    assert page.evaluate(ground) == dark
    page.emulate_media(color_scheme="light")
    assert page.evaluate(ground) == dark
    page.get_by_role("button", name="Colours: dark").click()
    assert page.evaluate(ground) != dark


def test_the_first_stop_skips_to_the_question(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the question")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Question", exact=True)).to_be_focused()


def test_at_four_times_the_size_all_is_within_reach(opened: Opening) -> None:
    page = opened(360)
    page.set_viewport_size({"width": 320, "height": 256})
    ask(page, QUESTION)
    quote = page.get_by_role("article").locator("blockquote")
    quote.scroll_into_view_if_needed()
    expect(quote).to_be_in_viewport()
    page.get_by_label("Question", exact=True).focus()
    expect(page.get_by_label("Question", exact=True)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_stopped_server_is_said_and_come_back_to(page: Page, site: Site) -> None:
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_text("The kelp forest").first).to_be_attached()
    site.stop()
    ask(page, QUESTION)
    expect(page.get_by_text("The server doesn’t answer.")).to_be_visible()
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("The server doesn’t answer.")).to_be_visible()
    site.start()
    expect(page.locator("blockquote")).to_contain_text(QUOTE, timeout=20_000)
    expect(page.get_by_text("The server doesn’t answer.")).to_be_hidden()


@pytest.fixture
def keyed(service: PausingService) -> Iterator[Site]:
    site = Site(lambda: service, key=KEY)
    yield site
    site.stop()


@pytest.fixture
def site(request: pytest.FixtureRequest, service: PausingService) -> Iterator[Site]:
    """The server that ``opened`` opens: one with a key for tests that ask for ``keyed``."""
    if "keyed" in request.fixturenames:
        yield request.getfixturevalue("keyed")
        return
    site = Site(lambda: service)
    yield site
    site.stop()


def test_the_key_is_asked_for_once_in_a_session(keyed: Site, opened: Opening, width: int) -> None:
    page = opened(width)
    dialog = page.get_by_role("dialog", name="This server asks for a key")
    dialog.get_by_label("Key").fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("turned the key down")
    dialog.get_by_label("Key").fill(KEY)
    dialog.get_by_role("button", name="Use it").click()
    expect(dialog).to_be_hidden()
    ask(page, QUESTION)
    expect(page.locator("blockquote")).to_contain_text(QUOTE)
    page.reload()
    expect(page.locator("blockquote")).to_contain_text(QUOTE)
    expect(dialog).to_have_count(0)
    stored = page.evaluate("Object.keys(localStorage).join() + document.cookie")
    assert not re.search("key$|key,", stored)
    assert KEY not in page.url
    assert httpx.get(f"{keyed.url}/v1/documents").status_code == 401
