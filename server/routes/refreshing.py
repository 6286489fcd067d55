"""A document's web page, fetched anew."""

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from index.types import Refreshed
from qa.service import take_place
from server.bodies import StrictRequest
from server.lifespan import Serving
from server.routes.problems import problems


@post(
    "/{document_id:str}/refresh",
    status_code=200,
    responses=problems(404, 413, 415, 422, 507),
    summary="Fetch a document's web page anew",
    response_description="The document as it is now; `replaced` is null where it has not changed.",
)
async def refresh_document(
    document_id: FromPath[str], request: StrictRequest, serving: NamedDependency[Serving]
) -> Refreshed:
    """Where the page has changed, it becomes a new document with an id of its own.

    The one that it takes the place of, whose id is `replaced`, is removed once the new one is on
    disk. Where the page can't be fetched any more, the document stays as it is.
    """
    service, fetcher = serving.service, serving.fetcher
    old = await serving.reading.run(lambda: service.document(document_id), gone=request.gone)
    page = await serving.fetching.run(lambda: fetcher.refetch(old), gone=request.gone)
    if page is None:
        return Refreshed(old, replaced=None)
    new = page
    return await serving.writing.run(
        lambda: take_place(old, new, add=serving.add, remove=serving.remove), gone=request.gone
    )


router = Router("/v1/documents", route_handlers=[refresh_document], tags=["Documents"])
