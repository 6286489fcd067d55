"""Files of known text to read: PDF by reportlab, DOCX and EPUB put together from their parts."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import matplotlib
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FONT = "DejaVuSans"
"""A font with Latin, Greek, Cyrillic, Armenian, Hebrew and Arabic letters."""
pdfmetrics.registerFont(TTFont(FONT, str(_FONTS / "DejaVuSans.ttf")))

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
)


def zipped(members: Mapping[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these members, in order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members.items():
            first = name == "mimetype"  # stored as it is, by which it is known
            archive.writestr(name, content, zipfile.ZIP_STORED if first else method)
    return packed.getvalue()


# PDF


def pdf(
    paragraphs: Sequence[str],
    *,
    columns: int = 1,
    font: str = "Times-Roman",
    size: float = 10,
    head: str | None = None,
    foot: str | None = None,
    hyphenated: bool = False,
    justified: bool = False,
    stated: Mapping[str, str] | None = None,
) -> bytes:
    """Pages of paragraphs in columns; ``# `` begins a heading, and ``{page}`` is its number.

    ``hyphenated`` breaks long words at the ends of lines.
    """
    written = io.BytesIO()
    width, height = A4
    margin, gap = 60.0, 18.0
    each = (width - 2 * margin - (columns - 1) * gap) / columns
    frames = [
        Frame(margin + at * (each + gap), margin, each, height - 2 * margin, 0, 0, 0, 0)
        for at in range(columns)
    ]

    def edges(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setFont(font, 8)
        page = canvas.getPageNumber()
        for text, place in ((head, height - 36), (foot, 30)):
            if text:
                canvas.drawCentredString(width / 2, place, text.replace("{page}", str(page)))

    document = BaseDocTemplate(written, pagesize=A4, **(stated or {}))
    document.addPageTemplates(PageTemplate("all", frames, onPage=edges))
    body = ParagraphStyle(
        "body",
        fontName=font,
        fontSize=size,
        leading=1.25 * size,
        spaceAfter=6,
        alignment=4 if justified else 0,
        splitLongWords=1,
        uriWasteReduce=0,
        embeddedHyphenation=int(hyphenated),
    )
    heading = ParagraphStyle(
        "heading", fontName=font, fontSize=1.5 * size, leading=1.8 * size, spaceAfter=6
    )
    story: list[Flowable] = [
        Paragraph(escape(text.removeprefix("# ")), heading if text.startswith("# ") else body)
        for text in paragraphs
    ]
    document.build(story)
    return written.getvalue()


def drawn_pdf(
    *pages: Sequence[tuple[float, float, str]], size: float = 10, turned: int = 0
) -> bytes:
    """Pages of lines, each drawn where it is said, in points from the bottom left."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4)
    for lines in pages:
        canvas.setPageRotation(turned)
        canvas.setFont("Times-Roman", size)
        for left, bottom, text in lines:
            canvas.drawString(left, bottom, text)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


# DOCX


def docx(
    body: str,
    *,
    styles: str = "",
    numbering: str = "",
    footnotes: str = "",
    endnotes: str = "",
    core: str = "",
    more: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A document whose main part has this body; the other parts are left out where empty."""
    parts = {"styles": styles, "numbering": numbering, "footnotes": footnotes, "endnotes": endnotes}
    relations = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
        for name, content in parts.items()
        if content
    )
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f"<Relationships>"
        f'<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="/word/document.xml"/>'
        f'<Relationship Id="b" Type="{_CORE}" Target="docProps/core.xml"/></Relationships>',
        "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f"<Relationships>{relations}</Relationships>",
    }
    for name, content in parts.items():
        if content:
            members[f"word/{name}.xml"] = f"<w:{name} {_W}>{content}</w:{name}>"
    if core:
        members["docProps/core.xml"] = f"<c xmlns:dc='d' xmlns:dcterms='t'>{core}</c>"
    return zipped(members | dict(more or {}))


def paragraph(text: str, *, style: str = "", properties: str = "") -> str:
    """A paragraph of one run."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    said = f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{said}</w:p>"


# EPUB


def epub(
    chapters: Mapping[str, str],
    *,
    spine: Sequence[str] | None = None,
    stated: str = "<dc:title>Herons</dc:title>",
    contents: str = "",
    more: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A book of these pages' bodies, read in the order of ``spine``; ``contents`` is its nav."""
    items = "".join(
        f'<item id="{name}" href="text/{name}" media-type="application/xhtml+xml"/>'
        for name in chapters
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in spine or chapters)
    nav = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{stated}</metadata><manifest>{nav}{items}</manifest>"
        f'<spine><itemref idref="nav"/>{order}</spine></package>'
    )
    members: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "OPS/book.opf": package,
        "OPS/nav.xhtml": '<html xmlns="http://www.w3.org/1999/xhtml" '
        'xmlns:epub="http://www.idpf.org/2007/ops"><body><nav epub:type="toc"><ol>'
        f"{contents}</ol></nav></body></html>",
    }
    for name, body in chapters.items():
        head = "<head><title>not in the book</title></head>"
        members[f"OPS/text/{name}"] = (
            f'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
            f"{head}<body>{body}</body></html>"
        )
    return zipped(members | dict(more or {}))
