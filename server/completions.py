"""An Answer as OpenAI's chat completions: one whole, or the chunks of a stream. All pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from qa.types import Answer, Citation
from server.marks import Annotation, Content, content_of, title_of


class Usage(msgspec.Struct, frozen=True):
    """Tokens, by the store's own tiktoken encoding."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class AssistantMessage(msgspec.Struct, frozen=True):
    """The answer, or the sentence that says that there is none."""

    content: str
    annotations: tuple[Annotation, ...]
    role: Literal["assistant"] = "assistant"
    refusal: None = None


class Choice(msgspec.Struct, frozen=True):
    """The one answer there is."""

    message: AssistantMessage
    index: int = 0
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class ChatCompletion(msgspec.Struct, frozen=True):
    """OpenAI's chat completion, with the whole Answer in ``pincite``."""

    id: str
    created: int
    model: str
    choices: tuple[Choice, ...]
    usage: Usage
    pincite: Answer
    object: Literal["chat.completion"] = "chat.completion"


class Delta(msgspec.Struct, frozen=True):
    """What a chunk adds to the message."""

    role: Literal["assistant"] | UnsetType = UNSET
    content: str | UnsetType = UNSET
    annotations: tuple[Annotation, ...] | UnsetType = UNSET


class ChunkChoice(msgspec.Struct, frozen=True):
    """The one answer there is, some more of it."""

    delta: Delta
    index: int = 0
    logprobs: None = None
    finish_reason: Literal["stop"] | None = None


class SourceOf(msgspec.Struct, frozen=True):
    """The document of a source; without a URL of its own it has none."""

    name: str
    url: str | UnsetType = UNSET


class SourceMetadata(msgspec.Struct, frozen=True):
    """``source`` tells sources apart: one for each citation, so that the marks' numbers hold."""

    source: str
    name: str


class Source(msgspec.Struct, frozen=True):
    """A citation as Open WebUI shows it: ``document`` and ``metadata`` go side by side."""

    source: SourceOf
    document: tuple[str, ...]
    metadata: tuple[SourceMetadata, ...]


class Event(msgspec.Struct, frozen=True):
    """An event for Open WebUI, beside the chunk that brings it."""

    data: Source
    type: Literal["source"] = "source"


class Chunk(msgspec.Struct, frozen=True):
    """OpenAI's chat completion chunk."""

    id: str
    created: int
    model: str
    choices: tuple[ChunkChoice, ...]
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    usage: Usage | UnsetType | None = UNSET
    pincite: Answer | UnsetType = UNSET
    event: Event | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Reply:
    """What all chunks of a completion, or the one whole, have in common.

    ``count`` counts tokens, of which the conversation has ``prompt_tokens``; ``usage`` tells
    them at a stream's end. ``sources`` sends the citations as Open WebUI's events in place of
    annotations, from which it would make events of its own.
    """

    id: str
    created: int
    model: str
    prompt_tokens: int
    count: Callable[[str], int]
    usage: bool = False
    sources: bool = False

    def whole(self, answer: Answer) -> ChatCompletion:
        """The completion in one piece."""
        content = content_of(answer)
        choice = Choice(AssistantMessage(content.text, content.annotations))
        used = self._used(content)
        return ChatCompletion(self.id, self.created, self.model, (choice,), used, answer)

    def opening(self) -> Chunk:
        """The first chunk, which can be sent before there is an answer."""
        return self._chunk(Delta(role="assistant", content=""))

    def rest(self, answer: Answer) -> Iterator[Chunk]:
        """The chunks after the first."""
        content = content_of(answer)
        if self.sources:
            for citation in answer.citations:
                yield self._chunk(Delta(), event=Event(_source(citation)))
        annotations = UNSET if self.sources else content.annotations
        if content.sources:
            yield self._chunk(Delta(content=content.answer))
        last = Delta(content=content.sources or content.answer, annotations=annotations)
        yield self._chunk(last, pincite=answer)
        yield self._chunk(Delta(), finish_reason="stop")
        if self.usage:
            yield Chunk(self.id, self.created, self.model, (), usage=self._used(content))

    def _chunk(
        self,
        delta: Delta,
        *,
        finish_reason: Literal["stop"] | None = None,
        pincite: Answer | UnsetType = UNSET,
        event: Event | UnsetType = UNSET,
    ) -> Chunk:
        return Chunk(
            self.id,
            self.created,
            self.model,
            (ChunkChoice(delta, finish_reason=finish_reason),),
            usage=None if self.usage else UNSET,
            pincite=pincite,
            event=event,
        )

    def _used(self, content: Content) -> Usage:
        tokens = self.count(content.text)
        return Usage(self.prompt_tokens, tokens, self.prompt_tokens + tokens)


def _source(citation: Citation) -> Source:
    title = title_of(citation)
    place = f"{citation.document_id}:{citation.start}-{citation.end}"
    return Source(
        source=SourceOf(title, citation.url or UNSET),
        document=(citation.sentence.text,),
        metadata=(SourceMetadata(place, title),),
    )
