"""A ``POST /v1/documents`` body, JSON or an uploaded file, as a Source or a Link."""

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO

import msgspec
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartParser,
    MultipartPart,
)

from index.sources import read_text, read_upload
from index.types import Link, Source
from index.web.urls import parse
from server.bodies import JSON, StrictRequest, decode, parsed, pointer, require, shaped
from server.errors import Fault, invalid, malformed
from server.schemas import AddRequest, Text

MULTIPART = "multipart/form-data"
_FIELDS = ("file", "title", "metadata")


Sent = Source | Link
"""What a client has sent, checked: a document, or where it is to be fetched."""


class _Described(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Text | None = None
    metadata: dict[Text, Text] | None = None


async def sent_of(request: StrictRequest, *, max_bytes: int) -> Sent:
    """What a request brings. Raises a Problem: 400, 413, 415 or 422; and SourceError."""
    media_type, options = request.content_type
    require(media_type, JSON, MULTIPART)
    if media_type == JSON:
        return _of_json(decode(await request.body(), AddRequest), max_bytes)
    return _of_form(await request.body(), options.get("boundary", ""), max_bytes)


def _of_json(sent: AddRequest, max_bytes: int) -> Sent:
    if sent.text is None:
        if sent.url is None:
            raise invalid(
                Fault("is missing: send the article's text, or its url", pointer=pointer("text"))
            )
        parse(sent.url)  # so that one that can't be fetched is refused at once
        return Link(sent.url, title=sent.title, metadata=sent.metadata or {})
    # A name tells what kind of file something is: a URL's end must not, of what is text.
    name = (sent.title or "text").replace("/", " ")
    source = read_text(sent.text, name=name, max_bytes=max_bytes)
    return replace(source, title=sent.title, url=sent.url, metadata=sent.metadata or {})


def _of_form(body: bytes, boundary: str, max_bytes: int) -> Source:
    parts = _parts(body, boundary)
    if "file" not in parts:
        raise invalid(
            Fault("is missing: send the article as the part named file", pointer="#/file")
        )
    file = parts["file"]
    described = _described(parts)
    # A browser that does not know a file's type says octet-stream, which says nothing.
    declared = None if file.content_type == "application/octet-stream" else file.content_type
    source = read_upload(
        file.raw, name=file.filename or "upload", media_type=declared, max_bytes=max_bytes
    )
    return replace(source, title=described.title, metadata=described.metadata or {})


def _parts(body: bytes, boundary: str) -> Mapping[str, MultipartPart]:
    size = len(body) + 1
    try:
        # Everything stays in memory: the body is there already, and its size was checked.
        parser = MultipartParser(
            BytesIO(body), boundary, part_limit=16, spool_limit=size, memory_limit=size
        )
        parts = parser.parts()
    except (MultipartError, LookupError, UnicodeError) as error:
        raise malformed(f"The body can't be read as {MULTIPART}: {error}.") from error
    faults = [
        Fault(f"is not known here; the parts are {', '.join(_FIELDS)}", pointer=pointer(part.name))
        for part in parts
        if part.name not in _FIELDS
    ]
    if len({part.name for part in parts}) < len(parts):
        faults.append(Fault("has two parts of one name: send one file a request", pointer="#"))
    if faults:
        raise invalid(*faults)
    return {part.name: part for part in parts}


def _described(parts: Mapping[str, MultipartPart]) -> _Described:
    value: dict[str, object] = {}
    if "title" in parts:
        value["title"] = _text(parts["title"])
    if "metadata" in parts:
        value["metadata"] = parsed(parts["metadata"].raw, what="part metadata")
    return shaped(value, _Described)


def _text(part: MultipartPart) -> str:
    try:
        return str(part.raw, "utf-8")
    except UnicodeDecodeError as error:
        raise malformed(f"The part {part.name} is not UTF-8: {error.reason}.") from error
