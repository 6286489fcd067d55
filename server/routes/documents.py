"""The stored documents: add, list, read, delete."""

from typing import Annotated

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, HeaderParameter, QueryParameter

from index.types import Added, Document
from server.bodies import StrictRequest
from server.lifespan import Serving
from server.routes.problems import problems
from server.schemas import Documents
from server.settings import Limits
from server.uploads import source_of

TEXT = "text/plain; charset=utf-8"


@post(
    responses={
        200: ResponseSpec(Document, description="The same content is there already."),
        **problems(413, 415, 422, 507),
    },
    summary="Add a document",
    response_description="The document is stored, durably, and is searched from now on.",
)
async def add_document(
    request: StrictRequest, serving: NamedDependency[Serving], limits: NamedDependency[Limits]
) -> Response[Document]:
    """Store an article, as JSON text or as an uploaded file. Answers once it is on disk."""
    service = serving.service
    source = await source_of(request, max_bytes=limits.file_bytes)

    def store() -> Added:
        added = service.add(source)
        if added.created:
            serving.metrics.stored(documents=1, chunks=added.document.chunks)
        return added

    added = await serving.writing.run(store, gone=request.gone)
    return Response(
        added.document,
        status_code=201 if added.created else 200,
        headers={"Location": f"/v1/documents/{added.document.id}"},
    )


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
    service = serving.service

    def take_out() -> None:
        document = service.document(document_id)
        service.remove(document_id)
        serving.metrics.stored(documents=-1, chunks=-document.chunks)

    # A client that goes away meant it all the same.
    await serving.writing.run(take_out)


def _matches(if_none_match: str, sha256: str) -> bool:
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in if_none_match.split(",")}
    return bool(tags & {"*", sha256})


router = Router(
    "/v1/documents",
    route_handlers=[add_document, list_documents, get_document, get_text, delete_document],
    tags=["Documents"],
)
