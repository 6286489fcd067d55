"""A page that came, as a Source: its type, name, own address, and how to ask for it again."""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

from tld import get_fld

from index.errors import AddressRefused, FetchFailed, UnsupportedType
from index.formats import FORMATS
from index.sources import clean_name
from index.types import Source
from index.web import FETCHED_FROM
from index.web.client import Reply
from index.web.urls import Url, parse

FETCHED_AT = "fetched_at"
_VALIDATORS = {"etag": "If-None-Match", "last_modified": "If-Modified-Since"}
KEYS = frozenset((FETCHED_FROM, FETCHED_AT, *_VALIDATORS))
"""The keys of a document's metadata that say how it was fetched."""

_HEADERS = {"etag": "ETag", "last_modified": "Last-Modified"}
_UNSAID = ("", "application/octet-stream", "binary/octet-stream")
_VALUE = re.compile(r"[\x20-\x7e]{1,500}")
_HEAD = 200_000
_LINK = re.compile(r"<link\b([^<>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


def read(reply: Reply, *, max_bytes: int) -> Source:
    """The page of a reply.

    Raises FetchFailed for an error's page, UnsupportedType for what is not read, SourceTooLarge.
    """
    check_status(reply)
    _check_type(reply)
    data = reply.body(max_bytes)
    return Source(
        data=data,
        name=_name(reply.url),
        media_type=reply.header("Content-Type") or None,
        url=str(_own_address(data, reply.url)),
        metadata=_fetched(reply),
    )


def check_status(reply: Reply) -> None:
    """Raise FetchFailed for an error's page."""
    if not 200 <= reply.status < 300:
        raise FetchFailed(f"{reply.url} answered {reply.said}; check the address in a browser")


def links(data: bytes) -> Iterator[dict[str, str]]:
    """The attributes of each ``<link>`` in the head of a page, their names in lower case."""
    head = data[:_HEAD].decode("utf-8", "replace")
    for link in _LINK.finditer(head):
        yield {
            name.lower(): html.unescape(next(filter(None, values), ""))
            for name, *values in _ATTRIBUTE.findall(link[1])
        }


def conditions(metadata: Mapping[str, str]) -> dict[str, str]:
    """The headers that ask for a page only where it is not the one that has these metadata."""
    return {
        header: metadata[key]
        for key, header in _VALIDATORS.items()
        if _VALUE.fullmatch(metadata.get(key, ""))
    }


def _fetched(reply: Reply) -> dict[str, str]:
    found = {key: reply.header(header) for key, header in _HEADERS.items()}
    return {
        FETCHED_FROM: str(reply.url),
        FETCHED_AT: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **{key: value for key, value in found.items() if _VALUE.fullmatch(value)},
    }


def _check_type(reply: Reply) -> None:
    declared = reply.header("Content-Type").partition(";")[0].strip().lower()
    read = {media_type for known in FORMATS for media_type in known.media_types}
    if declared not in read and declared not in _UNSAID:
        names = ", ".join(known.name for known in FORMATS)
        raise UnsupportedType(f"{reply.url} is {declared}, which is not read; read are {names}")


def _name(url: Url) -> str:
    """The host and the last part of the path: ``example.org/heron.html``."""
    tail = unquote(url.path).rstrip("/").rpartition("/")[2]
    return f"{url.host}/{clean_name(tail) if tail else ''}"


def _own_address(data: bytes, url: Url) -> Url:
    """The address the page calls its own, where that is of the same site; else where it was."""
    for link in links(data):
        if "canonical" in link.get("rel", "").lower().split() and link.get("href"):
            try:
                own = parse(link["href"], base=url)
            except AddressRefused:
                return url
            return own if _site(own) == _site(url) else url
    return url


def _site(url: Url) -> str:
    """The domain that somebody registered, or the host where it is under none."""
    return get_fld(str(url), fail_silently=True, search_private=True) or url.host
