"""The articles beside the conversation: added, found, chosen, opened, deleted."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from index.types import Added, Link, Progress, Source, Stage
from tests.browser.conftest import KELP, QUESTION, QUOTE, Opening, PausingService, ask, break_once

NEW = "The lighthouse at Utsira was lit in 1844."


class Adding(PausingService):
    """A service that stops while it indexes a text, two fifths of the way, where it is held."""

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__(answers)
        self.going_on = threading.Event()
        self.going_on.set()

    def add(self, source: Source | Link, *, progress: Progress | None = None) -> Added:
        if progress is not None:
            progress(Stage.EMBED, 2, 5)
            assert self.going_on.wait(20)
        return super().add(source, progress=progress)


@pytest.fixture
def service(service: PausingService) -> Iterator[Adding]:
    adding = Adding(service.answers)
    adding._documents, adding._texts = service._documents, service._texts
    yield adding
    adding.going_on.set()


def library(page: Page) -> Locator:
    """The list's section, in sight."""
    section = page.locator("#library")
    if not section.is_visible():
        page.get_by_role("button", name="Articles and conversations").click()
    return section


def names(page: Page) -> Locator:
    return library(page).locator(".entries .name")


def adder(page: Page) -> Locator:
    """The dialog to add articles, open."""
    library(page).get_by_role("button", name="Add articles").first.click()
    return page.get_by_role("dialog", name="Add articles")


def file(name: str, text: str = NEW) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def choose(page: Page, dialog: Locator, *files: FilePayload) -> None:
    with page.expect_file_chooser() as chooser:
        dialog.get_by_role("button", name="Choose files").click()
    chooser.value.set_files(list(files))


def drag(page: Page, kind: str, name: str = "", *, target: str = "main", text: str = "") -> None:
    """A drag over the page, or a drop, of a file or a text that comes from elsewhere."""
    page.evaluate(
        """([kind, name, target, text]) => {
          const dataTransfer = new DataTransfer();
          if (name) dataTransfer.items.add(new File([text], name, { type: "text/plain" }));
          else dataTransfer.setData("text/plain", text);
          const event = new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true });
          document.querySelector(target).dispatchEvent(event);
        }""",
        [kind, name, target, text],
    )


def test_the_articles_are_listed_newest_first(page: Page) -> None:
    expect(library(page).get_by_role("heading", name="Articles 2")).to_be_visible()
    expect(names(page)).to_have_text(["Descaling the Duo 3", "The kelp forest"])
    expect(library(page).locator("li").first).to_contain_text("characters")


def test_an_article_opens_beside_the_conversation(page: Page) -> None:
    library(page).get_by_role("button", name="The kelp forest").first.click()
    expect(page.locator("#source")).to_contain_text("kelp")
    expect(page.locator("html.drawer")).to_have_count(0)


def test_an_article_opens_by_keyboard(wide: Page) -> None:
    names(wide).first.locator("..").focus()
    wide.keyboard.press("Enter")
    expect(wide.locator("#source")).to_be_visible()
    expect(names(wide).first.locator("..")).to_have_attribute("aria-current", "true")


def test_without_articles_it_says_what_to_do(opened: Opening, service: Adding) -> None:
    service._documents.clear()
    page = opened(360)
    expect(library(page)).to_contain_text("No articles yet.")
    library(page).get_by_role("button", name="Add articles").last.click()
    expect(page.get_by_role("dialog", name="Add articles")).to_be_visible()


def test_only_the_ticked_are_asked(page: Page, service: Adding) -> None:
    box = library(page).get_by_role("checkbox", name="Descaling the Duo 3")
    box.focus()
    page.keyboard.press("Space")
    expect(library(page)).to_contain_text("Asking 1 of 2")
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    expect(page.get_by_role("article")).to_contain_text(QUOTE)
    (document,) = [one for one in service._documents.values() if one.title == "Descaling the Duo 3"]
    assert service.asked[-1].scope.document_ids == (document.id,)


def test_what_is_ticked_outlives_a_reload_until_all_are_asked(wide: Page) -> None:
    library(wide).get_by_role("checkbox", name="The kelp forest").check()
    wide.reload()
    expect(library(wide).get_by_role("checkbox", name="The kelp forest")).to_be_checked()
    library(wide).get_by_role("button", name="Ask all").click()
    expect(library(wide).get_by_role("checkbox", checked=True)).to_have_count(0)
    expect(library(wide)).to_contain_text("Asking all.")


def test_what_is_deleted_is_not_asked(wide: Page) -> None:
    library(wide).get_by_role("checkbox", name="The kelp forest").check()
    library(wide).locator("li").last.hover()
    library(wide).get_by_role("button", name="Delete The kelp forest").click()
    expect(library(wide)).not_to_contain_text("Asking 1")
    wide.get_by_role("button", name="Undo").click()
    expect(library(wide)).to_contain_text("Asking 1 of 2")


def test_a_delete_is_undone(page: Page, service: Adding) -> None:
    library(page).locator("li").last.hover()
    library(page).get_by_role("button", name="Delete The kelp forest").click()
    expect(names(page)).to_have_text(["Descaling the Duo 3"])
    page.get_by_role("button", name="Undo").click()
    expect(names(page)).to_have_text(["Descaling the Duo 3", "The kelp forest"])
    assert len(service._documents) == 2


def test_a_delete_by_keyboard_keeps_the_place(wide: Page) -> None:
    library(wide).get_by_role("button", name="Delete Descaling the Duo 3").press("Enter")
    expect(library(wide).get_by_role("button", name="The kelp forest").first).to_be_focused()
    wide.keyboard.press("z")
    expect(names(wide)).to_have_count(2)


def test_a_delete_that_is_not_undone_is_done(wide: Page, service: Adding) -> None:
    library(wide).get_by_role("button", name="Delete The kelp forest").press("Enter")
    with wide.expect_response(lambda response: response.request.method == "DELETE"):
        wide.get_by_role("button", name="Dismiss").click()
    assert [one.title for one in service._documents.values()] == ["Descaling the Duo 3"]
    wide.reload()
    expect(names(wide)).to_have_text(["Descaling the Duo 3"])


def test_many_articles_are_filtered(opened: Opening, service: Adding) -> None:
    for number in range(1000):
        service.add(Source(f"Text {number}".encode(), f"{number}.txt", title=f"Crème {number}"))
    page = opened(1440)
    expect(names(page)).to_have_count(1002)
    filter = page.get_by_label("Filter articles")
    filter.fill("creme 77")
    expect(names(page).and_(page.locator(":visible"))).to_have_count(19)
    filter.fill("nothing such")
    expect(library(page)).to_contain_text("No article matches.")
    filter.fill("")
    expect(names(page).nth(500)).to_be_visible()


def test_few_articles_need_no_filter(wide: Page) -> None:
    expect(names(wide)).to_have_count(2)
    expect(wide.get_by_label("Filter articles")).to_be_hidden()


def test_a_file_is_added_and_its_progress_shown(page: Page, service: Adding) -> None:
    service.going_on.clear()
    dialog = adder(page)
    choose(page, dialog, file("utsira.txt"))
    expect(dialog.locator(".work")).to_contain_text("Indexing 40 %")
    service.going_on.set()
    expect(dialog.locator(".work")).to_contain_text("Added")
    expect(dialog.get_by_role("status")).to_have_text("1 added")
    dialog.get_by_role("button", name="Open utsira.txt").click()
    expect(page.locator("#source")).to_contain_text(NEW)
    page.keyboard.press("Escape")
    expect(names(page).first).to_have_text("utsira.txt")


def test_two_are_on_their_way_at_once(wide: Page, service: Adding) -> None:
    service.going_on.clear()
    sent: list[str] = []
    wide.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    dialog = adder(wide)
    choose(wide, dialog, *(file(f"{n}.txt", f"{NEW} {n}") for n in range(4)))
    expect(dialog.locator(".work")).to_contain_text("Indexing 40 %")
    expect(dialog.get_by_text("Waiting…")).to_have_count(2)
    assert len(sent) == 2
    service.going_on.set()
    expect(dialog.get_by_role("status")).to_have_text("4 added")


def test_adding_is_cancelled(wide: Page, service: Adding) -> None:
    service.going_on.clear()
    dialog = adder(wide)
    choose(wide, dialog, file("utsira.txt"))
    expect(dialog.locator(".work")).to_contain_text("Indexing 40 %")
    with wide.expect_response(lambda response: response.request.method == "DELETE"):
        dialog.get_by_role("button", name="Cancel utsira.txt").press("Enter")
    expect(dialog.locator(".work li")).to_have_count(0)
    service.going_on.set()
    wide.keyboard.press("Escape")
    wide.reload()
    expect(names(wide)).to_have_count(2)


def test_adding_goes_on_where_the_dialog_is_closed(wide: Page, service: Adding) -> None:
    service.going_on.clear()
    choose(wide, adder(wide), file("utsira.txt"))
    wide.keyboard.press("Escape")
    expect(library(wide).locator(".work")).to_contain_text("Indexing 40 %")
    service.going_on.set()
    expect(names(wide).first).to_have_text("utsira.txt")
    expect(wide.get_by_text("Articles: 1 added.")).to_be_visible()
    expect(library(wide).locator(".work li")).to_have_count(0)


def test_adding_goes_on_where_the_page_is_loaded_anew(wide: Page, service: Adding) -> None:
    service.going_on.clear()
    dialog = adder(wide)
    choose(wide, dialog, file("utsira.txt"))
    expect(dialog.locator(".work")).to_contain_text("Indexing 40 %")
    wide.reload()
    expect(library(wide).locator(".work")).to_contain_text("utsira.txt")
    service.going_on.set()
    expect(names(wide).first).to_have_text("utsira.txt")


def test_what_can_not_be_added_says_why_and_is_tried_again(page: Page) -> None:
    dialog = adder(page)
    choose(page, dialog, file("empty.txt", " "))
    expect(dialog.locator(".work")).to_contain_text("the file is empty")
    dialog.get_by_role("button", name="Retry empty.txt").click()
    expect(dialog.locator(".work")).to_contain_text("the file is empty")
    dialog.get_by_role("button", name="Dismiss empty.txt").click()
    expect(dialog.locator(".work li")).to_have_count(0)


def test_what_is_there_already_is_told(wide: Page, service: Adding) -> None:
    dialog = adder(wide)
    text = next(text for text in service._texts.values() if "kelp" in text)
    choose(wide, dialog, file(KELP, text))
    expect(dialog.locator(".work")).to_contain_text("Already there")
    expect(names(wide)).to_have_count(2)


def test_a_text_is_pasted_by_keyboard(page: Page) -> None:
    page.locator("body").press("u")
    dialog = page.get_by_role("dialog", name="Add articles")
    expect(dialog.get_by_role("button", name="Choose files")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type(NEW)
    page.keyboard.press("Tab")
    page.keyboard.type("Utsira")
    page.keyboard.press("Enter")
    expect(dialog.locator(".work")).to_contain_text("Added")
    page.keyboard.press("Escape")
    expect(names(page).first).to_have_text("Utsira")


def test_addresses_go_to_the_server_each_by_itself(wide: Page) -> None:
    sent: list[object] = []
    wide.on("request", lambda one: sent.append(one.post_data_json) if one.post_data else None)
    dialog = adder(wide)
    dialog.get_by_label("Or paste").fill("example.org/utsira https://example.org/other")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_text("Not added: the host example.org has no address")).to_have_count(2)
    assert sent == [{"url": "https://example.org/utsira"}, {"url": "https://example.org/other"}]


def test_a_file_is_dropped_anywhere(page: Page) -> None:
    hint = page.get_by_text("Drop to add")
    drag(page, "dragover", "utsira.txt", text=NEW)
    expect(hint).to_be_visible()
    drag(page, "dragleave", "utsira.txt", text=NEW)
    expect(hint).to_be_hidden()
    drag(page, "dragover", "utsira.txt", text=NEW)
    drag(page, "drop", "utsira.txt", text=NEW)
    expect(hint).to_be_hidden()
    expect(page.get_by_role("dialog").locator(".work")).to_contain_text("Added")


def test_a_dropped_text_is_shown_before_it_is_added(wide: Page) -> None:
    drag(wide, "drop", text=NEW)
    expect(wide.get_by_role("dialog").get_by_label("Or paste")).to_have_value(NEW)


def test_a_text_that_is_dropped_into_a_field_goes_there(wide: Page) -> None:
    drag(wide, "drop", text=NEW, target="#question")
    expect(wide.get_by_role("dialog")).to_have_count(0)


def test_an_address_that_is_pasted_beside_the_fields_can_be_added(wide: Page) -> None:
    wide.evaluate("navigator.clipboard.writeText('https://example.org/utsira')")
    wide.get_by_role("heading", name="Pincite").click()
    wide.keyboard.press("Control+v")
    field = wide.get_by_role("dialog").get_by_label("Or paste")
    expect(field).to_have_value("https://example.org/utsira")


def test_a_list_that_can_not_be_had_is_tried_again(wide: Page) -> None:
    break_once(wide, "**/v1/documents?*", "Something broke.")
    wide.reload()
    expect(library(wide).get_by_role("alert")).to_contain_text("Something broke.")
    library(wide).get_by_role("button", name="Try again").click()
    expect(names(wide)).to_have_count(2)
