"""The API's description, completed.

Litestar finds the routes; the shapes are msgspec's own, since Litestar's leave out bounds of
zero, that unknown fields are refused, and what is inside a list or a mapping. What no
annotation says is added here: bodies that come in two kinds, and response headers.
"""

from copy import deepcopy
from typing import Any

from index.types import Document, Passage, Refreshed
from qa.types import Answer, Conversation, Interpretation, Retrieval, Transcript, Verdict
from server.bodies import JSON
from server.completions import ChatCompletion, Chunk
from server.dialects import OpenAIErrorDocument
from server.errors import ProblemDocument
from server.guard import is_open
from server.media import CHUNKS, EVENTS, FORMAT, QUESTION_SET, UPLOAD
from server.openai import ChatRequest, Model, Models
from server.schemas import (
    AddRequest,
    AskRequest,
    Conversations,
    DocumentOutline,
    Documents,
    FeedbackRequest,
    Health,
    Job,
    Jobs,
    Judgements,
    MessageRequest,
    Passages,
    RenameRequest,
    SearchRequest,
    StartRequest,
    Suggestions,
    VerifyRequest,
)
from server.shapes import shapes_of

_REQUESTS = (
    *(AskRequest, SearchRequest, VerifyRequest, AddRequest),
    *(StartRequest, RenameRequest, MessageRequest, FeedbackRequest, ChatRequest),
)
# Sent whole, so each of their fields is always there, defaults or not.
_RESPONSES = (
    *(Answer, Passages, Verdict, Documents, Document, Passage, Health),
    *(Interpretation, Retrieval, Conversation, Conversations, Transcript, Judgements),
    *(DocumentOutline, Suggestions, Job, Jobs, Refreshed),
    *(ChatCompletion, Model, Models, OpenAIErrorDocument),
)
# Sent without the fields that say nothing.
_SPARSE = (ProblemDocument, Chunk)
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

_FEEDBACK = {
    "operationId": "give_feedback",
    "requestBody": {"answer_id": "$response.body#/id", "verdict": "right"},
    "description": "What a person says of the answer.",
}
_WITHDRAWAL = {
    "operationId": "withdraw_feedback",
    "parameters": {"answer_id": "$request.body#/answer_id"},
    "description": "Takes it back.",
}
_RENAMING = {
    "operationId": "rename_conversation",
    "parameters": {"conversation_id": "$response.body#/id"},
    "requestBody": {"title": "Godwits"},
    "description": "Another title.",
}
_MESSAGE = {
    "operationId": "add_message",
    "parameters": {"conversation_id": "$response.body#/id"},
    "requestBody": {"question": "Who wrote this, and when?"},
    "description": "The first question, and any further one.",
}


def complete(litestar: dict[str, Any]) -> dict[str, Any]:
    """Litestar's description with exact shapes, headers, and bodies of several kinds."""
    described = deepcopy(litestar)
    described["components"]["schemas"] = _schemas()
    for path, operations in described["paths"].items():
        for operation in operations.values():
            _add_headers(operation["responses"])
            if is_open(path):
                operation["security"] = []
    _documents(described["paths"])
    _conversations(described["paths"])
    return described


def _documents(paths: dict[str, Any]) -> None:
    add = paths["/v1/documents"]["post"]
    add["requestBody"] = {
        "required": True,
        "content": {
            JSON: {"schema": {"$ref": _REF.format(name="AddRequest")}, "example": _ADD_EXAMPLE},
            "multipart/form-data": {"schema": UPLOAD},
        },
    }
    for status in ("200", "201"):
        _add_header(add["responses"][status], "Location", "The document's address.")
    accepted = add["responses"]["202"]
    _add_header(accepted, "Location", "The job's address.")
    _add_header(accepted, "Preference-Applied", "`respond-async`")
    accepted["links"] = {"job": _following("get_job"), "cancel": _following("delete_job")}
    text = paths["/v1/documents/{document_id}/text"]["get"]
    _add_header(text["responses"]["200"], "ETag", "The text's SHA-256, in quotes.")


def _following(operation: str) -> dict[str, Any]:
    return {"operationId": operation, "parameters": {"job_id": "$response.body#/id"}}


def _conversations(paths: dict[str, Any]) -> None:
    one = "/v1/conversations/{conversation_id}"
    for path in ("/v1/ask", f"{one}/messages"):
        answer = paths[path]["post"]["responses"]["200"]
        answer["content"]["text/event-stream"] = EVENTS
        answer["links"] = {"feedback": _FEEDBACK}
    completions = paths["/v1/chat/completions"]["post"]
    completions["responses"]["200"]["content"]["text/event-stream"] = CHUNKS
    start = paths["/v1/conversations"]["post"]
    start["requestBody"] = {
        "required": False,
        "content": {JSON: {"schema": {"$ref": _REF.format(name="StartRequest")}}},
    }
    _add_header(start["responses"]["201"], "Location", "The conversation's address.")
    start["responses"]["201"]["links"] = {"message": _MESSAGE, "rename": _RENAMING}
    export = paths[f"{one}/export"]["get"]
    export["parameters"][1]["schema"] = FORMAT
    export["responses"]["200"]["content"] = {
        "text/markdown": {"schema": {"type": "string"}},
        JSON: {"schema": {"$ref": _REF.format(name="Transcript")}},
    }
    _add_header(export["responses"]["200"], "Content-Disposition", "A name for the file.")
    given = paths["/v1/feedback"]["post"]
    given["responses"]["204"]["links"] = {"withdraw": _WITHDRAWAL}
    feedback = paths["/v1/feedback/export"]["get"]
    feedback["responses"]["200"]["content"][JSON]["schema"] = QUESTION_SET


def _schemas() -> dict[str, Any]:
    _, sent = shapes_of((*_REQUESTS, *_SPARSE), reference=_REF)
    _, given = shapes_of(_RESPONSES, reference=_REF, whole=True)
    # Within a job it is sparse too.
    given |= {name: sent[name] for name in ("ProblemDocument", "Fault")}
    # One of the two at least, which the type can't say.
    sent["AddRequest"]["anyOf"] = [{"required": ["text"]}, {"required": ["url"]}]
    return {**sent, **given}


def _add_headers(responses: dict[str, Any]) -> None:
    for status, headers in _HEADERS.items():
        if status in responses:
            for name, meaning in headers.items():
                _add_header(responses[status], name, meaning)


def _add_header(response: dict[str, Any], name: str, meaning: str) -> None:
    header = {"description": meaning, "schema": {"type": "string"}}
    response.setdefault("headers", {})[name] = header
