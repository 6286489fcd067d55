import io
import random
from collections.abc import Sequence
from difflib import SequenceMatcher

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from index.article import locate
from index.errors import EmptySource, SourceError, UnreadableSource
from index.formats import extract
from index.types import Extract, Source
from tests.index.files import FONT, drawn_pdf, pdf

ENGLISH = (
    "the of and miller heron council river roof Tuesday nothing counted nobody morning against "
    "settlement remarkable understanding improvement water they had been never again quietly "
    "parliament neighbouring afterwards a in on is was with representatives"
).split()
RUSSIAN = "цапля мельница река совет никто вторник крыша утром правительство насчитали".split()
GREEK = "ερωδιός μύλος ποταμός κανείς Τρίτη στέγη πρωί συμβούλιο ποτέ ξανά".split()
ARMENIAN = "ձուկ գետ ջրաղաց տանիք երեքշաբթի առավոտ ոչ ոք խորհուրդ երբեք".split()


def of(data: bytes) -> Extract:
    return extract(Source(data, "heron.pdf"))


def articles(words: Sequence[str], *, seed: int, paragraphs: int = 24) -> list[str]:
    """Paragraphs of sentences, each under a heading now and then."""
    chance = random.Random(seed)
    found = []
    for at in range(paragraphs):
        sentences = []
        for _ in range(chance.randrange(2, 7)):
            said = chance.choices(words, k=chance.randrange(4, 22))
            sentences.append(" ".join(said).capitalize() + ".")
        if at % 6 == 0:
            found.append(f"# Part {at} of the {chance.choice(words)}")
        found.append(" ".join(sentences))
    return found


def share(expected: Sequence[str], found: Extract) -> float:
    """The share of the words that were found, in order, outside the furniture."""
    furniture = {at for span in found.furniture for at in range(span.start, span.end)}
    text = "".join(one for at, one in enumerate(found.text) if at not in furniture)
    wanted = " ".join(part.removeprefix("# ") for part in expected).split()
    blocks = SequenceMatcher(None, wanted, text.split(), autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(wanted)


@pytest.mark.parametrize("words", [ENGLISH, RUSSIAN, GREEK, ARMENIAN])
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_words_are_recovered_in_order(words: list[str], columns: int) -> None:
    written = articles(words, seed=columns, paragraphs=30)
    made = pdf(
        written,
        columns=columns,
        font=FONT,
        size=9,
        head="The Daily Heron",
        foot="Page {page}",
        justified=columns == 2,
    )
    found = of(made)
    assert share(written, found) >= 0.99
    assert len(found.pages) > 1
    headings = [found.text[heading.start : heading.end] for heading in found.headings]
    assert headings == [part[2:] for part in written if part.startswith("# ")]


def test_paragraphs_are_whole_lines_over_columns_and_pages() -> None:
    written = articles(ENGLISH, seed=7, paragraphs=60)
    found = of(pdf(written, columns=2, head="Herons", foot="- {page} -"))
    whole = found.text.split("\n\n")
    kept = [part for part in written if part.removeprefix("# ") in whole]
    assert len(kept) >= 0.9 * len(written)  # a page may end with a sentence


@pytest.mark.parametrize("columns", [1, 2])
def test_words_broken_at_line_ends_are_whole(columns: int) -> None:
    long = [word for word in ENGLISH if len(word) > 8]
    written = articles(long, seed=3)
    soft = ["\u00ad".join((word[:4], word[4:])) for word in long]
    broken = []
    for part in written:
        for word, hyphenated in zip(long, soft, strict=True):
            part = part.replace(word, hyphenated)
        broken.append(part)
    found = of(pdf(broken, columns=columns, hyphenated=True, size=12))
    plain = of(pdf(written, columns=columns, size=12))
    assert share(written, found) >= 0.99
    assert share(written, plain) >= 0.99
    assert found.pages != plain.pages or columns == 1  # the lines were indeed broken elsewhere
    assert "\u00ad" not in found.text


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("they spoke of the settle-", "ment and the herons", "the settlement and"),
        ("they spoke of Jean-", "Pierre and the herons", "of Jean-Pierre and"),
        ("they spoke of 1961-", "1970 and the herons", "of 1961-1970 and"),
        ("half of it, two-", "thirds of the herons", "it, two-thirds of"),
        ("a heath-grey heron, a heath-", "grey one of them all", "a heath-grey one"),
        ("they spoke – not at all –", "and the herons came", "all – and the"),
    ],
)
def test_a_hyphen_at_a_line_s_end(first: str, second: str, joined: str) -> None:
    found = of(drawn_pdf([(60, 700, first), (60, 688, second)]))
    assert joined in found.text


def rows(left: Sequence[str], right: Sequence[str]) -> list[tuple[float, float, str]]:
    """Two columns, drawn row by row."""
    found: list[tuple[float, float, str]] = []
    for at, (one, other) in enumerate(zip(left, right, strict=True)):
        found += [(60, 700 - 12 * at, one), (310, 700 - 12 * at, other)]
    return found


def test_columns_that_are_drawn_row_by_row_are_read_one_after_the_other() -> None:
    left = [f"left line {at} of the first column goes on" for at in range(9)]
    right = [f"right line {at} of the second column goes on" for at in range(9)]
    found = of(
        drawn_pdf(
            [
                (
                    60,
                    740,
                    "A line over both of the columns, from one margin to the other one, "
                    "to the very end of it all",
                ),
                *rows(left, right),
            ]
        )
    )
    assert share([" ".join(left + right)], found) == 1.0
    assert found.text.startswith("A line over")


def test_a_table_s_rows_are_lines_of_cells() -> None:
    cells = rows(
        ["Year", "2019", "2020", "2021", "2022", "2023", "2024"], list("Nests"[:1]) + list("012345")
    )
    found = of(
        drawn_pdf([(60, 740, "Counted at the mill, year by year, as far as anyone can."), *cells])
    )
    assert "Year\tN\n2019\t0\n2020\t1\n" in found.text


def test_running_heads_and_page_numbers_are_furniture_and_a_paragraph_goes_on_over_them() -> None:
    pages = []
    for page in range(1, 5):
        body = [
            (60.0, 700.0 - 12 * at, f"line {at} of page {page} goes on and on to the margin here")
            for at in range(40)
        ]
        side = (60.0, "The Daily Heron") if page % 2 else (400.0, "Herons return to the mill")
        pages.append([(side[0], 780.0, side[1]), *body, (290.0, 40.0, str(page))])
    found = of(drawn_pdf(*pages))
    marked = [span.of(found.text) for span in found.furniture]
    assert (
        sorted(marked)
        == ["1", "2", "3", "4"] + ["Herons return to the mill"] * 2 + ["The Daily Heron"] * 2
    )
    assert "line 39 of page 1 goes on and on to the margin here line 0 of page 2" in found.text
    article = locate(found)
    assert "Daily Heron" not in " ".join(span.of(found.text) for span in article.body)


def test_pages_are_where_their_text_is() -> None:
    pages = [
        [(60.0, 700.0, f"They came to mill number {page}, all of them.")] for page in range(1, 6)
    ]
    pages[2] = []
    found = of(drawn_pdf(*pages))
    assert len(found.pages) == 5
    for number, page in enumerate(found.pages, start=1):
        said = page.of(found.text).strip()
        assert said == ("" if number == 3 else f"They came to mill number {number}, all of them.")
    assert found.pages[0].start == 0
    assert found.pages[-1].end == len(found.text)


def test_numbers_that_follow_each_other_in_tables_are_no_page_numbers() -> None:
    page = [(60.0, 700.0 - 12 * at, f"{at + 2}{at} {7 * at}") for at in range(40)]
    assert of(drawn_pdf(page, page)).furniture == ()


def test_notes_stand_after_the_text_of_their_page() -> None:
    text = [
        (60.0, 700.0 - 12 * at, f"line {at} of the text goes on and on to the margin")
        for at in range(20)
    ]
    found = of(drawn_pdf([*text, (60, 60, "1 As the miller told us.")], text))
    assert found.text.count("As the miller told us.") == 1


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_turned_page_is_read_all_the_same(turned: int) -> None:
    lines = [
        (60.0, 700.0 - 12 * at, f"line {at} of the text goes on to the margin") for at in range(9)
    ]
    assert of(drawn_pdf(lines, turned=turned)).text == of(drawn_pdf(lines)).text


def test_text_without_spaces_is_joined_without_them() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    texts = [
        "".join(random.Random(at).choices("昨年の夏町の住民は学校将来について", k=180))
        for at in range(3)
    ]
    found = of(pdf(texts, font="HeiseiMin-W3", size=10))
    assert found.text.split("\n\n") == texts


def test_a_script_that_runs_leftward_is_read_in_its_order() -> None:
    written = io.BytesIO()
    canvas = Canvas(written)
    canvas.setFont(FONT, 10)
    for at, line in enumerate(("שלום לכל העולם הזה", "הם באו ביום שלישי")):
        canvas.drawRightString(500, 700 - 12 * at, line[::-1])
    canvas.save()
    assert of(written.getvalue()).text.split() == "שלום לכל העולם הזה הם באו ביום שלישי".split()


def test_title_and_author_are_those_stated_where_a_person_stated_them() -> None:
    text = ["# Herons return to the mill", "They came on a Tuesday, four of them."]
    stated = of(pdf(text, stated={"title": "Herons return to the mill", "author": "Ann Other"}))
    assert (stated.title, stated.author) == ("Herons return to the mill", "Ann Other")
    program = of(pdf(text, stated={"title": "Microsoft Word - draft7.doc", "author": "admin"}))
    assert (program.title, program.author) == ("Herons return to the mill", None)


def test_a_file_without_text_is_said_to_be_pictures() -> None:
    with pytest.raises(
        EmptySource, match=r"'heron\.pdf' holds no text on any page \(2 in all\).*OCR"
    ):
        of(drawn_pdf([], []))


def test_a_password_is_asked_for() -> None:
    written = io.BytesIO()
    canvas = Canvas(written, encrypt=StandardEncryption("secret", canPrint=0))
    canvas.drawString(60, 700, "They came on a Tuesday.")
    canvas.save()
    with pytest.raises(UnreadableSource, match="wants a password"):
        of(written.getvalue())


def test_a_page_that_can_t_be_read_is_named() -> None:
    page = [(60.0, 700.0, "They came on a Tuesday, four of them.")]
    data = drawn_pdf(page, page, page)
    at = [i for i in range(len(data)) if data.startswith(b"/Type /Page\n", i)][1]
    with pytest.raises(UnreadableSource, match=r"page 2 of the 3 of 'heron\.pdf' can't be read"):
        of(data[:at] + b"/Type /Pagx\n" + data[at + 12 :])


@pytest.mark.parametrize("cut", [9, 100, 700])
def test_a_file_that_is_cut_off_is_said_to_be(cut: int) -> None:
    data = drawn_pdf([(60.0, 700.0, "They came on a Tuesday.")])
    with pytest.raises(SourceError, match=r"heron\.pdf"):
        of(data[:cut])


def test_every_range_is_within_the_text_and_in_order() -> None:
    found = of(pdf(articles(ENGLISH, seed=9), columns=2, head="Herons", foot="{page}"))
    for ranges in (found.furniture, found.pages, found.headings):
        ends = [edge for span in ranges for edge in (span.start, span.end)]
        assert ends == sorted(ends)
        assert not ends or ends[-1] <= len(found.text)
