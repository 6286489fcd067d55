"""A ZIP archive of XML, as DOCX and EPUB are: read in memory, below limits, nothing unpacked."""

import lzma
import posixpath
import zipfile
import zlib
from functools import partial
from io import BytesIO
from urllib.parse import unquote

from lxml import etree

from index.errors import SourceTooLarge, UnreadableSource
from index.types import Source

MOST_MEMBERS = 2_000
MOST_BYTES = 200_000_000
MOST_RATIO = 100
_UNSUSPICIOUS = 1_000_000
"""Up to so many bytes any ratio is fine: short files of one repeated line are."""
_PIECE = 1 << 20
_ENCRYPTED = 0x1
_DAMAGED = (
    zipfile.BadZipFile,
    NotImplementedError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)

guarded_parser = partial(
    etree.XMLParser, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
)
"""A parser of XML from anywhere: no entity is resolved, nothing fetched, no DTD loaded, and there
are at most 256 levels and 10 MB in one text."""


class Archive:
    """The members of an archive; what is read of them is counted as it is unpacked.

    Members are never written anywhere, and archives within it never opened. Raises
    UnreadableSource for damaged and encrypted ones and SourceTooLarge over a limit.
    """

    def __init__(self, source: Source, *, kind: str) -> None:
        self.name = source.name
        self._kind = kind
        self._left = MOST_BYTES
        try:
            self._zip = zipfile.ZipFile(BytesIO(source.data))
            members = self._zip.infolist()
        except _DAMAGED as error:
            raise self.damaged(str(error)) from error
        if len(members) > MOST_MEMBERS:
            raise SourceTooLarge(
                f"{self.name!r} is a ZIP archive of {len(members):,} files; {kind} is read up to "
                f"{MOST_MEMBERS:,}"
            )
        self._members = {member.filename: member for member in members}

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """A member's bytes. Raises UnreadableSource where it is missing."""
        member = self._members.get(name)
        if member is None:
            raise self.damaged(f"{name} is missing in it")
        if member.flag_bits & _ENCRYPTED:
            raise UnreadableSource(
                f"{self.name!r} is encrypted; save it without a password and try again"
            )
        parts: list[bytes] = []
        size = 0
        try:
            with self._zip.open(member) as file:
                while piece := file.read(_PIECE):
                    size += len(piece)
                    self._count(len(piece), size, member)
                    parts.append(piece)
        except _DAMAGED as error:
            raise self.damaged(f"{name}: {error}") from error
        return b"".join(parts)

    def xml(self, name: str) -> etree._Element:
        """A member's tree. No entity is resolved, nothing fetched, no DTD loaded."""
        parser = guarded_parser(remove_comments=True, remove_pis=True)
        try:
            return etree.fromstring(self.read(name), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise self.damaged(f"{name}: {error}") from error

    def damaged(self, reason: str) -> UnreadableSource:
        """The error for an archive that is not what it should be."""
        return UnreadableSource(
            f"{self.name!r} is no whole {self._kind} file ({reason}); save it anew with the "
            "program that made it"
        )

    def _count(self, piece: int, size: int, member: zipfile.ZipInfo) -> None:
        self._left -= piece
        if self._left < 0:
            raise SourceTooLarge(
                f"{self.name!r} unpacks to more than {MOST_BYTES:,} bytes, and up to so many are "
                "read; split it"
            )
        if size > _UNSUSPICIOUS and size > MOST_RATIO * member.compress_size:
            raise SourceTooLarge(
                f"{self.name!r} unpacks to more than {MOST_RATIO} times its size, as no article "
                "does; save it anew with the program that made it"
            )


def beside(base: str, target: str) -> str:
    """The member that ``target`` names within the member ``base``; never one outside."""
    path = posixpath.join(posixpath.dirname(base), unquote(target.partition("#")[0]))
    return posixpath.normpath(path).lstrip("/")


def local(element: etree._Element) -> str:
    """An element's name without its namespace; empty for what is no element."""
    tag: object = element.tag  # a function, where it is an entity
    return etree.QName(element).localname if isinstance(tag, str) else ""
