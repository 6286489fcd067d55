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
ASKED = {"question": "When?", "answers": ["1903"]}


def lines(*records: Any) -> str:
    return "\n".join(json.dumps(record, ensure_ascii=False) for record in records)


def write(folder: Path, text: str, name: str = "set.jsonl") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


# The formats


def squad() -> dict[str, Any]:
    answers = [{"text": "1903", "answer_start": 19}, {"text": "1903", "answer_start": 19}]
    qas: list[dict[str, Any]] = [
        {"id": "1", "question": "When?", "answers": answers},
        {"id": "2", "question": "Who?", "answers": [], "is_impossible": True},
    ]
    paragraph = {"context": TEXT, "qas": qas}
    other = {"context": "It is blue.", "qas": [{"id": "3", "question": "Is it?", "answers": []}]}
    articles = [{"title": "Mill", "paragraphs": [paragraph, other]}, {"paragraphs": [paragraph]}]
    return {"version": "v2.0", "data": articles}


def test_squad(tmp_path: Path) -> None:
    found = questions.read(write(tmp_path, json.dumps(squad(), indent=2), "squad.json"))
    assert found.name == "squad.json"
    assert [(one.key, one.title, one.text) for one in found.texts] == [
        ("0", "Mill", TEXT),
        ("1", "Mill", "It is blue."),
    ]
    first, second, third, again, _ = found.questions
    assert (first.id, first.text, first.answers) == ("1", "When?", ("1903",))
    assert first.spans == (Span(19, 23),)
    assert [one.text_key for one in found.questions] == ["0", "0", "1", "0", "0"]
    assert [one.answerable for one in (first, second, third, again)] == [True, False, False, True]


def test_answers_of_an_impossible_question_are_none(tmp_path: Path) -> None:
    tempting = {"text": "1903", "answer_start": 19}
    for mark in ({"is_impossible": True}, {"answerable": False}):
        record = {"context": TEXT, "qas": [{"question": "Who?", "answers": [tempting], **mark}]}
        (found,) = questions.read(write(tmp_path, json.dumps(record))).questions
        assert (found.answers, found.spans, found.answerable) == ((), (), False)


@pytest.mark.parametrize("name", ["set.jsonl", "set.jsonl.gz"])
def test_paragraph_lines(tmp_path: Path, name: str) -> None:
    asked = {"id": "1", "question": "When?", "answers": ["1903", "in 1903"], "starts": [19, 16]}
    record = {"title": "Mill", "context": TEXT, "qas": [asked]}
    text = lines(record, {**record, "title": "Other"}).encode()
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    found = questions.read(tmp_path / name)
    assert [one.title for one in found.texts] == ["Mill"]  # a text that comes twice is kept once
    assert len(found.questions) == 2
    assert found.questions[0].spans == (Span(19, 23), Span(16, 23))


def test_an_article_places_the_longest_answer_wherever_it_stands(tmp_path: Path) -> None:
    text = f"{TEXT} Once more: in 1905."
    qas = [
        {"kind": "when", "answerable": True, "question": "?", "answers": ["1905", "in 1905"]},
        {"kind": "near_miss", "answerable": False, "question": "?", "answers": []},
    ]
    found = questions.read(write(tmp_path, json.dumps({"title": "M", "text": text, "qas": qas})))
    first, second = found.questions
    assert [span.of(text) for span in first.spans] == ["in 1905", "in 1905"]
    assert (first.id, first.kind) == ("0", "when")
    assert (second.id, second.kind, second.answerable) == ("1", "near_miss", False)


def test_a_paragraph_and_one_question_with_several_spans(tmp_path: Path) -> None:
    spans = [{"text": "1903", "start": 19}, {"text": "1905", "start": 43}]
    record = {"context": TEXT, "question": "Which years?", "spans": spans}
    (found,) = questions.read(write(tmp_path, lines(record, record))).questions[:1]
    assert found.answers == ("1903", "1905")
    assert [span.of(TEXT) for span in found.spans] == ["1903", "1905"]


def test_flat_lines_have_no_texts(tmp_path: Path) -> None:
    record = {**ASKED, "support": "S.", "alt_support": ["T."]}
    found = questions.read(write(tmp_path, lines(record)))
    assert found.texts == ()
    assert (found.questions[0].text_key, found.questions[0].support) == (None, ("S.", "T."))


def test_a_limit_cuts_the_questions_and_keeps_the_texts(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps(squad()))
    assert len(questions.read(path, limit=2).questions) == 2
    assert questions.read(path, limit=2).texts == questions.read(path).texts
    assert len(questions.read(path, limit=99).questions) == 5


def test_a_folder_is_all_of_its_files(tmp_path: Path) -> None:
    names = [f"{number:02}.json{end}" for number in range(9, -1, -1) for end in ("l", "")]
    for name in (*names, "notes.txt"):
        write(tmp_path, json.dumps({"question": name, "answers": []}), name)
    (tmp_path / "c.json.gz").write_bytes(gzip.compress(b'{"question": "c", "answers": []}'))
    (tmp_path / "folder").mkdir()
    found = questions.read(tmp_path)
    assert [one.text for one in found.questions] == [*sorted(names), "c"]
    assert [one.id for one in found.questions] == [str(place) for place in range(len(names) + 1)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n\r\n"])
def test_lines_end_at_a_line_feed_only(tmp_path: Path, end: str) -> None:
    texts = ["a\u2028b", "c\x85d", "e\u2029f", "今\u200d👍🏽 e\u0301"]
    records = [{"context": text, "qas": [ASKED]} for text in texts]
    encoded = [json.dumps(record, ensure_ascii=False) for record in records]
    found = questions.read(write(tmp_path, "\ufeff" + end.join([*encoded, ""])))
    assert [one.text for one in found.texts] == texts


# Files that are none


@pytest.mark.parametrize(
    "text",
    [
        *("", "nonsense", "null", "1", '"question"', "[1]", "{}", "[" * 100_000),
        *('{"qas": 1}', '{"context": "a"}', '{"context": "a", "qas": [{}]}', '{"text": "a"}'),
        *('{"data": 1}', '{"data": [{}]}', '{"data": [{"paragraphs": [{"qas": []}]}]}'),
        '{"question": "a", "answers": [{"start": 1}]}',
        '{"question": "a", "answers": [7]}',
        '{"context": "a", "qas": [{"question": "a", "answers": ["b"], "starts": []}]}',
        '{"context": "a", "qas": [{"question": "a", "answers": ["b"], "starts": ["x"]}]}',
        r'{"question": "\ud800", "answers": []}',
        r'{"question": "a", "answers": ["\ud800"]}',
        r'{"context": "\ud800", "qas": []}',
    ],
)
def test_what_is_no_question_set_is_said(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataError, match="give SQuAD-format JSON") as caught:
        questions.read(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < len(str(path)) + 300


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"question": 5, "answers": ["a"]}, "the question is 5, not a text"),
        ({"question": None, "answers": ["a"]}, "the question is None, not a text"),
        ({"context": ["a"], **ASKED}, r"the context is \['a'\], not a text"),
        ({"text": 1, "qas": [ASKED]}, "the text is 1, not a text"),
        ({"question": "a", "answers": "1903"}, "the answers are '1903', not a list"),
        ({"question": "a", "answers": {"text": ["b"]}}, "the answers are .*, not a list"),
        ({"question": "a", "answers": [{"text": 7}]}, "the text is 7, not a text"),
        ({**ASKED, "support": ["a"]}, r"the support is \['a'\], not a text"),
        ({**ASKED, "alt_support": "abc"}, "the alt_support is 'abc', not a list"),
        ({**ASKED, "alt_support": [5]}, "the alt_support is 5, not a text"),
        ({**ASKED, "starts": [-1]}, "an answer starts at -1, not"),
        ({**ASKED, "starts": [1.5]}, r"an answer starts at 1\.5, not"),
        ({**ASKED, "starts": [True]}, "an answer starts at True, not"),
    ],
)
def test_values_of_another_kind_are_named(
    tmp_path: Path, record: dict[str, Any], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        questions.read(write(tmp_path, json.dumps(record)))


def test_the_broken_line_is_named(tmp_path: Path) -> None:
    whole = json.dumps(ASKED)
    with pytest.raises(DataError, match="line 3, column 23: Expecting"):
        questions.read(write(tmp_path, f"{whole}\n\n{whole[:-20]}\n"))


def test_the_place_in_a_broken_file_is_named(tmp_path: Path) -> None:
    text = json.dumps(squad(), indent=1).replace('"title"', "title")
    with pytest.raises(DataError, match="line 5 column"):
        questions.read(write(tmp_path, text, "squad.json"))


@pytest.mark.parametrize(
    "data",
    [
        b"\x1f\x8bnot gzip",
        b'{"question": "not packed"}',
        gzip.compress(json.dumps(ASKED).encode())[:-9],
        gzip.compress(json.dumps(ASKED).encode())[:10] + b"\xff" * 40,
        gzip.compress(b"\xff\xfe"),
    ],
    ids=["no gzip", "not packed", "cut short", "changed", "no text"],
)
def test_what_cannot_be_unpacked_is_said(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "set.json.gz").write_bytes(data)
    with pytest.raises(DataError, match="no question set"):
        questions.read(tmp_path / "set.json.gz")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no-such\.json"):
        questions.read(tmp_path / "no-such.json")


def test_a_set_without_questions_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no questions"):
        questions.read(tmp_path)
    with pytest.raises(DataError, match="holds no questions"):
        questions.read(write(tmp_path, '{"data": []}'))


# Where words stand


def test_occurrences_may_overlap_and_of_nothing_are_none() -> None:
    assert questions.occurrences("aa", "aaa") == [Span(0, 2), Span(1, 3)]
    assert questions.occurrences("", "aaa") == []
    assert questions.occurrences("b", "aaa") == []
