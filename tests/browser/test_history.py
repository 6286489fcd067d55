"""Earlier conversations: found, opened, renamed, exported, deleted."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from qa.types import Question
from tests.browser.conftest import (
    OTHER,
    QUESTION,
    QUOTE,
    UNANSWERED,
    Opening,
    PausingService,
    ask,
    break_once,
)


@pytest.fixture
def service(service: PausingService) -> PausingService:
    """Two earlier conversations."""
    for question in (OTHER, QUESTION):
        service.reply(service.start_conversation().id, Question(question))
    return service


def history(page: Page) -> Locator:
    """The list's section, in sight."""
    section = page.locator("#history")
    if not section.is_visible():
        page.get_by_role("button", name="Articles and conversations").click()
    return section


def titles(page: Page) -> Locator:
    return history(page).locator(".entries .name")


def act(page: Page, title: str, action: str) -> None:
    """Chooses what to do with a conversation."""
    history(page).get_by_role("link", name=title).hover()
    history(page).locator("summary", has=page.locator("svg")).and_(
        page.get_by_title(f"More: {title}")
    ).click()
    history(page).get_by_role("button", name=action, exact=True).click()


def test_the_conversations_are_listed_newest_first(page: Page) -> None:
    expect(history(page).get_by_role("heading", name="Conversations")).to_be_visible()
    expect(titles(page)).to_have_text([QUESTION, OTHER])


def test_without_conversations_it_says_how_to_start_one(
    opened: Opening, service: PausingService
) -> None:
    service._transcripts.clear()
    page = opened(1440)
    expect(history(page)).to_contain_text("No conversations yet.")
    expect(page.get_by_label("Search conversations")).to_be_hidden()


def test_a_conversation_opens_and_is_marked(page: Page) -> None:
    history(page).get_by_role("link", name=OTHER).click()
    expect(page.get_by_role("article")).to_contain_text(OTHER)
    expect(page.locator("html.drawer")).to_have_count(0)
    current = history(page).locator("[aria-current=true]")
    expect(current).to_have_count(1)
    expect(current).to_contain_text(OTHER)


def test_a_conversation_opens_by_keyboard(wide: Page) -> None:
    history(wide).get_by_role("link", name=QUESTION).press("Enter")
    expect(wide.get_by_role("article")).to_contain_text(QUOTE)


def test_a_new_question_brings_its_conversation(wide: Page) -> None:
    expect(titles(wide)).to_have_count(2)
    ask(wide, UNANSWERED)
    expect(titles(wide)).to_have_text([UNANSWERED, QUESTION, OTHER])
    expect(history(wide).locator("[aria-current=true]")).to_contain_text(UNANSWERED)


def test_conversations_are_searched_by_the_server(page: Page) -> None:
    search = page.get_by_label("Search conversations")
    expect(titles(page)).to_have_count(2)
    search.fill("sequencing")
    expect(titles(page)).to_have_text([OTHER])
    search.fill("zebra")
    expect(history(page)).to_contain_text("Nothing found for “zebra”.")
    search.fill("")
    expect(titles(page)).to_have_count(2)


def test_the_search_is_a_key_away(page: Page) -> None:
    expect(page.locator("#history .entries li")).to_have_count(2)
    page.locator("body").press("h")
    expect(page.get_by_label("Search conversations")).to_be_focused()


def test_a_long_list_comes_in_pages(wide: Page, service: PausingService) -> None:
    for number in range(40):
        service.reply(service.start_conversation().id, Question(f"What is number {number}?"))
    wide.reload()
    expect(titles(wide)).to_have_count(30)
    history(wide).get_by_role("button", name="Show more").press("Enter")
    expect(titles(wide)).to_have_count(42)
    expect(history(wide).get_by_role("link", name="What is number 9?")).to_be_focused()
    expect(history(wide).get_by_role("button", name="Show more")).to_be_hidden()


def test_a_conversation_is_renamed(page: Page, service: PausingService) -> None:
    act(page, OTHER, "Rename")
    dialog = page.get_by_role("dialog", name="Rename the conversation")
    expect(dialog.get_by_label("Title")).to_have_value(OTHER)
    dialog.get_by_label("Title").fill("Kelp")
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_text([QUESTION, "Kelp"])
    assert service.conversation("conversation-1").title == "Kelp"


def test_a_rename_that_is_turned_down_says_why(wide: Page) -> None:
    act(wide, OTHER, "Rename")
    wide.get_by_label("Title").fill("x" * 5000)
    wide.keyboard.press("Enter")
    expect(wide.get_by_role("alert")).to_be_visible()
    expect(titles(wide)).to_have_text([QUESTION, OTHER])


def test_actions_are_reached_and_left_by_keyboard(wide: Page) -> None:
    history(wide).get_by_role("link", name=QUESTION).focus()
    wide.keyboard.press("Tab")
    wide.keyboard.press("Enter")
    expect(history(wide).get_by_role("button", name="Rename")).to_be_visible()
    wide.keyboard.press("Tab")
    wide.keyboard.press("Escape")
    expect(history(wide).get_by_role("button", name="Rename")).to_be_hidden()
    expect(history(wide).get_by_title(f"More: {QUESTION}")).to_be_focused()


def test_a_delete_is_undone(page: Page, service: PausingService) -> None:
    act(page, OTHER, "Delete")
    expect(titles(page)).to_have_text([QUESTION])
    page.get_by_role("button", name="Undo").click()
    expect(titles(page)).to_have_text([QUESTION, OTHER])
    assert service.conversation("conversation-1").title == OTHER


def test_a_delete_that_is_not_undone_is_done(wide: Page, service: PausingService) -> None:
    act(wide, OTHER, "Delete")
    expect(history(wide).get_by_role("link", name=QUESTION)).to_be_focused()
    with wide.expect_response(lambda response: response.request.method == "DELETE"):
        wide.get_by_role("button", name="Dismiss").click()
    assert list(service._transcripts) == ["conversation-2"]


def test_deleting_the_open_conversation_leaves_it(wide: Page) -> None:
    history(wide).get_by_role("link", name=QUESTION).click()
    expect(wide.get_by_role("article")).to_contain_text(QUOTE)
    act(wide, QUESTION, "Delete")
    expect(wide.get_by_role("article")).to_have_count(0)
    wide.get_by_role("button", name="Undo").click()
    expect(wide.get_by_role("article")).to_contain_text(QUOTE)


@pytest.mark.parametrize(("kind", "ending"), [("Markdown", ".md"), ("JSON", ".json")])
def test_a_conversation_is_exported(wide: Page, tmp_path: Path, kind: str, ending: str) -> None:
    with wide.expect_download() as saved:
        act(wide, QUESTION, kind)
    saved.value.save_as(tmp_path / "saved")
    text = (tmp_path / "saved").read_text()
    assert saved.value.suggested_filename == f"pincite-How-long-does-rinsing-take{ending}"
    assert QUOTE in text
    assert kind == "Markdown" or json.loads(text)["title"] == QUESTION


def test_an_export_that_fails_says_why(wide: Page, service: PausingService) -> None:
    expect(titles(wide)).to_have_count(2)
    service.delete_conversation("conversation-2")
    act(wide, QUESTION, "JSON")
    expect(wide.get_by_role("alert")).to_contain_text("conversation-2")


def test_a_date_is_said_as_people_say_it(wide: Page, service: PausingService) -> None:
    entry = {"id": "conversation-1", "title": OTHER, "messages": 1}
    ages = [0, 1, 3]
    dates = [(datetime.now(UTC) - timedelta(days=age)).isoformat() for age in ages] + [
        "2019-03-04T12:00:00Z"
    ]
    found = [{**entry, "created_at": date} for date in dates]
    page = {"conversations": found, "next_cursor": None}
    wide.route("**/v1/conversations?*", lambda route: route.fulfill(json=page))
    wide.reload()
    expect(history(wide).locator("time")).to_have_text(
        ["today", "yesterday", "3 days ago", "4 Mar 2019"]
    )
    expect(history(wide).locator("time").last).to_have_attribute("datetime", dates[-1])
    whole = re.compile("4 March 2019 at")
    expect(history(wide).locator("time").last).to_have_attribute("title", whole)


def test_a_list_that_can_not_be_had_is_tried_again(wide: Page) -> None:
    break_once(wide, "**/v1/conversations?*", "Something broke.")
    wide.reload()
    expect(history(wide).get_by_role("alert")).to_contain_text("Something broke.")
    history(wide).get_by_role("button", name="Try again").click()
    expect(titles(wide)).to_have_count(2)
