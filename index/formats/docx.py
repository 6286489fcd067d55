"""DOCX: the canonical text is the document's, as it reads with all tracked changes accepted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from index.dates import first_date
from index.formats.archive import Archive, beside, local
from index.formats.docx_styles import Lists, Style, Styles, attribute, child, number, outline_level
from index.formats.written import Writing
from index.names import only_names
from index.types import Extract, Source

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_GONE = frozenset("del moveFrom rPr pPr instrText delText rt fldData sdtPr sdtEndPr tblPr".split())
"""Elements that hold nothing that is read: deleted text, fields' codes, ruby, properties."""
_SHOWN = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_BOX = "txbxContent"
_MAKERS = frozenset(("python-docx", "administrator", "admin", "user", "author", "unknown"))
_LEAD = 12
_BLOCKS_IN_CELL = 200
"""A cell with several paragraphs and so many characters lays out the page; it is no datum."""
_SPACES = re.compile(r"[^\S\t\n]+")


def extract(source: Source) -> Extract:
    """The document's paragraphs, headings, list items, table rows and notes, in order.

    Left out are deletions, hidden text, comments, and the page's header and footer. Raises
    UnreadableSource where the file is damaged or encrypted, SourceTooLarge over a limit.
    """
    archive = Archive(source, kind="DOCX")
    try:
        document = _Document(archive)
        writing = document.written()
    except RecursionError as error:
        raise archive.damaged("its parts are nested too deep") from error
    text = writing.text
    stated = _stated(archive)
    lead = "\n".join(text.split("\n\n")[:_LEAD])
    return Extract(
        text=text,
        media_type=MEDIA_TYPE,
        title=document.title or stated.get("title") or None,
        author=_author(stated.get("creator")),
        published=None if first_date(lead) else _created(stated),
        url=source.url,
        headings=tuple(writing.headings),
    )


def _stated(archive: Archive) -> dict[str, str]:
    """What the core properties state, by their local names."""
    name = _related(archive, "", "/core-properties")
    if name not in archive:
        return {}
    return {local(one): (one.text or "").strip() for one in archive.xml(name)}


def _author(stated: str | None) -> str | None:
    """The author, unless it is what a program puts there by itself."""
    if not stated or stated.casefold() in _MAKERS:
        return None
    return only_names(" and ".join(part.strip() for part in stated.split(";") if part.strip()))


def _created(stated: dict[str, str]) -> str | None:
    """The day the file was made, unless a program's own template was made then."""
    if stated.get("creator", "").casefold() in _MAKERS:
        return None
    return stated.get("created", "")[:10] or None


def _related(archive: Archive, member: str, kind: str) -> str:
    """The member that another one refers to by a relationship of that kind; else empty."""
    folder, _, name = member.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels".lstrip("/")
    if relations not in archive:
        return ""
    for relation in archive.xml(relations):
        if (relation.get("Type") or "").endswith(kind) and relation.get("TargetMode") is None:
            return beside(member, relation.get("Target") or "")
    return ""


@dataclass(slots=True)
class _Item:
    """A paragraph that is to be written: its text, its level as a heading, whether of a list."""

    text: str
    level: int | None = None
    listed: bool = False
    title: bool = False
    row: bool = False


class _Document:
    """The main part of a document with its styles, lists and notes."""

    def __init__(self, archive: Archive) -> None:
        self.title: str | None = None
        main = _related(archive, "", "/officeDocument") or "word/document.xml"
        self._body = child(archive.xml(main), "body")
        if self._body is None:
            raise archive.damaged(f"{main} has no body")
        self._archive = archive
        self._main = main
        styles, lists = self._part("/styles"), self._part("/numbering")
        self._styles = Styles() if styles is None else Styles.of(styles)
        self._lists = Lists() if lists is None else Lists.of(lists)
        self._notes = {kind: self._notes_of(kind) for kind in ("footnote", "endnote")}
        self._numbers = {"footnote": 0, "endnote": 0}
        self._endnotes: list[_Item] = []
        self._after: list[_Item] = []
        self._depth = 0
        self._kept = ""

    def written(self) -> Writing:
        """The whole text; notes at the foot follow their paragraph, the others the end."""
        writing = Writing()
        before: _Item | None = None
        for item in self._items():
            if item.title and self.title is None:
                self.title = " ".join(item.text.split())
            if item.level:
                writing.add_heading(" ".join(item.text.split()), item.level)
            else:
                same = before is not None and (before.listed, before.row) == (item.listed, item.row)
                together = same and (item.listed or item.row)
                writing.add(item.text, gap="\n" if together else "\n\n")
            before = item
        return writing

    def _items(self) -> Iterator[_Item]:
        if self._body is not None:
            yield from self._blocks(self._body)
        yield from self._endnotes

    def _part(self, kind: str) -> etree._Element | None:
        name = _related(self._archive, self._main, kind)
        return self._archive.xml(name) if name in self._archive else None

    def _notes_of(self, kind: str) -> dict[str, etree._Element]:
        root = self._part(f"/{kind}s")
        notes = () if root is None else root
        return {attribute(note, "id") or "": note for note in notes if not attribute(note, "type")}

    def _blocks(self, parent: etree._Element) -> Iterator[_Item]:
        for element in parent:
            match local(element):
                case "p":
                    yield from self._paragraph(element)
                case "tbl":
                    yield from self._table(element)
                case "AlternateContent":
                    yield from self._blocks(element[0] if len(element) else element)
                case name if name not in _GONE:
                    yield from self._blocks(element)

    def _inner(self, parent: etree._Element) -> list[_Item]:
        """The blocks of a cell, a note or a box; notes to them wait until all around is read."""
        self._depth += 1
        found = list(self._blocks(parent))
        self._depth -= 1
        return found

    def _paragraph(self, element: etree._Element) -> Iterator[_Item]:
        properties = child(element, "pPr")
        style = self._styles.style(attribute(child(properties, "pStyle")))
        text = self._kept + "".join(self._said(element))
        self._kept = ""
        if child(properties, "rPr", "del") is not None:  # its end is deleted: the next goes on
            self._kept = text
            return
        lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
        bare = "\n".join(line for line in lines if line)
        if bare:
            mark = self._mark(properties, style)
            level = outline_level(properties) or style.level
            listed = bool(mark) and not level
            yield _Item(mark + bare, level, listed=listed, title=style.title)
        if not self._depth:
            yield from self._noted()

    def _noted(self) -> list[_Item]:
        """The notes and text boxes of what was just read, once."""
        after, self._after = self._after, []
        return after

    def _mark(self, properties: etree._Element | None, style: Style) -> str:
        numbering = child(properties, "numPr")
        list_id = attribute(child(numbering, "numId")) or style.list_id
        depth = number(attribute(child(numbering, "ilvl")))
        if list_id is None or list_id == "0":
            return ""
        return self._lists.mark(list_id, style.list_level if depth is None else depth)

    def _said(self, element: etree._Element) -> Iterator[str]:
        """The text of a paragraph or of a part of one."""
        for part in element:
            name = local(part)
            if name == "t":
                yield part.text or ""
            elif name in _SHOWN:
                yield _SHOWN[name]
            elif name in ("footnoteReference", "endnoteReference"):
                self._refer(name.removesuffix("Reference"), attribute(part, "id") or "")
            elif name == _BOX:
                self._after += self._inner(part)
            elif name == "AlternateContent":
                yield from self._said(part[0]) if len(part) else ()
            elif name not in _GONE and not _is_hidden(part):
                yield from self._said(part)

    def _refer(self, kind: str, note_id: str) -> None:
        """Puts a note after the paragraph that refers to it, or at the end."""
        note = self._notes[kind].pop(note_id, None)
        if note is None:
            return
        self._numbers[kind] += 1
        found = self._inner(note)
        if found:
            found[0].text = f"[{self._numbers[kind]}] {found[0].text}"
        if kind == "footnote":
            self._after += found
        else:
            self._endnotes += found

    def _table(self, table: etree._Element) -> Iterator[_Item]:
        """A row is a line of its cells, unless the table only lays out the page."""
        for row in _within(table, "tr"):
            if child(row, "trPr", "del") is not None:
                continue
            cells = [self._inner(cell) for cell in _within(row, "tc")]
            if len(cells) == 1 or any(_is_layout(cell) for cell in cells):
                for cell in cells:
                    yield from cell
            elif any(cells):
                said = (" ".join(" ".join(item.text.split()) for item in cell) for cell in cells)
                yield _Item(" | ".join(said).strip(), row=True)
            if not self._depth:
                yield from self._noted()


def _within(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row, also within content controls."""
    for one in element:
        if local(one) == name:
            yield one
        elif local(one) in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _within(one, name)


def _is_layout(cell: list[_Item]) -> bool:
    return len(cell) > 1 and sum(len(item.text) for item in cell) > _BLOCKS_IN_CELL


def _is_hidden(run: etree._Element) -> bool:
    vanish = child(run, "rPr", "vanish")
    return vanish is not None and attribute(vanish) not in ("0", "false", "off")
