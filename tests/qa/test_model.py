"""The shipped reader: offsets, order, whole numbers, and files that are not what they should be."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import WeightsError
from qa.reader.decode import decode
from qa.reader.model import WEIGHTS, SpanReader
from tests.index.texts import FRAGMENTS

READER = SpanReader()


@pytest.fixture
def reader() -> SpanReader:
    return READER


def best(reader: SpanReader, question: str, passage: str) -> str:
    (found,) = decode(reader.read(question, [passage])[0], limit=1)
    return passage[found.start : found.end]


def test_finds_what_is_asked(reader: SpanReader) -> None:
    passage = "The council bought the ferry in 2019 for 3.4 million euros from Ana Ruiz."
    assert best(reader, "When did the council buy the ferry?", passage) == "2019"
    assert best(reader, "How much did the ferry cost?", passage) == "3.4 million euros"


def test_a_number_is_never_cut(reader: SpanReader) -> None:
    passage = "Fares rose by 3.4 on Monday at 10:30 to 1,250.75 crowns."
    for question in ("By how much did fares rise?", "At what time?", "To what?"):
        for found in decode(reader.read(question, [passage])[0], limit=3):
            for number in ("3.4", "10:30", "1,250.75"):
                start = passage.index(number)
                inside = start < found.start < start + len(number)
                assert not inside
                assert not start < found.end < start + len(number)


def test_a_span_stays_in_its_paragraph(reader: SpanReader) -> None:
    passage = "The survey of the lake\n\nIt was made in 1971 by divers."
    for found in decode(reader.read("What is it about?", [passage])[0], limit=3):
        assert "\n\n" not in passage[found.start : found.end]


def test_readings_come_in_the_order_of_the_passages(reader: SpanReader) -> None:
    passages = ["Long ago. " * 30, "It was 1850.", "", "Nothing was said of it at all, ever."]
    together = reader.read("When was it?", passages)
    for passage, reading in zip(passages, together, strict=True):
        alone = reader.read("When was it?", [passage])[0]
        assert reading.start.shape == alone.start.shape
        assert reading.offsets.tolist() == alone.offsets.tolist()
    assert decode(together[2], limit=3) == []


@settings(max_examples=30)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=20).map("".join))
def test_spans_lie_in_the_passage(passage: str) -> None:
    for found in decode(READER.read("Who was it?", [passage])[0], limit=3):
        assert 0 <= found.start < found.end <= len(passage)
        assert passage[found.start : found.end].strip() == passage[found.start : found.end]


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    for name in ("reader.onnx", "tokenizer.json"):
        folder = tmp_path / name
        shutil.copytree(WEIGHTS, folder)
        data = bytearray((folder / name).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / name).write_bytes(bytes(data))
        with pytest.raises(WeightsError, match=name):
            SpanReader(folder)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"manifest\.json"):
        SpanReader(tmp_path)
