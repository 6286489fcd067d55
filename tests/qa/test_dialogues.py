"""Labelled conversations are read from files, and asked in conversation, as they stand, alone."""

import json
from pathlib import Path

import pytest

from qa import dialogues
from qa.cli import main
from qa.errors import DataError
from tests.fakes import FakeService

TURNS = [
    {
        "question": "Who led it?",
        "standalone": "Who led it?",
        "answerable": True,
        "answers": ["Ingrid Solheim"],
    },
    {
        "question": "When was she born?",
        "standalone": "When was Ingrid Solheim born?",
        "answerable": True,
        "answers": ["1971"],
    },
    {"question": "Why?", "standalone": "Why so?", "answerable": False, "answers": []},
]
TEXT = "Ingrid Solheim, born 1971, led it."
ARTICLE = {"id": "x", "title": "Diving", "text": TEXT, "chats": [{"turns": TURNS}]}
KNOWN = {"Who led it?": "Ingrid Solheim", "When was Ingrid Solheim born?": "1971"}


def a_file(folder: Path, *records: object) -> Path:
    path = folder / "chats.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return path


def test_each_turn_is_asked_with_the_answers_before_it_and_without(tmp_path: Path) -> None:
    held = dialogues.read(a_file(tmp_path, ARTICLE))
    service = FakeService(KNOWN)
    id = service.add(held.texts[0].source).document.id
    found = dialogues.evaluate(held, service, {held.texts[0].key: id})
    assert found.leaning is not None
    assert found.leaning.turns == 2
    # The fake resolves nothing, so in conversation the second turn is as it stands.
    assert (found.leaning.in_conversation.right, found.leaning.written_out.right) == (50, 100)
    assert found.standing is not None
    assert found.standing.in_conversation.f1 == 100
    histories = [[turn.answer for turn in one.history] for one in service.asked[::3]]
    assert histories == [[], ["Ingrid Solheim"], ["Ingrid Solheim", None]]
    assert all(one.scope.document_ids == (id,) for one in service.asked)


def test_what_the_file_says_of_a_turn_counts(tmp_path: Path) -> None:
    said = {**TURNS[1], "depends_on_context": False, "topic_switch": True}
    held = dialogues.read(a_file(tmp_path, {"id": "c", "turns": [TURNS[0], said]}))
    assert held.texts == ()
    found = dialogues.evaluate(held, FakeService(), {})
    assert found.leaning is None
    assert found.switching is not None
    assert found.switching.turns == 1


@pytest.mark.parametrize("records", [[], [{"id": "c"}], [{"id": "c", "turns": [{}]}], [7]])
def test_a_file_without_conversations_is_told(tmp_path: Path, records: list[object]) -> None:
    with pytest.raises(DataError, match="holds no conversations"):
        dialogues.read(a_file(tmp_path, *records))


def test_the_command_holds_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = a_file(tmp_path, ARTICLE)
    assert main(["eval", "--conversations", "--json", str(path)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["name"], report["leaning"]["turns"]) == ("chats.jsonl", 2)
    assert main(["eval", "--conversations", "--each", str(path)]) == 0
    assert "lean on others" in capsys.readouterr().out
    assert main(["eval", "--conversations", "--own", str(path)]) == 2
