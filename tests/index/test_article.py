import json
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import locate
from index.formats import extract
from index.types import Article, Extract, Source, Span

PAGES = Path(__file__).parents[1] / "data" / "pages"
FURNITURE = tomllib.loads((PAGES / "furniture.toml").read_text(encoding="utf-8"))
ARTICLES = tomllib.loads((PAGES / "articles.toml").read_text(encoding="utf-8"))
SHARED = Path(__file__).parents[3] / "shared"
LANGUAGES = sorted(ARTICLES)


def plain(text: str) -> Extract:
    return Extract(text=text, media_type="text/plain")


def said(text: str, spans: tuple[Span, ...]) -> list[str]:
    return [span.of(text) for span in spans]


def lines(language: str) -> list[str]:
    """The article's own lines, with the furniture that pages put between its paragraphs."""
    article, furniture = ARTICLES[language], FURNITURE[language]
    first, *rest = article["body"]
    head = [article["title"], article["subtitle"], article["meta"], article["caption"]]
    return [*head, first, *furniture["within"], *rest, article["bio"]]


def everything(language: str) -> tuple[list[str], list[str], list[str]]:
    """What is the head, the body and the furniture of a language's page."""
    article, furniture = ARTICLES[language], FURNITURE[language]
    head = [article["title"], article["subtitle"], article["meta"], article["caption"]]
    body = [*article["body"], article["bio"]]
    return head, body, [*furniture["above"], *furniture["within"], *furniture["below"]]


def check_page(language: str, found: Extract) -> None:
    article = locate(found)
    head, body, _ = everything(language)
    assert said(found.text, article.header) == head
    assert said(found.text, article.body) == body
    assert article.title == ARTICLES[language]["title"]
    assert article.author == ARTICLES[language]["author"]
    assert article.published == ARTICLES[language]["published"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("between", ["\n", "\n\n", "\r\n\r\n"])
def test_an_article_is_found_in_a_page_saved_as_text(language: str, between: str) -> None:
    furniture = FURNITURE[language]
    blocks = [between.join(furniture["above"]), *lines(language), between.join(furniture["below"])]
    check_page(language, plain((between + between).join(blocks)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_article_is_found_in_a_page_of_divisions_without_names(language: str) -> None:
    furniture = FURNITURE[language]
    above = "".join(f'<div><a href="/x">{line}</a></div>' for line in furniture["above"])
    within = "".join(f"<p>{line}</p>" for line in lines(language)[1:])
    below = "".join(f"<div>{line}</div>" for line in furniture["below"])
    title = f"<h1>{ARTICLES[language]['title']}</h1>"
    page = f"<html><body><div>{above}</div><div>{title}{within}</div><div>{below}</div></body>"
    check_page(language, extract(Source(page.encode(), "page.html")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_article_alone_is_kept_whole(language: str) -> None:
    head, body, _ = everything(language)
    check_page(language, plain("\n\n".join([*head, *body])))


POLICY = """How we handle your data

In force from 3 March 2024

This privacy policy explains which personal data the reading club keeps, and why it keeps any.

Cookies

We use cookies to remember which page you were on. Without your consent no other cookie is set.

Terms of use

By using this website you agree to our terms of use, which were written by a novelist.

Newsletter

If you subscribe to our newsletter, we store your email address until you unsubscribe again.

All rights reserved are yours: you may see, correct and delete your personal data at any time.
"""


def test_a_privacy_policy_is_about_what_furniture_says_and_is_kept() -> None:
    article = locate(plain(POLICY))
    kept = said(POLICY, article.header + article.body)
    assert kept == [line for line in POLICY.splitlines() if line]


def test_an_article_about_newsletters_keeps_its_paragraphs() -> None:
    text = (
        "The last paper newsletter\n\n"
        "Every Friday Ines Duarte folds four hundred letters and carries them to the post.\n\n"
        "Subscribe to our newsletter, it says on the last page, and people do, by postcard.\n\n"
        "She has no website. Your email address is of no use to her, she tells those with one.\n"
    )
    article = locate(plain(text))
    assert said(text, article.header + article.body) == [line for line in text.splitlines() if line]


def test_a_biography_is_kept_though_it_stands_below_and_speaks_of_a_newsletter() -> None:
    bio = "Maud Ellery is a writer in Norfolk. Sign up for her newsletter, Public Nuisances."
    text = "\n\n".join([*everything("en")[0], *ARTICLES["en"]["body"], "Share this article", bio])
    article = locate(plain(text))
    assert said(text, article.body)[-1] == bio


def test_without_a_head_all_is_body() -> None:
    text = (
        "The tide was out when they found the boat, and nobody could say whose it had been.\n\n"
        "It lay on its side in the mud, with a full set of oars and a thermos that was still warm."
    )
    article = locate(plain(text))
    assert article.header == ()
    assert said(text, article.body) == text.split("\n\n")
    assert (article.title, article.author, article.published) == (None, None, None)


def test_text_without_an_article_is_kept_but_for_lines_that_say_nothing() -> None:
    text = "Menu\n* * *\nContact"
    article = locate(plain(text))
    assert said(text, article.header + article.body) == ["Menu", "Contact"]


def test_what_is_given_wins_over_what_the_format_and_the_text_state() -> None:
    found = Extract(
        "A title of its own\n\nBy Ann Other\n\n3 May 2021\n\nAnd then a paragraph follows it here.",
        "text/plain",
        title="From the format",
        author="Bea Format",
        published="2022-02-02",
    )
    stated = locate(found)
    assert (stated.title, stated.author, stated.published) == (
        "From the format",
        "Bea Format",
        "2022-02-02",
    )
    given = locate(found, title="Mine", author="Me Myself", published="1 April 2020")
    assert (given.title, given.author, given.published) == ("Mine", "Me Myself", "2020-04-01")


def test_a_given_date_that_is_none_leaves_the_one_in_the_text() -> None:
    text = "A title\n\nBy Ann Other, 3 May 2021\n\nAnd then a paragraph follows it, as they do."
    assert locate(plain(text), published="last spring").published == "2021-05-03"


@pytest.mark.parametrize(
    ("meta", "author", "published"),
    [
        ("By Ann Other", "Ann Other", None),
        ("By ANN O'THER in Oslo | 3 May 2021", "Ann O'Ther", "2021-05-03"),
        ("Ann Other · The Daily Heron · 3.5.2021", "Ann Other", "2021-05-03"),
        ("By Ann Other and Bo Berg, 2021-05-03", "Ann Other and Bo Berg", "2021-05-03"),
        ("Words: Ann Other. Photographs: Bo Berg", "Ann Other", None),
        ("Published on May 3rd, 2021 by Ann Other, editor", "Ann Other", "2021-05-03"),
        ("The Daily Heron, 3 May 2021", None, "2021-05-03"),
        ("May 2021", None, "2021-05"),
        ("Translated by Bo Berg, 3 May 2021", None, "2021-05-03"),
    ],
)
def test_author_and_date_are_read_from_the_line_below_the_title(
    meta: str, author: str | None, published: str | None
) -> None:
    text = f"Herons return to the mill\n\n{meta}\n\nThey came on a Tuesday, four of them, in rain."
    article = locate(plain(text))
    assert (article.author, article.published) == (author, published)
    assert said(text, article.header) == ["Herons return to the mill", meta]


def test_the_dates_of_a_life_are_not_the_date_of_its_obituary() -> None:
    text = (
        "Ada Berg, who counted herons\n\nMay 3, 1932 – January 11, 2024\n\n"
        "She began at the age of nine, with a pencil and a friend, and never saw a reason to stop."
    )
    assert locate(plain(text)).published is None


def test_a_dateline_gives_the_date() -> None:
    text = (
        "Herons return to the mill\n\nBy Ann Other\n\nOSLO, 3 May 2021 (Heron News) - They came "
        "on a Tuesday, four of them, in the rain, and settled on the roof of the old mill as if "
        "they had never been away from it at all."
    )
    assert locate(plain(text)).published == "2021-05-03"


def test_lines_that_were_wrapped_are_one_paragraph() -> None:
    text = (
        "Herons return\n\n"
        "They came on a Tuesday, four of them, in the rain,\n"
        "and settled on the roof of the old mill as if they\n"
        "had never been away. The miller's widow brought out\n"
        "a chair, sat down and counted them once more aloud,\n"
        "since nobody would believe her.\n"
    )
    assert said(text, locate(plain(text)).body) == [text.partition("\n\n")[2].strip()]


def test_what_the_format_calls_furniture_is_left_out() -> None:
    text = "A title here\n\nsidebar text that is long enough to be taken for a paragraph\n\nBody."
    start = text.index("sidebar")
    found = Extract(text, "text/html", furniture=(Span(start, text.index("\n\nBody")),))
    assert "sidebar" not in "".join(said(text, locate(found).body))


words = st.sampled_from(
    ["Share", "cookies", "By Ann Other", "3 May 2021", "héron", "鷺", "🦩", "مالك", "e\u0301", "|"]
)
texts = st.one_of(
    st.text(max_size=400),
    st.lists(
        st.tuples(words, st.sampled_from([" ", "\n", "\r\n", "\n\n", "\t", ". "])), max_size=60
    ).map(lambda pairs: "".join(word + space for word, space in pairs)),
    st.sampled_from([line for part in FURNITURE["pl"].values() for line in part]),
)


def check_spans(text: str, article: Article) -> None:
    spans = article.header + article.body
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert span.of(text) == span.of(text).strip()
    for before, after in pairwise(spans):
        assert before.end <= after.start


@given(texts)
def test_spans_are_in_order_apart_inside_the_text_and_stripped(text: str) -> None:
    check_spans(text, locate(plain(text)))


@given(texts, st.lists(st.integers(0, 400), max_size=6, unique=True))
def test_nothing_is_kept_of_what_the_format_calls_furniture(text: str, cuts: list[int]) -> None:
    cuts = sorted(min(cut, len(text)) for cut in cuts)
    furniture = tuple(Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b)
    article = locate(Extract(text, "text/html", furniture=furniture))
    check_spans(text, article)
    for span in article.header + article.body:
        assert not any(cut.start <= span.start < cut.end for cut in furniture)


@given(st.lists(st.sampled_from(ARTICLES["en"]["body"]), min_size=1, max_size=6))
def test_prose_alone_is_all_kept(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    article = locate(plain(text))
    assert said(text, article.header + article.body) == paragraphs


def test_the_shared_article_is_found_in_its_page() -> None:
    path = SHARED / "article" / "article.txt"
    if not path.exists():
        pytest.skip("the shared article is not beside this project")
    text = path.read_text(encoding="utf-8")
    article = locate(extract(Source(path.read_bytes(), path.name)))
    all_lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert said(text, article.header) == all_lines[2:6]
    assert article.title == all_lines[2]
    assert (article.author, article.published) == ("Taras Kuzio", "2022-02-16")
    biography = next(i for i, line in enumerate(all_lines) if " is a Research Fellow " in line)
    assert said(text, article.body) == all_lines[6 : biography + 1]


def test_no_answer_in_the_shared_articles_is_lost() -> None:
    folder = SHARED / "articles"
    if not folder.exists():
        pytest.skip("the shared articles are not beside this project")
    lost = [missing for path in sorted(folder.glob("*.json")) for missing in missing_answers(path)]
    assert lost == []


def missing_answers(path: Path) -> list[str]:
    """Answers of which a line stands in none of the spans kept."""
    sample = json.loads(path.read_text(encoding="utf-8"))
    article = locate(plain(sample["text"]))
    kept = said(sample["text"], article.header + article.body)
    return [
        f"{path.stem}: {line}"
        for question in sample["qas"]
        if question["answerable"]
        for answer in question["answers"]
        for line in answer.split("\n")
        if not any(line in paragraph for paragraph in kept)
    ]
