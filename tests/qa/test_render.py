"""What a person sees, through a pipe and on a terminal of 60 columns."""

import io
import json
import re
import sys
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from index.types import Document, Passage, Source
from qa import render, tables
from qa.tables import Outcome
from qa.terminal import Terminal, printable
from qa.types import Answer, AnswerSpan, Citation, Question, Reason, Sentence
from tests.fakes import FakeService

TEXT = "The museum opened in 1871. It has\nfour   halls and a garden."
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def stored(
    name: str = "museum.txt", text: str = TEXT, **stated: str
) -> tuple[FakeService, Document]:
    service = FakeService({"When?": "1871", "How many?": "four   halls"})
    return service, service.add(Source(text.encode(), name, **stated)).document  # type: ignore[arg-type]


def answer_to(question: str) -> Answer:
    return stored(title="A museum", author="Ada Mer", published="2024-05-01")[0].ask(
        Question(question)
    )


def shown_lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return ANSI.sub("", capsys.readouterr().out).splitlines()


def test_a_pipe_gets_the_sentence_on_one_line_with_the_quote_marked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = answer_to("How many?")
    citation = answer.citations[0]
    whole = replace(citation, sentence=Sentence(27, len(TEXT), TEXT[27:]))
    render.answer(replace(answer, citations=(whole,)), {})
    shown = capsys.readouterr().out
    assert "  “It has **four halls** and a garden.”\n" in shown
    assert "\n  four halls\n" in shown
    assert "museum.txt:34-46 · A museum · Ada Mer · 2024-05-01\n" in shown
    assert "\x1b" not in shown


def test_a_reference_says_below_which_heading_and_on_which_page(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = answer_to("How many?")
    placed = replace(answer.citations[0], section="The halls,\ncounted", page=3)
    render.answer(replace(answer, citations=(placed,)), {})
    shown = capsys.readouterr().out
    assert "museum.txt:34-46 · “The halls, counted” · page 3 · A museum · Ada Mer" in shown


@pytest.mark.usefixtures("narrow")
def test_a_terminal_gets_folded_lines_and_a_highlight(capsys: pytest.CaptureFixture[str]) -> None:
    render.answer(answer_to("When?"), {})
    printed = capsys.readouterr().out
    assert "**" not in printed
    assert re.search(r"\x1b\[[0-9;]*7[0-9;]*m1871\x1b\[0m", printed)
    assert all(len(line) <= 60 for line in ANSI.sub("", printed).splitlines())


@pytest.mark.usefixtures("narrow")
def test_no_color_leaves_no_colour(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    render.answer(answer_to("When?"), {})
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", capsys.readouterr().out)


@pytest.mark.usefixtures("narrow")
def test_wide_characters_are_folded_by_their_width(capsys: pytest.CaptureFixture[str]) -> None:
    text = "博物館は千八百七十一年に開館しました。" * 5
    service, _ = stored(text=text)
    service.answers["いつ?"] = "千八百七十一年"
    render.answer(service.ask(Question("いつ?")), {})
    assert all(cell_len(line) <= 60 for line in shown_lines(capsys))


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (1.0, "very likely (over 0.99)"),
        (0.994, "very likely (0.99)"),
        (0.9, "very likely (0.90)"),
        (0.89, "likely (0.89)"),
        (0.5, "more likely than not (0.50)"),
        (0.3, "unsure (0.30)"),
        (0.0, "unlikely (0.00)"),
    ],
)
def test_confidence_in_words_and_number(confidence: float, words: str) -> None:
    assert render.likelihood(confidence).plain == words


def test_several_things_have_their_own_number_and_confidence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = answer_to("When?")
    first = answer.citations[0]
    other = replace(first, number=3, start=34, end=46, quote="four   halls")
    answer = replace(
        answer,
        answer="1871; four   halls",
        spans=(AnswerSpan("1871", 0.93, 1, (1, 2)), AnswerSpan("four   halls", 0.6, 3, (3,))),
        citations=(first, replace(first, number=2), other),
    )
    render.answer(answer, {})
    shown = capsys.readouterr().out
    assert "[1] very likely (0.93) “" in shown
    assert "[2] “" in shown
    assert "[3] more likely than not (0.60) “" in shown


@pytest.mark.parametrize("reason", Reason)
def test_a_refusal_says_why_and_what_to_do(
    capsys: pytest.CaptureFixture[str], reason: Reason
) -> None:
    refused = replace(answer_to("Who?"), reason=reason, passages=(), confidence=None)
    render.answer(refused, {})
    lines = shown_lines(capsys)
    assert lines[1] == "  Not in the text."
    assert len([line for line in lines if line]) == 3


def test_a_refusal_names_the_words_that_stand_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    refused = answer_to("Who?")
    for missing, line in {
        (): None,
        ("Sandnes",): "  The text does not have this word: Sandnes",
        ("founded", "a\x1b[2Jb"): "  The text does not have these words: founded, a�[2Jb",
    }.items():
        render.answer(replace(refused, missing=missing), {})
        shown = [one for one in capsys.readouterr().out.splitlines() if "does not have" in one]
        assert shown == ([line] if line else [])


def test_a_refusal_cuts_long_passages_at_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    service, document = stored(text="word " * 200)
    render.answer(service.ask(Question("Who?")), {document.id: document})
    passage = next(line for line in shown_lines(capsys) if line.startswith("     word"))
    assert passage.endswith(" word …")
    assert len(passage) <= 5 + 240 + 2


def test_a_refusal_shows_where_the_words_of_the_question_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = "word " * 200 + "The lighthouse keeper retired. " + "word " * 200
    service, document = stored(text=text)
    render.answer(service.ask(Question("Who was the lighthouse keeper?")), {document.id: document})
    passage = next(line for line in shown_lines(capsys) if line.startswith("     … "))
    assert "The lighthouse keeper retired." in passage
    assert passage.endswith(" …")


def test_a_passage_without_spaces_is_cut_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    service, document = stored(text="字" * 1_000)
    render.answer(service.ask(Question("谁?")), {document.id: document})
    assert any(line == "     " + "字" * 240 + " …" for line in shown_lines(capsys))


def test_a_passage_of_a_removed_document_is_still_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    service, document = stored()
    found = service.search("x")
    service.remove(document.id)
    documents = render.sources(service, found)
    assert documents == {}
    render.passages(found, documents)
    assert document.id in capsys.readouterr().out


def test_foreign_text_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m[bold]1871[/bold]\r\x00"
    service, document = stored(name=f"{evil}.txt", text=evil, title=evil, author=evil)
    answer = service.ask(Question("When?"))
    render.answer(answer, {document.id: document})
    render.answer(service.ask(Question("Who?")), {document.id: document})
    tables.documents([document])
    tables.outcomes([Outcome(None, evil)], json=False)
    shown = capsys.readouterr().out
    assert set(re.findall(r"[\x00-\x1f\x7f-\x9f]", shown)) == {"\n"}
    assert "[bold]" in shown


def test_a_quote_beyond_its_sentence_is_shown_as_far_as_it_goes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = answer_to("When?")
    citation: Citation = replace(
        answer.citations[0], start=21, end=40, sentence=Sentence(0, 26, TEXT[:26])
    )
    render.answer(replace(answer, citations=(citation,)), {})
    assert "“The museum opened in **1871.**”" in capsys.readouterr().out


def test_json_keeps_every_character(capsys: pytest.CaptureFixture[str]) -> None:
    answer = replace(answer_to("When?"), question="Wann? 🕰 \u2028 é")
    render.as_json(answer)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    expected = json.loads(json.dumps(asdict(answer)))
    assert json.loads(printed) == expected


def test_json_is_escaped_where_the_output_has_no_such_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    render.as_json({"a": "é"})
    sys.stdout.flush()
    assert raw.getvalue() == b'{"a": "\\u00e9"}\n'


@given(st.text())
def test_printable_text_is_one_line_without_controls(text: str) -> None:
    shown = printable(text)
    assert shown == " ".join(shown.split())
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", shown)


def test_paragraphs_stand_behind_their_bullet(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(width=30).paragraph("one two three four five six seven", indent=4, bullet="1. ")
    assert shown_lines(capsys) == [" 1. one two three four five", "    six seven"]


def test_a_passage_shows_its_place_in_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    service, document = stored(title="A museum")
    passage: Passage = replace(service.search("x")[0], start=27, end=33, text=TEXT[27:33])
    render.passages([passage], {document.id: document})
    assert "  1. museum.txt:27-33 · A museum\n     It has\n" in capsys.readouterr().out
