"""OpenAI's protocol, for the clients that people already have."""

import time
from collections.abc import Iterable

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody

from index.tokens import TokenCounter
from qa.types import Answer, Watch
from server.answering import answer
from server.bodies import JSON, JSON_BYTES, StrictRequest
from server.completions import ChatCompletion, Chunk, Reply
from server.dialects import OpenAIErrorDocument, openai_error
from server.errors import Problem
from server.lifespan import Serving
from server.openai import MODEL, ChatRequest, Model, Models
from server.routes.problems import problems
from server.settings import Limits
from server.stream import PING, EventStream, Telling, message

_DONE = b"data: [DONE]\n\n"
_MALFORMED = "The request is malformed, or holds wrong values: `param` says where."
_STARTED = int(time.time())


def _errors(*statuses: int) -> dict[int, ResponseSpec]:
    """The error responses of a route here, for the API's description."""
    return {
        status: ResponseSpec(
            OpenAIErrorDocument,
            description=_MALFORMED if status == 400 else spec.description,
            media_type=JSON,
            generate_examples=False,
        )
        for status, spec in problems(*statuses).items()
    }


@post(
    "/chat/completions",
    status_code=200,
    responses=_errors(404, 413, 415),
    summary="Ask as OpenAI's clients do",
)
async def complete_chat(
    data: JSONBody[ChatRequest],
    request: StrictRequest,
    serving: NamedDependency[Serving],
    limits: NamedDependency[Limits],
) -> Response[ChatCompletion]:
    """The last user's message answered, as a completion or, with `stream`, as its chunks."""
    question = data.to_question(limits)
    service = serving.service
    open_webui = any(name.startswith("x-openwebui-") for name in request.headers)

    # On a thread, since a conversation of a megabyte takes a while to count.
    reply = await serving.reading.run(
        lambda: data.to_reply(TokenCounter(limits.tokenizer).count, open_webui=open_webui),
        gone=request.gone,
    )

    def ask(tell: Watch) -> Answer:
        return service.ask(question, watch=tell)

    if data.stream:
        return EventStream(
            lambda tell: answer(ask, serving, gone=request.gone, tell=tell), telling=_telling(reply)
        )
    return Response(reply.whole(await answer(ask, serving, gone=request.gone)))


@get("/models", responses=_errors(), summary="List the models")
async def list_models() -> Models:
    """The one model there is. A completion takes any name, and gives it back."""
    return Models((Model(MODEL, _STARTED),))


@get("/models/{model:str}", responses=_errors(404), summary="Describe a model")
async def get_model(model: FromPath[str]) -> Model:
    """What is known of the model."""
    if model != MODEL:
        raise Problem(404, f"There is one model, {MODEL!r}.", kind="model-not-found")
    return Model(MODEL, _STARTED)


def _telling(reply: Reply) -> Telling:
    def told(found: Answer) -> bytes:
        return _data([reply.opening(), *reply.rest(found)]) + _DONE

    # A step has no place in the protocol, but it starts the response: the client knows it is heard.
    return Telling(
        step=lambda _: PING, answer=told, failure=lambda problem: message(openai_error(problem))
    )


def _data(chunks: Iterable[Chunk]) -> bytes:
    return b"".join(map(message, chunks))


router = Router(
    "/v1",
    route_handlers=[complete_chat, list_models, get_model],
    tags=["OpenAI's protocol"],
    request_max_body_size=JSON_BYTES,
)
