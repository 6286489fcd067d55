"""The real service over REST: what it quotes stands where it says, whatever the text."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.settings import IndexSettings
from qa.bootstrap import open_service
from qa.settings import AnswerSettings
from tests.server.conftest import problem, serving

pytestmark = pytest.mark.slow

# Scripts with and without spaces, both directions, marks that combine, emoji that join, line ends.
WORDS = st.sampled_from(
    ["Godwits", "Ålesund", "café", "שלום", "العربية", "東京", "は", "한국어", "हिन्दी",
     "👩‍🚀", "🏳️‍🌈", "2019", "3.5", "Dr.", "“so”", "\u202eabc", "İstanbul", "ﬁn", "\u00a0", "x" * 50]
)  # fmt: skip
ENDS = st.sampled_from([". ", "? ", "。", "\n", "\r\n", "\n\n", "\r", "\u2028", "! "])
TEXTS = st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=9), ENDS), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    index = IndexSettings(data=tmp_path_factory.mktemp("store"))
    with serving(lambda: open_service(index, AnswerSettings(), writable=True)) as client:
        yield client


def check(client: httpx.Client, found: dict[str, object]) -> None:
    """The offset law, for a passage or a citation."""
    text = client.get(f"/v1/documents/{found['document_id']}/text").content.decode()
    start, end = found["start"], found["end"]
    assert isinstance(start, int)
    assert isinstance(end, int)
    assert text[start:end] == found.get("quote", found.get("text"))
    sentence = found.get("sentence")
    if isinstance(sentence, dict):
        assert text[sentence["start"] : sentence["end"]] == sentence["text"]
        assert text[:start].endswith(str(found["prefix"]))
        assert text[end:].startswith(str(found["suffix"]))
        claim = {name: found[name] for name in ("document_id", "start", "end", "quote", "sha256")}
        assert client.post("/v1/verify", json=claim).json()["valid"] is True


@given(sentences=TEXTS, mark=st.sampled_from(["", "\ufeff"]))
@settings(max_examples=40)
def test_the_offset_law(
    real: httpx.Client, sentences: list[tuple[list[str], str]], mark: str
) -> None:
    text = mark + "".join(" ".join(words) + end for words, end in sentences)
    added = real.post("/v1/documents", json={"text": text})
    if added.status_code >= 400:
        problem(added, added.status_code)
        assert added.status_code < 500
        return
    only = {"document_ids": [added.json()["id"]]}
    passages = real.post("/v1/search", json={"query": text[:200], **only}).json()["passages"]
    answer = real.post("/v1/ask", json={"question": text[:100], "min_confidence": 0, **only}).json()
    for found in (*passages, *answer["passages"], *answer["citations"]):
        check(real, found)
    assert real.delete(f"/v1/documents/{added.json()['id']}").status_code == 204
    assert real.post("/v1/ask", json={"question": "Who?", **only}).status_code == 404


def test_articles_are_asked_about(real: httpx.Client, articles: Path) -> None:
    for path in sorted(articles.iterdir()):
        with path.open("rb") as file:
            assert real.post("/v1/documents", files={"file": file}).status_code == 201
    question = "When are the results of the kelp sequencing expected?"
    answer = real.post("/v1/ask", json={"question": question}).json()
    assert answer["answered"]
    assert "end of the year" in answer["answer"]
    for citation in answer["citations"]:
        check(real, citation)
    refusal = real.post("/v1/ask", json={"question": "Who founded the Sandnes Marine Institute?"})
    assert refusal.json()["reason"] == "not_in_text"
    assert refusal.json()["passages"]


@pytest.mark.parametrize("text", [" ", "\n", "\ufeff", "a\u0001\u0002\u0003", "%PDF-1.7"])
def test_what_can_not_be_indexed_is_refused(real: httpx.Client, text: str) -> None:
    response = real.post("/v1/documents", json={"text": text})
    problem(response, response.status_code)
    assert response.status_code in {415, 422}
