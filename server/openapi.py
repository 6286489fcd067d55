"""The API's description, completed.

Litestar finds the routes; the shapes are msgspec's own, since Litestar's leave out bounds of
zero, that unknown fields are refused, and what is inside a list or a mapping. What no
annotation says is added here: the two bodies of ``POST /v1/documents``, and response headers.
"""

from copy import deepcopy
from typing import Any

import msgspec

from index.types import Document, Passage
from qa.types import Answer, Verdict
from server.errors import PROBLEM_JSON, ProblemDocument
from server.schemas import (
    About,
    AddRequest,
    AskRequest,
    Documents,
    Health,
    Passages,
    SearchRequest,
    VerifyRequest,
)

_REQUESTS = (AskRequest, SearchRequest, VerifyRequest, AddRequest)
# Sent whole, so each of their fields is always there, defaults or not.
_RESPONSES = (Answer, Passages, Verdict, Documents, Document, Passage, Health, About)
_REF = "#/components/schemas/{name}"

_HEADERS = {
    "401": {"WWW-Authenticate": "How to send the key."},
    "429": {"Retry-After": "Seconds to wait."},
    "503": {"Retry-After": "Seconds to wait."},
}

_ADD_EXAMPLE = {
    "text": "Bar-tailed godwits fly from Alaska to New Zealand without a stop.",
    "title": "Godwits",
    "metadata": {"topic": "birds"},
}

_UPLOAD = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "the article"},
        "title": {"type": "string"},
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def complete(litestar: dict[str, Any]) -> dict[str, Any]:
    """Litestar's description with exact shapes, headers and the body of an upload."""
    described = deepcopy(litestar)
    described["components"]["schemas"] = _schemas()
    for path in described["paths"].values():
        for operation in path.values():
            _add_headers(operation["responses"])
    documents = described["paths"]["/v1/documents"]["post"]
    documents["requestBody"] = {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": _REF.format(name="AddRequest")},
                "example": _ADD_EXAMPLE,
            },
            "multipart/form-data": {"schema": _UPLOAD},
        },
    }
    for status in ("200", "201"):
        _add_header(documents["responses"][status], "Location", "The document's address.")
    text = described["paths"]["/v1/documents/{document_id}/text"]["get"]
    _add_header(text["responses"]["200"], "ETag", "The text's SHA-256, in quotes.")
    return described


def _schemas() -> dict[str, Any]:
    _, sent = msgspec.json.schema_components((*_REQUESTS, ProblemDocument), ref_template=_REF)
    _, given = msgspec.json.schema_components(_RESPONSES, ref_template=_REF)
    for shape in given.values():
        if "properties" in shape:
            shape["required"] = list(shape["properties"])
    # A URL alone is not fetched yet, so there is no body without text.
    sent["AddRequest"]["required"] = ["text"]
    sent["AddRequest"]["properties"]["text"] = {"type": "string", "description": "the article"}
    schemas = {**given, **sent}
    for shape in schemas.values():
        # Docstrings are written for Python's tools, descriptions for Markdown's.
        shape["description"] = shape.get("description", "").replace("``", "`")
    return schemas


def _add_headers(responses: dict[str, Any]) -> None:
    for status, headers in _HEADERS.items():
        if PROBLEM_JSON in responses.get(status, {}).get("content", {}):
            for name, meaning in headers.items():
                _add_header(responses[status], name, meaning)


def _add_header(response: dict[str, Any], name: str, meaning: str) -> None:
    header = {"description": meaning, "schema": {"type": "string"}}
    response.setdefault("headers", {})[name] = header
