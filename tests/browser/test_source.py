"""The article beside the answer: its text, the marks in it, and what can be done from it."""

import re
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from index.types import Heading, Outline, Source, Span
from qa.types import Answer, Question, Watch
from tests.browser.conftest import QUESTION, QUOTE, Opening, PausingService, ask

AGAIN = "What takes a further seven minutes?"
RINSING = "Rinsing takes a further seven minutes"
COFFEE = f"# Coffee 🦀\n\nA pump works in bursts 🫖.\n{RINSING}.\n\n# Care\n\nWipe the wand.\n"
_PLACES = 'import("/page/source/offsets.js").then(({ offsetsOf }) => offsetsOf(text))'


class NumberingService(PausingService):
    """A service whose answers have ids of their own, and that knows how some texts are laid out."""

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__(answers)
        self.outlines: dict[str, Outline] = {}

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        answer = super().ask(question, watch=watch)
        return replace(answer, id=f"answer-{len(self.asked)}")

    def outline(self, document_id: str) -> Outline:
        return self.outlines.get(document_id) or super().outline(document_id)

    def lay(self, text: str, url: str | None = None, **layout: Any) -> str:
        """Adds a text whose ``layout`` names parts of it; gives its id."""
        id = self.add(Source(text.encode(), "text.txt", title="A text", url=url)).document.id
        spans = {name: tuple(_span(text, part) for part in parts) for name, parts in layout.items()}
        marked = spans.get("headings", ())
        headings = tuple(Heading(one.start, one.end, 2) for one in marked)
        self.outlines[id] = Outline(
            spans.get("header", ()), spans.get("body", ()), headings, spans.get("pages", ())
        )
        return id


def _span(text: str, part: str) -> Span:
    start = text.index(part)
    return Span(start, start + len(part))


@pytest.fixture
def service() -> NumberingService:
    service = NumberingService({QUESTION: QUOTE, AGAIN: RINSING})
    service.add(
        Source(b"The forest.\n\nResults come before the year ends.\n", "kelp.txt", title="Kelp")
    )
    service.add(Source(COFFEE.encode(), "coffee.txt", title="Coffee"))
    return service


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Source")


def region(page: Page) -> Locator:
    return panel(page).get_by_role("region", name="Text of the article")


def show(page: Page, service: NumberingService, text: str, span: str | None = None) -> None:
    """Goes to a document, or to a span of it, by the address."""
    id = next(one.id for one in service.documents().documents if service.text(one.id) == text)
    found = f"/{_span(text, span).start}-{_span(text, span).end}" if span else ""
    page.evaluate("hash => location.hash = hash", f"#/d/{id}{found}")
    expect(region(page).locator(".block").first).to_be_visible()


def answered(page: Page, question: str, *, times: int) -> None:
    ask(page, question)
    expect(page.get_by_role("button", name="Show in article")).to_have_count(times)


def select(page: Page, part: str) -> None:
    """Selects a part of the text as a person would: the page is told of it by the browser."""
    page.evaluate(
        """part => {
          const walker = document.createTreeWalker(document.querySelector(".article"), 4);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(part);
            if (at >= 0) {
              const range = new Range();
              range.setStart(walker.currentNode, at);
              range.setEnd(walker.currentNode, at + part.length);
              getSelection().removeAllRanges();
              getSelection().addRange(range);
              return;
            }
          }
        }""",
        part,
    )


# Offsets


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "🦀",
        "a🦀b🫖c",
        "👩‍👩‍👧 and 🏳️‍🌈",
        "e\u0301 and \u00e9",
        "مرحبا 🌍 שלום",
        "one\r\ntwo\r\n🦀\r",
        "\ufeffmark",
        "𝒜" * 50,
    ],
)
def test_positions_are_the_same_in_both_counts(wide: Page, text: str) -> None:
    found = wide.evaluate(
        f"""text => {_PLACES}.then(({{ points, toUnit, toPoint }}) => {{
          const ends = [0];
          for (const letter of text) ends.push(ends.at(-1) + letter.length);
          return [points, ends, ends.map((end, point) => toUnit(point)), ends.map(toPoint),
            toUnit(-5), toUnit(1e9), toPoint(-5), toPoint(1e9)];
        }})""",
        text,
    )
    points, ends, units, back, *edges = found
    assert points == len(text)
    assert units == ends
    assert back == list(range(len(text) + 1))
    assert edges == [0, ends[-1], 0, len(text)]


def test_a_position_inside_a_character_is_its_end(wide: Page) -> None:
    assert wide.evaluate(f"text => {_PLACES}.then(({{ toPoint }}) => toPoint(2))", "a🦀b") == 2


# The text


def test_every_character_stands_in_the_page_in_order(page: Page, service: NumberingService) -> None:
    listed = "\n  Menu\r\n\r\n\tThe title\n\n  1. one 🦀\n  2. two\r\n\n\n"
    text = f"{listed}A long one \n wrapped.\n \n© us\n\n"
    service.lay(text, header=["The title"], body=["1. one 🦀", "2. two", "A long one \n wrapped."])
    show(page, service, text)
    assert page.locator(".article").evaluate("one => one.textContent") == text
    assert page.locator(".apart").all_inner_texts() == ["Menu", "© us"]
    expect(page.locator(".top")).to_have_text("The title")


def test_headings_pages_and_what_is_no_part_are_told(page: Page, service: NumberingService) -> None:
    text = "Sign in\n\nTitle\n\n## One\n\nText one.\n\n### Two\n\nText two.\n"
    service.lay(
        text,
        header=["Title"],
        body=["## One", "Text one.", "### Two", "Text two."],
        headings=["One", "Two"],
        pages=["Sign in\n\nTitle\n\n## One\n\nText one.\n\n", "### Two\n\nText two.\n"],
    )
    show(page, service, text)
    heading = region(page).get_by_role("heading")
    assert heading.all_inner_texts() == ["## One", "### Two"]
    said = "one => getComputedStyle(one, '::before').content"
    assert page.locator(".apart").evaluate(said) == '"Not part of the article"'
    assert page.locator("[data-page]").evaluate_all(
        "all => all.map((one) => one.dataset.page)"
    ) == [
        "Page 1",
        "Page 2",
    ]


def test_contents_lead_to_a_heading(page: Page, service: NumberingService) -> None:
    show(page, service, COFFEE)
    panel(page).get_by_title("Contents").click()
    panel(page).get_by_role("button", name="Care").click()
    expect(region(page).get_by_role("heading", name="Care")).to_be_focused()


def test_a_very_long_paragraph_is_in_pieces_and_whole(
    wide: Page, service: NumberingService
) -> None:
    letters = "🫖" * 10_000
    text = f"{'Words and words. ' * 2000}\n\n{letters}\n\nx{letters}\n\nThe end 🦀 is here.\n"
    service.add(Source(text.encode(), "long.txt"))
    show(wide, service, text, "end 🦀")
    expect(wide.locator("mark.now")).to_be_in_viewport()
    expect(wide.locator(".group:empty")).to_have_count(0)
    assert wide.locator(".article").evaluate("one => one.textContent") == text
    assert wide.locator("mark.now").inner_text() == "end 🦀"
    blocks = wide.locator(".block")
    assert blocks.evaluate_all("all => Math.max(...all.map((one) => one.innerText.length))") <= 6000
    assert blocks.evaluate_all("all => all.every((one) => one.textContent.isWellFormed())")
    select(wide, " is here")
    start = text.index("is here")
    box = panel(wide).get_by_role("dialog", name="Selected text")
    expect(box).to_contain_text(f"{start:,}–{start + 7:,}")


# What answers cite


def test_a_citation_is_shown_and_marked(page: Page) -> None:
    answered(page, QUESTION, times=1)
    page.get_by_role("button", name="Show in article").click()
    expect(page.locator("mark.now")).to_have_text([QUOTE])
    expect(page.locator("mark.now")).to_be_in_viewport()
    assert "".join(page.locator("mark.soft").all_inner_texts()) == f"{RINSING}."
    expect(page.locator("#live")).to_contain_text(QUOTE)
    expect(panel(page)).to_contain_text("1 of 1")


def test_the_panel_is_closed_and_gives_the_focus_back(page: Page) -> None:
    answered(page, QUESTION, times=1)
    opener = page.get_by_role("button", name="Show in article")
    for close in (
        lambda: panel(page).get_by_role("button", name="Close").click(),
        lambda: page.keyboard.press("Escape"),
    ):
        page.keyboard.press("Escape")
        opener.focus()
        page.keyboard.press("Enter")
        expect(panel(page)).to_be_visible()
        close()
        expect(panel(page)).to_be_hidden()
        expect(opener).to_be_focused()


def test_overlapping_citations_are_marked_and_say_what_they_are_for(page: Page) -> None:
    answered(page, QUESTION, times=1)
    answered(page, AGAIN, times=2)
    page.get_by_role("button", name="Show in article").last.click()
    expect(page.locator("mark.cited").first).to_be_visible()
    assert "".join(page.locator("mark.cited").all_inner_texts()) == RINSING
    inner = page.locator("mark.cited").filter(has_text=QUOTE)
    inner.click()
    box = panel(page).get_by_role("dialog", name="Answers that cite this")
    assert box.get_by_role("button").all_inner_texts() == [QUESTION, AGAIN]
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(panel(page)).to_be_visible()
    inner.press("Enter")
    page.keyboard.press("Enter")
    expect(box).to_be_hidden()
    expect(page.get_by_role("article").first).to_be_focused()


def test_keys_go_from_citation_to_citation(wide: Page) -> None:
    answered(wide, QUESTION, times=1)
    answered(wide, AGAIN, times=2)
    wide.get_by_role("button", name="Show in article").first.click()
    for key, place in (("]", "2 of 2"), ("]", "1 of 2"), ("[", "2 of 2")):
        wide.keyboard.press(key)
        expect(panel(wide)).to_contain_text(place)
    assert "".join(wide.locator("mark.now").all_inner_texts()) == RINSING
    panel(wide).get_by_role("button", name="Previous citation").click()
    expect(panel(wide)).to_contain_text("1 of 2")
    wide.keyboard.press("s")
    expect(wide.locator("mark.now")).to_be_focused()


# Selections


def test_a_selection_can_be_asked_about_and_linked(page: Page, service: NumberingService) -> None:
    show(page, service, COFFEE)
    select(page, "bursts 🫖")
    box = panel(page).get_by_role("dialog", name="Selected text")
    start = COFFEE.index("bursts 🫖")
    expect(box).to_contain_text(f"{start}–{start + 8}")
    box.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"/{start}-{start + 8}")
    select(page, "pump")
    box.get_by_role("button", name="Ask about this").click()
    expect(page.get_by_label("Question", exact=True)).to_have_value("“pump” ")
    expect(page.get_by_label("Question", exact=True)).to_be_focused()


def test_a_paragraph_is_chosen_by_keyboard(wide: Page, service: NumberingService) -> None:
    show(wide, service, COFFEE)
    region(wide).focus()
    for _ in range(3):
        wide.keyboard.press("j")
    wide.keyboard.press("k")
    expect(region(wide).get_by_text("A pump works")).to_be_focused()
    wide.keyboard.press("Enter")
    box = panel(wide).get_by_role("dialog", name="Selected text")
    expect(box.get_by_role("button", name="Ask about this")).to_be_focused()
    wide.keyboard.press("Escape")
    expect(region(wide).get_by_text("A pump works")).to_be_focused()
    wide.keyboard.press("Enter")
    wide.keyboard.press("Enter")
    expect(wide.get_by_label("Question", exact=True)).to_have_value("“A pump works in bursts 🫖.” ")


def test_a_link_to_a_place_is_copied(wide: Page, service: NumberingService) -> None:
    show(wide, service, COFFEE, "🫖")
    link = wide.url
    panel(wide).get_by_role("button", name="Copy a link to this place").click()
    expect(wide.get_by_text("Link copied.")).to_be_visible()
    assert wide.evaluate("navigator.clipboard.readText()") == link


# The page that an article is from


@pytest.mark.parametrize(
    ("text", "quote", "directive"),
    [
        ("One two.", "two", "One-,two,-."),
        ("two", "two", "two"),
        ("a well-known fact, really & truly so", "well-known fact, really & truly",
         "a-,well%2Dknown%20fact%2C%20really%20%26%20truly,-so"),
        ("Before.\nThe quote.\nAfter.", "The quote.", "The%20quote."),
        ("in (2019) it", "2019", "in%20(-,2019,-)%20it"),
        ("x\nA b\n\nc d\ny", "A b\n\nc d", "A%20b,c%20d"),
        ("one " * 40 + "end", "one " * 39 + "one",
         "one%20one%20one%20one%20one,one%20one%20one%20one%20one,-end"),
        ("un" + "q" * 90 + "b c d e f THIS g h i j k" + "z" * 90, "THIS",
         "c%20d%20e%20f-,THIS,-g%20h%20i%20j"),
        ("caf\u00e9 100% 🦀", "🦀", "caf%C3%A9%20100%25-,%F0%9F%A6%80"),
    ],
)  # fmt: skip
def test_text_fragments_are_of_whole_words_and_encoded(
    wide: Page, text: str, quote: str, directive: str
) -> None:
    start = len(text[: text.index(quote)].encode("utf-16-le")) // 2
    end = start + len(quote.encode("utf-16-le")) // 2
    made = wide.evaluate(
        """([text, start, end]) => import("/page/source/fragment.js").then(({ withFragment }) =>
          ["https://a.example/x", "https://a.example/x#top", "https://a.example/#:~:text=old"]
            .map((url) => withFragment(url, text, start, end)))""",
        [text, start, end],
    )
    assert made == [
        f"https://a.example/x#:~:text={directive}",
        f"https://a.example/x#top:~:text={directive}",
        f"https://a.example/#:~:text={directive}",
    ]


def test_only_web_addresses_are_links(wide: Page, service: NumberingService) -> None:
    for number, url in enumerate(("https://a.example/story", "javascript:alert(1)")):
        text = f"Number {number}. The quote is here."
        service.lay(text, url=url, body=[text])
        show(wide, service, text, "The quote")
        link = panel(wide).get_by_role("link", name="Open the original page")
        if number:
            expect(link).to_have_count(0)
        else:
            expect(link).to_have_attribute(
                "href", re.compile(r"^https://a\.example/story#:~:text=")
            )


# What is not there


def test_a_document_that_is_gone_is_said_to_be(page: Page, service: NumberingService) -> None:
    page.evaluate("location.hash = '#/d/nothing'")
    expect(panel(page).get_by_role("alert")).to_have_text("This article has been deleted.")
    show(page, service, COFFEE)
    expect(panel(page).get_by_role("alert")).to_have_count(0)


def test_a_deleted_document_goes_and_comes_back(wide: Page, service: NumberingService) -> None:
    show(wide, service, COFFEE)
    wide.get_by_role("button", name="Delete Coffee").click()
    expect(panel(wide).get_by_role("alert")).to_have_text("This article has been deleted.")
    wide.get_by_role("button", name="Undo").click()
    expect(region(wide).get_by_text(RINSING)).to_be_visible()


def test_a_place_beyond_the_text_is_said_to_be_none(wide: Page, service: NumberingService) -> None:
    id = service.documents().documents[1].id
    wide.evaluate("hash => location.hash = hash", f"#/d/{id}/90000-90010")
    expect(region(wide).get_by_text(RINSING)).to_be_visible()
    expect(wide.locator("#live")).to_contain_text("doesn’t have")
    expect(wide.locator("mark")).to_have_count(0)


def test_marks_are_seen_with_forced_colours(opened: Opening, service: NumberingService) -> None:
    page = opened(1440, forced_colors="active")
    show(page, service, COFFEE, "pump")
    style = page.locator("mark.now").evaluate("one => getComputedStyle(one).textDecorationLine")
    assert style == "underline"
