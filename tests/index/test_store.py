"""SQLite holds what was written, all of it or nothing, and says clearly why it can't."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import DocumentNotFound, InvalidCursor, StoreDamaged
from index.store import DATABASE, Store
from index.types import Heading, Landmarks, Scope, Span
from tests.index.builders import EMBEDDER, entry, open_store


def matched(store: Store, expression: str, scope: Scope = Scope()) -> list[str]:
    found = store.match(expression, limit=50, scope=scope)
    chunks = store.chunks([scored.chunk_id for scored in found])
    return [chunks[scored.chunk_id].text for scored in found]


# Documents


def test_a_document_comes_back_as_it_was_stored(store: Store) -> None:
    given = entry("Title\n\nOne line.\nAnother.", metadata={"source": "desk", "tag": "a"})
    ids = store.add(given)
    assert store.document(given.document.id) == given.document
    assert store.text(given.document.id) == given.text
    outline = store.outline(given.document.id)
    assert (outline.header, outline.body) == (given.article.header, given.article.body)
    assert store.with_content(given.document.sha256) == given.document
    assert store.chunk_count() == len(ids) == 3
    assert list(store.chunks(ids).values()) == [
        replace(chunk, id=int(id)) for chunk, id in zip(given.chunks, ids, strict=True)
    ]
    assert store.vectors(ids).ids.tolist() == ids.tolist()
    assert (store.vectors(ids).rows == given.embeddings).all()


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
    name=st.text(),
    metadata=st.dictionaries(st.text(), st.text(), max_size=3),
)
def test_any_text_and_any_name_can_be_stored(
    tmp_path_factory: pytest.TempPathFactory, text: str, name: str, metadata: dict[str, str]
) -> None:
    store = open_store(tmp_path_factory.getbasetemp() / "texts")
    given = entry(text, metadata=metadata)
    given = replace(given, document=replace(given.document, name=name))
    ids = store.add(given)
    stored = store.document(given.document.id)
    assert store.text(given.document.id) == text
    assert [chunk.text for chunk in store.chunks(ids).values()] == [c.text for c in given.chunks]
    assert stored.name == name.encode("utf-8", "replace").decode()
    for key, value in metadata.items():
        assert store.chunk_ids(Scope(filter={key: value})).tolist() == ids.tolist()  # type: ignore[union-attr]
    store.remove(given.document.id)
    store.close()


def test_headings_and_pages_come_back_as_they_were_stored(store: Store) -> None:
    landmarks = Landmarks((Heading(0, 5, 1), Heading(7, 9, 3)), (Span(0, 7), Span(7, 16)))
    given = replace(entry("Title\n\nOne line."), landmarks=landmarks)
    store.add(given)
    store.add(entry("Nothing marked."))
    assert store.landmarks(given.document.id) == landmarks
    outline = store.outline(given.document.id)
    assert (outline.headings, outline.pages) == (landmarks.headings, landmarks.pages)
    assert store.landmarks(entry("Nothing marked.").document.id) == Landmarks((), ())


def test_a_place_is_below_the_last_heading_and_on_the_page_that_holds_it() -> None:
    landmarks = Landmarks((Heading(4, 9, 1), Heading(20, 22, 2)), (Span(0, 10), Span(10, 30)))
    places = (0, 4, 9, 10, 19, 20, 29)
    found = [landmarks.heading(at) for at in places]
    assert [one and one.start for one in found] == [None, 4, 4, 4, 4, 20, 20]
    assert [landmarks.page(at) for at in places] == [1, 1, 1, 2, 2, 2, 2]
    assert Landmarks((), ()).page(3) is None


def test_the_latest_are_the_newest_first(store: Store) -> None:
    for number in range(4):
        store.add(entry(f"Number {number}.", id=f"d{number}"))
    store.remove("d3")
    assert [document.id for document in store.latest(limit=2)] == ["d2", "d1"]


def test_the_same_content_twice_is_an_error_that_changes_nothing(store: Store) -> None:
    store.add(entry("Once."))
    before = store.stamp()
    with pytest.raises(sqlite3.IntegrityError):
        store.add(entry("Once.", id="other"))
    assert store.stamp() == before
    assert store.chunk_count() == 1


def test_a_removed_document_is_gone_from_everything(store: Store) -> None:
    kept, gone = entry("Blue whales sing."), entry("Grey whales travel.\nFar.")
    store.add(kept)
    ids = store.add(gone)
    assert store.remove(gone.document.id).tolist() == ids.tolist()
    for read in (store.document, store.text, store.outline, store.landmarks, store.remove):
        with pytest.raises(DocumentNotFound, match=gone.document.id):
            read(gone.document.id)
    assert store.with_content(gone.document.sha256) is None
    assert store.chunks(ids) == {}
    assert len(store.vectors(ids).ids) == 0
    assert matched(store, '"whales"') == ["Blue whales sing."]
    assert store.frequencies(["travel", "whale"]) == {"travel": 0, "whale": 1}
    assert [document.id for document in store.documents().documents] == [kept.document.id]


def test_chunk_ids_are_never_given_out_again(store: Store) -> None:
    first = store.add(entry("One.\nTwo."))
    store.remove(entry("One.\nTwo.").document.id)
    assert min(store.add(entry("Three.\nFour."))) > max(first)


@pytest.mark.parametrize("id", ["", "unknown", "\ud800", "a\0b", "x" * 100_000])
def test_an_unknown_id_is_not_found(store: Store, id: str) -> None:
    store.add(entry("One.", id="a"))
    with pytest.raises(DocumentNotFound):
        store.document(id)
    with pytest.raises(DocumentNotFound):
        store.remove(id)


def test_every_change_gives_a_new_stamp_and_a_failed_one_does_not(store: Store) -> None:
    stamps = [store.stamp()]
    store.add(entry("One."))
    stamps.append(store.stamp())
    store.remove(entry("One.").document.id)
    stamps.append(store.stamp())
    with pytest.raises(DocumentNotFound):
        store.remove("unknown")
    assert store.stamp() == stamps[-1]
    assert len({stamp.token for stamp in stamps}) == 3
    assert [stamp.generation for stamp in stamps] == [0, 1, 2]


# Pages


def test_pages_go_through_all_documents_oldest_first_through_removals(store: Store) -> None:
    for number in range(7):
        store.add(entry(f"Number {number}.", id=f"d{number}"))
    page = store.documents(limit=3)
    assert [document.id for document in page.documents] == ["d0", "d1", "d2"]
    store.remove("d2")
    store.remove("d3")
    page = store.documents(limit=3, cursor=page.next_cursor)
    assert [document.id for document in page.documents] == ["d4", "d5", "d6"]
    assert page.next_cursor is None


def test_a_full_last_page_has_no_cursor(store: Store) -> None:
    store.add(entry("One."))
    assert store.documents(limit=1).next_cursor is None


@pytest.mark.parametrize(
    "cursor", ["", "nonsense", "\ud800", "YWZ0ZXI6", "YWZ0ZXI6LTE", "9" * 5_000, "é", "a"]
)
def test_a_cursor_made_up_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(InvalidCursor, match="next_cursor"):
        store.documents(cursor=cursor)


@given(cursor=st.text())
def test_any_cursor_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, cursor: str
) -> None:
    store = open_store(tmp_path_factory.getbasetemp() / "cursors")
    try:
        store.documents(cursor=cursor)
    except InvalidCursor:
        pass
    finally:
        store.close()


# Chunks and words


def test_neighbours_are_those_of_the_document_in_order(store: Store) -> None:
    store.add(entry("Another document."))
    ids = store.add(entry("a\nb\nc\nd\ne"))
    middle = store.chunks(ids)[int(ids[2])]
    assert [chunk.text for chunk in store.neighbours(middle)] == ["b", "c", "d"]
    assert [chunk.text for chunk in store.neighbours(middle, reach=9)] == list("abcde")


def test_a_scope_holds_for_words_and_for_ids(store: Store) -> None:
    first = store.add(entry("The red door.\nThe blue door.", id="one", metadata={"lang": "en"}))
    second = store.add(entry("A green door.", id="two", metadata={"lang": "en", "k'\"y": "v"}))
    store.add(entry("Eine rote Tür, a door.", id="three", metadata={"lang": "de"}))
    cases = [
        (Scope(document_ids=("one",)), first.tolist()),
        (Scope(filter={"lang": "en"}), [*first, *second]),
        (Scope(document_ids=("one", "three"), filter={"lang": "en"}), first.tolist()),
        (Scope(filter={"k'\"y": "v", "lang": "en"}), second.tolist()),
        (Scope(document_ids=()), []),
        (Scope(document_ids=("unknown",)), []),
        (Scope(document_ids=("one\0",)), []),
        (Scope(filter={"lang": "fr"}), []),
        (Scope(filter={"\ud800": "'"}), []),
    ]
    for scope, expected in cases:
        ids = store.chunk_ids(scope)
        assert ids is not None
        assert sorted(ids.tolist()) == expected
        found = store.match('"door"', limit=50, scope=scope)
        assert sorted(scored.chunk_id for scored in found) == expected
    assert store.chunk_ids(Scope()) is None
    assert len(store.match('"door"', limit=50)) == 4


def test_words_are_present_where_any_document_in_scope_has_a_form_of_them(store: Store) -> None:
    store.add(entry("The ferries sailed.", id="one", metadata={"lang": "en"}))
    store.add(entry("A green door.", id="two"))
    words = ("ferry", "door", "gate")
    cases = [
        (Scope(), {"ferry", "door"}),
        (Scope(document_ids=("one",)), {"ferry"}),
        (Scope(document_ids=("one", "two")), {"ferry", "door"}),
        (Scope(filter={"lang": "en"}), {"ferry"}),
        (Scope(document_ids=()), set()),
    ]
    for scope, expected in cases:
        assert store.present(words, scope=scope) == expected


def test_a_scope_changes_no_score(store: Store) -> None:
    for number in range(5):
        store.add(entry(f"The door number {number} of the house.\nNothing.", id=f"d{number}"))
    everywhere = {found.chunk_id: found.score for found in store.match('"door"', limit=9)}
    inside = store.match('"door"', limit=9, scope=Scope(document_ids=("d2",)))
    assert inside[0].score == everywhere[inside[0].chunk_id]


def test_better_matches_score_higher(store: Store) -> None:
    store.add(entry("Whales.\nWhales and ships and many other things of the sea.\nShips."))
    store.add(entry("Nothing of the kind.\nNor here.\nNor there."))
    found = store.match('"whale"', limit=5)
    assert [scored.score for scored in found] == sorted((s.score for s in found), reverse=True)
    assert found[0].score > found[1].score > 0
    assert matched(store, '"whale"')[0] == "Whales."
    assert len(store.match('"whale"', limit=1)) == 1


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("Der Präsident sprach.", '"prasident"'),
        ("The committees met.", '"committee"'),
        ("東京は日本の首都です。", '"首" AND "都"'),
        ("Ｆｕｌｌ width", '"full"'),
        ("A\0B after a NUL", '"after"'),
    ],
)
def test_words_are_folded_and_stemmed(store: Store, text: str, expression: str) -> None:
    store.add(entry(text))
    assert matched(store, expression) == [text]


@given(
    words=st.lists(st.text(min_size=0, max_size=12), max_size=20),
    operator=st.sampled_from(["OR", "AND"]),
)
def test_no_expression_of_quoted_terms_is_an_error(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], operator: str
) -> None:
    quoted = ['"' + word.replace('"', '""') + '"' for word in words]
    store = open_store(tmp_path_factory.getbasetemp() / "expressions")
    try:
        store.match(f" {operator} ".join(quoted), limit=5)
    finally:
        store.close()


@pytest.mark.parametrize("operator", ["OR", "AND"])
def test_very_long_expressions_are_no_error(store: Store, operator: str) -> None:
    store.add(entry("word1 word2"))
    assert (
        store.match(f" {operator} ".join(f'"word{n}"' for n in range(3_000)), limit=5) is not None
    )


def test_frequencies_count_chunks_not_occurrences(store: Store) -> None:
    store.add(entry("Ships ships ships.\nA ship.\nThe harbour."))
    assert store.frequencies(["ship", "harbour", "never", "\ud800"]) == {
        "ship": 2,
        "harbour": 1,
        "never": 0,
        "\ud800": 0,
    }
    assert store.frequencies([]) == {}


def test_the_words_can_be_rebuilt(store: Store) -> None:
    store.add(entry("Ships.\nA harbour."))
    before = store.match('"ship" OR "harbour"', limit=5)
    store.rebuild_words()
    assert store.match('"ship" OR "harbour"', limit=5) == before


def test_a_text_that_changed_on_disk_is_never_given_out(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    given = entry("A unique sentence.\nIt stands here.")
    store.add(given)
    store.close()
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute("UPDATE texts SET text = replace(text, 'unique', 'changed')")
    connection.commit()
    connection.close()
    store = open_store(tmp_path, writable=False)
    with pytest.raises(StoreDamaged, match=given.document.id):
        store.text(given.document.id)
    store.close()


def test_spans_and_embedder_of_the_builders_are_as_the_store_expects() -> None:
    given = entry("Head\n\nBody one.\nBody two.")
    assert given.article.header == (Span(0, 4),)
    assert [span.of(given.text) for span in given.article.body] == ["Body one.", "Body two."]
    assert given.embeddings.shape == (3, EMBEDDER.dimension)
