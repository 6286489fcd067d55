"""GET requests over the guarded network: redirects, bodies below a limit, failures in words."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from importlib.metadata import version
from typing import Self

import httpcore

from index.errors import FetchFailed, SourceTooLarge
from index.web.network import GuardedNetwork
from index.web.urls import Url, parse

MOST_REDIRECTS = 5
USER_AGENT = f"Pincite/{version('pincite')}"

_REDIRECTS = (301, 302, 303, 307, 308)
_ACCEPT = "text/html, application/xhtml+xml, text/markdown, text/plain, */*;q=0.5"
_PIECE = 65_536


class Reply:
    """The answer to a request, whose body is not read yet."""

    def __init__(self, url: Url, response: httpcore.Response) -> None:
        self.url = url
        self.status = response.status
        self._response = response
        self._headers = {name.lower(): _text(value) for name, value in response.headers}

    def header(self, name: str) -> str:
        """A header's value; empty where there is none."""
        return self._headers.get(name.lower().encode(), "")

    @property
    def redirect(self) -> str | None:
        """Where else the page is said to be."""
        return (self.header("Location") or None) if self.status in _REDIRECTS else None

    @property
    def said(self) -> str:
        """The status with its meaning, for people."""
        try:
            return f"{self.status} ({HTTPStatus(self.status).phrase})"
        except ValueError:
            return str(self.status)

    def body(self, max_bytes: int) -> bytes:
        """The whole body, decoded. Raises SourceTooLarge and FetchFailed."""
        stated = self.header("Content-Length")
        if stated.isascii() and stated.isdecimal() and int(stated) > max_bytes:
            raise SourceTooLarge(_too_large(self.url, max_bytes))
        body = bytearray()
        for piece in _decoded(self._response.iter_stream(), self.header("Content-Encoding")):
            body += piece
            if len(body) > max_bytes:
                raise SourceTooLarge(_too_large(self.url, max_bytes))
        return bytes(body)


class Client:
    """Sends GET requests through one network, and so within one deadline.

    It reads no proxy from the environment, keeps no cookies and sends no credentials. To be used
    in a ``with`` block. Requests raise FetchFailed and what the network raises.
    """

    def __init__(self, network: GuardedNetwork, *, seconds: float) -> None:
        self._pool = httpcore.ConnectionPool(network_backend=network, max_keepalive_connections=0)
        self._seconds = seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    @contextmanager
    def following(
        self,
        url: Url,
        *,
        conditions: Mapping[str, str] | None = None,
        before: Callable[[Url], None] = lambda _: None,
    ) -> Iterator[Reply]:
        """The reply of the address, or of where it leads to.

        ``conditions`` are headers for the address itself; ``before`` is told of each address
        before it is asked for, and may refuse it.
        """
        headers = conditions or {}
        for _ in range(MOST_REDIRECTS + 1):
            before(url)
            with self._get(url, headers) as reply:
                if reply.redirect is None:
                    yield reply
                    return
                url, headers = parse(reply.redirect, base=url), {}
        raise FetchFailed(
            f"{url} is one redirect more than the {MOST_REDIRECTS} that are followed; give the "
            "page's own address"
        )

    @contextmanager
    def _get(self, url: Url, conditions: Mapping[str, str]) -> Iterator[Reply]:
        target = httpcore.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target)
        headers = [
            ("Host", url.authority),
            ("User-Agent", USER_AGENT),
            ("Accept", _ACCEPT),
            ("Accept-Encoding", "gzip"),
            ("Connection", "close"),
            *conditions.items(),
        ]
        try:
            with self._pool.stream("GET", target, headers=headers) as response:
                yield Reply(url, response)
        except (httpcore.TimeoutException, TimeoutError) as error:
            raise FetchFailed(
                f"{url} did not answer in full within {self._seconds:g} s; try again later"
            ) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise FetchFailed(
                f"{url} can't be read ({str(error) or type(error).__name__}); check the address, "
                "or try again later"
            ) from error


def _text(value: bytes) -> str:
    """A header's value, which should be ASCII: UTF-8 else, or what a byte is in Latin-1."""
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


def _decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """A body in small pieces: however much one unpacks to, it comes bit by bit."""
    if encoding.lower() in ("", "identity"):
        yield from pieces
        return
    if encoding.lower() not in ("gzip", "x-gzip"):
        raise FetchFailed(f"the page is packed as {encoding!r}, which was not asked for")
    yield from unpacked(pieces, "the page")


def unpacked(pieces: Iterable[bytes], what: str) -> Iterator[bytes]:
    """What gzip packed, in small pieces. Raises FetchFailed where ``what`` is damaged."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        for piece in pieces:
            while piece and not unpacking.eof:
                yield unpacking.decompress(piece, _PIECE)
                piece = unpacking.unconsumed_tail
    except zlib.error as error:
        raise FetchFailed(f"{what} is damaged: its gzip can't be unpacked ({error})") from error
    if not unpacking.eof:
        raise FetchFailed(f"{what} is cut short: its gzip ends in the middle")


def _too_large(url: Url, max_bytes: int) -> str:
    return f"{url} is larger than the {max_bytes:,} bytes that are read; add a part of it"
