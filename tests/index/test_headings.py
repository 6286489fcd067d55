"""The headings of an article: those that are marked in its body, and those that look like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import locate
from index.formats import extract
from index.headings import LONGEST, headings
from index.types import Heading, Source, Span
from tests.index.texts import FRAGMENTS

PROSE = "The line was closed in 1962, and the rails were sold to a mine in the hills above Torve."


def guessed(*paragraphs: str) -> list[str]:
    text = "\n\n".join(paragraphs)
    body, start = [], 0
    for paragraph in paragraphs:
        body.append(Span(start, start + len(paragraph)))
        start += len(paragraph) + 2
    found = headings(text, body, ())
    assert all(heading.level == 2 for heading in found)
    return [text[heading.start : heading.end] for heading in found]


@pytest.mark.parametrize(
    "line", ["The line today", "WHAT IS LEFT", "2. Rails", "Who bought the rails?", "線路の歴史"]
)
def test_a_short_line_between_paragraphs_is_a_heading(line: str) -> None:
    assert guessed(PROSE, line, PROSE) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "It was the end.",
        "in the hills",
        "These were sold:",
        "- rails",
        "1912 | 1962 | closed",
        "“Nobody came”",
        "By Ada Mer, in Torve",
        "14 March 2024",
        "Photograph: Ada Mer",
        "Ada Mer: I was there",
        "The last train to leave the station in the hills was met by a hundred people",
        "Two\nlines",
    ],
)
def test_what_may_be_something_else_is_none(line: str) -> None:
    assert guessed(PROSE, line, PROSE) == []


def test_a_heading_has_prose_above_and_below() -> None:
    assert guessed("First", PROSE, "Second", PROSE, "Third", "a", "b", "Fourth", PROSE, "Last") == [
        "First",
        "Second",
    ]
    assert guessed() == guessed("Alone") == []


def test_what_is_marked_counts_where_it_is_in_the_body() -> None:
    body = (Span(10, 20), Span(30, 40), Span(50, 50 + 2 * LONGEST))
    marked = (
        *(Heading(0, 5, 1), Heading(12, 20, 1), Heading(20, 25, 2), Heading(30, 40, 3)),
        *(Heading(38, 45, 1), Heading(50, 50, 1), Heading(50, 51 + LONGEST, 1)),
        Heading(60, 60 + LONGEST, 2),
    )
    assert [heading.start for heading in headings("x" * 1_000, body, marked)] == [12, 30, 60]


def test_the_title_above_an_article_is_no_heading_of_it() -> None:
    text = f"# Rails\n\nBy Ada Mer\n\n{PROSE}\n\n## Later\n\n{PROSE}\n"
    found = extract(Source(text.encode(), "a.md"))
    body = locate(found).body
    (only,) = headings(found.text, body, found.headings)
    assert (text[only.start : only.end], only.level) == ("Later", 2)


@given(
    parts=st.lists(st.sampled_from([*FRAGMENTS, f"{PROSE}\n\n", "A line\n\n", "\n---\n"])),
    name=st.sampled_from(["a.txt", "a.md", "a.html"]),
)
def test_headings_are_within_the_body_in_order(parts: list[str], name: str) -> None:
    text = "<!doctype html>" * name.endswith("html") + "x" + "".join(parts).replace("\0", "")
    found = extract(Source(text.encode(), name))
    body = locate(found).body
    end = 0
    for heading in headings(found.text, body, found.headings):
        said = found.text[heading.start : heading.end]
        assert said
        assert said == said.strip()
        assert end <= heading.start
        assert any(one.start <= heading.start and heading.end <= one.end for one in body)
        end = heading.end
