"""robots.txt (RFC 9309): what a site asks of programs, obeyed and remembered for a while."""

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from protego import Protego

from index.errors import AddressRefused, FetchFailed, SourceTooLarge
from index.web.client import USER_AGENT, Client
from index.web.urls import Url

_SECONDS = 600.0
_MOST_SITES = 500
_LONGEST_PAUSE = 5.0
_MOST_BYTES = 512_000
# Groups that are not for us are made one: of very many, each with all rules, none is an end.
_OTHERS = re.compile(r"(?im)^[ \t]*user[- ]?agent\b(?!.*(?:\*|pincite)).*$")


@dataclass(frozen=True, slots=True)
class _Rules:
    parsed: Protego
    until: float


class Robots:
    """The rules of the sites that were fetched from. Safe to use from many threads."""

    def __init__(self) -> None:
        self._sites: OrderedDict[str, _Rules] = OrderedDict()
        self._turn = threading.Lock()

    def check(self, url: Url, client: Client) -> None:
        """Raise AddressRefused where the site asks that the page be left alone.

        A site without a robots.txt asks nothing. Raises FetchFailed where it can't say.
        """
        if not self._rules(url, client).can_fetch(str(url), USER_AGENT):
            raise AddressRefused(
                f"{url.origin} asks programs not to fetch {url.path} (in its robots.txt); save the "
                "page in a browser and add the file"
            )

    def pause(self, url: Url) -> float:
        """The seconds between two requests that the site has asked for, at most five.

        None, which is 0, where its robots.txt was not read yet.
        """
        with self._turn:
            known = self._sites.get(url.origin)
        asked = known.parsed.crawl_delay(USER_AGENT) if known else None
        return min(max(0.0, asked or 0.0), _LONGEST_PAUSE)

    def _rules(self, url: Url, client: Client) -> Protego:
        now = time.monotonic()
        with self._turn:
            known = self._sites.get(url.origin)
        if known is None or known.until < now:
            known = _Rules(_parsed(_text(url, client)), now + _SECONDS)
            with self._turn:
                self._sites[url.origin] = known
                if len(self._sites) > _MOST_SITES:
                    self._sites.popitem(last=False)
        return known.parsed


def _text(url: Url, client: Client) -> str:
    place = Url(url.scheme, url.host, url.port, "/robots.txt")
    with client.following(place) as reply:
        if reply.status >= 500:
            raise FetchFailed(
                f"{place} answered {reply.said}, so whether {url} may be fetched can't be told; "
                "try again later"
            )
        if reply.status != 200:
            return ""
        try:
            return reply.body(_MOST_BYTES).decode("utf-8", "replace")
        except SourceTooLarge as error:
            raise FetchFailed(f"{place} is too large to be read, so {url} is left alone") from error


def _parsed(text: str) -> Protego:
    lines = "\n".join(text.removeprefix("\ufeff").splitlines())
    return Protego.parse(_OTHERS.sub("User-agent: others", lines))
