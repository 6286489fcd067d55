"""Sentences: golden cases in several languages, and the laws that every text must keep."""

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import example, given

from index.lines import blocks
from index.sentences import LONGEST, sentence_around, sentences
from index.types import Span
from tests.index.texts import texts

# Sentences are divided by a bar; the bars are taken out to make the text.
GOLDEN = {
    "abbreviations": "Dr. Smith of the U.S. Army came. |No. 5 was Gov. Lee’s, e.g. on p. 3.",
    "initials": "It was J. R. R. Tolkien’s. |Mr. T. won.",
    "numbers": "It cost $3.50 on 3.5.2020. |Then 1,000.25 more.",
    "times": "He works at 5 p.m. |Then he sleeps at 6 p.m. Monday.",
    "quotes": "He said “Stop.” |Then he left. |(It was late.) |“Why?” he asked. |“Go.”",
    "straight quotes": 'She asked, "Is it over?" |No one knew. |"Go!" |He went.',
    "a quote and its speaker": "“I went,” he said. |“I saw.”",
    "ellipses": "Wait... |What?! |He waited… |Then he went.",
    "a number of a list": "1. First item. |Second sentence.",
    "foreign marks in English": "He said 你好。|Then he left.",
    "Chinese": "北京是首都。|它有3.5万人吗？|不！|“我们走吧。”|他说。|《书》很好……最后没人来。",
    "Japanese": "東京は首都です。|なぜ？|わからない！|価格は3.5円です。",
    "Korean": "서울은 수도이다. |알고 있었나? |그렇다! |3.5억 원을 냈다.",
    "German": "Am 3. Oktober war es gut. |Dr. Müller, geb. 1950, kam z. B. nicht. |Und die Frau?",
    "French": "Mme Dupont est là. |Pourquoi ? |L’art. 5 de la loi ne le permet pas.",
    "Spanish": "El Sr. Pérez llegó a EE.UU. y no es la primera vez. |¿Por qué? |¡Nadie lo sabe!",
    "Polish": "Urodził się w 1950 r. w Krakowie, m.in. z nią. |Nie jest to np. dobre. |Dlaczego?",
    "Russian": "А. С. Сахаров родился в 1921 г. в Москве. |Он жил на ул. Ленина, д. 5. |Почему?",
    "Greek": "Ο κ. Παπάς ήρθε. |Το ξέρετε; |Ναι!",
    "Arabic": "القاهرة هي عاصمة مصر. |هل تعرف ذلك؟ |قال د. أحمد نعم!",
    "Hindi": "दिल्ली राजधानी है। |क्या आप जानते हैं? |डॉ. सिंह ने कहा।",
}


def split(text: str) -> list[str]:
    return [sentence.of(text) for sentence in sentences(text, Span(0, len(text)))]


@pytest.mark.parametrize("marked", GOLDEN.values(), ids=GOLDEN.keys())
def test_golden_cases(marked: str) -> None:
    expected = [sentence.strip() for sentence in marked.split("|")]
    assert split(marked.replace("|", "")) == expected


def test_a_wrapped_sentence_goes_on_and_a_heading_does_not() -> None:
    text = (
        "Background\n\n"
        "The committee that was set up in spring to look into what Dr.\n"
        "Alford had done has not yet reported. It said it would meet in\n"
        "June.\n"
        "- one item\n"
        "- another"
    )
    assert split(text) == [
        "Background",
        "The committee that was set up in spring to look into what Dr.\n"
        "Alford had done has not yet reported.",
        "It said it would meet in\nJune.",
        "- one item",
        "- another",
    ]


def test_a_long_foreign_paragraph_is_split_as_its_sentences_are() -> None:
    expected = [f"Und der {number}. Satz ist z. B. für Dr. Müller da." for number in range(1, 100)]
    assert split(" ".join(expected)) == expected


def test_a_long_address_ends_no_sentence() -> None:
    address = "https://example.org/" + "path/" * 120
    assert split(f"It is at {address} now. He left.") == [f"It is at {address} now.", "He left."]


@given(texts)
@example("." + '."' * 2_000)
@example("&ب《 и это не так, 1) 2) ∯ ȸ ☝ а. А. г. Москва. " * 30)
def test_sentences_cover_the_text_in_order(text: str) -> None:
    end = 0
    for sentence in sentences(text, Span(0, len(text))):
        assert not text[end : sentence.start].strip()
        assert sentence.of(text) == sentence.of(text).strip() != ""
        assert len(sentence) <= LONGEST
        end = sentence.end
    assert not text[end:].strip()


@given(texts)
def test_no_sentence_crosses_a_block(text: str) -> None:
    whole = Span(0, len(text))
    borders = [block.start for block in blocks(text, whole)]
    assert set(borders) <= {sentence.start for sentence in sentences(text, whole)}


@given(texts, texts, texts)
def test_sentences_stay_within_their_range(before: str, text: str, after: str) -> None:
    within = Span(len(before), len(before) + len(text))
    moved = [
        Span(sentence.start + len(before), sentence.end + len(before))
        for sentence in sentences(text, Span(0, len(text)))
    ]
    assert sentences(before + text + after, within) == moved


@given(texts)
def test_every_sentence_is_found_again_from_a_character_of_it(text: str) -> None:
    for sentence in sentences(text, Span(0, len(text))):
        middle = (sentence.start + sentence.end) // 2
        around = sentence_around(text, middle, middle + 1)
        assert around.start <= middle < around.end
        if len(text) < LONGEST:
            assert around == sentence


def test_around_a_range_over_two_sentences_are_both() -> None:
    text = "One is here. Two is there. Three is gone."
    assert sentence_around(text, 8, 15).of(text) == "One is here. Two is there."


def test_around_a_range_deep_in_a_long_text_is_its_sentence() -> None:
    text = "It was late and cold. " * 5_000 + "He left the old house. " + "It was dark. " * 5_000
    start = text.index("old house")
    assert sentence_around(text, start, start + 9).of(text) == "He left the old house."


def test_around_white_space_is_the_range_itself() -> None:
    assert sentence_around("One.\n\n\n\nTwo.", 5, 7) == Span(5, 7)


@pytest.mark.parametrize(
    "text",
    [
        *("x" * 1_000_000, "字" * 300_000, '."' * 150_000, ".)" * 150_000, "A. " * 100_000),
        *("?! " * 100_000, "؟" * 100_000, "p. и это не так. " * 5_000, "word " * 200_000),
    ],
    ids=lambda text: repr(text[:4]),
)
def test_hostile_texts_are_split_all_the_same(text: str) -> None:
    found = sentences(text, Span(0, len(text)))
    white = sum(len(text[a.end : b.start]) for a, b in pairwise(found))
    assert found[0].start == 0
    assert sum(map(len, found)) + white == len(text.rstrip())
    assert max(map(len, found)) <= LONGEST


def test_importing_this_loads_neither_library() -> None:
    code = "import sys, index.sentences; print(sys.modules.keys() & {'nupunkt', 'pysbd'})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"
