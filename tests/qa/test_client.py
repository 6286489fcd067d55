"""The Python client: its documented examples, and the same calls here and over a URL."""

import doctest
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import qa
import qa.client
from index.errors import DocumentNotFound, SourceError, StoreLocked, StoreMissing, StoreUnwritable
from index.types import Scope
from qa import Pincite
from qa.errors import AnswerNotFound, ConversationNotFound, FeedbackNotFound
from qa.types import Claim, Mark
from tests.fakes import FakeService
from tests.server.conftest import serving

TEXT = "The harbour opened in 1871.\nIt has four piers."
OPENED, UNKNOWN = "When did it open?", "Who built it?"


@pytest.fixture
def service() -> FakeService:
    return FakeService({OPENED: "1871"})


@pytest.fixture(params=["here", "over a URL"])
def pincite(service: FakeService, request: pytest.FixtureRequest) -> Iterator[Pincite]:
    """A client of the same service in this process, and of a server that has it."""
    if request.param == "here":
        yield Pincite.over(service)
        return
    with (
        serving(lambda: service, key="a-key", wait=False) as server,
        Pincite(url=str(server.base_url), key="a-key") as client,
    ):
        while server.get("/health/ready").status_code != 200:
            pass
        yield client


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("articles").mkdir()
    Path("articles/harbour.txt").write_text(TEXT)
    done = doctest.testmod(qa.client)
    assert done.attempted > 8
    assert done.failed == 0


def test_articles_are_added_read_and_taken_out(pincite: Pincite, tmp_path: Path) -> None:
    file = tmp_path / "harbour.txt"
    file.write_text(TEXT)
    added = [
        pincite.add_file(file, title="Tide tables", metadata={"k": "v"}),
        pincite.add_text("A ferry runs on Sundays. 🐦", name="ferry.txt"),
        pincite.add_bytes(b"Gulls nest here.", name="gulls.txt", media_type="text/plain"),
    ]
    assert [one.name for one in added] == ["harbour.txt", "ferry.txt", "gulls.txt"]
    assert (added[0].title, added[0].metadata) == ("Tide tables", {"k": "v"})
    assert list(pincite.documents()) == added
    assert pincite.add_file(str(file)).id == added[0].id
    assert pincite.document(added[0].id) == added[0]
    assert pincite.text(added[1].id) == "A ferry runs on Sundays. 🐦"
    pincite.remove(added[1].id)
    assert list(pincite.documents()) == [added[0], added[2]]
    for gone in (pincite.document, pincite.text, pincite.remove):
        with pytest.raises(DocumentNotFound):
            gone(added[1].id)


def test_what_is_no_article_is_an_error_of_its_kind(pincite: Pincite, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        pincite.add_file(tmp_path / "gone.txt")
    with pytest.raises(SourceError):
        pincite.add_text("half \ud83d a character")
    with pytest.raises(SourceError):
        pincite.add_text(" ")


def test_an_answer_can_be_checked(pincite: Pincite) -> None:
    id = pincite.add_text(TEXT, name="harbour.txt").id
    answer = pincite.ask(OPENED)
    assert answer.answer == "1871"
    citation = answer.citations[0]
    assert pincite.text(id)[citation.start : citation.end] == citation.quote
    assert pincite.verify(citation).valid
    assert not pincite.verify(Claim(id, 0, 3, "Thf")).valid
    assert not pincite.ask(UNKNOWN).answered
    assert pincite.search("piers")[0].text == TEXT


def test_what_is_asked_reaches_the_service(pincite: Pincite, service: FakeService) -> None:
    id = pincite.add_text(TEXT).id
    talk = pincite.conversation()
    for ask in (pincite.ask, talk.ask):
        ask(OPENED, limit=3, document_ids=[id], filter={"k": "v"}, min_confidence=0.25)
        asked = service.asked[-1]
        assert (asked.limit, asked.min_confidence, asked.resolve) == (3, 0.25, True)
        assert asked.scope == Scope((id,), {"k": "v"})
    talk.ask(OPENED, resolve=False)
    assert not service.asked[-1].resolve
    assert service.asked[-1].scope == Scope()


def test_a_conversation_is_kept_and_goes_on(pincite: Pincite, service: FakeService) -> None:
    pincite.add_text(TEXT)
    talk = pincite.conversation()
    first = talk.ask(OPENED)
    pincite.conversation(talk.id).ask(UNKNOWN)
    assert [turn.answer for turn in service.asked[-1].history] == ["1871"]
    assert [message.question for message in talk.messages] == [OPENED, UNKNOWN]
    assert talk.messages[0].answer == first
    assert talk.title == OPENED
    assert [one.id for one in pincite.conversations()] == [talk.id]
    assert talk.export().startswith(f"# {OPENED}\n")
    assert json.loads(talk.export("json"))["messages"][0]["answer"]["answer"] == "1871"
    talk.rename("Piers")
    assert talk.title == "Piers"
    assert [one.title for one in pincite.conversations("piers 1871")] == ["Piers"]
    assert list(pincite.conversations("nothing of it")) == []
    talk.delete()
    assert list(pincite.conversations()) == []
    calls = (talk.export, talk.delete, lambda: talk.messages, lambda: talk.ask(OPENED))
    for gone in (*calls, lambda: talk.rename("Piers")):
        with pytest.raises(ConversationNotFound):
            gone()
    with pytest.raises(ConversationNotFound):
        pincite.conversation(talk.id)


def test_feedback_is_kept(pincite: Pincite, service: FakeService) -> None:
    pincite.add_text(TEXT)
    pincite.feedback(pincite.ask(OPENED), right=True)
    pincite.feedback(pincite.ask(UNKNOWN).id, right=False, expected="the town")
    given = [one.feedback for one in service.feedback()]
    assert [(one.verdict, one.expected) for one in given] == [
        (Mark.RIGHT, None),
        (Mark.WRONG, "the town"),
    ]
    with pytest.raises(AnswerNotFound):
        pincite.feedback("nobody", right=True)
    pincite.withdraw_feedback(given[1].answer_id)
    pincite.withdraw_feedback(pincite.ask(OPENED))
    assert service.feedback() == ()
    with pytest.raises(FeedbackNotFound):
        pincite.withdraw_feedback("nobody")


def test_it_closes_what_it_is_over(service: FakeService) -> None:
    with Pincite.over(service):
        assert not service.closed
    assert service.closed


def test_one_writes_and_others_read(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        Pincite(tmp_path / "new", writable=False)
    with Pincite(str(tmp_path)) as writer:
        with pytest.raises(StoreLocked):
            Pincite(tmp_path)
        with Pincite(tmp_path, writable=False) as reader:
            id = writer.add_text(TEXT).id
            assert reader.text(id) == TEXT
            with pytest.raises(StoreUnwritable):
                reader.add_text("Another text.")
            with pytest.raises(StoreUnwritable):
                reader.remove(id)
            assert reader.conversation().ask("When did the harbour open?").answer == "1871"
            assert [one.title for one in writer.conversations()] == ["When did the harbour open?"]


def test_importing_it_is_cheap() -> None:
    script = (
        "import sys, qa; print([m for m in ('qa.client', 'rich') if m in sys.modules]);"
        "from qa import Pincite;"
        "print([m for m in ('torch', 'faiss', 'openvino', 'httpx', 'qa.bootstrap')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n[]\n"


def test_the_package_has_no_other_names() -> None:
    assert qa.__all__ == ["Pincite"]
    with pytest.raises(AttributeError, match="nothing_of_it"):
        qa.nothing_of_it  # noqa: B018


def test_its_types_are_for_others_to_check() -> None:
    for package in ("qa", "index"):
        assert (Path(qa.__file__).parents[1] / package / "py.typed").is_file()
