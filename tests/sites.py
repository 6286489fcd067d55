"""Web sites on loopback, a small internet that leads to them, and canaries to be left alone."""

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore

from index.settings import IndexSettings
from index.web.fetcher import Fetcher

Answer = Callable[[BaseHTTPRequestHandler], None]

PAGE = b"""<!doctype html><html><head><title>Herons</title></head><body><h1>Herons</h1>
<p>The herons came back to the lake in March, which nobody had expected after the flood.</p>
</body></html>"""


def page(
    body: bytes = PAGE,
    *,
    status: int = 200,
    kind: str = "text/html; charset=utf-8",
    **headers: str,
) -> Answer:
    """An answer with a whole body; ``headers`` have underscores for dashes."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def redirect(to: str, status: int = 302) -> Answer:
    """An answer that leads elsewhere."""
    return page(b"", status=status, Location=to)


def bomb(request: BaseHTTPRequestHandler) -> None:
    """Ten megabytes a piece, packed, until nobody reads on."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.send_header("Content-Encoding", "gzip")
    request.end_headers()
    piece = gzip.compress(bytes(10_000_000))
    request.wfile.write(piece)


def drip(request: BaseHTTPRequestHandler) -> None:
    """A byte after the other, as long as somebody waits for them."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    while not request.server.stopping.wait(0.01):  # type: ignore[attr-defined]
        request.wfile.write(b"a")


class Site:
    """A site whose ``pages`` answer by path; ``requests`` are what it was asked, with headers."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.port: int = server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.pages: dict[str, Answer] = {}
        self.requests: list[tuple[str, Mapping[str, str]]] = []

    @property
    def asked(self) -> list[str]:
        """The paths asked for, without robots.txt."""
        return [path for path, _ in self.requests if path != "/robots.txt"]


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that leaves is no news."""


@contextmanager
def site(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site on a free port of loopback; with ``tls`` it speaks HTTPS."""

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            if tls is not None:
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            if tls is not None:
                self.request.close()

        def do_GET(self) -> None:
            found.requests.append((self.path, dict(self.headers)))
            answer = found.pages.get(self.path, page(b"", status=404))
            with suppress(OSError):  # the client has read enough
                answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    server.stopping = threading.Event()  # type: ignore[attr-defined]
    found = Site(server)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.stopping.set()  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()
        thread.join()


class Internet(httpcore.NetworkBackend):
    """Names with their addresses, each later look-up giving the next; all lead to one site.

    ``connected`` are the addresses that were connected to.
    """

    def __init__(self, port: int, names: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._port = port
        self._names = {name: list(addresses) for name, addresses in names.items()}
        self._real = httpcore.SyncBackend()
        self.connected: list[str] = []

    def resolve(self, host: str) -> Sequence[str]:
        """The next addresses of a host, or its last."""
        if host not in self._names:
            raise OSError(f"no such name: {host}")
        answers = self._names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: object, **__: object
    ) -> httpcore.NetworkStream:
        self.connected.append(host)
        return self._real.connect_tcp("127.0.0.1", self._port, timeout)


@contextmanager
def canary() -> Iterator[int]:
    """A port of loopback, IPv4 and IPv6, that must not be connected to meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as four:
        port: int = four.getsockname()[1]
        sockets = [four]
        if socket.has_ipv6:
            with suppress(OSError):  # this machine has no IPv6
                sockets.append(socket.create_server(("::1", port), family=socket.AF_INET6))
        yield port
        for one in sockets:
            one.setblocking(False)
            try:
                connection, _ = one.accept()
            except BlockingIOError:
                continue
            finally:
                one.close()
            connection.close()
            raise AssertionError("something connected to loopback")


class _Nowhere(httpcore.NetworkBackend):
    def connect_tcp(self, host: str, *_: object, **__: object) -> httpcore.NetworkStream:
        raise httpcore.ConnectError(f"{host} is not on this test's network")


def offline() -> Fetcher:
    """Fetches nothing, whatever it is asked for: not even a name is looked up."""
    return Fetcher(IndexSettings(), resolve=lambda _: (), backend=_Nowhere())
