"""``text[start:end] == quote`` the whole way, from bytes to citations, on any text."""

import contextlib
import tempfile
import tomllib
from collections.abc import Callable
from html import escape
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import SourceError
from index.types import Chunk, Passage, Source
from qa.local import LocalService
from qa.reader.model import SpanReader
from qa.types import Question
from tests.index.texts import FRAGMENTS
from tests.qa.stores import fake_service

PAGES = Path(__file__).parents[1] / "data" / "pages"
FURNITURE = tomllib.loads((PAGES / "furniture.toml").read_text(encoding="utf-8"))
ARTICLES = tomllib.loads((PAGES / "articles.toml").read_text(encoding="utf-8"))

# What BERT's tokenizer takes apart or drops, besides what the index's tests have.
MARKED = ("cafe\u0301 ", "❤\ufe0f ", "है ", "ดี ", "שָׁלוֹם ", "£3.4bn ", "１．５ ")
TEXTS = st.lists(
    st.one_of(st.sampled_from([*FRAGMENTS, *MARKED, "\r\n\r\n"]), st.text(max_size=12)), max_size=30
).map(lambda parts: "".join(parts).replace("\x00", ""))
FORMS: dict[str, Callable[[str], Source]] = {
    "utf-8": lambda text: Source(text.encode(), "any.txt", "text/plain"),
    "utf-8-sig": lambda text: Source(text.encode("utf-8-sig"), "any.txt", "text/plain"),
    "utf-16": lambda text: Source(text.encode("utf-16"), "any.txt", "text/plain"),
    "nfd": lambda text: Source(normalize("NFD", text).encode(), "any.txt"),
    "markdown": lambda text: Source(text.encode(), "any.md", "text/markdown"),
    "html": lambda text: Source(f"<h1>A</h1><p>{escape(text)}</p>".encode(), "a.html", "text/html"),
}


def check(service: LocalService, question: str) -> None:
    """Every quoted range, as a client that has only the canonical texts would check it."""
    texts = {one.id: service.text(one.id) for one in service.documents().documents}
    ids = service.library.store.all_chunk_ids()
    answer = service.ask(Question(question, min_confidence=0.0))
    kept: list[Chunk | Passage] = [*service.library.store.chunks(ids).values()]
    for one in (*kept, *answer.passages, *service.search(question)):
        assert texts[one.document_id][one.start : one.end] == one.text
    for citation in answer.citations:
        text, start, end = texts[citation.document_id], citation.start, citation.end
        assert text[start:end] == citation.quote == citation.quote.strip()
        assert text[max(0, start - 32) : start] == citation.prefix
        assert text[end : end + 32] == citation.suffix
        sentence = citation.sentence
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.start <= start < end <= sentence.end
        assert citation.section is None or citation.section in text[:end]
    for id, text in texts.items():
        for place in service.suggestions(limit=20, document_id=id):
            assert text[place.start : place.end] == place.text == place.text.strip()
        outline = service.outline(id)
        for heading in outline.headings:
            assert any(one.start <= heading.start < heading.end <= one.end for one in outline.body)
    assert {span.text for span in answer.spans} <= {one.quote for one in answer.citations}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shipped", [False, True], ids=["fake", "shipped"])
@settings(max_examples=12)
@given(
    texts=st.lists(TEXTS, min_size=1, max_size=2),
    question=st.sampled_from(["Who was it?", "今天?", "Это что?", "a b c", "👍🏽 e\u0301"]),
)
def test_the_law_holds(
    reader: SpanReader, shipped: bool, form: str, texts: list[str], question: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        service = fake_service(Path(folder), reader=reader if shipped else None)
        try:
            for text in texts:
                with contextlib.suppress(SourceError):  # blank, for one; then nothing of it is kept
                    service.add(FORMS[form](text))
            check(service, question)
        finally:
            service.close()


@pytest.mark.parametrize("language", sorted(ARTICLES))
def test_what_stands_around_an_article_is_never_quoted(tmp_path: Path, language: str) -> None:
    article, furniture = ARTICLES[language], FURNITURE[language]
    head = [article[part] for part in ("title", "subtitle", "meta", "caption")]
    first, *rest = article["body"]
    blocks = [*head, first, *furniture["within"], *rest, article["bio"]]
    page = "\r\n\r\n".join([*furniture["above"], *blocks, *furniture["below"]])
    service = fake_service(tmp_path)
    id = service.add(Source(page.encode(), "page.txt", "text/plain")).document.id
    said = service.library.store.outline(id)
    content = [*said.header, *said.body]
    assert content
    check(service, article["title"])
    # Questions in the furniture's own words, which are what would bring it up.
    for line in (*furniture["above"], *furniture["within"], *furniture["below"]):
        answer = service.ask(Question(line, min_confidence=0.0))
        for passage in answer.passages:
            assert line not in passage.text.splitlines()
        for one in answer.citations:
            assert any(span.start <= one.start and one.end <= span.end for span in content)
    service.close()


def test_what_stands_around_an_article_in_a_web_page_is_never_quoted(tmp_path: Path) -> None:
    service = fake_service(tmp_path)
    service.add(Source((PAGES / "herons.html").read_bytes(), "herons.html"))
    for line in ("Never miss a bird", "Otter seen at the weir", "Facebook", "cookies", "Olaf"):
        check(service, f"{line}?")
        answer = service.ask(Question(f"{line}?", limit=20, min_confidence=0.0))
        assert answer.answered
        for passage in answer.passages:
            assert line not in passage.text
    service.close()
