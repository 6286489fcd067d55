"""Passages are cut from the text as it is, joined where they may be and nowhere else."""

import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from index.library import Library
from index.search import PASSAGE_TOKENS, Searcher
from index.settings import IndexSettings
from index.types import Chunk, Hit, Passage, Source
from tests.index.builders import EMBEDDER, chunks_of, note, open_library, stored


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = open_library(tmp_path)
    yield library
    library.close()


# Stitching


def test_adjacent_chunks_become_one_passage(library: Library) -> None:
    id = stored(library, "A whale came.", "It was grey.", "A whale left.")
    (passage,) = Searcher(library, EMBEDDER).passages("whale", limit=9)
    text = "A whale came.\n\nIt was grey.\n\nA whale left."
    assert (passage.document_id, passage.title) == (id, "Notes")
    assert (passage.start, passage.end, passage.text) == (0, len(text), text)


def test_a_passage_has_the_scores_of_its_best_chunk(library: Library) -> None:
    stored(library, "It was a long day.", "A whale came.", "Then it was night.")
    searcher = Searcher(library, EMBEDDER)
    best = searcher.hits("which whale came", limit=9)[0]
    (passage,) = searcher.passages("which whale came", limit=9)
    assert (passage.score, passage.dense, passage.lexical) == (best.score, best.dense, best.lexical)


def test_a_passage_says_whether_the_header_is_in_it(library: Library) -> None:
    stored(library, "A title", "~menu", "A whale came.")
    found = Searcher(library, EMBEDDER).passages("a title of a whale", limit=9)
    assert {passage.text: passage.header for passage in found} == {
        "A title": True,
        "A whale came.": False,
    }


def test_chunks_with_one_between_them_stay_apart(library: Library) -> None:
    stored(library, "A whale came.", "Nothing happened.", "A whale left.")
    found = Searcher(library, EMBEDDER).passages("whale", limit=2)
    assert sorted(passage.text for passage in found) == ["A whale came.", "A whale left."]


@pytest.mark.parametrize("between", ["~", "~ We use cookies. Accept?", "~\n\n~"])
def test_a_passage_never_covers_boilerplate(library: Library, between: str) -> None:
    stored(library, "A whale came.", "It was grey.", *between.split("\n\n"), "A whale left.")
    found = Searcher(library, EMBEDDER).passages("whale", limit=9)
    assert sorted(passage.text for passage in found) == [
        "A whale came.\n\nIt was grey.",
        "A whale left.",
    ]


def test_a_real_page_is_stitched_around_its_furniture(library: Library) -> None:
    page = """<html><head><title>Whales</title></head><body><article><h1>A whale</h1>
    <p>A grey whale came into the harbour in the morning, and nobody had seen one before.</p>
    <aside>Subscribe to our newsletter. We use cookies: accept all whale cookies?</aside>
    <p>The whale left the harbour in the evening, and two ships went out to look for it.</p>
    </article></body></html>"""
    library.add(Source(page.encode(), "whale.html", media_type="text/html"))
    found = Searcher(library, EMBEDDER).passages("Did the whale leave the harbour?", limit=20)
    assert any("whale left" in passage.text for passage in found)
    assert not any("cookies" in passage.text for passage in found)


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\n \t\n", "\n\u2003\u00a0\n"])
def test_any_white_space_may_lie_between(library: Library, gap: str) -> None:
    stored(library, "A whale came.", "A whale left.", gap=gap)
    assert len(Searcher(library, EMBEDDER).passages("whale", limit=9)) == 1


def test_chunks_of_two_documents_stay_apart(library: Library) -> None:
    """Even where the one's second chunk would go on after the other's first."""
    second = stored(library, "No.", "A whale left.")
    firsts = [stored(library, f"A whale came {how}.") for how in "late early again twice".split()]
    assert sorted([second, *firsts])[0] != second
    found = Searcher(library, EMBEDDER).passages("a whale left or came", limit=5)
    assert sorted(passage.document_id for passage in found) == sorted([second, *firsts])
    assert "No." not in {passage.text[:3] for passage in found}


def test_overlapping_chunks_are_read_once(tmp_path: Path) -> None:
    settings = IndexSettings(data=tmp_path, chunk_tokens=24, overlap_sentences=1)
    library = Library.open(settings, embedder=EMBEDDER, writable=True)
    text = " ".join(
        f"Whale number {name} came to the harbour." for name in "one two six ten".split()
    )
    library.add(note(text))
    chunks = sorted(chunks_of(library).values(), key=lambda chunk: chunk.ordinal)
    assert any(one.end > other.start for one, other in pairwise(chunks))
    (passage,) = Searcher(library, EMBEDDER).passages("whale", limit=20)
    assert passage.text == text
    library.close()


def test_a_passage_is_never_longer_than_the_reader_reads(library: Library) -> None:
    part = "whale " * 99 + "came."
    stored(library, *(f"{number} {part}" for number in range(7)))
    found = Searcher(library, EMBEDDER).passages("whale", limit=9)
    counts = [EMBEDDER.count(passage.text) for passage in found]
    assert sorted(counts) == [102 + 2, 3 * 102 + 2, 3 * 102 + 2]
    assert max(counts) <= PASSAGE_TOKENS < 4 * 102


@pytest.mark.parametrize(("tokens", "passages"), [(PASSAGE_TOKENS, 1), (PASSAGE_TOKENS + 1, 2)])
def test_the_longest_passage_is_exactly_so_long(
    library: Library, tokens: int, passages: int
) -> None:
    words = tokens - EMBEDDER.count("")
    stored(library, "whale " * (words - 5), "a b c d e")
    assert len(Searcher(library, EMBEDDER).passages("whale", limit=9)) == passages


# Laws

LINES = st.lists(
    st.tuples(
        st.sampled_from(["", "", "~"]),
        st.lists(st.sampled_from("whale ship 鯨 e\u0301 🙂 שלום 1911 .".split()), min_size=1),
        st.integers(1, 60),
    ),
    min_size=1,
    max_size=8,
)


def made_of(lines: Sequence[tuple[str, list[str], int]]) -> list[str]:
    """Parts of up to hundreds of words, some of them boilerplate; the first is a chunk."""
    parts = [f"{mark}{' '.join(words * times)}"[:2_000] for mark, words, times in lines]
    return [parts[0].lstrip("~"), *parts[1:]]


@hypothesis_settings(max_examples=60)
@given(
    documents=st.lists(LINES, min_size=1, max_size=3, unique_by=lambda d: str(made_of(d))),
    gap=st.sampled_from(["\n", "\r\n\r\n", "\n\u3000\n"]),
    question=st.text(st.sampled_from("whale ship鯨e\u0301🙂1911?"), min_size=1, max_size=20),
    limit=st.integers(1, 12),
)
def test_passages_keep_the_laws(
    documents: list[list[tuple[str, list[str], int]]], gap: str, question: str, limit: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = open_library(Path(folder))
        for lines in documents:
            stored(library, *made_of(lines), gap=gap)
        searcher = Searcher(library, EMBEDDER)
        hits = searcher.hits(question, limit=limit)
        passages = searcher.passages(question, limit=limit)
        assert passages == searcher.passages(question, limit=limit)
        check_passages(library, hits, passages)
        library.close()
        reopened = open_library(Path(folder), writable=False)
        assert Searcher(reopened, EMBEDDER).passages(question, limit=limit) == passages
        reopened.close()


def check_passages(library: Library, hits: Sequence[Hit], passages: Sequence[Passage]) -> None:
    """The offset law, and that stitching joins what it may and nothing else."""
    assert len(set(passages)) == len(passages)
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)
    covered = 0
    for passage in passages:
        text = library.store.text(passage.document_id)
        assert text[passage.start : passage.end] == passage.text
        inside = sorted(
            (hit for hit in hits if within(hit.chunk, passage)), key=lambda hit: hit.chunk.ordinal
        )
        covered += len(inside)
        ordinals = [hit.chunk.ordinal for hit in inside]
        assert ordinals == list(range(ordinals[0], ordinals[0] + len(inside)))
        assert passage.start == inside[0].chunk.start
        assert passage.end == inside[-1].chunk.end
        assert "~" not in passage.text
        assert passage.score == max(hit.score for hit in inside)
        assert passage.header == any(hit.chunk.header for hit in inside)
        assert len(inside) == 1 or EMBEDDER.count(passage.text) <= PASSAGE_TOKENS
    assert covered == len(hits)
    check_no_more_to_join(library, passages)


def within(chunk: Chunk, passage: Passage) -> bool:
    same = chunk.document_id == passage.document_id
    return same and passage.start <= chunk.start and chunk.end <= passage.end


def check_no_more_to_join(library: Library, passages: Sequence[Passage]) -> None:
    ordered = sorted(passages, key=lambda passage: (passage.document_id, passage.start))
    for one, other in pairwise(ordered):
        if one.document_id == other.document_id:
            text = library.store.text(one.document_id)
            assert one.end <= other.start
            touching = not text[one.end : other.start].strip()
            assert not touching or EMBEDDER.count(text[one.start : other.end]) > PASSAGE_TOKENS
