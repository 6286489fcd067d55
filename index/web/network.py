"""The network as fetching sees it: checked addresses only, and a deadline over everything."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from ipaddress import ip_address
from typing import TypeVar

import httpcore

from index.errors import AddressRefused, FetchFailed
from index.web.addresses import Allowed, is_public

T = TypeVar("T")
Resolve = Callable[[str], Sequence[str]]

_CONNECTING_SECONDS = 5.0
_WEB_PORTS = (80, 443)
_FIRST_FREE_PORT = 1024


def by_system(host: str) -> Sequence[str]:
    """The IP addresses of a host, by the system's resolver. Raises OSError and UnicodeError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(info[4][0]) for info in found))


class Deadline:
    """A point in time that everything has to be finished by."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds until then. Raises TimeoutError where there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def run(self, call: Callable[[], T]) -> T:
        """The result of a call that has no time limit of its own. Raises TimeoutError."""
        result: Future[T] = Future()

        def work() -> None:
            try:
                result.set_result(call())
            except BaseException as error:
                result.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return result.result(self.left())


class GuardedNetwork(httpcore.NetworkBackend):
    """Looks each host up once, checks every address found, and connects to one of just these.

    This is the only way to a connection, so no spelling, redirect or name that later leads
    elsewhere gets around it. Made anew for each page. ``backend`` connects to addresses; it and
    ``resolve`` are faked in tests.
    """

    def __init__(
        self,
        deadline: Deadline,
        allowed: Allowed,
        *,
        resolve: Resolve = by_system,
        backend: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._deadline = deadline
        self._allowed = allowed
        self._resolve = resolve
        self._backend = backend or httpcore.SyncBackend()
        self._found: dict[str, Sequence[str]] = {}

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the host. Raises AddressRefused, FetchFailed, and httpcore's errors."""
        failure: Exception = FetchFailed(f"the host {host} has no address; check its name")
        for address in self._checked(host, port):
            try:
                seconds = min(self._deadline.left(), _CONNECTING_SECONDS)
                stream = self._backend.connect_tcp(address, port, timeout=seconds)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure

    def _checked(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host, all of which may be connected to."""
        addresses = self._addresses(host)
        for address in map(ip_address, addresses):
            if self._allowed.covers(host, address):
                continue
            if not is_public(address):
                raise AddressRefused(
                    f"{host} is on a private network, or this machine itself, which is not "
                    "fetched from; save the page and add the file, or name the host in "
                    "PINCITE_FETCH_ALLOW"
                )
            if port not in _WEB_PORTS and port < _FIRST_FREE_PORT:
                raise AddressRefused(
                    f"port {port} of {host} belongs to something other than the web; fetched from "
                    f"are 80, 443 and those from {_FIRST_FREE_PORT:,} up"
                )
        return addresses

    def _addresses(self, host: str) -> Sequence[str]:
        try:
            return (str(ip_address(host)),)
        except ValueError:
            pass
        if host not in self._found:
            self._found[host] = self._looked_up(host)
        return self._found[host]

    def _looked_up(self, host: str) -> Sequence[str]:
        try:
            return self._deadline.run(lambda: self._resolve(host))
        except TimeoutError:
            raise
        except (OSError, UnicodeError) as error:
            raise FetchFailed(f"the host {host} can't be found; check its name") from error


class _TimedStream(httpcore.NetworkStream):
    """A connection on which nothing takes longer than the deadline leaves."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _TimedStream(stream, self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
