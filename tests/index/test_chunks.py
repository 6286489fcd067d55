"""Chunks: what they hold, where they end, and the laws that every article must keep."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.chunks import HEADER_LIMITS, SMALLEST_LIMIT, Chunker
from index.lines import blocks
from index.sentences import sentences
from index.tokens import TokenCounter
from index.types import Article, Chunk, Span
from tests.fakes import FakeEmbedder
from tests.index.texts import texts

COUNTER = TokenCounter("pincite_bpe")
SHARED = Path(__file__).parents[2] / "../shared"

SENTENCES = [f"Sentence number {number} is about as long as the others are." for number in range(9)]
TOKENS = COUNTER.count(" " + SENTENCES[0])


def article(text: str, *, header: int = 0, leave_out: tuple[int, ...] = ()) -> Article:
    """Each block a paragraph, the first ones the header; some are boilerplate."""
    found = [
        block
        for number, block in enumerate(blocks(text, Span(0, len(text))))
        if number not in leave_out
    ]
    return Article(None, None, None, tuple(found[:header]), tuple(found[header:]))


def chunked(text: str, *, limit: int, overlap: int = 0, header: int = 0) -> list[str]:
    chunker = Chunker(COUNTER, FakeEmbedder(), limit=limit, overlap=overlap)
    return [chunk.text for chunk in chunker.chunks(text, article(text, header=header), "d")]


@st.composite
def articles(draw: st.DrawFn) -> tuple[str, Article]:
    """A text and an article in it: some blocks header, some body, some neither."""
    text = draw(texts)
    header: list[Span] = []
    body: list[Span] = []
    for block in blocks(text, Span(0, len(text))):
        draw(st.sampled_from([header, body, body, []])).append(block)
    return text, Article(None, None, None, tuple(header), tuple(body))


def covered(spans: list[Span], text: str) -> set[int]:
    return {
        place
        for span in spans
        for place in range(span.start, span.end)
        if not text[place].isspace()
    }


limits = st.integers(SMALLEST_LIMIT, 60)
overlaps = st.integers(0, 3)


@given(articles(), limits, overlaps)
def test_the_laws_of_chunks(given: tuple[str, Article], limit: int, overlap: int) -> None:
    text, found = given
    embedder = FakeEmbedder(max_tokens=24)
    chunks = Chunker(COUNTER, embedder, limit=limit, overlap=overlap).chunks(text, found, "d")
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    assert chunks == sorted(chunks, key=lambda chunk: (chunk.start, chunk.end))
    for chunk in chunks:
        assert (chunk.id, chunk.document_id) == (0, "d")
        assert chunk.text == text[chunk.start : chunk.end] == chunk.text.strip() != ""
        assert COUNTER.count(chunk.text) <= limit * (HEADER_LIMITS if chunk.header else 1)
        assert embedder.count(chunk.text) <= embedder.max_tokens
    for spans, header in ((found.header, True), (found.body, False)):
        held = [Span(chunk.start, chunk.end) for chunk in chunks if chunk.header == header]
        assert covered(held, text) == covered(list(spans), text)


@given(articles(), limits, overlaps)
def test_chunks_go_forward_and_share_only_what_they_may(
    given: tuple[str, Article], limit: int, overlap: int
) -> None:
    text, found = given
    embedder = FakeEmbedder(max_tokens=24)
    chunks = Chunker(COUNTER, embedder, limit=limit, overlap=overlap).chunks(text, found, "d")
    bodies = [chunk for chunk in chunks if not chunk.header]
    for chunk, following in pairwise(bodies):
        assert chunk.start < following.start
        assert chunk.end < following.end
        if overlap == 0:
            assert chunk.end <= following.start
    headers = [chunk for chunk in chunks if chunk.header]
    assert all(a.end <= b.start for a, b in pairwise(headers))


@given(articles())
def test_the_same_text_gives_the_same_chunks(given: tuple[str, Article]) -> None:
    def chunks() -> list[Chunk]:
        return Chunker(TokenCounter("pincite_bpe"), FakeEmbedder()).chunks(*given, "d")

    assert chunks() == chunks()


def test_whole_sentences_are_packed_up_to_the_limit() -> None:
    text = " ".join(SENTENCES)
    chunks = chunked(text, limit=3 * TOKENS + 5)
    assert chunks == [" ".join(SENTENCES[start : start + 3]) for start in (0, 3, 6)]


def test_chunks_share_sentences() -> None:
    text = " ".join(SENTENCES)
    chunks = chunked(text, limit=3 * TOKENS + 5, overlap=1)
    assert chunks == [" ".join(SENTENCES[start : start + 3]) for start in (0, 2, 4, 6)]


def test_a_chunk_ends_with_a_paragraph_where_that_leaves_it_half_full() -> None:
    text = " ".join(SENTENCES[:3]) + "\n\n" + " ".join(SENTENCES[3:6])
    assert chunked(text, limit=5 * TOKENS) == [
        " ".join(SENTENCES[:3]),
        " ".join(SENTENCES[3:6]),
    ]


def test_a_chunk_goes_on_where_a_paragraph_would_leave_it_half_empty() -> None:
    text = SENTENCES[0] + "\n\n" + " ".join(SENTENCES[1:6])
    first, *_ = chunked(text, limit=4 * TOKENS + 5)
    assert first == SENTENCES[0] + "\n\n" + " ".join(SENTENCES[1:4])


def test_a_heading_stays_with_what_it_stands_over_and_nothing_is_shared_across_it() -> None:
    text = " ".join(SENTENCES[:3]) + "\n\nBackground\n\n" + " ".join(SENTENCES[3:6])
    assert chunked(text, limit=4 * TOKENS, overlap=1) == [
        " ".join(SENTENCES[:3]),
        "Background\n\n" + " ".join(SENTENCES[3:6]),
    ]


def test_boilerplate_between_paragraphs_parts_chunks() -> None:
    text = "\n\n".join(SENTENCES[:3])
    found = article(text, leave_out=(1,))
    chunks = Chunker(COUNTER, FakeEmbedder()).chunks(text, found, "d")
    assert [chunk.text for chunk in chunks] == [SENTENCES[0], SENTENCES[2]]


def test_a_header_is_one_chunk_that_shares_nothing() -> None:
    text = "\n\n".join(["A Title", "By Ada Lee", "3 May 2020", SENTENCES[0], SENTENCES[1]])
    chunks = Chunker(COUNTER, FakeEmbedder()).chunks(text, article(text, header=3), "d")
    assert [(chunk.text, chunk.header) for chunk in chunks] == [
        ("A Title\n\nBy Ada Lee\n\n3 May 2020", True),
        (SENTENCES[0] + "\n\n" + SENTENCES[1], False),
    ]


def test_a_chunk_is_never_longer_than_the_embedder_reads() -> None:
    text = " ".join(SENTENCES)
    embedder = FakeEmbedder(max_tokens=2 + 2 * 13)
    assert embedder.count(SENTENCES[0]) == 2 + 12
    chunks = Chunker(COUNTER, embedder, overlap=0).chunks(text, article(text), "d")
    assert [chunk.text for chunk in chunks[:2]] == [
        " ".join(SENTENCES[:2]),
        " ".join(SENTENCES[2:4]),
    ]


def test_nothing_is_shared_where_the_embedder_has_no_room_for_it() -> None:
    text = " ".join(["It was short.", *SENTENCES[:2]])
    embedder = FakeEmbedder(max_tokens=2 + 4 + 12)
    chunks = Chunker(COUNTER, embedder).chunks(text, article(text), "d")
    assert [chunk.text for chunk in chunks] == ["It was short. " + SENTENCES[0], SENTENCES[1]]


def test_a_sentence_that_is_too_long_is_cut_at_its_clauses() -> None:
    text = "It was late, " * 40 + "and dark."
    chunks = chunked(text, limit=40)
    assert all(chunk.endswith("late,") for chunk in chunks[:-1])
    assert " ".join(chunks) == text


def test_an_article_without_text_has_no_chunks() -> None:
    nothing = Article(None, None, None, (), ())
    assert Chunker(COUNTER, FakeEmbedder()).chunks("  \n", nothing, "d") == []


@pytest.mark.parametrize(("limit", "overlap"), [(15, 1), (0, 1), (160, -1)])
def test_a_size_that_cannot_be_kept_is_refused(limit: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="take at least 16 tokens and 0 sentences"):
        Chunker(COUNTER, FakeEmbedder(), limit=limit, overlap=overlap)


@pytest.mark.parametrize("mark", ["x", "字", "👩\u200d👩\u200d👧", "\u0301", "?", '."', "a\n"])
def test_hostile_texts_are_chunked_all_the_same(mark: str) -> None:
    text = mark * (100_000 // len(mark))
    chunks = Chunker(COUNTER, FakeEmbedder()).chunks(text, article(text), "d")
    assert chunks[0].start == 0
    assert chunks[-1].end == len(text.rstrip())
    assert all(a.end >= b.start - 1 for a, b in pairwise(chunks))


def shared_texts() -> list[str]:
    articles = [
        json.loads(path.read_text(encoding="utf-8"))["text"]
        for path in sorted((SHARED / "articles").glob("*.json"))
    ]
    single = SHARED / "article" / "article.txt"
    return [*articles, single.read_text(encoding="utf-8")] if single.exists() else articles


def test_the_shared_articles_are_covered_by_whole_sentences() -> None:
    shared = shared_texts()
    if not shared:
        pytest.skip("../shared/articles is not beside this project")
    for text in shared:
        chunks = Chunker(COUNTER, FakeEmbedder()).chunks(text, article(text), "d")
        whole = sentences(text, Span(0, len(text)))
        too_long = [found for found in whole if COUNTER.count(found.of(text)) > 160]
        within = {place for found in too_long for place in range(found.start, found.end)}
        assert {chunk.start for chunk in chunks} - within <= {sentence.start for sentence in whole}
        assert {chunk.end for chunk in chunks} - within <= {sentence.end for sentence in whole}
        held = [Span(chunk.start, chunk.end) for chunk in chunks]
        assert covered(held, text) == covered([Span(0, len(text))], text)
