"""What kind of file some bytes are, by what they begin with."""

import re
from dataclasses import dataclass

PDF, DOCX, EPUB = "PDF", "DOCX", "EPUB"

_START = 4096
_PDF_WITHIN = 1024
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTROL = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]")
_CONTROL_SHARE = 0.01
_NUL_SHARE = 0.2
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its name for people, and the bytes by which it is known."""

    name: str
    magic: bytes
    offset: int = 0

    def is_of(self, data: bytes) -> bool:
        """Whether the bytes are of this kind."""
        return data[self.offset : self.offset + len(self.magic)] == self.magic


_DOCUMENTS = (
    Kind(PDF, b"%PDF-"),
    Kind("RTF", b"{\\rtf"),
)
"""These look like text, and are known by their beginning alone."""

_BINARY = (
    Kind("PNG image", b"\x89PNG\r\n\x1a\n"),
    Kind("JPEG image", b"\xff\xd8\xff"),
    Kind("GIF image", b"GIF8"),
    Kind("WebP image", b"WEBP", 8),
    Kind("WAVE audio", b"WAVE", 8),
    Kind("TIFF image", b"II*\x00"),
    Kind("TIFF image", b"MM\x00*"),
    Kind("bitmap image", b"BM"),
    Kind("icon", b"\x00\x00\x01\x00"),
    Kind("HEIF image", b"ftyphei", 4),
    Kind("AVIF image", b"ftypavif", 4),
    Kind("MP4 video", b"ftyp", 4),
    Kind("MP3 audio", b"ID3"),
    Kind("Ogg audio", b"OggS"),
    Kind("FLAC audio", b"fLaC"),
    Kind("Matroska or WebM video", b"\x1a\x45\xdf\xa3"),
    Kind("old Microsoft Office (DOC, XLS, PPT)", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    Kind("gzip archive", b"\x1f\x8b"),
    Kind("bzip2 archive", b"BZh"),
    Kind("xz archive", b"\xfd7zXZ\x00"),
    Kind("zstd archive", b"\x28\xb5\x2f\xfd"),
    Kind("7z archive", b"7z\xbc\xaf\x27\x1c"),
    Kind("RAR archive", b"Rar!\x1a\x07"),
    Kind("tar archive", b"ustar", 257),
    Kind("ELF program", b"\x7fELF"),
    Kind("Windows program", b"MZ"),
    Kind("Java class or macOS program", b"\xca\xfe\xba\xbe"),
    Kind("macOS program", b"\xcf\xfa\xed\xfe"),
    Kind("WebAssembly program", b"\x00asm"),
    Kind("SQLite database", b"SQLite format 3\x00"),
    Kind("Parquet table", b"PAR1"),
    Kind("MOBI book", b"BOOKMOBI", 60),
    Kind("font", b"wOFF"),
    Kind("font", b"wOF2"),
    Kind("font", b"OTTO"),
    Kind("TrueType font", b"\x00\x01\x00\x00\x00"),
)

_ZIP = b"PK\x03\x04"
_END_OF_ZIP = b"PK\x05\x06"
_MIMETYPE = re.compile(rb"mimetype(application/[\w.+-]+)")
_TYPES = (
    (b"application/epub+zip", EPUB),
    (b"application/vnd.oasis.opendocument.text", "OpenDocument text (ODT)"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "OpenDocument spreadsheet (ODS)"),
    (b"application/vnd.oasis.opendocument.presentation", "OpenDocument presentation (ODP)"),
    (b"application/vnd.oasis.opendocument", "OpenDocument"),
)
_MEMBERS = (
    (b"word/", DOCX),
    (b"xl/", "XLSX"),
    (b"ppt/", "PPTX"),
    (b"META-INF/container.xml", EPUB),
    (b"META-INF/MANIFEST.MF", "Java archive"),
    (b"Index/Document.iwa", "Apple iWork"),
)
_LISTED = re.compile(rb"PK\x01\x02(?=.{42}([!-~]{1,40}))", re.DOTALL)
"""A member in a ZIP archive's directory: its name begins after 46 bytes."""
_STORED = re.compile(rb"PK\x03\x04(?=.{26}([!-~]{1,40}))", re.DOTALL)
"""A member where it is stored, for archives whose directory is cut off."""


def binary_kind(data: bytes) -> str | None:
    """The name of the kind of binary file the bytes are; None for what may be text."""
    start = data[:_START]
    document = next((kind for kind in _DOCUMENTS if kind.is_of(start.lstrip())), None)
    if document:
        return document.name
    if start.startswith(_TEXT_MARKS):
        return None
    if start.startswith(_ZIP):
        return _zipped(data)
    if not _looks_binary(data):
        return None
    if b"%PDF-" in start[:_PDF_WITHIN]:  # readers of PDF pass over what stands before it
        return PDF
    return next((kind.name for kind in _BINARY if kind.is_of(start)), "binary")


def unmarked_utf16(data: bytes) -> str | None:
    """UTF-16's codec, where every other byte is NUL, as in Western text without a mark."""
    start = data[:_START]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if odd > _NUL_SHARE * len(start) and not even:
        return "utf-16-le"
    return "utf-16-be" if even > _NUL_SHARE * len(start) and not odd else None


def _looks_binary(data: bytes) -> bool:
    """Whether the bytes hold control characters as no text does."""
    if b"\x00" in data:
        return unmarked_utf16(data) is None
    start = data[:_START]
    return len(_CONTROL.findall(start)) > _CONTROL_SHARE * len(start)


def is_html(data: bytes) -> bool:
    """Whether the bytes begin as an HTML page does, whatever their name says."""
    for mark in _TEXT_MARKS:
        data = data.removeprefix(mark)
    start = data[:_START].replace(b"\x00", b"")
    return _HTML.match(start) is not None


def _zipped(data: bytes) -> str:
    """What a ZIP archive holds, by the type it states first or by its members' names."""
    if stated := _MIMETYPE.match(data, 30):
        return next((name for mark, name in _TYPES if stated[1].startswith(mark)), "ZIP archive")
    names = _LISTED.findall(_directory(data)) or _STORED.findall(data)
    for mark, kind in _MEMBERS:
        if any(name.startswith(mark) for name in names):
            return kind
    return "ZIP archive"


def _directory(data: bytes) -> bytes:
    """The list of an archive's members, at its end; empty where it is cut off."""
    end = data.rfind(_END_OF_ZIP)
    if end < 0:
        return b""
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    return data[max(0, end - size) : end]
