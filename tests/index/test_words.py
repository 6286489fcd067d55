"""What a question's words find is what the real full-text index holds of a text."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.store import DATABASE, Store
from index.words import STOP_WORDS, Stemmer, any_of, searchable, terms
from tests.index.builders import entry, open_store

SCRIPTS = (
    "The Ships’ captains sailed; naïve CAFÉS opened.",
    "Die STRASSE nach Straßburg, ﬁnally",
    "İstanbul ΟΔΥΣΣΕΥΣ Οδυσσεύς Ọ̀rúnmìlà",
    "東京タワーは1958年に完成した。 한국어 ภาษาไทย",
    "हिन्दी भाषा, كِتاب كبير, שָׁלוֹם",
    "3.14 ½ Ⅻ ①② foo_bar C++ e\u0301te\u0301 \ue000x",
)
CHARACTERS = st.characters(exclude_categories=["Cs"])
TEXTS = st.text(CHARACTERS, max_size=60) | st.sampled_from(SCRIPTS)


class RealIndex:
    """A store's full-text index, and what it holds of one text at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reading = sqlite3.connect(store.folder / DATABASE, isolation_level=None)
        self._reading.execute(
            "CREATE VIRTUAL TABLE temp.held USING fts5vocab(main, fulltext, instance)"
        )

    def of(self, text: str, *expressions: str) -> tuple[frozenset[str], list[bool]]:
        """The index's terms for the text, and which of the expressions find it."""
        document = entry("words")
        only = [replace(document.chunks[0], text=text)]
        self._store.add(replace(document, chunks=only))
        try:
            held = self._reading.execute("SELECT DISTINCT term FROM held").fetchall()
            found = [bool(self._store.match(one, limit=1)) for one in expressions]
        finally:
            self._store.remove(document.document.id)
        return frozenset(term for (term,) in held), found

    def close(self) -> None:
        self._reading.close()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealIndex]:
    store = open_store(tmp_path_factory.mktemp("words"))
    index = RealIndex(store)
    yield index
    index.close()
    store.close()


# Against the real index


@given(text=TEXTS)
@example(text="".join(SCRIPTS))
def test_stems_are_the_terms_of_the_real_index(real: RealIndex, text: str) -> None:
    held, _ = real.of(text)
    assert Stemmer().stems([text]) == [held]


@given(text=TEXTS)
@example(text="İ")
@example(text="ΣΟΦΟΣ")
@example(text="x\u0302y")
def test_a_text_is_found_by_every_word_of_its_own(real: RealIndex, text: str) -> None:
    asked = terms(text)
    held, found = real.of(text, *(any_of([word]) for word in asked))
    for word, hit in zip(asked, found, strict=True):
        assert hit or not Stemmer().stems([word])[0], word
    looked_up = frozenset[str]().union(*Stemmer().stems(asked))
    passed_over = frozenset[str]().union(*Stemmer().stems(sorted(STOP_WORDS)))
    assert looked_up <= held <= looked_up | passed_over


@given(words=st.lists(st.text(CHARACTERS, max_size=8), max_size=5))
@example(words=['"', '""', "a OR b", "NEAR(x y)", "x*", "^x", "-x", "words:x", "\0", "\u0301", "_"])
def test_no_word_is_read_as_syntax(real: RealIndex, words: list[str]) -> None:
    text = " - ".join(words)
    _, (found,) = real.of(text, any_of([searchable(word) for word in words]))
    assert found == any(Stemmer().stems(words))


# What is looked up


def test_terms_come_once_each_in_order_and_without_stop_words() -> None:
    question = "When did the grey whale see the other WHALE, and who saw the Grey?"
    assert terms(question) == ["grey", "whale", "see", "saw"]


@pytest.mark.parametrize("question", ["who are you", "Who was it?", "To be, or not to be"])
def test_a_question_of_stop_words_keeps_them(question: str) -> None:
    assert terms(question)
    assert set(terms(question)) <= STOP_WORDS


@pytest.mark.parametrize("question", ["", " \n", "?!", "«—»", '"*^:()-"', "🙂🙃"])
def test_a_question_without_words_has_no_terms(question: str) -> None:
    assert terms(question) == []
    assert any_of(terms(question)) == ""


@given(text=TEXTS)
def test_terms_are_the_same_every_time_and_hold_nothing_twice(text: str) -> None:
    found = terms(text)
    assert found == terms(text)
    assert len(set(found)) == len(found)
    assert all(word and not any(map(str.isspace, word)) for word in found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE", "Straße"),
        ("ΣΟΦΟΣ", "σοφος"),
        ("Istanbul", "İstanbul"),
        ("cafes", "CAFÉ"),
        ("cafe\u0301", "café"),
        ("１９５８", "1958"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("fine", "ﬁne"),
        ("great", "Great🤩"),
        ("whales", "whale"),
    ],
)
def test_forms_of_a_word_find_each_other(one: str, other: str) -> None:
    first, second = Stemmer().stems([one, other])
    assert first == second != frozenset()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("서울에서", ["서", "울", "에", "서"]),
        ("in 東京 now", ["in", "東", "京", "now"]),
    ],
)
def test_scripts_without_spaces_are_parted_into_characters(text: str, words: list[str]) -> None:
    assert searchable(text).split() == words


def test_an_expression_quotes_each_word() -> None:
    assert any_of(["whale", 'the "grey" one']) == '"whale" OR "the ""grey"" one"'


# The stemmer


@given(texts=st.lists(TEXTS, max_size=4))
def test_texts_stemmed_together_are_as_stemmed_alone(texts: list[str]) -> None:
    stemmer = Stemmer()
    together = stemmer.stems(texts)
    assert together == [stemmer.stems([text])[0] for text in texts]


def test_one_stemmer_serves_many_threads() -> None:
    stemmer, start = Stemmer(), threading.Barrier(4)

    def stem(number: int) -> bool:
        start.wait()
        texts = [f"whales{number} sailing{turn}" for turn in range(200)]
        wanted = [frozenset((f"whales{number}", f"sailing{turn}")) for turn in range(200)]
        return all(
            stemmer.stems([text]) == [want] for text, want in zip(texts, wanted, strict=True)
        )

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(stem, range(4)))
