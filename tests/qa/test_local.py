"""What every service does, the one on a store and the fake; and what only a store can."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import (
    DocumentNotFound,
    FetchFailed,
    InvalidCursor,
    NotFetched,
    SourceError,
    StoreFull,
)
from index.types import Added, Link, Refreshed, Scope, Source, Stage
from qa.errors import (
    AnswerNotFound,
    ConversationNotFound,
    FeedbackNotFound,
    InvalidQuestion,
    InvalidRequest,
)
from qa.local import LocalService
from qa.service import Service, every_conversation, take_place
from qa.types import Claim, Feedback, Mark, Question, SuggestionKind
from tests.fakes import FakeService, FirstWordReader
from tests.qa.stores import fake_service
from tests.sites import Site, page, site

FERRY = "Everyone knows that the ferry was sold by Kittiwake to the council in spring."
QUESTION = "who sold the ferry, everyone?"
ODD = "渡船は Kittiwake が👩\u200d👧売った。\r\nIt is said, e\u0301 so far."


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalService]:
    service = fake_service(tmp_path)
    yield service
    service.close()


@pytest.fixture(params=["fake", "local"])
def service(request: pytest.FixtureRequest, local: LocalService) -> Service:
    return local if request.param == "local" else FakeService({QUESTION: "Kittiwake"})


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as found:
        yield found


def note(text: str, *, name: str = "note.txt", **metadata: str) -> Source:
    return Source(text.encode(), name, "text/plain", metadata=metadata)


# What every service does


def test_what_is_added_is_there(service: Service) -> None:
    seen: list[Stage] = []
    source = Source(ODD.encode(), "odd.txt", "text/plain", title="Odd", metadata={"k": "значение"})
    added = service.add(source, progress=lambda stage, done, total: seen.append(stage))
    assert added.created
    document = added.document
    assert service.document(document.id) == document
    assert service.documents().documents == (document,)
    assert service.text(document.id) == ODD
    assert (document.name, document.title, document.characters) == ("odd.txt", "Odd", len(ODD))
    assert document.metadata == {"k": "значение"}
    assert list(dict.fromkeys(seen)) == list(Stage)


def test_suggestions_are_of_one_document_or_of_those_added_last(service: Service) -> None:
    assert service.suggestions() == ()
    ids = [
        service.add(note(f"The {bird} was ringed in Norway in 2014 and came back to Oslo in May."))
        for bird in ("godwit", "curlew", "plover")
    ]
    first, second, third = (added.document.id for added in ids)
    (only,) = service.suggestions(document_id=first)
    assert service.text(first)[only.start : only.end] == only.text
    assert (only.document_id, only.kind) == (first, SuggestionKind.SENTENCE)
    found = service.suggestions(limit=2)
    assert [one.document_id for one in found] == [third, second]
    for unknown in (lambda: service.suggestions(document_id="x"), lambda: service.outline("x")):
        with pytest.raises(DocumentNotFound):
            unknown()


def test_the_same_content_is_the_same_document(service: Service) -> None:
    first = service.add(note(FERRY))
    again = service.add(note(FERRY, name="other.txt"))
    assert not again.created
    assert again.document == first.document
    assert len(service.documents().documents) == 1


def put(service: Service, web: Site, text: str) -> str:
    """Put a text on the web; gives its address."""
    url = f"{web.url}/ferry.txt"
    web.pages["/ferry.txt"] = page(text.encode(), kind="text/plain")
    if isinstance(service, FakeService):
        service.pages[url] = text
    return url


def test_a_web_page_is_added_and_fetched_anew(service: Service, web: Site) -> None:
    url = put(service, web, FERRY)
    old = service.add(Link(url, "The ferry", {"k": "v"})).document
    assert (old.url, old.title, old.metadata["k"]) == (url, "The ferry", "v")
    assert service.text(old.id) == FERRY
    assert service.refresh(old.id) == Refreshed(old, replaced=None)
    put(service, web, f"{FERRY} It sank.")
    new = service.refresh(old.id)
    assert new.replaced == old.id
    assert service.text(new.document.id) == f"{FERRY} It sank."
    assert service.documents().documents == (new.document,)


def test_a_page_that_can_not_be_fetched_changes_nothing(service: Service, web: Site) -> None:
    url = put(service, web, FERRY)
    document = service.add(Link(url)).document
    web.pages.clear()
    if isinstance(service, FakeService):
        service.pages.clear()
    for call in (lambda: service.add(Link(f"{url}x")), lambda: service.refresh(document.id)):
        with pytest.raises(FetchFailed, match="404"):
            call()
    assert service.documents().documents == (document,)


def test_what_did_not_come_from_the_web_is_not_fetched_anew(service: Service) -> None:
    document = service.add(note(FERRY)).document
    with pytest.raises(NotFetched):
        service.refresh(document.id)
    with pytest.raises(DocumentNotFound):
        service.refresh("nothing")


def test_a_page_that_became_another_document_is_that(service: Service, web: Site) -> None:
    url = put(service, web, FERRY)
    old = service.add(Link(url)).document
    other = service.add(note(ODD)).document
    put(service, web, ODD)
    assert service.refresh(old.id) == Refreshed(other, replaced=old.id)
    assert service.documents().documents == (other,)


def test_the_old_page_stays_until_the_new_one_is_stored(local: LocalService) -> None:
    old = local.add(note(FERRY)).document

    def full(_: Source) -> Added:
        raise StoreFull("no space is left")

    with pytest.raises(StoreFull):
        take_place(old, note(ODD), add=full, remove=local.remove)
    assert local.documents().documents == (old,)


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"a\xff\x00"])
def test_what_holds_no_text_is_refused_and_leaves_nothing(service: Service, data: bytes) -> None:
    with pytest.raises(SourceError):
        service.add(Source(data, "bad.txt", "text/plain"))
    assert service.documents().documents == ()


def test_documents_come_in_pages_oldest_first(service: Service) -> None:
    ids = [service.add(note(f"{FERRY} It is number {n}.")).document.id for n in range(5)]
    listed: list[str] = []
    cursor = None
    for size in (2, 2, 1):
        page = service.documents(limit=2, cursor=cursor)
        assert len(page.documents) == size
        listed += [document.id for document in page.documents]
        cursor = page.next_cursor
    assert cursor is None
    assert listed == ids
    with pytest.raises(InvalidCursor):
        service.documents(cursor="nonsense")


def test_what_is_removed_is_gone(service: Service) -> None:
    id = service.add(note(FERRY)).document.id
    service.remove(id)
    assert service.documents().documents == ()
    assert service.search("ferry") == ()
    for call in (service.document, service.text, service.remove):
        with pytest.raises(DocumentNotFound):
            call(id)
    assert service.add(note(FERRY)).created


def test_a_question_is_answered_or_refused(service: Service) -> None:
    id = service.add(note(FERRY)).document.id
    answer = service.ask(Question(QUESTION))
    assert (answer.answered, answer.answer) == (True, "Kittiwake")
    (citation,) = answer.citations
    claim = Claim(id, citation.start, citation.end, citation.quote, citation.sha256)
    assert service.verify(claim).valid
    with pytest.raises(InvalidQuestion):
        service.ask(Question(" "))


def test_search_gives_ranges_of_the_text(service: Service) -> None:
    ids = [service.add(note(text)).document.id for text in (FERRY, ODD)]
    found = service.search("the ferry", limit=2)
    assert {passage.document_id for passage in found} == set(ids)
    for passage in found:
        assert service.text(passage.document_id)[passage.start : passage.end] == passage.text
    (only,) = service.search("the ferry", scope=Scope(document_ids=(ids[1],)))
    assert only.document_id == ids[1]
    assert len(service.search("the ferry", limit=1)) == 1


@pytest.mark.parametrize(
    ("start", "end", "quote", "valid", "actual"),
    [
        (42, 51, "Kittiwake", True, "Kittiwake"),
        (42, 51, "kittiwake", False, "Kittiwake"),
        (43, 52, "Kittiwake", False, "ittiwake "),
        (0, len(FERRY), FERRY, True, FERRY),
        (5, 5, "", True, ""),
        (-1, 2, "", False, None),
        (5, 4, "", False, None),
        (0, len(FERRY) + 1, FERRY, False, None),
    ],
)
def test_verify(
    service: Service, start: int, end: int, quote: str, valid: bool, actual: str | None
) -> None:
    id = service.add(note(FERRY)).document.id
    verdict = service.verify(Claim(id, start, end, quote))
    assert (verdict.valid, verdict.actual) == (valid, actual)


def test_verify_counts_code_points(service: Service) -> None:
    id = service.add(note(ODD)).document.id
    start = ODD.index("売った")
    assert service.verify(Claim(id, start, start + 3, "売った")).valid
    with pytest.raises(DocumentNotFound):
        service.verify(Claim("nope", 0, 1, "a"))


# What only a store can


def test_verify_is_of_the_text_that_was_cited(local: LocalService) -> None:
    document = local.add(note(FERRY)).document
    for sha256, valid in ((document.sha256, True), (document.sha256.upper(), True), ("0", False)):
        verdict = local.verify(Claim(document.id, 42, 51, "Kittiwake", sha256))
        assert (verdict.valid, verdict.actual) == (valid, "Kittiwake")


@pytest.mark.parametrize("query", ["", " \n", "x" * 2001, "half \ud800 a character"])
def test_bad_queries_are_refused(local: LocalService, query: str) -> None:
    with pytest.raises(InvalidQuestion):
        local.search(query)


@pytest.mark.parametrize("limit", [0, 21])
def test_bad_limits_are_refused(local: LocalService, limit: int) -> None:
    with pytest.raises(InvalidRequest, match=f"limit is {limit}"):
        local.search("a", limit=limit)


def test_unknown_ids_in_a_scope_are_said(local: LocalService) -> None:
    known = local.add(note(FERRY)).document.id
    for ids in (("nope",), (known, "nope")):
        with pytest.raises(DocumentNotFound, match="nope"):
            local.ask(Question("a", scope=Scope(document_ids=ids)))
        with pytest.raises(DocumentNotFound, match="nope"):
            local.search("a", scope=Scope(document_ids=ids))


def test_a_scope_of_no_documents_holds_nothing(local: LocalService) -> None:
    local.add(note(FERRY))
    assert local.search("ferry", scope=Scope(document_ids=())) == ()


def test_limit_bounds_the_passages(local: LocalService) -> None:
    for number in range(8):
        local.add(note(f"the ferry number {number} was sold by Kittiwake."))
    found = local.search("ferry", limit=7)
    assert len(found) == 7
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_closed_and_opened_again_it_answers_the_same(tmp_path: Path) -> None:
    first = fake_service(tmp_path / "again")
    first.add(note(FERRY))
    before = first.ask(Question(QUESTION)).citations
    first.close()
    second = fake_service(tmp_path / "again")
    assert second.ask(Question(QUESTION)).citations == before
    second.close()


# Conversations and feedback


def test_a_reply_is_kept_and_leans_on_those_before(service: Service) -> None:
    service.add(note(FERRY))
    new = service.start_conversation()
    given = [service.reply(new.id, Question(text)) for text in (QUESTION, "why?")]
    kept = service.conversation(new.id)
    assert kept.title == QUESTION
    assert [message.answer for message in kept.messages] == given
    listed = service.conversations().conversations
    assert [(one.id, one.title, one.messages) for one in listed] == [(new.id, QUESTION, 2)]
    service.delete_conversation(new.id)
    assert service.conversations().conversations == ()
    with pytest.raises(ConversationNotFound):
        service.reply(new.id, Question(QUESTION))


def test_a_given_title_stays(service: Service) -> None:
    service.add(note(FERRY))
    new = service.start_conversation()
    renamed = service.rename_conversation(new.id, " The\nferry ")
    assert (renamed.id, renamed.title, renamed.messages) == (new.id, "The ferry", 0)
    service.reply(new.id, Question(QUESTION))
    assert service.conversation(new.id).title == "The ferry"
    (listed,) = service.conversations().conversations
    assert listed == service.rename_conversation(new.id, "The ferry")
    assert listed.messages == 1
    for wrong in ("", " \n", "x" * 201, "a\0", "\ud800"):
        with pytest.raises(InvalidRequest, match="title"):
            service.rename_conversation(new.id, wrong)
    with pytest.raises(ConversationNotFound):
        service.rename_conversation("nobody", "The ferry")
    assert service.conversation(new.id).title == "The ferry"


def test_a_conversation_is_found_by_its_words(service: Service) -> None:
    service.add(note(FERRY))
    ids = [service.start_conversation().id for _ in range(3)]
    for id in ids[:2]:
        service.reply(id, Question(QUESTION))
    service.reply(ids[2], Question("Où est 100_%?"))
    service.rename_conversation(ids[0], "Straße")
    for search, found in (
        ("", ids),
        ("  ", ids),
        ("SOLD  kittiwake", ids[:2]),
        ("strasse tiwak", ids[:1]),
        ("ou 100_", ids[2:]),
        ("ferry ou", []),
        ("%rry", []),
        ("ferr_", []),
    ):
        page = service.conversations(search=search)
        assert [one.id for one in page.conversations] == found[::-1], search
        assert page.next_cursor is None
    first = service.conversations(limit=1, search="ferry")
    assert [one.id for one in first.conversations] == [ids[1]]
    rest = service.conversations(limit=1, cursor=first.next_cursor, search="ferry")
    assert ([one.id for one in rest.conversations], rest.next_cursor) == ([ids[0]], None)
    assert [one.id for one in every_conversation(service, "ferry")] == [ids[1], ids[0]]


def test_the_history_of_a_reply_is_the_conversations(tmp_path: Path) -> None:
    local = fake_service(tmp_path, reader=FirstWordReader({}))
    local.add(note(FERRY))
    new = local.start_conversation()
    local.reply(new.id, Question(QUESTION))
    assert "ferry" in local.reply(new.id, Question("why?")).interpreted_as
    assert local.reply(new.id, Question("why?", resolve=False)).interpreted_as == "why?"
    local.close()


def test_a_quote_outlives_its_document_and_says_so(local: LocalService) -> None:
    id = local.add(note(FERRY)).document.id
    new = local.start_conversation()
    local.reply(new.id, Question(QUESTION))
    local.remove(id)
    (message,) = local.conversation(new.id).messages
    (citation,) = message.answer.citations
    assert (citation.quote, citation.removed) == ("Kittiwake", True)


def test_feedback_on_any_answer_that_is_remembered(service: Service) -> None:
    service.add(note(FERRY))
    alone = service.ask(Question(QUESTION))
    service.give_feedback(Feedback(alone.id, Mark.WRONG, "the council"))
    in_turn = service.reply(service.start_conversation().id, Question("why?"))
    service.give_feedback(Feedback(in_turn.id, Mark.RIGHT))
    assert {one.answer.question for one in service.feedback()} == {QUESTION, "why?"}
    with pytest.raises(AnswerNotFound):
        service.give_feedback(Feedback("nothing", Mark.RIGHT))


def test_feedback_is_seen_in_its_conversation_until_it_is_withdrawn(service: Service) -> None:
    service.add(note(FERRY))
    id = service.start_conversation().id
    answers = [service.reply(id, Question(text)) for text in (QUESTION, "why?")]
    judged = Feedback(answers[1].id, Mark.WRONG, "the council")
    service.give_feedback(judged)
    assert [one.feedback for one in service.conversation(id).messages] == [None, judged]
    service.withdraw_feedback(judged.answer_id)
    assert [one.feedback for one in service.conversation(id).messages] == [None, None]
    assert service.feedback() == ()
    for nothing in (judged.answer_id, "nobody"):
        with pytest.raises(FeedbackNotFound):
            service.withdraw_feedback(nothing)
    service.give_feedback(judged)
    assert [one.feedback for one in service.feedback()] == [judged]


def test_the_oldest_answers_are_forgotten(
    local: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.local.REMEMBERED", 2)
    local.add(note(FERRY))
    first, _, third = (local.ask(Question(QUESTION)) for _ in range(3))
    local.give_feedback(Feedback(third.id, Mark.RIGHT))
    with pytest.raises(AnswerNotFound):
        local.give_feedback(Feedback(first.id, Mark.RIGHT))
