"""The service on a running server, over the REST API."""

from dataclasses import asdict, dataclass
from json import dumps
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from index.errors import (
    DocumentNotFound,
    PinciteError,
    SourceError,
    SourceTooLarge,
    StoreFull,
    UnsupportedType,
)
from index.types import Added, Document, DocumentPage, Passage, Progress, Scope, Source
from qa.errors import InvalidRequest, RemoteError
from qa.types import Answer, Claim, Question, Verdict

T = TypeVar("T")

# Adding a large file may take minutes; a server that is there takes a connection at once.
_TIMEOUT = httpx.Timeout(600.0, connect=5.0)

# What a status means when it answers a call about a document, a question or a position.
_MEANINGS: dict[int, type[PinciteError]] = {
    400: InvalidRequest,
    404: DocumentNotFound,
    413: SourceTooLarge,
    415: UnsupportedType,
    422: InvalidRequest,
    507: StoreFull,
}


@dataclass(frozen=True, slots=True)
class _Found:
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class _Problem:
    title: str | None = None
    detail: str | None = None


class RemoteService:
    """A ``Service`` whose store and models are in another process.

    ``url`` is the server's root, ``key`` its API key. What the server reports comes back as the
    error that a local service would raise, anything else as RemoteError with the HTTP status.
    ``transport`` stands in for the network in tests.
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

    def add(self, source: Source, *, progress: Progress | None = None) -> Added:
        """Upload a source; returns when the server says that it is durable.

        The server reports no progress, so ``progress`` is not called.
        """
        fields = {"title": source.title, "metadata": dumps(dict(source.metadata))}
        file = (source.name, source.data, source.media_type or "application/octet-stream")
        sent = {name: value for name, value in fields.items() if value not in (None, "{}")}
        try:
            response = self._send("POST", "/v1/documents", data=sent, files={"file": file})
        except InvalidRequest as error:
            raise SourceError(str(error)) from error
        return Added(self._decode(response, Document), response.status_code == httpx.codes.CREATED)

    def remove(self, document_id: str) -> None:
        """Take a document out of everything. Raises DocumentNotFound."""
        self._send("DELETE", _path(document_id))

    def documents(self, *, limit: int = 100, cursor: str | None = None) -> DocumentPage:
        """The stored documents, oldest first."""
        wanted = {"limit": str(limit)} | ({} if cursor is None else {"cursor": cursor})
        return self._decode(self._send("GET", "/v1/documents", params=wanted), DocumentPage)

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentNotFound."""
        return self._decode(self._send("GET", _path(document_id)), Document)

    def text(self, document_id: str) -> str:
        """A document's canonical text. Raises DocumentNotFound."""
        return self._send("GET", f"{_path(document_id)}/text").content.decode()

    def ask(self, question: Question) -> Answer:
        """Answer a question with citations, or refuse with a reason."""
        body = {"question": question.text, "limit": question.limit, **_scope(question.scope)}
        if question.min_confidence is not None:
            body["min_confidence"] = question.min_confidence
        return self._decode(self._send("POST", "/v1/ask", json=body), Answer)

    def search(self, query: str, *, limit: int = 5, scope: Scope = Scope()) -> tuple[Passage, ...]:
        """The passages closest to a query, best first."""
        body = {"query": query, "limit": limit, **_scope(scope)}
        return self._decode(self._send("POST", "/v1/search", json=body), _Found).passages

    def verify(self, claim: Claim) -> Verdict:
        """Whether a quote stands where a citation says. Raises DocumentNotFound."""
        body = {name: value for name, value in asdict(claim).items() if value is not None}
        return self._decode(self._send("POST", "/v1/verify", json=body), Verdict)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **parts)
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
        if not response.is_success:
            self._refused(response)
        return response

    def _refused(self, response: httpx.Response) -> NoReturn:
        """Raise what the server's problem document means."""
        status, detail = response.status_code, _detail(response)
        if detail is not None and status in _MEANINGS:
            raise _MEANINGS[status](detail)
        if status == httpx.codes.UNAUTHORIZED:
            detail = "the server wants its key: give --api-key or PINCITE_API_KEY"
        later = response.headers.get("Retry-After")
        wait = f"; try again in {later} s" if later else ""
        said = detail or f"answered {status}, which a Pincite server does not: check the address"
        raise RemoteError(f"{self._url}: {said}{wait}", status)

    def _decode(self, response: httpx.Response, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(response.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RemoteError(
                f"{self._url} answered with something that is no {kind.__name__.strip('_')} "
                f"({error}): check that a Pincite server of this version runs there",
                response.status_code,
            ) from error


def _path(document_id: str) -> str:
    return f"/v1/documents/{quote(document_id, safe='')}"


def _scope(scope: Scope) -> dict[str, Any]:
    """The scope's fields of a request body; those that restrict nothing are left out."""
    fields = {"document_ids": scope.document_ids, "filter": dict(scope.filter) or None}
    return {name: value for name, value in fields.items() if value is not None}


def _detail(response: httpx.Response) -> str | None:
    """What a problem document says, or None for an answer that is none."""
    if not response.headers.get("Content-Type", "").startswith("application/problem+json"):
        return None
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return problem.detail or problem.title or response.reason_phrase
