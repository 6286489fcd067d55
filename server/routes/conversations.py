"""Conversations: start, find, read, rename, delete, export, and ask the next question in one."""

import re
from typing import Annotated
from urllib.parse import quote

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from qa import transcript
from qa.types import Answer, Conversation, Transcript
from server.answering import respond
from server.bodies import JSON, JSON_BYTES, StrictRequest
from server.lifespan import Serving
from server.routes.problems import problems
from server.schemas import Conversations, Format, MessageRequest, RenameRequest, StartRequest
from server.settings import Limits

MARKDOWN = "text/markdown; charset=utf-8"
_LONGEST_NAME = 60
_LONGEST_SEARCH = 500


@post(
    responses=problems(413, 415, 422),
    summary="Start a conversation",
    response_description="The conversation, durably; its first question will name it.",
)
async def start_conversation(
    request: StrictRequest, serving: NamedDependency[Serving]
) -> Response[Conversation]:
    """A new conversation to ask in. The body may be empty."""
    service = serving.service
    if await request.body():
        await request.read(StartRequest)
    new = await serving.reading.run(service.start_conversation, gone=request.gone)
    return Response(new, status_code=201, headers={"Location": f"/v1/conversations/{new.id}"})


@get(responses=problems(422), summary="List conversations")
async def list_conversations(
    request: StrictRequest,
    serving: NamedDependency[Serving],
    limit: Annotated[int, QueryParameter(ge=1, le=1000, description="conversations a page")] = 100,
    cursor: Annotated[str | None, QueryParameter(description="the last page's next_cursor")] = None,
    search: Annotated[
        str,
        QueryParameter(
            max_length=_LONGEST_SEARCH, description="only those that have all the words"
        ),
    ] = "",
) -> Conversations:
    """A page of the conversations, newest first.

    A word of `search` is found in titles, questions and answers, in any case and with or without
    accents, also inside of another word.
    """
    service = serving.service
    page = await serving.reading.run(
        lambda: service.conversations(limit=limit, cursor=cursor or None, search=search),
        gone=request.gone,
    )
    return Conversations(page.conversations, page.next_cursor)


@get("/{conversation_id:str}", responses=problems(404), summary="Read a conversation")
async def get_conversation(
    conversation_id: FromPath[str], request: StrictRequest, serving: NamedDependency[Serving]
) -> Transcript:
    """Every question with its answer, as it was given; citations of what was deleted say so."""
    return await _read(conversation_id, request, serving)


@patch(
    "/{conversation_id:str}",
    responses=problems(404, 413, 415, 422),
    summary="Rename a conversation",
)
async def rename_conversation(
    conversation_id: FromPath[str],
    data: JSONBody[RenameRequest],
    serving: NamedDependency[Serving],
) -> Conversation:
    """Give a conversation a title, durably; its first question then does not name it."""
    service = serving.service
    # A client that goes away meant it all the same.
    return await serving.reading.run(
        lambda: service.rename_conversation(conversation_id, data.title)
    )


@delete("/{conversation_id:str}", responses=problems(404), summary="Delete a conversation")
async def delete_conversation(
    conversation_id: FromPath[str], serving: NamedDependency[Serving]
) -> None:
    """Forget a conversation with its messages; feedback on them stays."""
    service = serving.service
    # A client that goes away meant it all the same.
    await serving.reading.run(lambda: service.delete_conversation(conversation_id))


@post(
    "/{conversation_id:str}/messages",
    status_code=200,
    responses=problems(404, 413, 415, 422),
    summary="Ask the next question",
)
async def add_message(
    conversation_id: FromPath[str],
    data: JSONBody[MessageRequest],
    request: StrictRequest,
    serving: NamedDependency[Serving],
    limits: NamedDependency[Limits],
) -> Response[Answer]:
    """An answer as `POST /v1/ask` gives it, to a question that may lean on earlier ones.

    `interpreted_as` says what the question was taken to ask. With `Accept: text/event-stream`
    the answer is told in steps. It is kept in the conversation before it is sent; where the
    client leaves before that, nothing is kept.
    """
    question = data.to_question(limits)
    service = serving.service
    return await respond(
        lambda watch: service.reply(conversation_id, question, watch=watch), request, serving
    )


@get("/{conversation_id:str}/export", responses=problems(404, 422), summary="Export a conversation")
async def export_conversation(
    conversation_id: FromPath[str],
    request: StrictRequest,
    serving: NamedDependency[Serving],
    format: Annotated[Format, QueryParameter(description="what to make of it")] = Format.MARKDOWN,
) -> Response[bytes]:
    """The conversation as a file: Markdown to read, or the same JSON as reading it gives."""
    found = await _read(conversation_id, request, serving)
    if format is Format.JSON:
        body, kind, ending = transcript.json(found), JSON, "json"
    else:
        body, kind, ending = transcript.markdown(found), MARKDOWN, "md"
    # The type as a header, since Litestar would put a second charset behind a media type.
    headers = {"Content-Type": kind, "Content-Disposition": attachment(found.title, ending)}
    return Response(body.encode(), headers=headers)


async def _read(conversation_id: str, request: StrictRequest, serving: Serving) -> Transcript:
    service = serving.service
    return await serving.reading.run(
        lambda: service.conversation(conversation_id), gone=request.gone
    )


def attachment(title: str, ending: str) -> str:
    """A Content-Disposition (RFC 6266) that names a file after a title, safely anywhere.

    The name has letters, digits, ``_`` and ``-`` only, and starts with our own name, so that it is
    hidden nowhere and a device nowhere (``con.md``).
    """
    name = "-".join(["pincite", *re.findall(r"\w+", title)])[:_LONGEST_NAME].rstrip("-")
    plain = "-".join(re.findall(r"\w+", name, re.ASCII))
    encoded = quote(f"{name}.{ending}", safe="")
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{encoded}"


router = Router(
    "/v1/conversations",
    route_handlers=[
        start_conversation,
        list_conversations,
        get_conversation,
        rename_conversation,
        delete_conversation,
        add_message,
        export_conversation,
    ],
    request_max_body_size=JSON_BYTES,
    tags=["Conversations"],
)
