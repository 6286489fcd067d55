"""How an error is told: as a problem, or where OpenAI's protocol is spoken as its clients expect.

They read a message out of ``{"error": {…}}`` and choose their exception by the status, in which
422 is unknown to most: what is wrong with a request is a 400 there.
"""

from dataclasses import dataclass
from typing import Any, cast

import msgspec
from litestar import Request, Response
from litestar.datastructures import State

from server.bodies import JSON
from server.errors import PROBLEM_JSON, PROBLEM_KIND, Problem, problem_of

_OPENAI = ("/v1/chat/", "/v1/models")
_CODES = {"key-needed": "invalid_api_key"}


class OpenAIError(msgspec.Struct, frozen=True):
    """What went wrong: ``param`` is the field, ``code`` the kind of problem."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIErrorDocument(msgspec.Struct, frozen=True):
    """An error as OpenAI's API sends it. ``message`` says what to do about it."""

    error: OpenAIError


@dataclass(frozen=True, slots=True)
class Told:
    """An error as it is sent."""

    status: int
    body: bytes
    media_type: str


def told(problem: Problem, path: str) -> Told:
    """The error as clients of the address expect it."""
    if not path.startswith(_OPENAI):
        return Told(problem.status, msgspec.json.encode(problem.document), PROBLEM_JSON)
    status = 400 if problem.status == 422 else problem.status
    return Told(status, msgspec.json.encode(openai_error(problem)), JSON)


def handle(request: Request[Any, Any, State], error: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything."""
    problem = problem_of(error)
    cast(dict[str, object], request.scope)[PROBLEM_KIND] = problem.kind
    said = told(problem, request.scope["path"])
    # As a header, since Litestar would put a charset behind a media type of bytes.
    headers = {**problem.headers, "Content-Type": said.media_type}
    return Response(said.body, status_code=said.status, headers=headers)


def openai_error(problem: Problem) -> OpenAIErrorDocument:
    """A problem in OpenAI's shape."""
    kind = problem.kind or ""
    return OpenAIErrorDocument(
        OpenAIError(
            message=problem.detail,
            type="server_error" if problem.status >= 500 else "invalid_request_error",
            param=_param(problem),
            code=_CODES.get(kind, kind.replace("-", "_")) or None,
        )
    )


def _param(problem: Problem) -> str | None:
    """``#/messages/3/content`` as ``messages[3].content``."""
    pointer = problem.errors[0].pointer if problem.errors else None
    steps = (pointer or "").split("/")[1:]
    path = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps)
    return path.removeprefix(".") or None
