"""The error responses of a route, for the API's description."""

from http import HTTPStatus

from litestar.openapi import ResponseSpec

from server.errors import PROBLEM_JSON, ProblemDocument

# What any call below /v1 can end in.
_ALWAYS = (400, 401, 403, 421, 500, 503)

_MEANINGS = {
    400: "The request is malformed: no JSON, no UTF-8, no multipart.",
    401: "The server asks for a key, and it is missing or wrong.",
    403: "A page of another site tried to change something.",
    404: "Nothing has this id.",
    413: "The body is over the size limit.",
    415: "The Content-Type, or the kind of file, is not one that is read.",
    421: "The Host header names another server.",
    422: "Well-formed, with wrong values: `errors` lists them.",
    500: "An error that the server did not foresee; please report it.",
    503: "Loading, or too busy: come back after `Retry-After` seconds.",
    507: "The disk is full: deleting and asking still work.",
}


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """Response specifications of these statuses, and of those that every call can have."""
    return {
        status: ResponseSpec(
            ProblemDocument,
            description=_MEANINGS.get(status, HTTPStatus(status).phrase),
            media_type=PROBLEM_JSON,
            generate_examples=False,
        )
        for status in sorted({*_ALWAYS, *statuses})
    }
