"""Question sets in every format, and files that are none."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from index.types import Span
from qa import questions
from qa.errors import DataError

TEXT = "The mill burned in 1903. It was rebuilt in 1905."


def lines(*records: Any) -> str:
    return "\n".join(json.dumps(record) for record in records)


def write(folder: Path, text: str, name: str = "set.jsonl") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_squad(tmp_path: Path) -> None:
    answered = {"id": "1", "question": "When?", "answers": [{"text": "1903", "answer_start": 19}]}
    refused = {"id": "2", "question": "Who?", "answers": [], "is_impossible": True}
    paragraph = {"context": TEXT, "qas": [answered, refused]}
    data = {"data": [{"title": "Mill", "paragraphs": [paragraph]}]}
    found = questions.read(write(tmp_path, json.dumps(data), "squad.json"))
    assert found.texts[0].title == "Mill"
    assert found.questions[0].spans == (Span(19, 23),)
    assert [one.answerable for one in found.questions] == [True, False]


def test_paragraph_lines_gzipped(tmp_path: Path) -> None:
    record = {
        "title": "Mill",
        "context": TEXT,
        "qas": [
            {"id": "1", "question": "When?", "answers": ["1903", "in 1903"], "starts": [19, 16]}
        ],
    }
    path = tmp_path / "set.jsonl.gz"
    path.write_bytes(gzip.compress(lines(record, record).encode()))
    found = questions.read(path)
    assert len(found.texts) == 1
    assert found.questions[0].spans == (Span(19, 23), Span(16, 23))


def test_an_article_places_the_longest_answer(tmp_path: Path) -> None:
    qas = [
        {"id": "a", "kind": "when", "answerable": True, "question": "?", "answers": ["in 1905"]},
        {"id": "b", "kind": "near_miss", "answerable": False, "question": "?", "answers": []},
    ]
    found = questions.read(write(tmp_path, json.dumps({"title": "M", "text": TEXT, "qas": qas})))
    assert found.questions[0].spans[0].of(TEXT) == "in 1905"
    assert found.questions[1].kind == "near_miss"
    assert not found.questions[1].answerable


def test_several_spans(tmp_path: Path) -> None:
    record = {"context": TEXT, "question": "Which years?", "spans": [{"text": "1903", "start": 19}]}
    assert questions.read(write(tmp_path, lines(record))).questions[0].spans == (Span(19, 23),)


def test_flat_lines_have_no_texts_and_may_be_cut(tmp_path: Path) -> None:
    record = {"question": "When?", "answers": ["1903"], "support": "S.", "alt_support": ["T."]}
    path = write(tmp_path, lines(record, record, record))
    found = questions.read(path, limit=2)
    assert (len(found.texts), len(found.questions)) == (0, 2)
    assert found.questions[0].support == ("S.", "T.")


def test_a_folder_is_all_of_its_files(tmp_path: Path) -> None:
    for name in ("a.json", "b.jsonl", "notes.txt"):
        write(tmp_path, json.dumps({"question": name, "answers": []}), name)
    assert [one.text for one in questions.read(tmp_path).questions] == ["a.json", "b.jsonl"]


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[1]", "{}", '{"qas": 1}', '{"question": 5, "answers": 3}', "null"]
)
def test_what_is_no_question_set_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match="give SQuAD-format JSON"):
        questions.read(write(tmp_path, text))


def test_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    path = tmp_path / "set.json.gz"
    path.write_bytes(b"\x1f\x8bnot gzip")
    with pytest.raises(DataError, match="no question set"):
        questions.read(path)
