"""EPUB: the canonical text is that of the chapters, in the order in which they are read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from index.errors import UnreadableSource
from index.formats.archive import Archive, beside, local
from index.formats.decoding import decode
from index.formats.page import Box, parse, read
from index.formats.written import Writing
from index.names import listed
from index.types import Extract, Heading, Source

MEDIA_TYPE = "application/epub+zip"

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")
_NCX = "application/x-dtbncx+xml"
_DECLARED = re.compile(rb"<\?xml[^>]{0,100}encoding=[\"']([\w.:-]+)")
_TYPE = "{http://www.idpf.org/2007/ops}type"
_OPENING = 3
"""A chapter's heading is among its first blocks."""


def extract(source: Source) -> Extract:
    """The title, author and date that the book states, a line each, then its chapters.

    A chapter is headed as it is itself, or else as the table of contents names it. Raises
    UnreadableSource where the file is damaged or protected, SourceTooLarge over a limit.
    """
    archive = Archive(source, kind="EPUB")
    package = _Package.of(archive)
    writing = Writing()
    authors = listed(package.stated.get("creator", []))
    title = next(iter(package.stated.get("title", [])), None)
    date = next(iter(package.stated.get("date", [])), "")[:10] or None
    chapters = [_chapter(archive, name) for name in package.chapters]
    if any(chapters):
        for line in (title, authors and f"By {authors}", date):
            if line:
                writing.add(line)
    for name, boxes in zip(package.chapters, chapters, strict=True):
        _write(boxes, package.names.get(name), writing)
    return Extract(
        text=writing.text,
        media_type=MEDIA_TYPE,
        title=title,
        author=authors,
        published=date,
        url=source.url,
        headings=tuple(writing.headings),
    )


@dataclass(frozen=True, slots=True)
class _Package:
    """A book: its chapters' members in order, their names in the contents, what it states."""

    chapters: list[str]
    names: dict[str, str]
    stated: dict[str, list[str]]

    @classmethod
    def of(cls, archive: Archive) -> "_Package":
        path = _package_name(archive)
        root = archive.xml(path)
        items = {item.get("id"): item for item in _all(root, "item")}
        spine = [items.get(entry.get("idref")) for entry in _all(root, "itemref")]
        chapters = [
            beside(path, item.get("href") or "")
            for item in spine
            if item is not None and item.get("media-type") in _PAGES and not _is_contents(item)
        ]
        if not chapters:
            raise archive.damaged("it names no chapters")
        _check_protection(archive, chapters)
        names: dict[str, str] = {}
        for item in items.values():
            if _is_contents(item) or item.get("media-type") == _NCX:
                names = _named(archive, beside(path, item.get("href") or "")) or names
        return cls(list(dict.fromkeys(chapters)), names, _stated(root))


def _package_name(archive: Archive) -> str:
    for entry in _all(archive.xml(_CONTAINER), "rootfile"):
        if path := entry.get("full-path"):
            return path
    raise archive.damaged(f"{_CONTAINER} names no package")


def _check_protection(archive: Archive, chapters: list[str]) -> None:
    """Fonts may be scrambled; where chapters are, the book is protected."""
    if _ENCRYPTION not in archive:
        return
    scrambled = {one.get("URI") for one in _all(archive.xml(_ENCRYPTION), "CipherReference")}
    if not scrambled.isdisjoint(chapters):
        raise UnreadableSource(
            f"{archive.name!r} is protected (DRM), so its text can't be read; add a copy without it"
        )


def _stated(root: etree._Element) -> dict[str, list[str]]:
    """What the metadata states, in order, by the names of Dublin Core."""
    stated: dict[str, list[str]] = {}
    for metadata in _all(root, "metadata"):
        for element in metadata.iter(tag=etree.Element):
            said = " ".join((element.text or "").split())
            if said:
                stated.setdefault(local(element), []).append(said)
    return stated


def _is_contents(item: etree._Element) -> bool:
    return "nav" in (item.get("properties") or "").split()


def _named(archive: Archive, name: str) -> dict[str, str]:
    """What the table of contents calls each chapter: the first entry that leads to it."""
    if name not in archive:
        return {}
    root = archive.xml(name)
    named: dict[str, str] = {}
    for point in _all(root, "navPoint"):  # EPUB 2
        target = next((one.get("src") for one in _all(point, "content")), None)
        label = next((one.text for one in _all(point, "text")), None)
        named.setdefault(beside(name, target or ""), " ".join((label or "").split()))
    for nav in _all(root, "nav"):  # EPUB 3
        if nav.get(_TYPE) in ("toc", None):
            for link in _all(nav, "a"):
                label = " ".join("".join(map(str, link.itertext())).split())
                named.setdefault(beside(name, link.get("href") or ""), label)
    return named


def _all(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (element for element in root.iter(f"{{*}}{name}"))


def _chapter(archive: Archive, name: str) -> list[Box]:
    """A chapter's blocks, without its own tables of contents."""
    data = archive.read(name)
    declared = _DECLARED.search(data[:200])
    text = decode(data, name=name, declared=declared[1].decode() if declared else None)
    tree = parse(text)
    if tree is None:
        return []
    page = read(tree)
    contents = {
        index
        for region in page.regions
        if region.tag == "nav"
        for index in range(region.start, region.end)
    }
    return [box for index, box in enumerate(page.boxes) if index not in contents]


def _write(boxes: list[Box], name: str | None, writing: Writing) -> None:
    """A chapter; a name that no heading of it states is written over it."""
    if name and boxes and not any(box.level for box in boxes):
        opening = boxes[:_OPENING]
        same = next((box for box in opening if box.text.casefold() == name.casefold()), None)
        if same:
            same.level = 1
        else:
            writing.add_heading(name, 1)
    before: Box | None = None
    for box in boxes:
        gap = "\n" if before and box.follows(before) else "\n\n"
        span = writing.add(box.text, gap=gap)
        if box.level:
            writing.headings.append(Heading(span.start + box.mark, span.end, box.level))
        before = box
