import io
from pathlib import Path

import docx as python_docx
import pytest

from index.article import locate
from index.errors import EmptySource, SourceError, UnreadableSource
from index.formats import extract
from index.types import Extract, Source
from tests.index.files import docx, paragraph, zipped

STYLES = (
    '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/>'
    '<w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
    '<w:style w:styleId="Kapitel"><w:name w:val="Kapitel"/>'
    '<w:basedOn w:val="berschrift1"/></w:style>'
    '<w:style w:styleId="Abschnitt"><w:name w:val="Abschnitt"/>'
    '<w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
    '<w:style w:styleId="Titre"><w:name w:val="Title"/></w:style>'
    '<w:style w:styleId="a"><w:basedOn w:val="a"/></w:style>'
)
NUMBERING = (
    '<w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
    '<w:lvlText w:val="%1."/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/>'
    '<w:lvlText w:val="%1.%2)"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>'
    "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:start w:val="3"/>'
    '<w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>'
)


def of(data: bytes) -> Extract:
    return extract(Source(data, "heron.docx"))


def item(text: str, list_id: int, depth: int = 0) -> str:
    numbered = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{list_id}"/></w:numPr>'
    return paragraph(text, properties=numbered)


def run(inner: str) -> str:
    return f"<w:p><w:r>{inner}</w:r></w:p>"


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def headings(found: Extract) -> list[tuple[int, str]]:
    return [(one.level, found.text[one.start : one.end]) for one in found.headings]


def test_headings_are_told_by_style_and_outline_in_any_language() -> None:
    found = of(
        docx(
            paragraph("Reiher kehren zurück", style="Titre")
            + paragraph("Der Fluss", style="berschrift1")
            + paragraph("Sie kamen an einem Dienstag.", style="a")
            + paragraph("Der Müller", style="Kapitel")
            + paragraph("Das Dach", style="Abschnitt")
            + paragraph("Ein Rest", properties='<w:outlineLvl w:val="1"/>'),
            styles=STYLES,
        )
    )
    assert headings(found) == [
        (1, "Reiher kehren zurück"),
        (1, "Der Fluss"),
        (1, "Der Müller"),
        (3, "Das Dach"),
        (2, "Ein Rest"),
    ]
    assert found.title == "Reiher kehren zurück"
    assert "Sie kamen an einem Dienstag." in found.text.split("\n\n")


def test_lists_have_their_marks_and_numbers() -> None:
    items = item("one", 1) + item("below", 1, 1) + item("below", 1, 1) + item("two", 1)
    found = of(
        docx(
            items + item("below", 1, 1) + item("dot", 2) + item("three", 3) + item("none", 9),
            numbering=NUMBERING,
        )
    )
    assert found.text == (
        "1. one\n1.a) below\n1.b) below\n2. two\n2.a) below\n- dot\nIII. three\n\nnone"
    )


def test_a_table_s_rows_are_lines_and_a_layout_s_cells_are_paragraphs() -> None:
    long = "They came on a Tuesday, four of them, in the rain. " * 3
    cells = f"<w:tc>{paragraph(long)}{paragraph(long)}</w:tc><w:tc>{paragraph('x')}</w:tc>"
    layout = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    found = of(docx(table(("Year", "Nests"), ("2020", ""), ("2021", "2")) + layout))
    assert found.text == "\n\n".join(
        ["Year | Nests\n2020 |\n2021 | 2", long.strip(), long.strip(), "x"]
    )


def test_tracked_changes_are_taken_as_accepted() -> None:
    body = (
        "<w:p><w:r><w:t>They </w:t></w:r><w:del><w:r><w:delText>left</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>came</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>x</w:t></w:r></w:moveFrom>"
        "<w:r><w:t>.</w:t></w:r></w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>All </w:t></w:r></w:p>"
        "<w:p><w:r><w:t>four.</w:t></w:r></w:p>"
        f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph('gone')}</w:tc></w:tr></w:tbl>"
    )
    assert of(docx(body)).text == "They came.\n\nAll four."


def test_what_is_not_read_is_not_in_the_text() -> None:
    body = (
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>Seen</w:t></w:r>'
        "<w:r><w:instrText>PAGE</w:instrText><w:tab/><w:t>too</w:t><w:br/><w:t>here</w:t></w:r></w:p>"
        "<w:p/><w:sdt><w:sdtPr/><w:sdtContent>"
        + paragraph("controlled")
        + "</w:sdtContent></w:sdt>"
    )
    assert of(docx(body)).text == "Seen\ttoo\nhere\n\ncontrolled"


def test_notes_follow_their_paragraph_or_the_end() -> None:
    body = (
        '<w:p><w:r><w:t>They came.</w:t><w:footnoteReference w:id="2"/>'
        '<w:endnoteReference w:id="5"/></w:r></w:p>' + paragraph("All four.")
    )
    note = '<w:{0} w:type="separator" w:id="0"/><w:{0} w:id="{1}">{2}</w:{0}>'
    found = of(
        docx(
            body,
            footnotes=note.format("footnote", 2, paragraph("Says the miller.")),
            endnotes=note.format("endnote", 5, paragraph("In 1961.")),
        )
    )
    assert found.text == "They came.\n\n[1] Says the miller.\n\nAll four.\n\n[1] In 1961."


def test_text_boxes_are_read_once() -> None:
    box = f"<w:txbxContent>{paragraph('In a box.')}</w:txbxContent>"
    body = run(
        f"<w:t>Before.</w:t><AlternateContent><Choice>{box}</Choice><Fallback>{box}</Fallback></AlternateContent>"
    )
    assert of(docx(body)).text == "Before.\n\nIn a box."


def test_the_properties_state_title_author_and_date() -> None:
    core = (
        "<dc:title>Herons return</dc:title><dc:creator>Ann Other;Bo Berg</dc:creator>"
        "<dcterms:created>2021-05-03T10:00:00Z</dcterms:created>"
    )
    found = of(docx(paragraph("They came on a Tuesday."), core=core))
    assert (found.title, found.author) == ("Herons return", "Ann Other and Bo Berg")
    assert locate(found).published == "2021-05-03"
    dated = of(docx(paragraph("4 March 1998") + paragraph("They came."), core=core))
    assert locate(dated).published == "1998-03-04"


def test_what_python_docx_writes_is_read() -> None:
    document = python_docx.Document()
    document.add_heading("Herons", 0)
    document.add_heading("The river", 2)
    document.add_paragraph("They came on a Tuesday.")
    document.add_paragraph("a net", style="List Bullet")
    document.add_paragraph("a hide", style="List Number")
    document.add_table(1, 2).rows[0].cells[1].text = "4"
    written = io.BytesIO()
    document.save(written)
    found = of(written.getvalue())
    assert found.text == (
        "Herons\n\nThe river\n\nThey came on a Tuesday.\n\n- a net\n1. a hide\n\n| 4"
    )
    assert headings(found) == [(1, "Herons"), (2, "The river")]
    assert (found.author, found.published) == (None, None)  # those are of its template


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (docx(paragraph("They came."))[:400], "no whole DOCX file"),
        (zipped({"word/other.xml": "<x/>"}), "word/document.xml is missing"),
        (zipped({"word/document.xml": "<x/>"}), "has no body"),
        (zipped({"word/document.xml": "<x"}), "no whole DOCX file"),
        (docx("", more={"word/document.xml": "<x/>" * 9}), "no whole DOCX file"),
    ],
)
def test_what_is_no_whole_document_is_said_to_be_none(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableSource, match=said):
        of(data)


def test_a_document_without_text_is_empty() -> None:
    with pytest.raises(EmptySource):
        of(docx("<w:p/>"))


def test_parts_outside_the_archive_are_not_looked_for(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<w/>")
    relations = f'<R><Relationship Type="x/styles" Target="../../..{secret}"/></R>'
    data = docx(paragraph("They came."), more={"word/_rels/document.xml.rels": relations})
    assert of(data).text == "They came."


def test_cyclic_and_deep_parts_end() -> None:
    deep = "<w:sdt><w:sdtContent>" * 120 + paragraph("deep") + "</w:sdtContent></w:sdt>" * 120
    assert of(docx(deep)).text == "deep"
    with pytest.raises(SourceError):
        of(docx("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000))
