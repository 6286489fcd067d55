"""The real models on the sample articles: one answer, one refusal, and what the wiring refuses."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from index.settings import IndexSettings
from index.sources import read_path
from qa.bootstrap import open_service
from qa.errors import WeightsError
from qa.evidence import FEATURES
from qa.local import LocalService
from qa.reader import calibrate
from qa.reader.calibrate import Calibration
from qa.reader.model import WEIGHTS, SpanReader, read_manifest
from qa.recalibrate import Scaling
from qa.settings import AnswerSettings
from qa.types import Question, Reason


def test_answers_and_cites(real_service: LocalService) -> None:
    answer = real_service.ask(Question("When are the results of the kelp sequencing expected?"))
    assert answer.answered
    assert answer.answer is not None
    assert "end of the year" in answer.answer
    citation = answer.citations[0]
    assert citation.name == "kelp-forest.txt"
    assert real_service.text(citation.document_id)[citation.start : citation.end] == citation.quote


def test_refuses_what_no_article_says(real_service: LocalService) -> None:
    answer = real_service.ask(Question("Who founded the Sandnes Marine Institute?"))
    assert (answer.answered, answer.reason) == (False, Reason.NOT_IN_TEXT)
    assert (answer.answer, answer.spans, answer.citations) == (None, (), ())
    assert answer.passages


def test_the_author_is_quoted_from_the_header(real_service: LocalService) -> None:
    answer = real_service.ask(Question("Who wrote the article about the kelp forest?"))
    assert answer.answer is not None
    assert "Ingrid Aasland" in answer.answer


def test_a_reopened_store_answers_the_same(articles: Path, tmp_path: Path) -> None:
    index = IndexSettings(data=tmp_path)
    question = Question("When are the results of the kelp sequencing expected?")
    service = open_service(index, AnswerSettings(), writable=True)
    service.add(read_path(articles / "kelp-forest.txt", max_bytes=index.max_bytes))
    before = service.ask(question)
    service.close()
    reader = open_service(index, AnswerSettings(), writable=False)
    after = reader.ask(question)
    reader.close()
    assert (after.answer, after.citations[0].start) == (before.answer, before.citations[0].start)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """The shipped weights, to be changed."""
    return Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))


def test_a_calibration_for_other_weights_is_refused_and_the_store_let_go(
    weights: Path, tmp_path: Path, reader: SpanReader
) -> None:
    index = IndexSettings(data=tmp_path / "store")
    stamped = calibrate.load(weights, reader_sha256=reader.fingerprint, features=FEATURES)
    calibrate.save(replace(stamped, reader_sha256="0" * 64), weights)
    with pytest.raises(WeightsError, match="other weights"):
        open_service(index, AnswerSettings(), writable=True, weights=weights)
    calibrate.save(stamped, weights)
    open_service(index, AnswerSettings(), writable=True, weights=weights).close()


def test_a_reader_that_was_changed_is_refused(weights: Path, tmp_path: Path) -> None:
    with (weights / "reader.onnx").open("ab") as file:
        file.write(b"x")
    index = IndexSettings(data=tmp_path / "store")
    with pytest.raises(WeightsError, match=r"reader\.onnx is not the file"):
        open_service(index, AnswerSettings(), writable=True, weights=weights)


def test_a_stores_own_calibration_is_used_unless_the_shipped_one_is_asked_for(
    articles: Path, tmp_path: Path
) -> None:
    index = IndexSettings(data=tmp_path)
    question = Question("When are the results of the kelp sequencing expected?")
    service = open_service(index, AnswerSettings(), writable=True)
    service.add(read_path(articles / "kelp-forest.txt", max_bytes=index.max_bytes))
    before = service.ask(question)
    service.close()
    assert before.confidence is not None
    scaling = Scaling(0.5, -1.0)
    calibrate.save(_shipped().scaled(scaling.scale, scaling.shift, provenance={}), tmp_path)
    for shipped, confidence in ((False, scaling.of(before.confidence)), (True, before.confidence)):
        service = open_service(index, AnswerSettings(), writable=False, shipped=shipped)
        after = service.ask(replace(question, min_confidence=0.0))
        service.close()
        assert (after.answer, after.confidence) == (before.answer, pytest.approx(confidence))


def test_a_stores_own_calibration_for_another_reader_is_refused(tmp_path: Path) -> None:
    calibrate.save(replace(_shipped(), reader_sha256="0" * 64), tmp_path)
    index = IndexSettings(data=tmp_path)
    with pytest.raises(WeightsError, match="calibrate --reset"):
        open_service(index, AnswerSettings(), writable=True)
    open_service(index, AnswerSettings(), writable=True, shipped=True).close()


def _shipped() -> Calibration:
    sha256 = read_manifest(WEIGHTS).model_sha256
    return calibrate.load(WEIGHTS, reader_sha256=sha256, features=FEATURES)
