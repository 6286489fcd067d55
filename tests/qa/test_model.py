"""The reader: what it promises of any passage, the fake too, and files that are not its own."""

import hashlib
import json
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from index.inference import CompiledModel, Encoded
from index.settings import IndexSettings
from qa.errors import WeightsError
from qa.reader.decode import decode
from qa.reader.model import MAX_TOKENS, WEIGHTS, Reader, SpanReader
from tests.fakes import FakeReader
from tests.index.texts import FRAGMENTS

MARKED = (
    *("cafe\u0301", "❤\ufe0f", "#\ufe0f\u20e3", "1\ufe0f\u20e3", "है", "दिल्ली", "שָׁלוֹם", "مَرْحَبًا"),
    *("ดี", "👩\u200d👩\u200d👧", "👍🏽", "Z\u0351\u036b\u0343"),
    "🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct") + "\U000e007f",  # a flag
    "\u0301",
)
PASSAGES = st.lists(
    st.one_of(st.sampled_from([*FRAGMENTS, *MARKED, " ", "\r\n\r\n"]), st.text(max_size=8)),
    max_size=25,
).map("".join)
QUESTIONS = st.sampled_from(["Who was it?", "今天?", "", "e\u0301 👍🏽", "Was " * 200])


def quotes(reader: Reader, question: str, passage: str, *, limit: int = 3) -> list[str]:
    (reading,) = reader.read(question, [passage])
    return [passage[found.start : found.end] for found in decode(reading, limit=limit)]


def is_mark(character: str) -> bool:
    joins = character == "\u200d" or "\U000e0020" <= character <= "\U000e007f"
    return joins or unicodedata.category(character).startswith("M")


# What every reader promises


@pytest.fixture(scope="session", params=["fake", "shipped"])
def any_reader(request: pytest.FixtureRequest, reader: SpanReader) -> Reader:
    return reader if request.param == "shipped" else FakeReader()


@settings(max_examples=50)
@given(passage=PASSAGES, question=QUESTIONS)
def test_a_reading_is_of_its_passage(any_reader: Reader, question: str, passage: str) -> None:
    (reading,) = any_reader.read(question, [passage])
    assert reading.start.shape == reading.end.shape == reading.words.shape
    assert reading.offsets.shape == (len(reading.start), 2)
    own = reading.words >= 0
    assert not own[0]
    begin, end = reading.offsets[own].T
    assert ((begin >= 0) & (begin <= end) & (end <= len(passage))).all()
    assert (np.diff(begin) >= 0).all()
    assert (np.diff(reading.words[own]) >= 0).all()
    assert (np.diff(reading.paragraphs[own]) >= 0).all()
    for found in decode(reading, limit=3):
        quote = passage[found.start : found.end]
        assert quote
        assert quote == quote.strip()


@settings(max_examples=8)
@given(order=st.permutations(range(7)))
def test_readings_come_in_the_order_of_the_passages(any_reader: Reader, order: list[int]) -> None:
    things = ("Mill", "bridge", "Inn", "well", "Ferry", "kiln")
    passages = [
        "",
        *(f"The {thing} of {n}. " + "It is old. " * n**2 for n, thing in enumerate(things)),
    ]
    together = any_reader.read("What is it?", [passages[place] for place in order])
    assert len(together) == len(order)
    for place, reading in zip(order, together, strict=True):
        (alone,) = any_reader.read("What is it?", [passages[place]])
        assert reading.offsets.tolist() == alone.offsets.tolist()
        np.testing.assert_allclose(reading.start, alone.start, atol=0.2)
        np.testing.assert_allclose(reading.end, alone.end, atol=0.2)


def test_no_passages_and_blank_passages_offer_nothing(any_reader: Reader) -> None:
    assert any_reader.read("Who?", []) == []
    for passage in ("", " ", "\r\n\n\t"):
        assert quotes(any_reader, "Who?", passage) == []


def test_a_span_stays_in_its_paragraph(any_reader: Reader) -> None:
    passage = "The survey of the Lake\n\nIt was made in 1971 by Divers."
    found = quotes(any_reader, "What is it about?", passage)
    assert found
    assert not [quote for quote in found if "\n" in quote]


# What the shipped one promises besides


def test_blank_lines_part_paragraphs(reader: SpanReader) -> None:
    (reading,) = reader.read("What?", ["one\n\ntwo\r\n \t\r\nthree\nfour\n\n\n\nfive"])
    assert reading.paragraphs[reading.words >= 0].tolist() == [0, 1, 2, 2, 4]


def test_finds_what_is_asked(reader: SpanReader) -> None:
    passage = "The council bought the ferry in 2019 for 3.4 million euros from Ana Ruiz."
    assert quotes(reader, "When did the council buy the ferry?", passage)[0] == "2019"
    assert quotes(reader, "How much did the ferry cost?", passage)[0] == "3.4 million euros"


@settings(max_examples=60)
@given(PASSAGES, QUESTIONS)
def test_a_quote_is_never_cut_between_a_letter_and_its_marks(
    reader: SpanReader, passage: str, question: str
) -> None:
    (reading,) = reader.read(question, [passage])
    for found in decode(reading, limit=5):
        assert found.end == len(passage) or not is_mark(passage[found.end])
        before = passage[found.start - 1 : found.start]
        assert not is_mark(passage[found.start]) or not before.strip()


@pytest.mark.parametrize("word", MARKED[:-1])
def test_a_letter_keeps_its_marks(reader: SpanReader, word: str) -> None:
    assert quotes(reader, "What is it?", word, limit=1) == [word]


@settings(max_examples=60)
@given(
    st.from_regex(r"[£$€v]?[0-9]{1,3}([.,:][0-9]{1,3}){1,2}(bn|m|am|kg|k|%|th)?", fullmatch=True),
    st.sampled_from(["How much was it?", "When was it?", "3", "What rose?"]),
)
def test_a_number_is_never_cut(reader: SpanReader, number: str, question: str) -> None:
    passage = f"The fares rose to {number} on Monday."
    digits = [place for place, mark in enumerate(passage) if mark.isdigit()]
    (reading,) = reader.read(question, [passage])
    found = decode(reading, limit=8, max_tokens=16)
    assert found
    for span in found:
        inside = [span.start <= place < span.end for place in digits]
        assert all(inside) or not any(inside), passage[span.start : span.end]
        if any(inside) and number[-1].isalpha():
            assert number[-2:] in passage[span.start : span.end]


@pytest.mark.parametrize("number", ["１．５", "٣٫٤", "२.५", "10：30"])
def test_a_number_of_other_digits_is_never_cut(reader: SpanReader, number: str) -> None:
    (reading,) = reader.read("How much?", [f"rose to {number} today"])
    own = reading.words[(reading.offsets[:, 0] >= 8) & (reading.offsets[:, 1] <= 8 + len(number))]
    assert len(own) > 1
    assert len(set(own.tolist())) == 1


@pytest.mark.parametrize("tail", ["electroencephalographically", "1,234,567.89", "5.5bn"])
def test_a_word_at_the_end_of_what_is_read_is_not_cut(reader: SpanReader, tail: str) -> None:
    for count in range(MAX_TOKENS - 16, MAX_TOKENS, 2):
        passage = "a " * count + tail
        (reading,) = reader.read("What?", [passage])
        assert len(reading.start) <= MAX_TOKENS
        last = reading.offsets[reading.words >= 0][:, 1].max()
        assert last == len(passage) or last < 2 * count  # all of the tail or nothing of it


def test_the_network_is_given_what_its_tokenizer_makes_of_a_pair(reader: SpanReader) -> None:
    question, passage = "When was it sold?", "The ferry was sold in 2019. It was old."
    pair = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json")).encode(question, passage)
    model = CompiledModel(
        WEIGHTS / "reader.onnx", threads=2, cache=IndexSettings().cache / "reader"
    )
    ((start, end),) = model.run([Encoded(pair.ids, pair.type_ids)], per_token=True)
    (reading,) = reader.read(question, [passage])
    np.testing.assert_allclose(reading.start, start, atol=1e-4)
    np.testing.assert_allclose(reading.end, end, atol=1e-4)


def test_all_that_the_network_has_room_for_is_read(reader: SpanReader) -> None:
    for question in ("What?", "Was " * 200):
        (reading,) = reader.read(question, ["a " * MAX_TOKENS])
        assert len(reading.start) == MAX_TOKENS


def test_the_networks_own_marks_are_words_in_a_text(reader: SpanReader) -> None:
    passage = "They typed [SEP] and [MASK] on the [CLS] page."
    (reading,) = reader.read("What?", [passage])
    tokens = [passage[start:end] for start, end in reading.offsets.tolist()]
    assert {"[", "]", "SEP", "MASK"} <= set(tokens)
    assert not {"[SEP]", "[MASK]", "[CLS]"} & set(tokens)


def test_a_question_of_any_length_leaves_room_for_the_passage(reader: SpanReader) -> None:
    passage = "The ferry was sold in 2019."
    (reading,) = reader.read("When was the ferry sold? " * 400, [passage])
    assert passage[: reading.offsets.max()] == passage


# Files that are not its own


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(WEIGHTS, folder / "weights"))


@pytest.mark.parametrize("name", ["reader.onnx", "tokenizer.json"])
@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_a_changed_byte_is_refused(tmp_path: Path, name: str, place: float) -> None:
    folder = copied(tmp_path)
    data = bytearray((folder / name).read_bytes())
    data[int(place * (len(data) - 1))] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(WeightsError, match=name):
        SpanReader(folder)


@pytest.mark.parametrize("name", ["manifest.json", "reader.onnx", "tokenizer.json"])
def test_a_missing_file_is_said(tmp_path: Path, name: str) -> None:
    folder = copied(tmp_path)
    (folder / name).unlink()
    with pytest.raises(WeightsError, match=rf"(?s){name}.*reinstall"):
        SpanReader(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"model_sha256": 1}', "\xff"])
def test_a_damaged_manifest_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(WeightsError, match="can't be read"):
        SpanReader(tmp_path)


def test_a_file_that_matches_its_manifest_and_is_no_model_is_said(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["model_sha256"] = hashlib.sha256(b"no model").hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "reader.onnx").write_bytes(b"no model")
    with pytest.raises(WeightsError, match=r"reader\.onnx"):
        SpanReader(folder)


def test_whole_files_load_and_are_told_apart_by_their_fingerprint(
    tmp_path: Path, reader: SpanReader
) -> None:
    other = SpanReader(copied(tmp_path))
    assert other.fingerprint == reader.fingerprint
    assert len(other.fingerprint) == 64
