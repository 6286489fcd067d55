"""Conversations as documents: everything is in them, and foreign text stays inside its block."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from qa import transcript
from qa.terminal import printable
from qa.types import (
    Answer,
    AnswerSpan,
    Citation,
    Feedback,
    Mark,
    Message,
    Reason,
    Sentence,
    Timings,
    Transcript,
)

# Everything on that a reader of Markdown may have: tables, strikethrough, bare links.
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

MARKS = r"\ ` * ** _ ~~ [ ] ( ) < > & # - + 1. | ! : / = ``` --- <script> &lt; ![i](http://x)"
MEANS_SOMETHING = st.sampled_from(
    [*MARKS.split(), *" aЖ“\n\t\r\0\x1b\u2028", "\n\n", "[x]: y", "\n    code", "\n- item"]
)
texts = st.lists(MEANS_SOMETHING, max_size=12).map("".join) | st.text(max_size=30)
optional = st.none() | texts


@st.composite
def citations(draw: st.DrawFn) -> Citation:
    before, quote, after = (
        draw(texts),
        draw(texts.filter(lambda text: printable(text))),
        draw(texts),
    )
    start = draw(st.integers(0, 10**6))
    at = start + len(before)
    return Citation(
        number=draw(st.integers(1, 9)),
        document_id="d",
        name=draw(texts),
        title=draw(optional),
        author=draw(optional),
        published=draw(optional),
        url=draw(optional | texts.map("https://example.org/".__add__)),
        page=draw(st.none() | st.integers(1, 9)),
        start=at,
        end=at + len(quote),
        quote=quote,
        prefix="",
        suffix="",
        sentence=Sentence(start, at + len(quote) + len(after), before + quote + after),
        sha256="ab" * 32,
        removed=draw(st.booleans()),
        section=draw(optional),
    )


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    found = tuple(draw(st.lists(citations(), max_size=3)))
    return Answer(
        id="a",
        question="",
        interpreted_as=draw(texts),
        answered=bool(found),
        answer="; ".join(one.quote for one in found) or None,
        confidence=draw(st.none() | st.floats(0, 1)),
        reason=None if found else draw(st.sampled_from(Reason)),
        spans=tuple(AnswerSpan(one.quote, 0.5, one.number, (one.number,)) for one in found),
        citations=found,
        passages=(),
        timings_ms=Timings(0, 0, 0),
    )


verdicts = st.builds(Feedback, st.just("a"), st.sampled_from(Mark), st.none() | texts)
messages = st.builds(
    Message,
    question=texts,
    answer=answers(),
    created_at=texts,
    feedback=st.none() | verdicts,
)
transcripts = st.builds(
    Transcript,
    id=st.just("t"),
    title=texts,
    created_at=texts,
    messages=st.lists(messages, max_size=3).map(tuple),
)


def one(answer: Answer, question: str = "When?", feedback: Feedback | None = None) -> str:
    message = Message(question, answer, "2026-01-02T03:04:05Z", feedback)
    return transcript.markdown(Transcript("t", "When?", "2026-01-02T03:04:05Z", (message,)))


@pytest.fixture
def answer() -> Answer:
    text = "Results are expected before the end of the year."
    citation = Citation(
        number=1,
        document_id="d",
        name="kelp.txt",
        title="Kelp forest",
        author="Ingrid Aasland",
        published="2024-03-14",
        url="https://example.org/kelp_forest",
        page=2,
        start=121,
        end=147,
        quote="before the end of the year",
        prefix="",
        suffix="",
        sentence=Sentence(100, 148, text),
        sha256="ab" * 32,
        section="A *word* about time",
    )
    return Answer(
        id="a",
        question="When?",
        interpreted_as="When are the results expected?",
        answered=True,
        answer=citation.quote,
        confidence=0.84,
        reason=None,
        spans=(AnswerSpan(citation.quote, 0.84, 1, (1,)),),
        citations=(citation,),
        passages=(),
        timings_ms=Timings(0, 0, 0),
    )


def test_a_message_as_it_reads(answer: Answer) -> None:
    assert one(answer) == (
        "# When?\n\n"
        "Started 2026-01-02 03:04:05 UTC · 1 question\n\n"
        "## When?\n\n"
        "Understood as: When are the results expected?\n\n"
        "**before the end of the year** [1] · confidence 0.84\n\n"
        "> “Results are expected **before the end of the year**.”\n>\n"
        "> [1] kelp.txt · Kelp forest · Ingrid Aasland · 2024-03-14"
        r" · “A \*word\* about time” · page 2"
        " · <https://example.org/kelp_forest> · characters 121–147"
        f" · SHA-256 of the text {'ab' * 32}\n"
    )


def test_what_was_asked_as_it_stands_is_shown_once(answer: Answer) -> None:
    assert "Understood as" not in one(replace(answer, interpreted_as="When?"))


def test_a_citation_says_that_its_document_is_gone(answer: Answer) -> None:
    gone = replace(answer.citations[0], removed=True)
    assert one(replace(answer, citations=(gone,))).endswith("(document removed since)\n")
    assert "removed" not in one(answer)


@pytest.mark.parametrize("reason", Reason)
def test_a_refusal_says_so_and_why(answer: Answer, reason: Reason) -> None:
    nothing = replace(
        answer, answered=False, answer=None, spans=(), citations=(), confidence=None, reason=reason
    )
    assert "\n\nNot in the text. " in one(nothing)
    assert "> " not in one(nothing)


def test_a_refusal_names_the_words_that_stand_nowhere(answer: Answer) -> None:
    nothing = replace(answer, answered=False, answer=None, spans=(), citations=())
    assert "does not have" not in one(nothing)
    shown = one(replace(nothing, missing=("*founded*", "Sandnes")))
    assert "\n\nThe text does not have these words: \\*founded\\*, Sandnes\n" in shown


@pytest.mark.parametrize(
    ("verdict", "expected", "shown"),
    [
        (Mark.RIGHT, None, "Judged right"),
        (Mark.RIGHT, "ignored", "Judged right"),
        (Mark.WRONG, None, "Judged wrong"),
        (Mark.WRONG, "in\n*May*", r"Judged wrong; expected: in \*May\*"),
    ],
)
def test_a_message_says_how_it_was_judged(
    answer: Answer, verdict: Mark, expected: str | None, shown: str
) -> None:
    judged = one(answer, feedback=Feedback("a", verdict, expected))
    assert judged.endswith(f"\n\n{shown}\n")
    assert judged.removesuffix(f"\n{shown}\n") == one(answer)


def test_what_is_no_web_address_is_no_link(answer: Answer) -> None:
    odd = replace(answer.citations[0], url="javascript:alert(1)")
    assert "<" not in one(replace(answer, citations=(odd,)))


def test_json_is_the_transcript_itself(answer: Answer) -> None:
    kept = Transcript("t", "Wann? – Später", "2026", (Message("When?", answer, "2026"),))
    shown = transcript.json(kept)
    assert json.loads(shown) == json.loads(json.dumps(asdict(kept)))
    assert "Später" in shown


@given(transcripts)
def test_no_text_leaves_its_block(kept: Transcript) -> None:
    tokens = READER.parse(transcript.markdown(kept))
    cited = sum(len(message.answer.citations) for message in kept.messages)
    understood = sum(one.answer.interpreted_as != one.question for one in kept.messages)
    assert _count(tokens, "heading_open") == 1 + len(kept.messages)
    assert _count(tokens, "blockquote_open") == cited
    judged = sum(one.feedback is not None for one in kept.messages)
    paragraphs = 1 + len(kept.messages) + understood + 2 * cited + judged
    assert _count(tokens, "paragraph_open") == paragraphs
    kinds = {token.type for token in tokens}
    assert kinds <= {
        f"{kind}_{side}"
        for kind in ("heading", "blockquote", "paragraph")
        for side in ("open", "close")
    } | {"inline"}
    inside = [token for token in _inside(tokens) if token.type not in ("text", "text_special")]
    assert {token.type for token in inside} <= {
        "strong_open",
        "strong_close",
        "link_open",
        "link_close",
    }
    assert all(token.markup == "autolink" for token in inside if token.type == "link_open")


@given(transcripts)
def test_every_quote_is_bold_in_its_sentence(kept: Transcript) -> None:
    shown = [
        _Bold.of(READER.renderer.render([token], READER.options, {})) for token in _cited(kept)
    ]
    expected = [one for message in kept.messages for one in message.answer.citations]
    assert [bold for bold, _ in shown] == [printable(one.quote) for one in expected]
    for (_, whole), one in zip(shown, expected, strict=True):
        # White space at the quote's edge may be shown on both sides of it.
        assert "".join(whole.split()) == "".join(printable(f"“{one.sentence.text}”").split())


@given(transcripts)
def test_every_question_and_title_is_a_heading_letter_for_letter(kept: Transcript) -> None:
    tokens = READER.parse(transcript.markdown(kept))
    shown = [
        _Bold.of(READER.renderer.render([inline], READER.options, {}))[1]
        for before, inline in pairwise(tokens)
        if before.type == "heading_open"
    ]
    assert shown == [printable(text) for text in (kept.title, *(m.question for m in kept.messages))]


def _count(tokens: list[Token], kind: str) -> int:
    return sum(token.type == kind for token in tokens)


def _inside(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


def _cited(kept: Transcript) -> Iterator[Token]:
    """The first line of each block quote."""
    tokens = READER.parse(transcript.markdown(kept))
    for place, token in enumerate(tokens):
        if token.type == "blockquote_open":
            yield tokens[place + 2]


class _Bold(HTMLParser):
    """What a browser shows of a line: what is bold, and all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.bold = ""
        self.whole = ""

    @classmethod
    def of(cls, html: str) -> tuple[str, str]:
        reader = cls()
        reader.feed(html)
        reader.close()
        return reader.bold, reader.whole

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.inside = tag == "strong"

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        self.whole += data
        if self.inside:
            self.bold += data


@pytest.mark.parametrize("beside", ["\ufffe", "\ufdd0", "\U0010ffff", "\x1f", "\\", "é"])
def test_whatever_stands_beside_a_quote_it_is_bold(answer: Answer, beside: str) -> None:
    quote = "“1903”"
    cited = replace(
        answer.citations[0],
        start=1,
        end=1 + len(quote),
        quote=quote,
        sentence=Sentence(0, 2 + len(quote), beside + quote + beside),
    )
    kept = Transcript("t", "t", "", (Message("", replace(answer, citations=(cited,)), ""),))
    (token,) = _cited(kept)
    bold, whole = _Bold.of(READER.renderer.render([token], READER.options, {}))
    assert bold == quote
    assert "".join(whole.split()) == f"“{printable(beside)}{quote}{printable(beside)}”"
