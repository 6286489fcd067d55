import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import locate
from index.errors import EmptySource, SourceError, UndecodableText, UnsupportedType
from index.formats import FORMATS, SUFFIXES, extract
from index.types import Extract, Source

PAGES = Path(__file__).parents[1] / "data" / "pages"
ENCODINGS = [
    ("cp1252", "L’été dernier, les élèves ont découvert une forêt près du château."),
    ("latin-1", "Die Bürgermeisterin erklärte, die Brücke über den Fluß sei zu schmal."),
    ("cp1250", "Zażółć gęślą jaźń, powiedziała, i mieszkańcy poszli nad rzekę."),
    ("iso8859-2", "Příliš žluťoučký kůň úpěl ďábelské ódy, a město spalo."),
    ("cp1251", "Прошлым летом жители города собрались у реки, чтобы поговорить."),
    ("koi8-r", "Прошлым летом жители города собрались у реки, чтобы поговорить."),
    ("cp1254", "Geçen yaz öğrenciler şarkı söyledi ve çok güzel bir gün geçirdiler."),
    ("cp932", "昨年の夏、町の住民は学校の将来について話し合うために集まりました。"),
    ("gb18030", "去年夏天，镇上的居民聚集在一起讨论学校的未来。"),
]


def of(data: bytes, name: str = "page.txt", media_type: str | None = None) -> Extract:
    return extract(Source(data=data, name=name, media_type=media_type))


def zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "application/epub+zip" if name == "mimetype" else "x")
    return packed.getvalue()


def odt() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    return packed.getvalue()


# What the bytes are


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (zipped("xl/workbook.xml"), "XLSX"),
        (zipped("ppt/presentation.xml"), "PPTX"),
        # Named, since its bytes hold the time, and both processes must call it the same.
        pytest.param(zipped("xl/workbook.xml", "docs.txt")[:60], "XLSX", id="cut off"),
        (odt(), "OpenDocument text (ODT)"),
        (zipped("sword/edge.txt"), "ZIP archive"),
        (zipped("notes.docx"), "ZIP archive"),
        (zipped("notes.txt"), "ZIP archive"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG image"),
        (b"GIF89a\x01\x00\x01\x00", "GIF image"),
        (b"\x7fELF\x02\x01\x01\x00", "ELF program"),
        (b"{\\rtf1 They came.}", "RTF"),
        (gzip.compress(b"They came.", mtime=0), "gzip archive"),
        (b"They came\x00 on a Tuesday.", "binary"),
        (bytes(range(1, 32)) * 9, "binary"),
    ],
)
@pytest.mark.parametrize("name", ["page.txt", "page.html", "page"])
def test_other_kinds_are_refused_by_name_of_the_kind(data: bytes, kind: str, name: str) -> None:
    with pytest.raises(UnsupportedType) as refused:
        of(data, name, "text/plain")
    assert f"of the kind {kind}, " in str(refused.value)
    assert "plain text, Markdown, HTML, PDF, DOCX and EPUB" in str(refused.value)
    assert repr(name) in str(refused.value)


@pytest.mark.parametrize(
    ("data", "name", "declared", "media_type"),
    [
        (b"They came.", "a.txt", None, "text/plain"),
        (b"They came.", "a", None, "text/plain"),
        (b"They came.", "a.csv", "text/csv", "text/plain"),
        (b"They came.", "A.MD", None, "text/markdown"),
        (b"They came.", "a.txt", "text/markdown; charset=utf-8", "text/markdown"),
        (b"<p>They came.", "a.html", None, "text/html"),
        (b"<p>They came.", "a", "text/html", "text/html"),
        (b"<p>They came.", "a.html", "text/plain", "text/html"),
        (b"\n <!DOCTYPE html><p>They came.", "a.txt", "text/plain", "text/html"),
        (b"\xef\xbb\xbf<!-- saved --><html><p>They came.", "a.md", None, "text/html"),
        ("<html><p>They came.".encode("utf-16"), "a.txt", None, "text/html"),
        (b"<?xml version='1.0'?>\n<html><p>They came.</p></html>", "a", None, "text/html"),
        (b"<div>They came.</div>", "a.txt", None, "text/plain"),
        (b"GIF89a is how they begin.", "a.txt", None, "text/plain"),
    ],
)
def test_the_format_is_told_by_bytes_then_type_then_name(
    data: bytes, name: str, declared: str | None, media_type: str
) -> None:
    assert of(data, name, declared).media_type == media_type


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.txt"),
        (b" \r\n\t ", "a.txt"),
        (b"\xef\xbb\xbf", "a.md"),
        (b"<!doctype html><html><body><script>x()</script></body></html>", "a.html"),
        (b"<!doctype html>", "a.html"),
    ],
)
def test_nothing_to_read_is_said(data: bytes, name: str) -> None:
    with pytest.raises(EmptySource, match=f"'{name}' holds no text"):
        of(data, name)


def test_each_format_has_its_row() -> None:
    names = [known.name for known in FORMATS]
    assert names == ["plain text", "Markdown", "HTML", "PDF", "DOCX", "EPUB"]
    assert len(set(SUFFIXES)) == len(SUFFIXES)


# Encodings


@pytest.mark.parametrize(("encoding", "text"), ENCODINGS)
@pytest.mark.parametrize("times", [1, 40])
def test_encodings_are_found(encoding: str, text: str, times: int) -> None:
    written = "\n".join([text.replace("’", "'")] * times)
    assert of(written.encode(encoding)).text == written


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_a_byte_order_mark_decides_and_is_dropped(encoding: str, text: str) -> None:
    kept = "a" + text
    assert of(kept.encode(encoding)).text == kept


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_utf_8_is_kept_character_for_character(text: str) -> None:
    kept = f"a{text}\r\n\tb"
    assert of(kept.encode()).text == kept


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_stay_what_they_are(end: str) -> None:
    text = f"They came.{end}{end}On a Tuesday.{end}"
    assert of(text.encode()).text == text
    assert of(text.encode(), "a.md").text == text


def test_a_declared_encoding_is_believed_where_utf_8_does_not_fit() -> None:
    text = "Größe"
    assert of(text.encode("cp437"), media_type="text/plain; charset=cp437").text == text
    assert of("Größe".encode(), media_type="text/plain; charset=latin-1").text == text


@pytest.mark.parametrize("declared", ["undefined", "punycode", "hex", "no-such", "x\x00y", ""])
def test_a_declared_encoding_that_is_none_is_passed_over(declared: str) -> None:
    text = "Ein schöner Tag für die Bürger der Stadt, größer als je zuvor."
    assert of(text.encode("cp1252"), media_type=f"text/plain; charset={declared}").text == text


@given(st.binary(max_size=200), st.sampled_from(["a.txt", "a.md", "a.html"]))
def test_any_bytes_give_a_text_or_a_source_error(data: bytes, name: str) -> None:
    try:
        found = of(data, name)
    except SourceError:
        return
    assert found.text.strip()
    assert found.text.encode()


def test_a_page_declares_its_encoding_itself() -> None:
    page = "<html><head><meta charset='iso-8859-1'></head><body><p>“Größe” — 5 €</p></body></html>"
    assert "“Größe” — 5 €" in of(page.encode("cp1252"), "a.html").text


def test_a_mark_that_lies_is_said() -> None:
    with pytest.raises(UndecodableText, match="mark of UTF-16-LE"):
        of(b"\xff\xfea\x00b")


def test_bytes_of_no_encoding_are_refused() -> None:
    with pytest.raises((UndecodableText, UnsupportedType), match=r"page\.txt"):
        of(b"\x81\xfe\x00\xff\x90\x9d" * 30)


def test_unmarked_utf_16_is_read() -> None:
    assert of("They came on a Tuesday.".encode("utf-16-le")).text == "They came on a Tuesday."


# Markdown


def test_front_matter_states_and_what_it_states_can_be_quoted() -> None:
    text = (
        '---\ntitle: "Herons return"\nlayout: post\nauthors:\n  - Ann Other\n  - Bo Berg\n'
        "date: 2021-05-03 10:00\n---\n\n# Herons return\n\nThey came on a Tuesday, all four.\n"
    )
    found = of(text.encode(), "a.md")
    assert found.text == text
    assert (found.title, found.author) == ("Herons return", "Ann Other and Bo Berg")
    article = locate(found)
    kept = [span.of(text) for span in article.header + article.body]
    assert article.published == "2021-05-03"
    assert 'title: "Herons return"' in kept
    assert "date: 2021-05-03 10:00" in kept
    assert "layout: post" not in kept
    assert kept[-1] == "They came on a Tuesday, all four."


def test_comments_and_link_definitions_are_furniture_but_not_in_code() -> None:
    text = (
        "# Herons\n\n<!-- check\nthis -->\n\nThey came[^1] on a [Tuesday][t].\n\n"
        "[t]: https://example.org/t\n[^1]: All four.\n\n```\n<!-- kept -->\n```\n"
    )
    found = of(text.encode(), "a.md")
    hidden = [span.of(text) for span in found.furniture]
    assert hidden == ["<!-- check\nthis -->", "[t]: https://example.org/t"]


def test_a_rule_is_no_front_matter() -> None:
    text = "---\n\nThey came on a Tuesday, and nobody had asked them to."
    found = of(text.encode(), "a.md")
    assert (found.text, found.furniture, found.title) == (text, (), None)


def test_headings_are_the_words_between_their_marks() -> None:
    text = (
        "---\ntitle: T\n# not: one\n---\n# One 🐦 ##\n\n###\tTwo {#two}\r\n\nThree\n=====\n\n"
        "A line\nwrapped\n---\n\n- item\n---\n\n#No\n#\n\n```\n# code\n```\n\nFour # 4\n---\n"
        "####### No\n"
    )
    found = of(text.encode(), "a.md")
    assert [(text[one.start : one.end], one.level) for one in found.headings] == [
        ("One 🐦", 1),
        ("Two {#two}", 3),
        ("Three", 1),
        ("Four # 4", 2),
    ]


# HTML


def kept(found: Extract) -> list[str]:
    article = locate(found)
    return [span.of(found.text) for span in article.header + article.body]


def test_a_saved_page_gives_its_article() -> None:
    found = of((PAGES / "herons.html").read_bytes(), "herons.html")
    article = locate(found)
    assert (article.title, article.author) == ("Herons return to the mill", "Ann Other and Bo Berg")
    assert (article.published, found.url) == ("2021-05-03", "https://heron.example/mill")
    assert [span.of(found.text) for span in article.header] == [
        "The Daily Heron",
        "Herons return to the mill",
        "After sixty years four grey birds have settled on its roof, and the miller is not amused.",
        "Ann Other and Bo Berg · 3 May 2021 · 4 min read",
    ]
    assert [span.of(found.text) for span in article.body] == [
        "They came on a Tuesday, four of them, in the rain, and settled on the roof of the old "
        "mill as if they had never been away.",
        "The last pair had been shot in 1961 by the miller's father, who kept trout.",
        "“I have nothing against birds,” says the miller.",
        "“But they look at me.”",
        "Counted at the mill",
        "Year | Nests",
        "2020 | 0",
        "2021 | 2",
        "What will happen now",
        "1. The council wants a hide with a bench.",
        "2. The miller wants a net.",
        "The roof at noon. Photo: Bo Berg",
        "Nobody has asked the trout, which since Tuesday have been fewer by eleven, as far as "
        "anyone can count them.",
        "Ann Other",
        "Ann Other has written about rivers since 1998 and once fell into the Severn in a canoe.",
    ]


def test_a_page_says_what_only_its_metadata_states() -> None:
    page = (
        '<html><head><title>Herons</title><meta name="author" content="Ann Other">'
        '<meta property="article:published_time" content="2021-05-03">'
        '<meta property="og:site_name" content="The Daily Heron"></head>'
        "<body><p>They came on a Tuesday, four of them, in the rain.</p></body></html>"
    )
    found = of(page.encode(), "a.html")
    assert found.text.split("\n\n") == [
        "Herons",
        "The Daily Heron",
        "By Ann Other",
        "2021-05-03",
        "They came on a Tuesday, four of them, in the rain.",
    ]


def test_a_page_s_headings_are_those_it_marks_outside_its_furniture() -> None:
    page = (
        "<title>T</title><nav><h2>Menu</h2></nav><h1>The <b>title</b> 🐦</h1><p>Text of some words."
        "<h2><div>Below</div></h2><ol><li><h3>An item</h3>so</ol><h2></h2><p>More, and its end."
    )
    found = of(page.encode(), "a.html")
    assert [(found.text[one.start : one.end], one.level) for one in found.headings] == [
        ("The title 🐦", 1),
        ("Below", 2),
        ("An item", 3),
    ]


def test_what_a_reader_does_not_see_is_not_in_the_text() -> None:
    page = (
        "<html><body><p>Seen <!-- a --><span hidden>b</span><span style='display: none'>c</span>"
        "<svg><text>d</text></svg>too.</p><script>e</script><template>f</template>"
        "<button>g</button><p class='sr-only'>h</p></body></html>"
    )
    assert of(page.encode(), "a.html").text == "Seen too."


def test_white_space_is_the_browser_s_and_preformatted_lines_stay() -> None:
    page = "<html><body><p>One \n two<br>three</p><pre>a\n  b</pre><div>x<p>y</p>z</div></body>"
    assert of(page.encode(), "a.html").text == "One two\n\nthree\n\na\n\nb\n\nx\n\ny\n\nz"


@pytest.mark.parametrize("tag", ["div", "span", "b", "table", "ul", "a", "blockquote"])
@pytest.mark.parametrize("depth", [100, 300, 3_000, 100_000])
def test_a_page_nested_too_deep_loses_no_text(tag: str, depth: int) -> None:
    page = f"<html><body><p>before</p>{f'<{tag}>' * depth}within{f'</{tag}>' * depth}<p>after</p>"
    text = of(page.encode(), "a.html").text
    assert [word for word in text.replace("-", "").split() if word != "|"] == [
        "before",
        "within",
        "after",
    ]


def test_ten_megabytes_in_one_line_are_one_paragraph() -> None:
    text = ("They came on a Tuesday. " * 420_000).strip()
    assert len(text) > 10_000_000
    for name, data in (("a.txt", text), ("a.md", text), ("a.html", f"<html><p>{text}")):
        found = of(data.encode(), name)
        assert found.text == text
        assert kept(found) == [text]


def test_a_word_of_a_million_characters_is_one_paragraph() -> None:
    text = "x" * 1_000_000
    assert kept(of(text.encode())) == [text]
    assert kept(of(b"<html><p>" + text.encode(), "a.html")) == [text]


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<div>", "<li>", "<td>", "<br>", "a b", "é", "&lt;"]))
)
def test_any_page_gives_text_with_its_furniture_inside_it(parts: list[str]) -> None:
    found = of(("<html><body>a" + "".join(parts)).encode(), "a.html")
    assert found.text == found.text.strip()
    ends = [0, *(position for span in found.furniture for position in (span.start, span.end))]
    assert ends == sorted(ends)
    assert ends[-1] <= len(found.text)
