"""What an answer lists: by the form of question and answer, and always a cut of the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.lists import items


def things(question: str, answer: str) -> list[str]:
    return [span.of(answer) for span in items(question, answer)]


@pytest.mark.parametrize(
    ("question", "answer", "wanted"),
    [
        ("Which countries took part?", "Peru and Zambia", ["Peru", "Zambia"]),
        ("Name the two sisters.", "Ada and Bo Ek", ["Ada", "Bo Ek"]),
        ("Who were the founders?", "Ada, Bo, or Cy", ["Ada", "Bo", "Cy"]),
        ("What kinds of grain?", "rye;\n- oats\n- wheat", ["rye", "oats", "wheat"]),
        ("Which two sums?", "1,200 euros and 30", ["1,200 euros", "30"]),
        ("Who signed it?", "Ada Lind, Bo Ek and Cy Ahl", ["Ada Lind", "Bo Ek", "Cy Ahl"]),
    ],
)
def test_a_list_is_taken_apart(question: str, answer: str, wanted: list[str]) -> None:
    assert things(question, answer) == wanted


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Where was it signed?", "Oslo, Norway"),
        ("When did it open?", "May 3, 1911"),
        ("Why did it close?", "the roof leaked and no one would pay for another one that year"),
        ("Which countries took part?", "Peru"),
        ("Which firms?", "Lind (mills and inns)"),
        ("Which ones?", ", and "),
        ("Which people?", "one who " + "very " * 12 + "slowly went, and Ada"),
    ],
)
def test_one_thing_stays_whole(question: str, answer: str) -> None:
    assert things(question, answer) == []


@given(st.lists(st.sampled_from(["Ada", " and ", ", ", ";", "\n", "- ", "(", '"', "1,2", " or"])))
def test_items_are_cuts_in_order_that_do_not_overlap(parts: list[str]) -> None:
    answer = "".join(parts)
    found = items("Which two?", answer)
    assert len(found) != 1
    end = 0
    for span in found:
        assert end <= span.start < span.end <= len(answer)
        end = span.end
