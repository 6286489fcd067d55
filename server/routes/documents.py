"""The stored documents: add, list, read, delete."""

from typing import Annotated, cast

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, HeaderParameter, QueryParameter

from index.types import Document, Link, Source
from server.bodies import StrictRequest
from server.lifespan import Serving
from server.preferences import RESPOND_ASYNC, prefers_async
from server.routes.problems import problems
from server.schemas import Documents, Job
from server.settings import Limits
from server.uploads import sent_of

TEXT = "text/plain; charset=utf-8"


@post(
    responses={
        200: ResponseSpec(Document, description="The same content is there already."),
        202: ResponseSpec(Job, description="With `Prefer: respond-async`: it will be stored."),
        **problems(413, 415, 422, 507),
    },
    summary="Add a document",
    response_description="The document is stored, durably, and is searched from now on.",
)
async def add_document(
    request: StrictRequest,
    serving: NamedDependency[Serving],
    limits: NamedDependency[Limits],
    prefer: Annotated[
        str | None, HeaderParameter(name="Prefer", description="`respond-async`: not to wait")
    ] = None,
) -> Response[Document]:
    """Store an article, as JSON text or as an uploaded file. Answers once it is on disk.

    With `Prefer: respond-async` (RFC 7240) the answer is a job, as soon as what was sent is on
    disk: it survives a crash, and `GET /v1/jobs/{job_id}` tells what becomes of it.
    """
    jobs = serving.jobs
    sent = await sent_of(request, max_bytes=limits.file_bytes)
    if prefers_async(request.headers.getall("Prefer", [])):
        job = await serving.reading.run(lambda: jobs.accept(sent), gone=request.gone)
        return cast(Response[Document], _accepted(job))
    source = await _fetched(sent, serving, request) if isinstance(sent, Link) else sent
    added = await serving.writing.run(lambda: serving.add(source), gone=request.gone)
    return Response(
        added.document,
        status_code=201 if added.created else 200,
        headers={"Location": f"/v1/documents/{added.document.id}"},
    )


async def _fetched(link: Link, serving: Serving, request: StrictRequest) -> Source:
    return await serving.fetching.run(lambda: serving.fetcher.fetch(link), gone=request.gone)


def _accepted(job: Job) -> Response[Job]:
    headers = {"Location": f"/v1/jobs/{job.id}", "Preference-Applied": RESPOND_ASYNC}
    return Response(job, status_code=202, headers=headers)


@get(responses=problems(422), summary="List documents")
async def list_documents(
    request: StrictRequest,
    serving: NamedDependency[Serving],
    limit: Annotated[int, QueryParameter(ge=1, le=1000, description="documents a page")] = 100,
    cursor: Annotated[str | None, QueryParameter(description="the last page's next_cursor")] = None,
) -> Documents:
    """A page of the documents, oldest first."""
    service = serving.service
    page = await serving.reading.run(
        lambda: service.documents(limit=limit, cursor=cursor or None), gone=request.gone
    )
    return Documents(page.documents, page.next_cursor)


@get("/{document_id:str}", responses=problems(404), summary="Describe a document")
async def get_document(
    document_id: FromPath[str], request: StrictRequest, serving: NamedDependency[Serving]
) -> Document:
    """What is known of one document."""
    service = serving.service
    return await serving.reading.run(lambda: service.document(document_id), gone=request.gone)


@get(
    "/{document_id:str}/text",
    responses={
        304: ResponseSpec(None, description="It is the text that If-None-Match names."),
        **problems(404),
    },
    media_type=TEXT,
    summary="Read a document's text",
    response_description="The canonical text, byte for byte its UTF-8; ETag is its SHA-256.",
)
async def get_text(
    document_id: FromPath[str],
    request: StrictRequest,
    serving: NamedDependency[Serving],
    if_none_match: Annotated[
        str | None, HeaderParameter(name="If-None-Match", description="an ETag that you have")
    ] = None,
) -> Response[bytes]:
    """The text that every offset counts in, in Unicode code points."""
    service = serving.service
    document = await serving.reading.run(lambda: service.document(document_id), gone=request.gone)
    # The text never changes while the document exists, so whoever has it may ask by its hash.
    headers = {"ETag": f'"{document.sha256}"', "Cache-Control": "private, no-cache"}
    if _matches(if_none_match or "", document.sha256):
        return Response(b"", status_code=304, headers=headers)
    text = await serving.reading.run(lambda: service.text(document_id), gone=request.gone)
    # As a header, since Litestar would put a second charset behind a media type.
    return Response(text.encode(), headers={**headers, "Content-Type": TEXT})


@delete("/{document_id:str}", responses=problems(404), summary="Delete a document")
async def delete_document(document_id: FromPath[str], serving: NamedDependency[Serving]) -> None:
    """Take a document out: from then on nothing of it is retrieved or quoted."""
    # A client that goes away meant it all the same.
    await serving.writing.run(lambda: serving.remove(document_id))


def _matches(if_none_match: str, sha256: str) -> bool:
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in if_none_match.split(",")}
    return bool(tags & {"*", sha256})


router = Router(
    "/v1/documents",
    route_handlers=[add_document, list_documents, get_document, get_text, delete_document],
    tags=["Documents"],
)
