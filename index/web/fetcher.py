"""Fetching a page: the address checked, the site asked, the page read, all within one deadline."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpcore

from index.errors import AddressRefused, NotFetched
from index.settings import IndexSettings
from index.types import Document, Link, Source
from index.web import FETCHED_FROM, page
from index.web.client import Client, Reply
from index.web.network import Deadline, GuardedNetwork, Resolve, by_system
from index.web.robots import Robots
from index.web.urls import Url, parse


@dataclass(frozen=True, slots=True)
class Download:
    """What came from ``url``, where the redirects ended."""

    url: Url
    data: bytes


class Fetcher:
    """Fetches pages as the settings allow. Safe to use from many threads.

    Every call takes at most ``fetch_seconds``, whatever the server at the other end does.
    ``resolve`` and ``backend`` stand in for the network in tests.
    """

    def __init__(
        self,
        settings: IndexSettings,
        *,
        resolve: Resolve = by_system,
        backend: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        self._backend = backend
        self._robots = Robots()

    @property
    def max_bytes(self) -> int:
        """The most bytes that are read of anything."""
        return self._settings.max_bytes

    def download(self, address: str) -> Download:
        """What is at an address, of whatever type. Raises as ``fetch``, less UnsupportedType."""
        with self._reply(address, {}) as reply:
            page.check_status(reply)
            return Download(reply.url, reply.body(self.max_bytes))

    def pause(self, url: Url) -> float:
        """The seconds that a site fetched from before asks to be left between two requests."""
        return self._robots.pause(url)

    def fetch(self, link: Link) -> Source:
        """The page at an address; what the link says of it goes before what it says itself.

        Raises SourceError: AddressRefused for an address that is not to be fetched, FetchFailed
        for one that gives no page, UnsupportedType and SourceTooLarge.
        """
        found = self._fetched(link.url, {})
        assert found is not None  # there was no condition
        return replace(found, title=link.title, metadata={**link.metadata, **found.metadata})

    def refetch(self, document: Document) -> Source | None:
        """The page that a document was fetched from as it is now; None where it says unchanged.

        Raises NotFetched for a document that was not fetched, otherwise as ``fetch``.
        """
        known = document.metadata
        if FETCHED_FROM not in known:
            raise NotFetched(
                f"{document.name!r} was not fetched from the web, so it can't be refreshed; remove "
                "it and add it again"
            )
        found = self._fetched(known[FETCHED_FROM], page.conditions(known))
        kept = {key: value for key, value in known.items() if key not in page.KEYS}
        return found and replace(found, metadata={**kept, **found.metadata})

    def _fetched(self, address: str, conditions: Mapping[str, str]) -> Source | None:
        with self._reply(address, conditions) as reply:
            if conditions and reply.status == 304:
                return None
            return page.read(reply, max_bytes=self.max_bytes)

    @contextmanager
    def _reply(self, address: str, conditions: Mapping[str, str]) -> Iterator[Reply]:
        settings = self._settings
        url = parse(address)
        if not settings.fetch:
            raise AddressRefused(
                f"{url} is not fetched, since fetching is switched off here (PINCITE_FETCH); save "
                "the page and add the file"
            )
        network = GuardedNetwork(
            Deadline(settings.fetch_seconds),
            settings.fetch_allow,
            resolve=self._resolve,
            backend=self._backend,
        )
        with (
            Client(network, seconds=settings.fetch_seconds) as client,
            client.following(
                url,
                conditions=conditions,
                before=lambda place: self._robots.check(place, client),
            ) as reply,
        ):
            yield reply
