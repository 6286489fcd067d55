"""What goes wrong, as HTTP: every error is a problem (RFC 9457). ``dialects`` tells it.

``Problem`` is the only error that routes raise. ``problem_of`` turns any other into one: the
packages' own by the table ``_KINDS``, Litestar's by their status, and whatever was not
foreseen into a 500 that says nothing about the inside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import msgspec
from litestar.exceptions import HTTPException, ValidationException

from index import errors as index
from qa import errors as qa
from server import logs
from server.wording import plain

PROBLEM_JSON = "application/problem+json"
PROBLEM_KIND = "pincite.problem"  # the ASGI scope's entry with the kind a request ended in
CLIENT_GONE = 499  # nginx's status for "the client went away": only logs and metrics see it


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One wrong value: what is wrong, and where it stands in the body or the query."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem as it is sent (RFC 9457). ``detail`` says what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = ()


class Problem(Exception):
    """An error with its HTTP status; ``kind`` makes its type ``urn:pincite:<kind>``."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str | None = None,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    @property
    def document(self) -> ProblemDocument:
        """The problem as it is sent."""
        title = _phrase(self.status)
        if self.kind:
            title = self.kind.replace("-", " ").capitalize()
        return ProblemDocument(
            type=f"urn:pincite:{self.kind}" if self.kind else "about:blank",
            title=title,
            status=self.status,
            detail=self.detail,
            errors=self.errors,
        )


def malformed(detail: str) -> Problem:
    """400: not what its media type says it is."""
    return Problem(400, detail, kind="malformed-request")


def invalid(*faults: Fault) -> Problem:
    """422: well-formed, with wrong values."""
    told = "; ".join(f"{_name(fault)} {fault.detail}" for fault in faults)
    return Problem(
        422, f"{told}. Correct this and send it again.", kind="invalid-request", errors=faults
    )


def too_large(limit: int) -> Problem:
    """413: a body over the limit."""
    return Problem(
        413,
        f"The request's body is over the limit of {limit:,} bytes. Send less, or split it.",
        kind="too-large",
    )


def unavailable(detail: str, *, kind: str, seconds: int) -> Problem:
    """503: come back in so many seconds."""
    return Problem(503, detail, kind=kind, headers={"Retry-After": str(seconds)})


def client_gone() -> Problem:
    """The client closed the connection, so nobody hears this."""
    return Problem(CLIENT_GONE, "The client closed the connection.", kind="client-gone")


def stopping() -> Problem:
    """503: the server ends before this request does."""
    detail = "The server is stopping, and did not finish this. Send it again in 10 s."
    return unavailable(detail, kind="stopping", seconds=10)


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    name: str
    retry_after: int | None = None


_KINDS: dict[type[index.PinciteError], _Kind] = {
    index.DocumentNotFound: _Kind(404, "document-not-found"),
    index.InvalidCursor: _Kind(422, "invalid-request"),
    index.SourceTooLarge: _Kind(413, "too-large"),
    index.UnsupportedType: _Kind(415, "unsupported-type"),
    index.AddressRefused: _Kind(422, "address-refused"),
    index.FetchFailed: _Kind(422, "fetch-failed"),
    index.NotFetched: _Kind(422, "not-fetched"),
    index.SourceError: _Kind(422, "unusable-document"),
    index.StoreFull: _Kind(507, "disk-full"),
    index.StoreLocked: _Kind(503, "store-locked", retry_after=5),
    index.StoreError: _Kind(503, "store-unusable", retry_after=60),
    index.ModelError: _Kind(503, "model-unusable", retry_after=60),
    qa.WeightsError: _Kind(503, "model-unusable", retry_after=60),
    qa.ConversationNotFound: _Kind(404, "conversation-not-found"),
    qa.AnswerNotFound: _Kind(404, "answer-not-found"),
    qa.FeedbackNotFound: _Kind(404, "feedback-not-found"),
    qa.InvalidQuestion: _Kind(422, "invalid-request"),
    qa.InvalidRequest: _Kind(422, "invalid-request"),
    qa.RemoteError: _Kind(503, "upstream-unusable", retry_after=5),
}


def problem_of(error: Exception) -> Problem:
    """Any error as a Problem; one that was not foreseen is a 500 and is logged."""
    if isinstance(error, Problem):
        return error
    for kind in type(error).__mro__:
        if kind in _KINDS:
            return _of_package(error, _KINDS[kind])
    if isinstance(error, ValidationException):
        return invalid(*_faults(error))
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _of_litestar(error)
    logs.unforeseen(error)
    return Problem(
        500,
        "Something went wrong in the server that it did not foresee; its log says where. "
        "Please report it.",
    )


def _of_package(error: Exception, kind: _Kind) -> Problem:
    detail = str(error)
    return Problem(
        kind.status,
        detail,
        kind=kind.name,
        errors=[Fault(detail)] if kind.status == 422 else (),
        headers={"Retry-After": str(kind.retry_after)} if kind.retry_after else None,
    )


def _of_litestar(error: HTTPException) -> Problem:
    details = {
        404: "There is nothing at this address. GET /schema lists the addresses there are.",
        405: "This address does not take this method; the Allow header lists those it takes.",
    }
    detail = details.get(error.status_code, f"{error.detail}. GET /schema describes the API.")
    return Problem(error.status_code, detail, headers=error.headers)


def _faults(error: ValidationException) -> list[Fault]:
    extra = error.extra if isinstance(error.extra, list) else []
    faults = [Fault(plain(e.get("message", "is wrong")), parameter=e.get("key")) for e in extra]
    return faults or [Fault("holds a wrong value")]


def _name(fault: Fault) -> str:
    return fault.parameter or (fault.pointer or "#").removeprefix("#/").replace("#", "the body")


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status != CLIENT_GONE else "Client Closed Request"
