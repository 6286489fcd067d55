import textwrap

from hypothesis import given
from hypothesis import strategies as st

from index.paragraphs import paragraphs

PROSE = (
    "They came on a Tuesday, four of them, in the rain, and settled on the roof of the old mill "
    "as if they had never been away, while the widow brought out a chair and counted them aloud."
)


def said(text: str) -> list[str]:
    return [paragraph.text for paragraph in paragraphs(text)]


def test_a_line_is_a_paragraph() -> None:
    assert said("A title\r\n\r\n  By Ann Other \n3 May 2021\n\n\n") == [
        "A title",
        "By Ann Other",
        "3 May 2021",
    ]


def test_wrapped_lines_are_joined_and_items_are_not() -> None:
    first, second = textwrap.fill(PROSE, 60), textwrap.fill(PROSE.replace("They", "We"), 60)
    items = [textwrap.fill("- " + PROSE, 60), textwrap.fill("2. " + PROSE, 60)]
    text = "\n\n".join(["A title", first, second, "\n".join(items)])
    assert said(text) == ["A title", first, second, *items]


def test_a_long_title_over_a_short_line_is_not_taken_for_a_wrapped_one() -> None:
    head = ["Four herons have come back to the roof of the old mill", "By Ann Other", "3 May 2021"]
    assert said("\n".join(head) + "\n\n" + PROSE) == [*head, PROSE]


def test_a_short_wrapped_text_shows_that_it_is_wrapped() -> None:
    wrapped = textwrap.fill(PROSE, 60)
    assert said(wrapped) == [wrapped]


@given(st.text(st.sampled_from("ab. \n\r\t-é🦩\u2028\u3000"), max_size=300))
def test_paragraphs_hold_every_character_that_is_not_a_space(text: str) -> None:
    found = paragraphs(text)
    assert "".join("".join(said(text)).split()) == "".join(text.split())
    for paragraph in found:
        assert paragraph.text == paragraph.span.of(text) == paragraph.text.strip() != ""
    assert [p.span for p in found] == sorted(p.span for p in found)
