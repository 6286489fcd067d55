"""What an assistant may call, whichever way it speaks MCP: four tools that change nothing.

Their arguments are checked as REST's bodies are, and what they give has REST's shapes; beside it
stands a text for models that read nothing else. This module knows no protocol: see ``server.mcp``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

from qa.errors import InvalidRequest
from qa.service import Service
from qa.types import Answer, Watch
from server import telling
from server.schemas import (
    AskRequest,
    Documents,
    Passages,
    SearchRequest,
    Text,
    TextSlice,
    scope,
    worded,
)
from server.settings import Limits

SLICE = 20_000
"""Characters of a text that are read where no end is given."""

LONGEST_SLICE = 100_000
"""Characters of a text that are read at once, whatever end is given."""

Given = TypeVar("Given", bound=msgspec.Struct)
Result = TypeVar("Result")


class ListArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which documents to list."""

    limit: Annotated[int, Meta(ge=1, le=1000, description="documents a page")] = 100
    cursor: Annotated[Text, Meta(description="the last page's next_cursor")] | None = None


class ReadArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of which text to read, in Unicode code points."""

    document_id: Text
    start: Annotated[int, Meta(ge=0, description="the first character")] = 0
    end: (
        Annotated[
            int,
            Meta(
                ge=0,
                description=f"the character after the last; {SLICE:,} after start if not given, "
                f"and never over {LONGEST_SLICE:,} after it",
            ),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True)
class Tool(Generic[Given, Result]):
    """One tool: what it takes and gives, what it does, and how that is told in words.

    ``call`` blocks; ``models`` says that models work for it, so that it waits where questions do.
    """

    name: str
    title: str
    description: str
    takes: type[Given]
    gives: type[Result]
    call: Callable[["Desk", Given], Result]
    told: Callable[[Result], str]
    models: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """What a tool works with. ``watch`` is told of the steps of an answer."""

    service: Service
    limits: Limits
    watch: Watch | None = None


def _ask(desk: Desk, given: AskRequest) -> Answer:
    return desk.service.ask(given.to_question(desk.limits), watch=desk.watch)


def _search(desk: Desk, given: SearchRequest) -> Passages:
    query = worded(given.query, desk.limits, "query")
    within = scope(given.document_ids, given.filter)
    return Passages(desk.service.search(query, limit=given.limit, scope=within))


def _list(desk: Desk, given: ListArguments) -> Documents:
    page = desk.service.documents(limit=given.limit, cursor=given.cursor or None)
    return Documents(page.documents, page.next_cursor)


def _read(desk: Desk, given: ReadArguments) -> TextSlice:
    document = desk.service.document(given.document_id)
    text, start = desk.service.text(document.id), given.start
    end = start + SLICE if given.end is None else given.end
    if start > len(text) or end < start:
        raise InvalidRequest(
            f"the text has {len(text)} characters, and {start} to {end} is no range of it: "
            "give 0 <= start <= end"
        )
    end = min(end, start + LONGEST_SLICE, len(text))
    return TextSlice(
        document_id=document.id,
        name=document.name,
        title=document.title,
        sha256=document.sha256,
        characters=len(text),
        start=start,
        end=end,
        text=text[start:end],
        next_start=end if end < len(text) else None,
    )


_ASK = """\
Answer a question from the stored articles, by quoting them. Nothing of an answer is written by a \
model: every span is copied word for word from a stored text and comes with a citation that says \
where it stands, so quote it as it is and name its source. "confidence" is the calibrated \
probability that the answer is right.

"answered": false is a result, not an error: the stored texts do not hold the answer. Say so, and \
do not answer from memory as if they did; the passages that come with it are the closest ones.

Ask for one thing, in a whole question ("When did the survey begin?"). It quotes: it does not sum \
up, compare, count or calculate. Where a question leans on earlier ones ("And who paid for it?"), \
give those in "history"; "interpreted_as" shows what was looked up."""

_SEARCH = """\
Find the passages of the stored articles that are closest to some words or to a question, best \
first, each copied word for word with its place. Use it to read around a topic, or where "ask" \
refuses; it finds something close even where nothing answers."""

_LIST = """\
List the stored articles, oldest first: id, name, title, author, date, length, metadata. The ids \
are what the other tools take as "document_ids" and "document_id"."""

_READ = """\
Read a part of an article's text. Every "start" and "end" of an answer, citation or passage counts \
Unicode characters in exactly this text, so a quote can be checked: it is what stands from its \
start to its end. Without "end" it gives the next 20,000 characters; "next_start" is where to go \
on, null at the text's end."""

ASK = Tool(
    name="ask",
    title="Ask the articles",
    description=_ASK,
    takes=AskRequest,
    gives=Answer,
    call=_ask,
    told=telling.answer,
    models=True,
)
TOOLS: tuple[Tool[Any, Any], ...] = (
    ASK,
    Tool(
        name="search",
        title="Search the articles",
        description=_SEARCH,
        takes=SearchRequest,
        gives=Passages,
        call=_search,
        told=telling.passages,
        models=True,
    ),
    Tool(
        name="list_documents",
        title="List the articles",
        description=_LIST,
        takes=ListArguments,
        gives=Documents,
        call=_list,
        told=telling.documents,
    ),
    Tool(
        name="read_document",
        title="Read an article",
        description=_READ,
        takes=ReadArguments,
        gives=TextSlice,
        call=_read,
        told=telling.text_slice,
    ),
)
"""All tools, in the order in which they are listed."""
