"""Bodies that no Python type describes, for the API's description: forms, events, files."""

from typing import Any

from qa.feedback import VERSION
from qa.types import Mark
from server.bodies import JSON
from server.schemas import Format

UPLOAD: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "the article"},
        "title": {"type": "string"},
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def _event(data: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """One kind of event: what its ``data`` is, and its other fields."""
    return {"required": [*fields, "data"], "properties": {**fields, "data": data}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"contentMediaType": JSON, "contentSchema": schema}


def _named(name: str, shape: dict[str, Any]) -> dict[str, Any]:
    return _event(_json(shape), event={"const": name})


def _shape(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


# The schemas of streams are of no type: some tools take a stream for a string, to which
# ``properties`` say nothing, others hold each event against them as an object.
EVENTS: dict[str, Any] = {
    "schema": {
        "description": (
            "Server-sent events, each with JSON as its data: `interpretation` with "
            "`interpreted_as`, `passages` with the `passages` that are read, `answer` with the "
            "whole Answer, and `done` with an empty object as the last. `error`, with a problem "
            "document, ends a stream that fails; what fails before the first event is an "
            "ordinary problem. Lines that start with a colon only keep the connection alive."
        ),
        "anyOf": [
            _named("interpretation", _shape("Interpretation")),
            _named("passages", _shape("Retrieval")),
            _named("answer", _shape("Answer")),
            _named("done", {"type": "object", "maxProperties": 0}),
            _named("error", _shape("ProblemDocument")),
        ],
    },
    "example": (
        "event: interpretation\n"
        'data: {"interpreted_as":"Who wrote this?"}\n\n'
        "event: passages\n"
        'data: {"passages":[]}\n\n'
        "event: answer\n"
        'data: {"id":"f00","answered":false}\n\n'
        "event: done\n"
        "data: {}\n\n"
    ),
}

CHUNKS: dict[str, Any] = {
    "schema": {
        "description": (
            "Server-sent events, each with a `chat.completion.chunk` as its data: the role first, "
            "then pieces of the content, the last of them with `annotations` and, beside "
            "`choices`, `pincite`; then `finish_reason`, the tokens where `stream_options` asks "
            "for them, and `[DONE]`. `error` in place of a chunk ends a stream that fails."
        ),
        "anyOf": [
            _event(_json(_shape("Chunk"))),
            _event(_json(_shape("OpenAIErrorDocument"))),
            _event({"const": "[DONE]"}),
        ],
    },
    "example": (
        'data: {"id":"chatcmpl-f00","object":"chat.completion.chunk","created":1767323045,'
        '"model":"pincite","choices":[{"index":0,"delta":{"role":"assistant","content":""},'
        '"logprobs":null,"finish_reason":null}]}\n\n'
        "data: [DONE]\n\n"
    ),
}

FORMAT: dict[str, Any] = {"type": "string", "enum": [*Format], "default": Format.MARKDOWN}

_SPANS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["text", "answer_start"],
        "properties": {
            "text": {"type": "string"},
            "answer_start": {"type": "integer", "minimum": 0},
        },
    },
}
_QUESTION = {
    "type": "object",
    "required": ["id", "question", "answers", "is_impossible", "verdict"],
    "properties": {
        "id": {"type": "string", "description": "the answer's"},
        "question": {"type": "string", "description": "as it was taken to be asked"},
        "answers": _SPANS,
        "is_impossible": {"type": "boolean"},
        "verdict": {"type": "string", "enum": [*Mark]},
        "plausible_answers": {**_SPANS, "description": "what a wrong answer quoted"},
        "expected": {"type": "string", "description": "the right one, if no passage has it"},
    },
}
_PARAGRAPH = {
    "type": "object",
    "required": ["context", "qas"],
    "properties": {
        "context": {"type": "string"},
        "qas": {"type": "array", "items": _QUESTION},
    },
}
QUESTION_SET: dict[str, Any] = {
    "type": "object",
    "required": ["version", "data"],
    "properties": {
        "version": {"type": "string", "const": VERSION},
        "data": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["title", "paragraphs"],
                "properties": {
                    "title": {"type": "string"},
                    "paragraphs": {"type": "array", "items": _PARAGRAPH},
                },
            },
        },
    },
}
