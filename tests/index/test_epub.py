import pytest

from index.article import locate
from index.errors import EmptySource, UnreadableSource
from index.formats import extract
from index.types import Extract, Source
from tests.index.files import epub, zipped

ENCRYPTED = '<e><CipherReference URI="OPS/{}"/></e>'


def of(data: bytes) -> Extract:
    return extract(Source(data, "heron.epub"))


def headings(found: Extract) -> list[tuple[int, str]]:
    return [(one.level, found.text[one.start : one.end]) for one in found.headings]


def test_chapters_are_read_in_the_order_of_the_spine() -> None:
    chapters = {
        "b.xhtml": "<h1>The <i>roof</i></h1><p>They settled.</p>"
        "<ul><li>a net</li><li>a hide</li></ul>",
        "a.xhtml": "<h2>The river</h2><p>They came.<br/>All four&#160;of them.</p>",
    }
    found = of(epub(chapters, spine=["a.xhtml", "b.xhtml"]))
    assert found.text == (
        "Herons\n\nThe river\n\nThey came.\n\nAll four\xa0of them.\n\nThe roof\n\nThey settled.\n\n"
        "- a net\n- a hide"
    )
    assert headings(found) == [(2, "The river"), (1, "The roof")]


def test_a_chapter_is_headed_as_the_contents_name_it_where_it_names_itself_nowhere() -> None:
    chapters = {
        "a.xhtml": "<p class='t'>The river</p><p>They came.</p>",
        "b.xhtml": "<p>They settled.</p>",
        "c.xhtml": "<h3>Within</h3><p>They stayed.</p>",
    }
    named = (("a", "The river"), ("b", "The roof"), ("c", "The mill"))
    contents = "".join(f'<li><a href="text/{one}.xhtml#x">{name}</a></li>' for one, name in named)
    found = of(epub(chapters, contents=contents))
    assert headings(found) == [(1, "The river"), (1, "The roof"), (3, "Within")]
    assert found.text.count("The river") == 1


def test_the_contents_of_an_older_book_name_its_chapters() -> None:
    ncx = (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel>'
        '<text>The roof</text></navLabel><content src="text/a.xhtml"/></navPoint></navMap></ncx>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>'
        '<item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        '<item id="a" href="text/a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine toc="n"><itemref idref="a"/></spine></package>'
    )
    more = {"OPS/toc.ncx": ncx, "OPS/book.opf": package}
    found = of(epub({"a.xhtml": "<p>They settled.</p>"}, more=more))
    assert found.text == "The roof\n\nThey settled."


def test_the_book_states_title_author_and_date_and_they_can_be_quoted() -> None:
    stated = (
        "<dc:title>Herons return</dc:title><dc:creator>Ann Other</dc:creator>"
        "<dc:creator>Bo Berg</dc:creator><dc:date>2021-05-03T00:00:00Z</dc:date>"
    )
    found = of(epub({"a.xhtml": "<h1>One</h1><p>They came.</p>"}, stated=stated))
    article = locate(found)
    assert (article.title, article.author) == ("Herons return", "Ann Other and Bo Berg")
    assert article.published == "2021-05-03"
    assert [span.of(found.text) for span in article.header] == [
        "Herons return",
        "By Ann Other and Bo Berg",
        "2021-05-03",
    ]


def test_the_book_s_own_contents_are_not_its_text() -> None:
    found = of(epub({"a.xhtml": "<nav><p>The river</p></nav><p>They came.</p>"}))
    assert found.text == "Herons\n\nThey came."


def test_a_protected_book_is_said_to_be() -> None:
    chapters = {"a.xhtml": "<p>They came.</p>"}
    protected = {"META-INF/encryption.xml": ENCRYPTED.format("text/a.xhtml")}
    with pytest.raises(UnreadableSource, match="protected"):
        of(epub(chapters, more=protected))
    fonts = {"META-INF/encryption.xml": ENCRYPTED.format("font.otf")}
    assert of(epub(chapters, more=fonts)).text.endswith("They came.")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"META-INF/container.xml": "<x/>"}, "names no package"),
        ({"OPS/book.opf": "<package/>"}, "names no chapters"),
        (
            {"META-INF/container.xml": '<c><rootfile full-path="../../etc/passwd"/></c>'},
            "is missing",
        ),
    ],
)
def test_what_is_no_whole_book_is_said_to_be_none(more: dict[str, str | bytes], said: str) -> None:
    with pytest.raises(UnreadableSource, match=said):
        of(epub({"a.xhtml": "<p>They came.</p>"}, more=more))


def test_a_chapter_that_is_missing_is_named() -> None:
    data = epub({"a.xhtml": "<p>They came.</p>"})
    with pytest.raises(UnreadableSource, match=r"OPS/text/a\.xhtml is missing"):
        of(data.replace(b"OPS/text/a.xhtml", b"OPS/text/b.xhtml"))


def test_a_book_without_text_is_empty() -> None:
    with pytest.raises(EmptySource):
        of(epub({"a.xhtml": "<img src='x'/>"}))
    with pytest.raises(UnreadableSource):
        of(zipped({"mimetype": "application/epub+zip"}, method=0))
