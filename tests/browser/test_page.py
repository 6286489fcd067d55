"""The page as a whole: how it is reached, and what it never does."""

from playwright.sync_api import Page, expect


def test_the_page_opens(page: Page) -> None:
    expect(page.get_by_role("heading", name="Pincite")).to_be_visible()
