"""``pincite eval`` with the real models: sets with texts, sets for what is stored, bad files."""

import json
from pathlib import Path

import pytest

from qa.cli import main
from qa.local import LocalService

OPENED = "When was the lighthouse of Skarholm built?"
SET = {
    "data": [
        {
            "title": "Skarholm",
            "paragraphs": [
                {
                    "context": "The lighthouse of Skarholm was built in 1871 by Ada Lind.",
                    "qas": [
                        {
                            "id": "q1",
                            "question": OPENED,
                            "answers": [{"text": "1871", "answer_start": 40}],
                        },
                        {
                            "id": "q2",
                            "question": "How many rivers does Brazil have?",
                            "is_impossible": True,
                            "answers": [],
                        },
                    ],
                }
            ],
        }
    ]
}
STORED = {"question": "Who is the chair of the cod-fishing association?", "answers": ["Olav Nesse"]}


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(SET))
    return path


def test_a_set_is_measured_on_its_own_texts(
    squad: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert main(["eval", "--data", str(data), str(squad)]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("squad.json: 2 questions on 1 documents, 1 chunks\n")
    assert shown.err == ""
    assert "q1" not in shown.out
    assert not data.exists()


def test_json_with_each_question_of_the_first_ones(
    squad: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--json", "--each", "--own", "--limit", "1", "--data", str(tmp_path / "data")]
    assert main(["eval", *options, str(squad)]) == 0
    data = json.loads(capsys.readouterr().out)
    (outcome,) = data["outcomes"]
    assert (outcome["id"], outcome["question"], outcome["answer"]) == ("q1", OPENED, "1871")
    assert data["overall"]["right"] == 100
    assert data["unanswerable"] is None


def test_a_set_without_texts_is_asked_on_what_was_added(
    real_service: LocalService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "stored.jsonl"
    path.write_text(json.dumps(STORED))
    folder = str(real_service.library.store.folder)
    assert main(["eval", "--each", "--data", folder, str(path)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("stored.jsonl: 1 questions on 3 documents, ")
    assert "right  0  Who is the chair" in shown


def test_a_set_without_texts_needs_a_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "stored.jsonl"
    path.write_text(json.dumps(STORED))
    assert main(["eval", "--data", str(tmp_path / "data"), str(path)]) == 3
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("pincite: ")
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    "text", ["", "{}", "no JSON", '{"question": 5}', '{"data": [{"paragraphs": [{}]}]}']
)
def test_what_is_no_set_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "none.json"
    path.write_text(text)
    assert main(["eval", "--data", str(tmp_path / "data"), str(path)]) == 3
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "none.json" in shown.err
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["no-such-file.json"], ["--limit", "0", __file__]])
def test_a_wrong_call_is_a_usage_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", *arguments]) == 2
    assert capsys.readouterr().out == ""
