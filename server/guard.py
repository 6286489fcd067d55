"""Who may ask: the Host, the Origin and the key of every request, before anything routes it.

A page in a browser must not be able to drive a server on the reader's own machine, neither by
a cross-site request nor by pointing a name of its own at 127.0.0.1 (DNS rebinding). And since
paths are judged here as "open, or needs the key", a new route cannot forget to ask for it.
"""

import hmac
import ipaddress
import re
from collections.abc import Mapping

from qa.errors import InvalidSetting
from server.errors import Problem

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN_PATHS = frozenset({"/", "/health/live", "/health/ready", "/metrics", "/schema"})
_OPEN_BELOW = ("/schema/", "/page/")
_AUTHORITY = re.compile(rb"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::([0-9]{1,5}))?", re.IGNORECASE)
_OWN_SITES = frozenset({None, b"none", b"same-origin"})
_DEFAULT_PORTS = {b"http": "80", b"https": "443"}

Headers = Mapping[bytes, list[bytes]]


class Guard:
    """Checks a request's head. ``key`` None means that no key is asked for.

    Raises InvalidSetting for a blank key, which every request would have.
    """

    def __init__(self, *, key: str | None, allowed_hosts: frozenset[str]) -> None:
        if key is not None and not key.strip():
            raise InvalidSetting("PINCITE_API_KEY is blank: give a key, or unset it to need none")
        self._key = key.strip().encode() if key else None
        self._allowed_hosts = allowed_hosts

    def check(self, method: str, path: str, headers: Headers, *, reached_at: str | None) -> None:
        """Raise the Problem of a request that may not pass.

        ``reached_at`` is the address of this machine that the connection came in at.
        """
        self._check_host(headers, reached_at)
        if method not in _SAFE_METHODS:
            self._check_origin(headers)
        if self._key is not None and not is_open(path):
            self._check_key(headers, self._key)

    def _check_host(self, headers: Headers, reached_at: str | None) -> None:
        name = _name(_only(headers, b"host") or b"")
        if name and (name in self._allowed_hosts or name == reached_at or _is_loopback(name)):
            return
        raise Problem(
            421,
            "This server is not called by the name in the Host header. Use localhost or the "
            "address it listens on, or start it with that name in --allowed-hosts.",
            kind="wrong-host",
        )

    def _check_origin(self, headers: Headers) -> None:
        site = _only(headers, b"sec-fetch-site")
        origin = _only(headers, b"origin")
        if site in _OWN_SITES and (origin is None or self._is_own(origin, headers)):
            return
        raise Problem(
            403,
            "A page of another site may not change anything here. Call the API from a program, "
            "or from a page that this server itself serves.",
            kind="foreign-origin",
        )

    def _is_own(self, origin: bytes, headers: Headers) -> bool:
        scheme, separator, authority = origin.lower().partition(b"://")
        if not separator:
            return False
        own = _only(headers, b"host") or b""
        port = _DEFAULT_PORTS.get(scheme, "")
        if _name(authority) is not None and _with_port(authority, port) == _with_port(own, port):
            return True
        return _name(authority) in self._allowed_hosts

    def _check_key(self, headers: Headers, key: bytes) -> None:
        scheme, _, given = (_only(headers, b"authorization") or b"").partition(b" ")
        if scheme.lower() == b"bearer" and hmac.compare_digest(given.strip(), key):
            return
        raise Problem(
            401,
            "Send the server's key: Authorization: Bearer KEY, the value of PINCITE_API_KEY.",
            kind="key-needed",
            headers={"WWW-Authenticate": 'Bearer realm="pincite"'},
        )


def is_open(path: str) -> bool:
    """Whether a path needs no key: health, metrics, the API's description, the page."""
    return path in _OPEN_PATHS or path.startswith(_OPEN_BELOW)


def is_loopback(address: str) -> bool:
    """Whether an IP address, in text, is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _is_loopback(name: str) -> bool:
    return name == "localhost" or is_loopback(name)


def _only(headers: Headers, name: bytes) -> bytes | None:
    """A header's value; of one that stands there twice nothing can be believed: it is empty."""
    values = headers.get(name)
    if values is None:
        return None
    return values[0].strip() if len(values) == 1 else b""


def _name(authority: bytes) -> str | None:
    """The name of ``name[:port]``, in lower case, without brackets; None where it is none."""
    parts = _AUTHORITY.fullmatch(authority)
    return parts[1].decode().lower().strip("[]").removesuffix(".") if parts else None


def _with_port(authority: bytes, default: str) -> tuple[str | None, str]:
    parts = _AUTHORITY.fullmatch(authority)
    return _name(authority), (parts[2].decode() if parts and parts[2] else default)
