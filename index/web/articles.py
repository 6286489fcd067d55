"""The articles of a feed or a sitemap: which they are, then each fetched as its site asks."""

import time
from collections.abc import Callable

from index.errors import EmptySource, UnsupportedType
from index.types import Link, Source
from index.web import feeds
from index.web.feeds import Entry, Holds, Listing
from index.web.fetcher import Fetcher
from index.web.urls import Url, parse

MOST_SITEMAPS = 20
"""So many sitemaps of an index are read, the newest first, until there are articles enough."""


class Articles:
    """Fetches what feeds list, one at a time, pausing between two requests of a site that asks so.

    ``wait`` sleeps for so many seconds, and is faked in tests.
    """

    def __init__(self, fetcher: Fetcher, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._fetcher = fetcher
        self._wait = wait
        self._asked: set[str] = set()

    def listed(self, feed: str, *, limit: int) -> tuple[str, ...]:
        """The addresses of a feed's articles, each once, newest first where it gives dates.

        ``feed`` is the address of a feed, a sitemap, an index of sitemaps, or a page that names
        its feed. Raises SourceError: as ``Fetcher.download`` and ``feeds.read`` do, and
        EmptySource where there are none.
        """
        listing = self._listing(parse(feed))
        if listing.holds is Holds.FEEDS:
            listing = self._listing(listing.entries[0].url)
            if listing.holds is Holds.FEEDS:
                raise UnsupportedType(
                    f"{feed} names a feed that is a page again; give the feed's own address"
                )
        found = feeds.newest(self._articles(listing, limit), limit)
        if not found:
            raise EmptySource(f"{feed} lists no article, so there is nothing to add")
        return tuple(map(str, found))

    def fetch(self, link: Link) -> Source:
        """The page at an address, after the pause its site asks; raises as ``Fetcher.fetch``."""
        self._pause(parse(link.url))
        return self._fetcher.fetch(link)

    def _articles(self, listing: Listing, limit: int) -> tuple[Entry, ...]:
        if listing.holds is Holds.ARTICLES:
            return listing.entries
        found: list[Entry] = []
        for url in feeds.newest(listing.entries, MOST_SITEMAPS):
            part = self._listing(url)
            if part.holds is Holds.ARTICLES:
                found += part.entries
            if len(found) >= limit:
                break
        return tuple(found)

    def _listing(self, url: Url) -> Listing:
        self._pause(url)
        came = self._fetcher.download(str(url))
        return feeds.read(came.data, came.url, max_bytes=self._fetcher.max_bytes)

    def _pause(self, url: Url) -> None:
        if url.origin in self._asked and (seconds := self._fetcher.pause(url)):
            self._wait(seconds)
        self._asked.add(url.origin)
