"""What OpenAI's clients send: a conversation whose last question is to be answered.

Fields that are not known are ignored, unlike those of our own routes: clients send whatever
their model may be told (temperature, tools, formats), and none of it changes a quote.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from qa.service import TURNS
from qa.types import Question, Turn
from server.bodies import pointer
from server.completions import Reply
from server.errors import Fault, invalid
from server.marks import without_marks
from server.schemas import DocumentIds, Filter, Limit, MinConfidence, Text, scope
from server.settings import Limits

MODEL = "pincite"
_TEXT_PARTS = ("text", "refusal")
_LONGEST = 100_000
_WORDS = {"type": "string", "pattern": "\\S"}
_PART = {"anyOf": [{"properties": {name: _WORDS}, "required": [name]} for name in _TEXT_PARTS]}
_ASKS = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": {"const": "user"},
        "content": {"anyOf": [_WORDS, {"type": "array", "contains": _PART}]},
    },
}


class Part(msgspec.Struct, frozen=True):
    """A piece of a message: only text is read."""

    type: Annotated[str, Meta(extra_json_schema={"enum": list(_TEXT_PARTS)})]
    text: Annotated[Text, Meta(max_length=_LONGEST)] | None = None
    refusal: Annotated[Text, Meta(max_length=_LONGEST)] | None = None


class ChatMessage(msgspec.Struct, frozen=True):
    """A message. Those of ``user`` and ``assistant`` are the conversation, others are ignored."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: (
        Annotated[Text, Meta(max_length=_LONGEST)]
        | Annotated[list[Part], Meta(max_length=100)]
        | None
    ) = None

    @property
    def text(self) -> str:
        """All its text."""
        if isinstance(self.content, list):
            return "\n".join(part.text or part.refusal or "" for part in self.content)
        return self.content or ""


class StreamOptions(msgspec.Struct, frozen=True):
    """``include_usage`` adds a last chunk that counts tokens."""

    include_usage: bool | None = None


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ours, as in ``POST /v1/ask``. ``sources`` sends Open WebUI's events in a stream."""

    limit: Limit = 5
    document_ids: DocumentIds | None = None
    filter: Filter | None = None
    min_confidence: MinConfidence | None = None
    resolve: bool = True
    sources: bool = False


class ChatRequest(msgspec.Struct, frozen=True):
    """A conversation; the last message of a user in it is the question."""

    messages: Annotated[
        list[ChatMessage], Meta(min_length=1, max_length=200, extra_json_schema={"contains": _ASKS})
    ]
    model: Annotated[str, Meta(max_length=200, description="any: it is given back")] = MODEL
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Meta(ge=1, le=1, description="there is one answer")] | None = None
    pincite: Options | None = None

    def to_question(self, limits: Limits) -> Question:
        """The question with its history. Raises a 422 Problem that says what is wrong."""
        _check_parts(self.messages)
        asked = _last_question(self.messages, limits)
        options = self.pincite or Options()
        return Question(
            text=self.messages[asked].text,
            limit=options.limit,
            scope=scope(options.document_ids, options.filter),
            min_confidence=options.min_confidence,
            history=turns(self.messages[:asked], longest=limits.question_characters),
            resolve=options.resolve,
        )

    def to_reply(self, count: Callable[[str], int], *, open_webui: bool) -> Reply:
        """How it is answered; ``count`` counts tokens, here those of the conversation."""
        return Reply(
            id=f"chatcmpl-{secrets.token_hex(12)}",
            created=int(time.time()),
            model=self.model,
            prompt_tokens=sum(count(message.text) for message in self.messages),
            count=count,
            usage=bool(self.stream_options and self.stream_options.include_usage),
            sources=open_webui or bool(self.pincite and self.pincite.sources),
        )


class Model(msgspec.Struct, frozen=True):
    """The one model there is."""

    id: str
    created: int
    object: Literal["model"] = "model"
    owned_by: str = "pincite"


class Models(msgspec.Struct, frozen=True):
    """All models."""

    data: tuple[Model, ...]
    object: Literal["list"] = "list"


def turns(messages: Sequence[ChatMessage], *, longest: int) -> tuple[Turn, ...]:
    """The questions in them, oldest first, each with the answer that followed it.

    No more than the last TURNS; a text is cut off after ``longest`` characters.
    """
    found: list[Turn] = []
    for message in messages:
        if message.role == "user" and message.text.strip():
            found.append(Turn(message.text[:longest]))
        elif message.role == "assistant" and found:
            answer = without_marks(message.text)
            found[-1] = Turn(found[-1].question, answer[:longest] if answer else None)
    return tuple(found[-TURNS:])


def _last_question(messages: Sequence[ChatMessage], limits: Limits) -> int:
    """Where it stands. Raises a 422 Problem where there is none, or it is too long."""
    asked = [at for at, one in enumerate(messages) if one.role == "user" and one.text.strip()]
    if not asked:
        raise invalid(Fault("holds no question: send a user's message", pointer="#/messages"))
    length, longest = len(messages[asked[-1]].text), limits.question_characters
    if length > longest:
        where = pointer("messages", str(asked[-1]), "content")
        detail = f"is {length:,} characters long: the limit of a question is {longest:,}"
        raise invalid(Fault(detail, pointer=where))
    return asked[-1]


def _check_parts(messages: Sequence[ChatMessage]) -> None:
    for at, message in enumerate(messages):
        for number, part in enumerate(message.content if isinstance(message.content, list) else ()):
            if part.type not in _TEXT_PARTS:
                where = pointer("messages", str(at), "content", str(number), "type")
                detail = f"is {part.type[:50]!r}, but only parts of type 'text' can be read"
                raise invalid(Fault(detail, pointer=where))
