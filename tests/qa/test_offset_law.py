"""``text[start:end] == quote`` the whole way, from bytes to citations, on any text."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import SourceError
from index.types import Source
from qa.local import LocalService
from qa.types import Question
from tests.index.texts import FRAGMENTS
from tests.qa.stores import fake_service

TEXTS = st.lists(
    st.one_of(st.sampled_from(FRAGMENTS), st.just("\r\n\r\n"), st.text(max_size=12)), max_size=40
).map("".join)


def check(service: LocalService, document_id: str, question: str) -> None:
    """Every quoted range, as a client that has only the canonical text would check it."""
    text = service.text(document_id)
    ids = service.library.store.all_chunk_ids()
    for chunk in service.library.store.chunks(ids).values():
        assert text[chunk.start : chunk.end] == chunk.text
    answer = service.ask(Question(question, min_confidence=0.0))
    for passage in (*answer.passages, *service.search(question)):
        assert text[passage.start : passage.end] == passage.text
    for citation in answer.citations:
        assert text[citation.start : citation.end] == citation.quote
        assert text[: citation.start].endswith(citation.prefix)
        assert text[citation.end :].startswith(citation.suffix)
        sentence = citation.sentence
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.start <= citation.start < citation.end <= sentence.end
    assert {span.text for span in answer.spans} <= {one.quote for one in answer.citations}


@settings(max_examples=60)
@given(TEXTS, st.sampled_from(["Who was it?", "今天?", "Это что?", "a b c", "👍🏽 e\u0301"]))
def test_the_law_holds(text: str, question: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        service = fake_service(Path(folder))
        try:
            data = text.encode("utf-8", "surrogatepass")
            try:
                added = service.add(Source(data, "any.txt", "text/plain"))
            except SourceError:
                assert service.documents().documents == ()
                return
            check(service, added.document.id, question)
        finally:
            service.close()
