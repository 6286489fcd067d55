"""Where articles come from: files, folders, standard input, uploads and texts, as a Source.

Web pages come from ``index.web.fetcher``.
"""

import os
import stat
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from index.errors import SourceTooLarge, UndecodableText, UnreadableSource
from index.formats import SUFFIXES
from index.types import Source

_LONGEST_NAME = 200
_HIDDEN = (".", "~$")


def read_path(path: Path, *, max_bytes: int) -> Source:
    """The file's bytes and its name without folders.

    Raises UnreadableSource for what can't be read and SourceTooLarge above ``max_bytes``.
    """
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            raise UnreadableSource(f"{str(path)!r} is a folder; name a file in it")
        with path.open("rb") as file:
            return _read(file, name=path.name, max_bytes=max_bytes)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UnreadableSource(
            f"{str(path)!r} can't be read ({reason}); check its name and permissions"
        ) from error


def read_stdin(stream: BinaryIO | None = None, *, max_bytes: int) -> Source:
    """All of standard input, named ``stdin``. Raises as ``read_path``."""
    try:
        return _read(stream or sys.stdin.buffer, name="stdin", max_bytes=max_bytes)
    except (OSError, ValueError, AttributeError) as error:
        raise UnreadableSource(f"standard input can't be read ({error})") from error


def read_upload(data: bytes, *, name: str, media_type: str | None, max_bytes: int) -> Source:
    """An upload's bytes, under the last part of the name its sender gave."""
    if len(data) > max_bytes:
        raise SourceTooLarge(_too_large(name, max_bytes))
    return Source(data=data, name=clean_name(name), media_type=media_type)


def read_text(text: str, *, name: str, max_bytes: int) -> Source:
    """A text that was handed over as such. Raises UndecodableText for lone surrogates."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UndecodableText(
            f"the text holds a lone surrogate (U+{ord(text[error.start]):04X}) at character "
            f"{error.start}, which is half a character; send the whole one"
        ) from error
    return read_upload(data, name=name, media_type=None, max_bytes=max_bytes)


def walk(path: Path) -> Iterator[Path]:
    """The files below a folder that may be read, sorted; hidden ones are skipped.

    A file is given as it is. Links to folders are not followed. Raises UnreadableSource for
    what does not exist.
    """
    if not path.is_dir():
        if not path.exists():
            raise UnreadableSource(f"{str(path)!r} does not exist; check the name")
        yield path
        return
    for folder, folders, files in os.walk(path, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith(_HIDDEN))
        for name in sorted(files):
            file = Path(folder, name)
            supported = name.lower().endswith(SUFFIXES) and not name.startswith(_HIDDEN)
            if supported and file.is_file():
                yield file


def _unreadable(error: OSError) -> None:
    raise UnreadableSource(
        f"the folder {str(error.filename)!r} can't be read ({error.strerror}); "
        "check its permissions"
    ) from error


def clean_name(name: str) -> str:
    """The last part of a name, printable and not too long; ``unnamed`` where none is left."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(character for character in last if _is_printable(character))
    return " ".join(kept.split()).strip(". ")[-_LONGEST_NAME:] or "unnamed"


def _is_printable(character: str) -> bool:
    """No control, format (which can reverse a name), surrogate or private-use character."""
    return unicodedata.category(character)[0] != "C"


def _read(stream: BinaryIO, *, name: str, max_bytes: int) -> Source:
    data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise SourceTooLarge(_too_large(name, max_bytes))
    return Source(data=data, name=clean_name(name))


def _too_large(name: str, max_bytes: int) -> str:
    return (
        f"{clean_name(name)!r} is larger than the {max_bytes:,} bytes that are read; "
        "split it, or raise the limit"
    )
