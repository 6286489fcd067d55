"""A connection to a running server: what it sends back, and what its refusals mean."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import httpx
import msgspec

from index.errors import (
    DocumentNotFound,
    PinciteError,
    SourceTooLarge,
    StoreFull,
    UnsupportedType,
)
from qa.errors import (
    AnswerNotFound,
    ConversationNotFound,
    FeedbackNotFound,
    InvalidRequest,
    RemoteError,
)

T = TypeVar("T")

EVENT_STREAM = "text/event-stream"
PROBLEM = "application/problem+json"

# Adding a large file may take minutes; a server that is there takes a connection at once.
_TIMEOUT = httpx.Timeout(600.0, connect=5.0)

# What a problem's type means, and of the others what a status means when it answers a call
# about a document, a question or a position.
_KINDS: dict[str, type[PinciteError]] = {
    "urn:pincite:conversation-not-found": ConversationNotFound,
    "urn:pincite:answer-not-found": AnswerNotFound,
    "urn:pincite:feedback-not-found": FeedbackNotFound,
}
_MEANINGS: dict[int, type[PinciteError]] = {
    400: InvalidRequest,
    404: DocumentNotFound,
    413: SourceTooLarge,
    415: UnsupportedType,
    422: InvalidRequest,
    507: StoreFull,
}


@dataclass(frozen=True, slots=True)
class Event:
    """A server-sent event; its data is JSON."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class _Problem:
    type: str = "about:blank"
    title: str | None = None
    status: int | None = None
    detail: str | None = None


class Connection:
    """Sends requests to the server whose root is ``url``; ``key`` is its API key.

    What the server reports comes back as the error that a local service would raise, anything
    else as RemoteError with the HTTP status. ``transport`` stands in for the network in tests.
    """

    def __init__(
        self, url: str, *, key: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._url = url
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        try:
            self._client = httpx.Client(
                base_url=url, headers=headers, timeout=_TIMEOUT, transport=transport
            )
        except httpx.InvalidURL as error:
            raise RemoteError(f"{url!r} is no address of a server: {error}") from error
        except UnicodeEncodeError as error:
            raise RemoteError("the API key has characters that no key has: check it") from error

    def send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """The response to a request. ``parts`` are httpx's: json, params, data, files."""
        with self._reaching():
            response = self._client.request(method, path, **parts)
        if not response.is_success:
            self._refused(response)
        return response

    def get(self, path: str, kind: type[T], **params: str | int | None) -> T:
        """What stands at a path; parameters that are None are left out."""
        wanted = {name: value for name, value in params.items() if value is not None}
        return self.read(self.send("GET", path, params=wanted), kind)

    def post(self, path: str, body: dict[str, Any], kind: type[T]) -> T:
        """What a JSON body is answered with."""
        return self.read(self.send("POST", path, json=body), kind)

    def events(self, path: str, body: dict[str, Any]) -> Generator[Event, None, None]:
        """The events that a JSON body is answered with; leaving off tells the server to stop.

        A server that knows no events answers at once: that is an ``answer``.
        """
        accept = {"Accept": f"{EVENT_STREAM}, application/json;q=0.5"}
        with (
            self._reaching(),
            self._client.stream("POST", path, json=body, headers=accept) as response,
        ):
            if not response.is_success:
                response.read()
                self._refused(response)
            if not response.headers.get("Content-Type", "").startswith(EVENT_STREAM):
                yield Event("answer", response.read())
                return
            for event in _events(_lines(response.iter_bytes())):
                if event.name == "error":
                    self._raise(self.decode(event.data, _Problem), response)
                yield event

    def read(self, response: httpx.Response, kind: type[T]) -> T:
        """A response's JSON as ``kind``."""
        return self.decode(response.content, kind, status=response.status_code)

    def decode(self, data: bytes, kind: type[T], *, status: int = 200) -> T:
        """JSON as ``kind``. Raises RemoteError where it is something else."""
        try:
            return msgspec.json.decode(data, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RemoteError(
                f"{self._url} answered with something that is no {kind.__name__.strip('_')} "
                f"({error}): check that a Pincite server of this version runs there",
                status,
            ) from error

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except httpx.ConnectError as error:
            raise RemoteError(
                f"no server answers at {self._url} ({error}): start one with `pincite serve`, "
                "or check the address"
            ) from error
        except httpx.UnsupportedProtocol as error:
            raise RemoteError(
                f"{self._url!r} is no address of a server: give one like http://127.0.0.1:8080"
            ) from error
        except httpx.HTTPError as error:
            raise RemoteError(
                f"{self._url}: {str(error) or type(error).__name__}; try again"
            ) from error

    def _refused(self, response: httpx.Response) -> NoReturn:
        """Raise what the server's problem document means."""
        self._raise(_problem(response), response)

    def _raise(self, problem: _Problem, response: httpx.Response) -> NoReturn:
        status = problem.status or response.status_code
        detail = problem.detail or problem.title
        meaning = _KINDS.get(problem.type) or _MEANINGS.get(status)
        if detail is not None and meaning is not None:
            raise meaning(detail)
        if status == httpx.codes.UNAUTHORIZED:
            detail = "the server wants its key: give --api-key or PINCITE_API_KEY"
        later = response.headers.get("Retry-After")
        wait = f"; try again in {later} s" if later else ""
        said = detail or f"answered {status}, which a Pincite server does not: check the address"
        raise RemoteError(f"{self._url}: {said}{wait}", status)


def _problem(response: httpx.Response) -> _Problem:
    """A problem document; an empty one for an answer that is none."""
    if not response.headers.get("Content-Type", "").startswith(PROBLEM):
        return _Problem()
    try:
        return msgspec.json.decode(response.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Problem()


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines that have ended. httpx's own would also end one at U+2028, which JSON may hold."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.removesuffix(b"\r") for line in lines)


def _events(lines: Iterable[bytes]) -> Iterator[Event]:
    """Events as the HTML standard reads them (9.2.6), as far as the contract uses them."""
    name, data = "message", list[bytes]()
    for line in lines:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            if data:
                yield Event(name, b"\n".join(data))
            name, data = "message", []
        elif field == b"event":
            name = value.decode("utf-8", "replace")
        elif field == b"data":
            data.append(value)
