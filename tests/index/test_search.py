"""Search gives the chunks that both scores say, and passages cut from the text as it is."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.library import Library
from index.search import DEPTH, LEXICAL_WEIGHT, Searcher, Weights
from index.settings import IndexSettings
from index.types import Hit, Scope
from index.vectors import VectorIndex
from index.words import any_of, terms
from tests.fakes import FakeEmbedder
from tests.index.builders import EMBEDDER, chunks_of, note, open_library, stored

WHALES = "The grey whale came into the harbour in the morning. Nobody had seen one before."
SHIPS = "Two ships left for the north that evening. They carried salt and timber."
HARBOUR = "The harbour was built in 1911 by Ada Wren. It froze in 1929 and again in 1947."
KELP = "Kelp grew in the harbour. A whale ate none of it. The ships went round."
TEXTS = (WHALES, SHIPS, HARBOUR, KELP)
QUESTION = "Which whale came to the harbour?"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = open_library(tmp_path)
    yield library
    library.close()


@pytest.fixture
def searcher(library: Library) -> Searcher:
    for number, text in enumerate(TEXTS):
        library.add(note(text, name=f"{number}.txt", number=str(number), kind="sea"))
    return Searcher(library, EMBEDDER)


def texts(found: Sequence[Hit]) -> list[str]:
    return [hit.chunk.text for hit in found]


# The fused score


@pytest.mark.parametrize("question", [QUESTION, "salt", "Ada Wren 1911", "nothing of the kind"])
@pytest.mark.parametrize("weight", [0.0, 0.25, LEXICAL_WEIGHT, 1.0])
def test_the_score_is_the_weighted_sum_of_both(
    library: Library, searcher: Searcher, question: str, weight: float
) -> None:
    query = EMBEDDER.embed([question])[0]
    matched = library.store.match(any_of(terms(question)), limit=DEPTH)
    lexical = {scored.chunk_id: scored.score for scored in matched}
    best = max(lexical.values(), default=1.0)
    expected = {}
    for id, chunk in chunks_of(library).items():
        cosine = float(EMBEDDER.embed([chunk.text])[0] @ query)
        expected[id] = weight * lexical.get(id, 0.0) / best + (1 - weight) * cosine
    found = searcher.weighted(Weights(weight)).hits(question, limit=50)
    assert {hit.chunk.id for hit in found} == set(expected)
    for hit in found:
        assert hit.score == pytest.approx(expected[hit.chunk.id], abs=1e-6)
        assert hit.lexical == pytest.approx(lexical.get(hit.chunk.id, 0.0))
        assert hit.chunk == library.store.chunks([hit.chunk.id])[hit.chunk.id]
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


def test_the_weights_are_four_to_six_unless_told_otherwise(searcher: Searcher) -> None:
    assert (Weights().lexical, Weights().dense) == (0.4, 0.6)
    found = searcher.hits(QUESTION, limit=4)
    assert found == searcher.weighted(Weights(0.4)).hits(QUESTION, limit=4)


def test_without_words_the_order_is_the_dense_one(library: Library, searcher: Searcher) -> None:
    dense = library.vectors.search(EMBEDDER.embed([QUESTION])[0], limit=9)
    found = searcher.weighted(Weights(0.0)).hits(QUESTION, limit=9)
    assert [hit.chunk.id for hit in found] == [scored.chunk_id for scored in dense]
    assert [hit.score for hit in found] == pytest.approx([scored.score for scored in dense])


def test_by_words_alone_the_order_is_the_lexical_one(library: Library, searcher: Searcher) -> None:
    lexical = library.store.match(any_of(terms(QUESTION)), limit=9)
    found = searcher.weighted(Weights(1.0)).hits(QUESTION, limit=9)
    matched = [hit for hit in found if hit.lexical]
    assert [hit.chunk.id for hit in matched] == [scored.chunk_id for scored in lexical]
    assert found[: len(matched)] == matched
    assert found[0].score == 1.0
    assert all(hit.score == 0 for hit in found[len(matched) :])


def test_what_only_words_find_gets_its_cosine_too(library: Library) -> None:
    """More chunks than the dense search gives are closer; the one with the word is still found."""
    near = "harbour of the whale"
    stored(library, *(f"{near} {number}" for number in range(DEPTH + 5)))
    only = "zanzibar " + " ".join(f"other{number}" for number in range(30))
    stored(library, only)
    question = f"{near} zanzibar"
    query = EMBEDDER.embed([question])[0]
    dense = library.vectors.search(query, limit=DEPTH)
    hit = Searcher(library, EMBEDDER, weights=Weights(1.0)).hits(question, limit=1)[0]
    assert hit.chunk.text == only
    assert hit.chunk.id not in {scored.chunk_id for scored in dense}
    assert hit.dense == pytest.approx(float(EMBEDDER.embed([only])[0] @ query), abs=1e-6)


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_a_limit_cuts_the_same_list(searcher: Searcher, limit: int) -> None:
    assert searcher.hits(QUESTION, limit=limit) == searcher.hits(QUESTION, limit=50)[:limit]


def test_equal_scores_come_in_the_order_they_were_added(library: Library) -> None:
    for number in range(6):
        stored(library, "same words", f"~{number}")
    found = Searcher(library, EMBEDDER).hits("same words", limit=6)
    assert [hit.chunk.id for hit in found] == library.store.all_chunk_ids().tolist()


def test_an_empty_library_finds_nothing(library: Library) -> None:
    searcher = Searcher(library, EMBEDDER)
    assert searcher.hits(QUESTION, limit=5) == []
    assert searcher.passages(QUESTION, limit=5) == []


# Scope


def test_a_scope_of_ids_leaves_the_others_out(library: Library, searcher: Searcher) -> None:
    every = {library.store.text(d.id): d.id for d in library.store.documents().documents}
    scope = Scope(document_ids=(every[SHIPS], every[KELP], "unknown"))
    for found in (
        texts(searcher.hits(QUESTION, limit=9, scope=scope)),
        [passage.text for passage in searcher.passages(QUESTION, limit=9, scope=scope)],
    ):
        assert sorted(found) == sorted([SHIPS, KELP])
    assert searcher.hits(QUESTION, limit=9, scope=Scope(document_ids=())) == []
    assert searcher.hits(QUESTION, limit=9, scope=Scope(document_ids=("unknown",))) == []


def test_a_scope_of_metadata_leaves_the_others_out(searcher: Searcher) -> None:
    def found(**filter: str) -> list[str]:
        return sorted(texts(searcher.hits(QUESTION, limit=9, scope=Scope(filter=filter))))

    assert found(kind="sea") == sorted(TEXTS)
    assert found(number="2") == [HARBOUR]
    assert found(number="2", kind="sea") == [HARBOUR]
    assert found(number="2", kind="land") == []
    assert found(unknown="2") == []


def test_both_kinds_of_scope_hold_together(library: Library, searcher: Searcher) -> None:
    every = {library.store.text(d.id): d.id for d in library.store.documents().documents}
    scope = Scope(document_ids=(every[SHIPS], every[KELP]), filter={"number": "3"})
    assert texts(searcher.hits(QUESTION, limit=9, scope=scope)) == [KELP]


def test_scores_within_a_scope_are_measured_against_its_own_best(searcher: Searcher) -> None:
    scope = Scope(filter={"number": "3"})
    assert searcher.weighted(Weights(1.0)).hits(QUESTION, limit=9, scope=scope)[0].score == 1.0


# What is removed


def test_a_removed_document_never_comes_back(library: Library, searcher: Searcher) -> None:
    assert texts(searcher.hits(QUESTION, limit=1)) == [WHALES]
    (document,) = (
        d for d in library.store.documents().documents if library.store.text(d.id) == WHALES
    )
    searcher.passages(QUESTION, limit=9)  # its text is now in memory
    library.remove(document.id)
    narrow = Scope(document_ids=(document.id,))
    for _ in range(2):
        assert WHALES not in texts(searcher.hits(QUESTION, limit=9))
        assert document.id not in {p.document_id for p in searcher.passages(QUESTION, limit=9)}
        assert searcher.passages(QUESTION, limit=9, scope=narrow) == []
        library.rebuild()
    again = library.add(note(WHALES)).document
    assert again.id != document.id
    assert searcher.passages(QUESTION, limit=1)[0].document_id == again.id


class Removing(FakeEmbedder):
    """Removes a library's documents while a search is under way: when passages are measured."""

    library: Library | None = None

    def count(self, text: str) -> int:
        if self.library is not None:
            library, self.library = self.library, None
            for document in library.store.documents().documents:
                library.remove(document.id)
        return super().count(text)


def test_what_is_removed_while_passages_are_made_is_in_none(library: Library) -> None:
    stored(library, "A whale came.", "A whale left.")
    stored(library, "A whale stayed.", "A whale slept.")
    embedder = Removing()
    embedder.library = library
    assert Searcher(library, embedder).passages("whale", limit=9) == []
    assert embedder.library is None


class Late(Library):
    """A library that loses its documents just after the dense search."""

    @property
    def vectors(self) -> VectorIndex:
        held = VectorIndex(EMBEDDER.dimension)
        held.replace(super().vectors)
        for document in self.store.documents().documents:
            self.store.remove(document.id)
        return held


def test_what_is_removed_between_two_searches_is_no_hit(tmp_path: Path) -> None:
    library = Late.open(IndexSettings(data=tmp_path), embedder=EMBEDDER, writable=True)
    stored(library, "A whale came.", "A whale left.")
    assert Searcher(library, EMBEDDER).hits("whale", limit=9) == []
    library.close()


def test_asking_while_documents_come_and_go(library: Library) -> None:
    kept = stored(library, "A whale came.", "A whale left.")
    searcher, gone, stop, wrong = Searcher(library, EMBEDDER), set[str](), threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            already = set(gone)
            found = searcher.passages("whale", limit=20)
            ids = {passage.document_id for passage in found}
            if kept not in ids or ids & already:
                wrong.append(found)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(30):
        id = library.add(note(f"Whale number {number} was seen in the harbour.")).document.id
        library.remove(id)
        gone.add(id)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


# Odd questions

ODD = [
    "who are you and what is it",
    "?!… — «»",
    " ",
    "🙂🙃",
    '"NEAR( * ^ : - OR AND',
    'NEAR("whale" "harbour", 2) AND words : -whale*',
    '"; DROP TABLE chunks; --',
    "鯨はどこへ行ったのか",
    "Куда ушёл кит? אין לוויתן הלך",
    "a\0b",
    "e\u0301" * 40,
    "whale " * 5_000,
    "w" * 30_000,
    " ".join(f"word{number}" for number in range(3_000)),
]


@pytest.mark.parametrize("question", ODD, ids=[f"{one[:12]!r}" for one in ODD])
def test_any_question_is_answered_with_what_is_closest(
    library: Library, searcher: Searcher, question: str
) -> None:
    found = searcher.hits(question, limit=9)
    assert len(found) == len(TEXTS)
    assert all(np.isfinite([hit.score, hit.dense, hit.lexical]).all() for hit in found)
    for passage in searcher.passages(question, limit=9):
        text = library.store.text(passage.document_id)
        assert text[passage.start : passage.end] == passage.text


def test_stop_words_are_looked_up_where_there_is_nothing_else(searcher: Searcher) -> None:
    found = searcher.hits("that they", limit=1)
    assert texts(found) == [SHIPS]
    assert found[0].lexical > 0


def test_punctuation_alone_is_searched_by_meaning_only(searcher: Searcher) -> None:
    assert all(hit.lexical == 0 for hit in searcher.hits("?!… — «»", limit=9))


def test_syntax_is_looked_up_as_the_words_it_holds(searcher: Searcher) -> None:
    plain = searcher.weighted(Weights(1.0)).hits("near harbour words whale", limit=9)
    odd = searcher.weighted(Weights(1.0)).hits('NEAR("harbour" words : -whale*)', limit=9)
    assert [(hit.chunk, hit.lexical) for hit in odd] == [(hit.chunk, hit.lexical) for hit in plain]


def test_scripts_without_spaces_are_found_by_their_characters(library: Library) -> None:
    for text in ("東京タワーは昭和に完成した。", "鯨は港に来た。", WHALES):
        library.add(note(text))
    found = Searcher(library, EMBEDDER).hits("港に来たのは何か", limit=3)
    assert found[0].chunk.text == "鯨は港に来た。"
    assert found[0].lexical > 0
