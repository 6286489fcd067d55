"""The conversation: asking, answers and refusals, and all that can be done with them."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from index.types import Passage
from qa.types import Answer, AnswerSpan, Question, Reason, Sentence
from tests.browser.conftest import (
    COFFEE,
    OTHER,
    QUESTION,
    QUOTE,
    UNANSWERED,
    Opening,
    PausingService,
    Site,
    ask,
)

SAID = "The text does not say."


class Talking(PausingService):
    """Refuses with what is missing, unless a guess is wanted; takes "it" for something."""

    def _answer(self, question: Question, passages: tuple[Passage, ...]) -> Answer:
        answer = super()._answer(question, passages)
        if not answer.answered and question.min_confidence == 0:
            answer = super()._answer(replace(question, text=QUESTION), passages)
            answer = replace(answer, question=question.text, confidence=0.12)
        if not answer.answered and passages:
            answer = replace(answer, missing=("founded", "Sandnes"))
        if question.resolve and " it " in question.text:
            answer = replace(answer, interpreted_as=question.text.replace(" it ", " rinsing "))
        return replace(answer, id=f"answer-{len(self.asked)}")


@pytest.fixture
def service(service: PausingService) -> Talking:
    talking = Talking(service.answers)
    talking._documents, talking._texts = service._documents, service._texts
    return talking


def turn(page: Page, number: int = -1) -> Locator:
    return page.get_by_role("article").nth(number)


def asked(page: Page, question: str) -> Locator:
    """The turn of a question, when it has come to its end."""
    before = page.get_by_role("article").count()
    ask(page, question)
    expect(page.get_by_role("article")).to_have_count(before + 1)
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")
    return turn(page, before)


def field(page: Page) -> Locator:
    return page.get_by_label("Question", exact=True)


def copied(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def ids(service: Talking) -> dict[str, str]:
    return {one.name: one.id for one in service.documents().documents}


def test_an_answer_is_quoted_and_cited(page: Page) -> None:
    one = asked(page, QUESTION)
    expect(one.get_by_role("heading", name=QUESTION)).to_be_visible()
    expect(one.locator("blockquote q")).to_have_text(QUOTE)
    expect(one.locator("mark")).to_have_text(QUOTE)
    expect(one.locator("li")).to_contain_text("Descaling the Duo 3")
    expect(one.get_by_role("button", name="Show in article")).to_be_visible()
    expect(page).to_have_url(re.compile("#/c/conversation-1$"))
    expect(page.locator("#live")).to_have_text(f"Very likely: {QUOTE}")
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")
    page.reload()
    expect(turn(page).locator("mark")).to_have_text(QUOTE)


def test_a_sentence_is_shown_as_it_stands(wide: Page, service: Talking) -> None:
    one = asked(wide, QUESTION)
    stands = service.conversation("conversation-1").messages[0].answer.citations[0].sentence.text
    assert one.locator(".sentence").text_content() == stands


def test_a_quote_that_its_sentence_does_not_hold_stands_alone(
    opened: Opening, service: Talking
) -> None:
    service.reply(service.start_conversation().id, Question(QUESTION))
    kept = service.conversation("conversation-1")
    answer = kept.messages[0].answer
    torn = replace(answer.citations[0], sentence=Sentence(0, 9, "Not there"))
    message = replace(kept.messages[0], answer=replace(answer, citations=(torn,)))
    service._transcripts[kept.id] = replace(kept, messages=(message,))
    page = opened(1440, "/#/c/conversation-1")
    expect(turn(page).locator(".sentence")).to_have_text(QUOTE)


def test_several_things_are_quoted_apart(opened: Opening, service: Talking) -> None:
    service.reply(service.start_conversation().id, Question(QUESTION))
    kept = service.conversation("conversation-1")
    answer = kept.messages[0].answer
    first = answer.citations[0]
    second = replace(first, number=2, section="Rinsing", page=3)
    spans = (AnswerSpan(QUOTE, 0.7, 1, (1, 2)), AnswerSpan("seven", 0.6, 2, (2,)))
    more = replace(answer, citations=(first, second), spans=spans, confidence=0.7)
    message = replace(kept.messages[0], answer=more)
    service._transcripts[kept.id] = replace(kept, messages=(message,))
    page = opened(1440, "/#/c/conversation-1")
    expect(turn(page).locator("q")).to_have_text([QUOTE, "seven"])
    expect(turn(page).locator("sup")).to_have_text(["[1]", "[2]", "[2]"])
    expect(turn(page).locator(".about").nth(1)).to_contain_text("Rinsing")
    expect(turn(page).locator(".about").nth(1)).to_contain_text("p. 3")
    turn(page).get_by_role("button", name="Show 2 in the article").first.click()
    expect(page.locator("#source")).to_be_visible()


def test_how_sure_an_answer_is_can_be_read(page: Page) -> None:
    one = asked(page, QUESTION)
    words = one.get_by_text("Very likely · 93")
    meaning = one.get_by_text("about 93 are right")
    expect(meaning).to_be_hidden()
    words.click()
    expect(meaning).to_be_visible()
    words.press("Enter")
    expect(meaning).to_be_hidden()


def test_an_article_opens_at_the_quote(page: Page) -> None:
    one = asked(page, QUESTION)
    if page.locator("#source").is_visible():
        page.keyboard.press("Escape")
    one.get_by_role("button", name="Show in article").press("Enter")
    expect(page.locator("#source").get_by_text(QUOTE).first).to_be_visible()


def test_the_article_follows_where_there_is_room_until_it_is_closed(page: Page, width: int) -> None:
    asked(page, QUESTION)
    source = page.locator("#source")
    expect(source).to_be_visible(visible=width == 1440)
    expect(field(page)).to_be_focused()
    if width == 1440:
        page.get_by_role("button", name="Close the article").click()
        asked(page, OTHER)
        expect(source).to_be_hidden()


def test_steps_are_told_and_an_answer_can_be_stopped(page: Page, service: Talking) -> None:
    service.hold()
    ask(page, QUESTION)
    expect(turn(page)).to_contain_text("Reading 2 passages…")
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    field(page).fill("Typed meanwhile")
    page.get_by_role("button", name="Stop").click()
    expect(turn(page)).to_contain_text("Stopped.")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(field(page)).to_have_value("Typed meanwhile")
    service.let_go()
    turn(page).get_by_role("button", name="Ask again", exact=True).press("Enter")
    expect(turn(page).locator("mark")).to_have_text(QUOTE)


def test_questions_wait_for_each_other(wide: Page, service: Talking) -> None:
    service.hold()
    ask(wide, QUESTION)
    ask(wide, OTHER)
    expect(turn(wide, 1)).to_contain_text("Waiting for the answer before…")
    service.let_go()
    expect(turn(wide, 1).locator("mark")).to_have_text("before the end of the year")
    assert [one.text for one in service.asked] == [QUESTION, OTHER]


def test_an_answer_that_was_left_is_there_on_coming_back(wide: Page, service: Talking) -> None:
    asked(wide, OTHER)
    service.hold()
    ask(wide, QUESTION)
    expect(turn(wide)).to_contain_text("Reading")
    wide.get_by_role("button", name="New conversation").click()
    expect(wide.get_by_role("article")).to_have_count(0)
    wide.go_back()
    expect(wide.get_by_role("article")).to_have_count(1)
    service.let_go()
    expect(turn(wide, 1).locator("mark")).to_have_text(QUOTE)


def test_a_question_can_have_lines_and_be_called_back(page: Page, service: Talking) -> None:
    field(page).focus()
    page.keyboard.type("One")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two?")
    expect(field(page)).to_have_value("One\ntwo?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(turn(page)).to_contain_text(SAID)
    assert service.asked[-1].text == "One\ntwo?"
    expect(field(page)).to_have_value("")
    page.keyboard.press("ArrowUp")
    expect(field(page)).to_have_value("One\ntwo?")


def test_a_blank_question_is_not_asked(wide: Page, service: Talking) -> None:
    ask(wide, "  \n ")
    expect(wide.get_by_role("article")).to_have_count(0)
    assert service.asked == []


def test_a_question_is_asked_word_for_word(wide: Page, service: Talking) -> None:
    one = asked(wide, "How long does it take?")
    expect(one).to_contain_text("Understood as: How long does rinsing take?")
    one.get_by_role("button", name="Ask word for word").click()
    expect(wide.get_by_role("article")).to_have_count(2)
    expect(turn(wide, 1)).to_contain_text(SAID)
    expect(turn(wide, 1)).not_to_contain_text("Understood as")
    assert [one.resolve for one in service.asked] == [True, False]


def test_a_refusal_helps(page: Page, service: Talking) -> None:
    one = asked(page, UNANSWERED)
    expect(one).to_contain_text(SAID)
    expect(one).to_contain_text("The articles don’t have these words: founded, Sandnes")
    expect(one.locator("mark")).to_have_count(0)
    expect(one.locator("li")).to_have_count(2)
    one.get_by_role("button", name="Show in article").first.click()
    expect(page.locator("#source").get_by_text("The kelp forest").first).to_be_visible()
    page.keyboard.press("Escape")
    one.get_by_role("button", name="Show the best guess anyway").click()
    guess = turn(page, 1)
    expect(guess).to_contain_text("A guess, to be checked · 12")
    expect(guess.locator("mark")).to_have_text(QUOTE)
    assert service.asked[-1].min_confidence == 0


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_told(opened: Opening, service: Talking, reason: Reason) -> None:
    service.reply(service.start_conversation().id, Question(UNANSWERED))
    kept = service.conversation("conversation-1")
    answer = replace(kept.messages[0].answer, reason=reason, passages=(), confidence=None)
    message = replace(kept.messages[0], answer=answer)
    service._transcripts[kept.id] = replace(kept, messages=(message,))
    one = turn(opened(1440, "/#/c/conversation-1"))
    told = {
        Reason.NOTHING_INDEXED: "There are no articles",
        Reason.NOTHING_RETRIEVED: "anything in common",
        Reason.NOT_IN_TEXT: "don’t answer it",
    }
    expect(one).to_contain_text(told[reason])
    expect(one.get_by_role("button", name="Show the best guess anyway")).to_have_count(0)
    has_way = reason is Reason.NOTHING_INDEXED
    expect(one.get_by_role("button", name="Add an article")).to_have_count(int(has_way))


def test_without_articles_they_are_asked_for(page: Page, service: Talking) -> None:
    for document_id in ids(service).values():
        service.remove(document_id)
    page.reload()
    talk = page.get_by_role("main")
    expect(talk).to_contain_text("There are no articles yet.")
    talk.get_by_role("button", name="Add articles").click()
    expect(page.get_by_role("dialog", name="Add articles")).to_be_visible()


def test_what_was_removed_is_said_and_not_opened(wide: Page, service: Talking) -> None:
    one = asked(wide, QUESTION)
    wide.get_by_role("button", name="Delete Descaling the Duo 3").click()
    expect(one).to_contain_text("This article has been removed.")
    expect(one.get_by_role("button", name="Show in article")).to_have_count(0)
    expect(one.get_by_role("button", name="Show 1 in the article")).to_be_disabled()
    wide.get_by_role("button", name="Undo").click()
    expect(one.get_by_role("button", name="Show in article")).to_be_visible()
    kept = service.conversation("conversation-1")
    answer = kept.messages[0].answer
    removed = replace(answer.citations[0], removed=True)
    message = replace(kept.messages[0], answer=replace(answer, citations=(removed,)))
    service._transcripts[kept.id] = replace(kept, messages=(message,))
    wide.reload()
    expect(turn(wide)).to_contain_text("This article has been removed.")
    expect(turn(wide).get_by_role("button", name="Show in article")).to_have_count(0)


def test_deletes_are_done_before_a_question(wide: Page, service: Talking) -> None:
    wide.get_by_role("button", name="Delete Descaling the Duo 3").click()
    assert COFFEE in ids(service)
    expect(asked(wide, QUESTION)).to_contain_text(SAID)
    assert COFFEE not in ids(service)


def test_only_what_is_chosen_is_asked(page: Page, service: Talking) -> None:
    field(page).focus()
    page.get_by_role("button", name="Asking all 2 articles").click()
    page.get_by_role("checkbox", name="Descaling the Duo 3").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Asking 1 of 2 articles")).to_be_visible()
    asked(page, QUESTION)
    assert service.asked[-1].scope.document_ids == (ids(service)[COFFEE],)


def test_a_place_to_begin_with_opens_beside(page: Page, width: int, service: Talking) -> None:
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    first = service.suggestions()[0].text
    page.get_by_role("main").get_by_role("button", name=first).click()
    expect(page.locator("#source").get_by_text(first).first).to_be_visible()
    if width > 360:
        expect(field(page)).to_be_focused()


def test_a_question_is_edited(page: Page) -> None:
    one = asked(page, QUESTION)
    one.get_by_role("button", name="Edit and ask again").click()
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value(QUESTION)
    page.keyboard.press("End")
    page.keyboard.type(" Really?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_have_count(2)
    expect(turn(page, 1)).to_contain_text("Really?")


def test_an_answer_is_copied_with_its_citation(page: Page) -> None:
    one = asked(page, QUESTION)
    opener = one.locator("summary[title='Copy with citation']")
    opener.click()
    one.get_by_role("button", name="Text", exact=True).click()
    expect(page.get_by_text("Copied as Text.")).to_be_visible()
    assert f"{QUOTE} [1]" in copied(page)
    assert "Descaling the Duo 3 · characters " in copied(page)
    opener.press("Enter")
    one.get_by_role("button", name="Markdown").press("Enter")
    expect(page.get_by_text("Copied as Markdown.")).to_be_visible()
    assert f"**{QUOTE}** \\[1\\]" in copied(page)
    expect(opener).to_be_focused()
    opener.press("Enter")
    one.get_by_role("button", name="BibTeX").press("Enter")
    expect(page.get_by_text("Copied as BibTeX.")).to_be_visible()
    assert "title = {Descaling the Duo 3}," in copied(page)
    assert copied(page).count("{") == copied(page).count("}")


def test_a_menu_closes(wide: Page) -> None:
    one = asked(wide, QUESTION)
    opener = one.locator("summary[title='Copy with citation']")
    choice = one.get_by_role("button", name="Markdown")
    opener.click()
    expect(choice).to_be_visible()
    wide.keyboard.press("Escape")
    expect(choice).to_be_hidden()
    expect(wide.locator("#source")).to_be_visible()
    opener.click()
    one.get_by_role("heading", name=QUESTION).click()
    expect(choice).to_be_hidden()


def test_where_nothing_can_be_copied_the_text_is_shown(wide: Page) -> None:
    one = asked(wide, QUESTION)
    wide.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error()); }")
    one.get_by_role("button", name="Copy a link to this answer").click()
    expect(wide.get_by_role("dialog").get_by_label("Text")).to_have_value(re.compile("#/c/"))


def test_a_link_leads_to_an_answer(page: Page) -> None:
    one = asked(page, QUESTION)
    asked(page, OTHER)
    one.get_by_role("button", name="Copy a link to this answer").click()
    expect(page.get_by_text("Link copied.")).to_be_visible()
    assert copied(page) == page.url + "/answer-1"
    page.goto("about:blank")
    page.goto("/#/c/conversation-1/answer-1")
    expect(turn(page, 0)).to_be_focused()
    expect(turn(page, 0).get_by_role("heading", name=QUESTION)).to_be_in_viewport()


def test_a_verdict_is_given_and_taken_back(page: Page, service: Talking) -> None:
    one = asked(page, QUESTION)
    right = one.get_by_role("button", name="Right")
    right.click()
    expect(right).to_have_attribute("aria-pressed", "true")
    expect(one.get_by_label("What would have been right?")).to_be_hidden()
    page.reload()
    expect(right).to_have_attribute("aria-pressed", "true")
    assert [one.feedback.verdict for one in service.feedback()] == ["right"]
    right.press("Enter")
    expect(right).to_have_attribute("aria-pressed", "false")
    page.wait_for_load_state("networkidle")
    assert service.feedback() == ()


def test_a_wrong_answer_can_be_put_right(page: Page, service: Talking) -> None:
    one = asked(page, QUESTION)
    one.get_by_role("button", name="Wrong").press("Enter")
    one.get_by_label("What would have been right?").fill("nine minutes")
    one.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("That is kept.")).to_be_visible()
    assert [one.feedback.expected for one in service.feedback()] == ["nine minutes"]
    page.reload()
    expect(one.get_by_label("What would have been right?")).to_have_value("nine minutes")


def test_a_verdict_that_is_not_kept_is_not_shown(wide: Page, service: Talking) -> None:
    one = asked(wide, QUESTION)
    service._given.clear()
    one.get_by_role("button", name="Right").click()
    expect(wide.get_by_role("alert")).to_contain_text("no answer with the id")
    expect(one.get_by_role("button", name="Right")).to_have_attribute("aria-pressed", "false")


def test_a_problem_is_told_and_the_question_asked_again(wide: Page) -> None:
    one = asked(wide, "x" * 20_000)
    expect(one.get_by_role("alert")).to_contain_text("20,000 characters long")
    one.get_by_role("button", name="Edit and ask again").click()
    expect(field(wide)).to_have_value("x" * 20_000)
    one.get_by_role("button", name="Ask again", exact=True).click()
    expect(one.get_by_role("alert")).to_contain_text("20,000 characters long")
    assert asked(wide, QUESTION).locator("mark").text_content() == QUOTE


def test_a_question_waits_for_the_server(page: Page, site: Site, service: Talking) -> None:
    asked(page, OTHER)
    site.stop()
    ask(page, QUESTION)
    expect(turn(page, 1)).to_contain_text("Waiting to ask again…")
    site.start()
    expect(turn(page, 1).locator("mark")).to_have_text(QUOTE)
    assert len(service.conversation("conversation-1").messages) == 2


def test_a_first_question_waits_too(wide: Page, site: Site) -> None:
    expect(wide.get_by_role("button", name="Asking all 2 articles")).to_be_visible()
    site.stop()
    ask(wide, QUESTION)
    expect(turn(wide)).to_contain_text("Waiting to ask again…")
    site.start()
    expect(turn(wide).locator("mark")).to_have_text(QUOTE)


def test_waiting_for_the_server_can_be_stopped(wide: Page, site: Site) -> None:
    expect(wide.get_by_role("button", name="Asking all 2 articles")).to_be_visible()
    site.stop()
    ask(wide, QUESTION)
    expect(turn(wide)).to_contain_text("Waiting to ask again…")
    wide.get_by_role("button", name="Stop").click()
    expect(turn(wide)).to_contain_text("Stopped.")
    site.start()


def test_an_answer_whose_telling_was_lost_is_not_asked_for_twice(
    wide: Page, service: Talking
) -> None:
    asked(wide, QUESTION)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    wide.route("**/messages", lose, times=1)
    ask(wide, QUESTION)
    expect(turn(wide, 1).locator("mark")).to_have_text(QUOTE)
    assert len(service.asked) == 2


def test_a_conversation_that_is_gone_is_said_to_be(page: Page, service: Talking) -> None:
    page.goto("/#/c/nothing/there")
    expect(page.get_by_role("alert")).to_have_text(re.compile("This conversation is gone."))
    expect(asked(page, QUESTION).locator("mark")).to_have_text(QUOTE)
    page.goto("/#/c/nothing")
    page.get_by_role("main").get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    assert len(service.conversations().conversations) == 1


def test_a_conversation_is_started_by_its_first_question(wide: Page, service: Talking) -> None:
    assert service.conversations().conversations == ()
    asked(wide, QUESTION)
    asked(wide, OTHER)
    wide.get_by_role("button", name="New conversation").click()
    expect(field(wide)).to_be_focused()
    expect(wide).not_to_have_url(re.compile("#/c/"))
    asked(wide, OTHER)
    assert [one.messages for one in service.conversations().conversations] == [1, 2]
    wide.go_back()
    expect(wide.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    wide.go_back()
    expect(wide.get_by_role("article")).to_have_count(2)


def test_a_conversation_is_exported(wide: Page) -> None:
    asked(wide, QUESTION)
    head = wide.get_by_role("log")
    for kind, ending in (("Markdown", ".md"), ("JSON", ".json")):
        head.locator("summary[title='Export this conversation']").press("Enter")
        with wide.expect_download() as download:
            head.get_by_role("button", name=kind).first.press("Enter")
        assert download.value.suggested_filename.endswith(ending)
        assert QUOTE in download.value.path().read_text()


def test_keys_go_through_the_answers(wide: Page) -> None:
    asked(wide, QUESTION)
    asked(wide, OTHER)
    turn(wide, 1).get_by_role("heading", name=OTHER).click()
    wide.keyboard.press("k")
    expect(turn(wide, 0)).to_be_focused()
    wide.keyboard.press("c")
    expect(wide.get_by_text("Copied with its citation.")).to_be_visible()
    assert QUOTE in copied(wide)
    wide.keyboard.press("j")
    expect(turn(wide, 1)).to_be_focused()
    wide.keyboard.press("j")
    expect(turn(wide, 1)).to_be_focused()
    wide.keyboard.press("e")
    expect(field(wide)).to_have_value(OTHER)


def test_a_long_conversation_opens_at_its_end(page: Page, service: Talking) -> None:
    started = service.start_conversation().id
    for number in range(200):
        service.reply(started, Question(f"Question {number}?"))
    service.reply(started, Question(QUESTION))
    page.goto(f"/#/c/{started}")
    expect(page.get_by_role("article")).to_have_count(201)
    expect(page.locator("mark").last).to_be_in_viewport()
    lazy = "getComputedStyle(document.querySelector('.turn')).contentVisibility"
    assert page.evaluate(lazy) == "auto"
    page.goto(f"/#/c/{started}/answer-100")
    expect(turn(page, 99)).to_be_focused()
    expect(turn(page, 99).get_by_role("heading", name="Question 99?")).to_be_in_viewport()


def test_any_direction_of_writing(page: Page) -> None:
    one = asked(page, "متى افتتح الجسر؟")
    direction = "getComputedStyle(document.querySelector('.turn h2')).direction"
    assert page.evaluate(direction) == "rtl"
    expect(one).to_contain_text(SAID)


def test_paper_shows_the_conversation_only(wide: Page) -> None:
    asked(wide, QUESTION)
    wide.emulate_media(media="print", color_scheme="dark")
    expect(turn(wide).locator("mark")).to_be_visible()
    expect(turn(wide).locator("sup")).to_be_visible()
    for hidden in ("#side", "#source", ".bar button", ".composer", ".actions", ".head"):
        expect(wide.locator(hidden).first).to_be_hidden()
    assert wide.evaluate("getComputedStyle(document.documentElement).color") == "rgb(0, 0, 0)"


def test_skipping_to_the_question_leaves_the_conversation(wide: Page) -> None:
    asked(wide, QUESTION)
    wide.get_by_role("link", name="Skip to the question").press("Enter")
    expect(field(wide)).to_be_focused()
    expect(turn(wide).locator("mark")).to_have_text(QUOTE)


def test_nothing_is_wider_than_the_page(page: Page) -> None:
    asked(page, QUESTION)
    asked(page, "unbroken" * 60)
    page.keyboard.press("Escape")
    log = page.get_by_role("log")
    assert log.evaluate("log => log.scrollWidth <= log.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
