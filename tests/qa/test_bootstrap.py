"""The real models on the sample articles: one answer, one refusal, and what the wiring refuses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.settings import IndexSettings
from index.sources import read_path
from qa.bootstrap import open_service
from qa.local import LocalService
from qa.settings import AnswerSettings
from qa.types import Question


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, articles: Path) -> Iterator[LocalService]:
    index = IndexSettings(data=tmp_path_factory.mktemp("store"))
    service = open_service(index, AnswerSettings(), writable=True)
    for path in sorted(articles.iterdir()):
        service.add(read_path(path, max_bytes=index.max_bytes))
    yield service
    service.close()


def test_answers_and_cites(service: LocalService) -> None:
    answer = service.ask(Question("When are the results of the kelp sequencing expected?"))
    assert answer.answered
    assert answer.answer is not None
    assert "end of the year" in answer.answer
    citation = answer.citations[0]
    assert citation.name == "kelp-forest.txt"
    assert service.text(citation.document_id)[citation.start : citation.end] == citation.quote


def test_refuses_what_no_article_says(service: LocalService) -> None:
    answer = service.ask(Question("Who founded the Sandnes Marine Institute?"))
    assert not answer.answered
    assert answer.passages


def test_the_author_is_quoted_from_the_header(service: LocalService) -> None:
    answer = service.ask(Question("Who wrote the article about the kelp forest?"))
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
