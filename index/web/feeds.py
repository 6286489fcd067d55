"""Feeds and sitemaps, as what they list: RSS, Atom, JSON Feed, urlset and sitemapindex."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

import msgspec
from lxml import etree

from index.errors import AddressRefused, FetchFailed, SourceTooLarge, UnsupportedType
from index.formats.archive import guarded_parser
from index.formats.kinds import is_html
from index.web import page
from index.web.client import unpacked
from index.web.urls import Url, parse

MOST_ENTRIES = 50_000
"""So many entries of one list are read: what sitemaps.org allows."""

_GZIP = b"\x1f\x8b"
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_JSON_FEED = "https://jsonfeed.org/version/"


class Holds(StrEnum):
    """What the addresses of a list lead to."""

    ARTICLES = "articles"
    SITEMAPS = "sitemaps"
    FEEDS = "feeds"


@dataclass(frozen=True, slots=True)
class Entry:
    """An address that is listed; ``date`` is when it was published or changed, in POSIX seconds."""

    url: Url
    date: float | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a feed, a sitemap, or a page that names its feeds lists, in its own order."""

    holds: Holds
    entries: tuple[Entry, ...]


_ROOTS = {
    "rss": Holds.ARTICLES,
    "rdf": Holds.ARTICLES,
    "feed": Holds.ARTICLES,
    "urlset": Holds.ARTICLES,
    "sitemapindex": Holds.SITEMAPS,
}
# By the name of an entry: where its address stands, the best place first.
_ADDRESSES = {"item": ("link", "href", "guid"), "entry": ("href",), "url": ("loc",)}
_ADDRESSES["sitemap"] = _ADDRESSES["url"]
_DATES = ("pubdate", "published", "date", "lastmod", "updated")


def read(data: bytes, url: Url, *, max_bytes: int) -> Listing:
    """What the file that was at an address lists; what is no web address is left out.

    Raises UnsupportedType for what lists nothing, SourceTooLarge for what unpacks to more than
    ``max_bytes``, and FetchFailed for what is damaged.
    """
    if data.startswith(_GZIP):
        data = _unpacked(data, url, max_bytes)
    if is_html(data):
        return _of_page(data, url)
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return _of_json(data, url)
    return _of_xml(data, url)


def newest(entries: Iterable[Entry], limit: int) -> tuple[Url, ...]:
    """At most ``limit`` different addresses, newest first, those without a date last."""
    ordered = sorted(entries, key=lambda one: (one.date is None, -(one.date or 0)))
    return tuple(dict.fromkeys(entry.url for entry in ordered))[:limit]


@dataclass(frozen=True, slots=True)
class _Item:
    url: str | None = None
    external_url: str | None = None
    date_published: str | None = None
    date_modified: str | None = None


@dataclass(frozen=True, slots=True)
class _JsonFeed:
    version: str
    items: list[_Item]


class _Target:
    """Takes a parser's events, so that no tree is built however large the file is."""

    def __init__(self, url: Url) -> None:
        self.root = ""
        self.entries: list[Entry] = []
        self._url = url
        self._path: list[str] = []
        self._depth = 0  # of the entry that is open
        self._found: dict[str, str] = {}
        self._text: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2].rpartition(":")[2].lower()
        self._path.append(name)
        self.root = self.root or name
        if not self._depth and name in _ADDRESSES:
            self._depth, self._found = len(self._path), {}
        elif self._depth and len(self._path) == self._depth + 1:
            if name == "link" and attributes.get("rel", "alternate") == "alternate":
                self._found.setdefault("href", attributes.get("href", ""))
            linked = name != "guid" or attributes.get("isPermaLink", "true") == "true"
            self._text = [] if linked else None

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, _: str) -> None:
        name = self._path.pop()
        if self._text is not None and len(self._path) == self._depth:
            if text := "".join(self._text).strip():
                self._found.setdefault(name, text)
            self._text = None
        elif self._depth and len(self._path) < self._depth:
            self._depth = 0
            places = (self._found.get(place) for place in _ADDRESSES[name])
            dates = (self._found.get(date) for date in _DATES)
            if len(self.entries) < MOST_ENTRIES:
                self.entries += _entries(places, dates, self._url)

    def close(self) -> None:
        """Nothing is left to be done."""


def _of_xml(data: bytes, url: Url) -> Listing:
    target = _Target(url)
    parser = guarded_parser(
        target=target,  # type: ignore[arg-type]  # its events for comments are not needed
        recover=True,  # many a feed has an & or an entity of HTML in it
    )
    with suppress(etree.XMLSyntaxError):  # of what is no XML at all no root is found
        etree.fromstring(data, parser)
    holds = _ROOTS.get(target.root)
    if holds is None:
        raise UnsupportedType(
            f"{url} is neither a feed (RSS, Atom, JSON Feed) nor a sitemap; give the address of "
            "one, or add the page without --feed"
        )
    return Listing(holds, tuple(target.entries))


def _of_json(data: bytes, url: Url) -> Listing:
    try:
        feed = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_JsonFeed)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise FetchFailed(f"{url} is JSON, but not of a feed that can be read ({error})") from error
    if not feed.version.startswith(_JSON_FEED):
        raise UnsupportedType(f"{url} is JSON of the version {feed.version[:80]!r}, no JSON Feed")
    entries: list[Entry] = []
    for item in feed.items[:MOST_ENTRIES]:
        dates = (item.date_published, item.date_modified)
        entries += _entries((item.url, item.external_url), dates, url)
    return Listing(Holds.ARTICLES, tuple(entries))


def _of_page(data: bytes, url: Url) -> Listing:
    feeds: list[Entry] = []
    for link in page.links(data):
        is_feed = link.get("type", "").lower() in _FEED_TYPES
        if is_feed and "alternate" in link.get("rel", "").lower().split():
            feeds += _entries((link.get("href"),), (), url)
    if not feeds:
        raise UnsupportedType(
            f"{url} is a page that names no feed; give the address of a feed or sitemap, or add "
            "the page without --feed"
        )
    return Listing(Holds.FEEDS, tuple(feeds))


def _entries(
    places: Iterable[str | None], dates: Iterable[str | None], base: Url
) -> tuple[Entry, ...]:
    """The entry that the first of the places there gives; none where it is no web address."""
    place = next(filter(None, places), None)
    if place is None:
        return ()
    try:
        return (Entry(parse(place, base=base), _when(next(filter(None, dates), ""))),)
    except AddressRefused:
        return ()


def _when(text: str) -> float | None:
    """A date as ISO 8601 or RFC 5322 have it; of no zone, it is taken for UTC."""
    for read_date in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read_date(text.strip())
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            continue
    return None


def _unpacked(data: bytes, url: Url, max_bytes: int) -> bytes:
    found = bytearray()
    for piece in unpacked([data], str(url)):
        found += piece
        if len(found) > max_bytes:
            raise SourceTooLarge(
                f"{url} unpacks to more than the {max_bytes:,} bytes that are read"
            )
    return bytes(found)
