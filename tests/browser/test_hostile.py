"""No script from an article, a name, a question or an address ever runs in the page."""

import pytest
from playwright.sync_api import Page, expect

from index.types import Source
from tests.browser.conftest import Opening, PausingService, ask
from tests.browser.payloads import PAYLOADS
from tests.fakes import FakeService

_SPY = """window.ran = [];
window.pwned = (what) => window.ran.push(what ?? "payload");
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => pwned(name);"""


@pytest.fixture
def service() -> PausingService:
    """An article for each payload: its title, file name, address and text; asking it quotes it."""
    service = PausingService({})
    for number, payload in enumerate(PAYLOADS):
        text = f"Number {number:03}.\n\nIt says {payload} here.\n"
        source = Source(text.encode(), payload, title=payload, author=payload, url=payload)
        service.add(source)
        service.answers[f"What does {number:03} say? {payload}"] = payload
    return service


def document_of(service: FakeService, number: int) -> str:
    return service.documents(limit=1000).documents[number].id


def spied(opened: Opening, path: str = "/") -> Page:
    page = opened(1440, "about:blank")
    page.add_init_script(_SPY)
    page.goto(path)
    return page


def nothing_ran(page: Page) -> None:
    assert page.evaluate("window.ran") == []
    strange = """() => [...document.querySelectorAll("a, script, iframe, object, embed, img")]
      .filter((one) => {
        const address = one.href?.baseVal ?? one.href ?? one.src ?? one.data ?? "";
        return address && !/^(https?:|blob:)/.test(address);
      }).map((one) => one.outerHTML)"""
    assert page.evaluate(strange) == []


def test_titles_and_names_stay_text(opened: Opening) -> None:
    page = spied(opened)
    articles = page.get_by_role("region", name="Articles")
    expect(articles.get_by_role("checkbox")).to_have_count(len(PAYLOADS))
    shown = articles.text_content() or ""
    for payload in PAYLOADS:
        assert payload in shown
    nothing_ran(page)


def test_texts_and_addresses_stay_text(opened: Opening, service: PausingService) -> None:
    page = spied(opened)
    for number in range(len(PAYLOADS)):
        page.evaluate("hash => location.hash = hash", f"#/d/{document_of(service, number)}")
        source = page.get_by_role("complementary", name="Source")
        expect(source.get_by_text(f"Number {number:03}.")).to_be_attached()
        nothing_ran(page)


def test_questions_answers_and_events_stay_text(opened: Opening, service: PausingService) -> None:
    page = spied(opened)
    for number, payload in enumerate(PAYLOADS):
        question = f"What does {number:03} say? {payload}"
        quote = service.answers.pop(question)
        # The field makes of a line end what any text field does.
        service.answers[question.strip()] = quote
        ask(page, question)
        expect(page.get_by_role("article").nth(number)).to_contain_text(f"{number:03}")
    nothing_ran(page)


def test_addresses_of_the_page_itself_stay_text(opened: Opening) -> None:
    page = spied(opened)
    for payload in PAYLOADS:
        for kind in "cd":
            page.evaluate("hash => location.hash = hash", f"#/{kind}/{payload}/{payload}")
    nothing_ran(page)
