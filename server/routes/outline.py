"""How a stored text is laid out, and where to begin with it."""

from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from qa.suggestions import LARGEST_LIMIT, LIMIT
from server.bodies import StrictRequest
from server.lifespan import Serving
from server.routes.problems import problems
from server.schemas import DocumentOutline, Suggestions

Limit = Annotated[
    int, QueryParameter(ge=1, le=LARGEST_LIMIT, description="how many there are at most")
]


@get(
    "/documents/{document_id:str}/outline",
    responses=problems(404),
    summary="See how a document is laid out",
    tags=["Documents"],
)
async def get_outline(
    document_id: FromPath[str], request: StrictRequest, serving: NamedDependency[Serving]
) -> DocumentOutline:
    """Where in the text the article is, with its headings and pages, in Unicode code points.

    `header` are the lines that say what it is, `body` its paragraphs; whatever neither covers is
    boilerplate or blank. `pages` is empty for formats that have none.
    """
    service = serving.service

    def look() -> DocumentOutline:
        document, text = service.document(document_id), service.text(document_id)
        return DocumentOutline.of(document, text, service.outline(document_id))

    return await serving.reading.run(look, gone=request.gone)


@get(
    "/documents/{document_id:str}/suggestions",
    responses=problems(404, 422),
    summary="Suggest where to begin with a document",
    tags=["Documents"],
)
async def suggest_in_document(
    document_id: FromPath[str],
    request: StrictRequest,
    serving: NamedDependency[Serving],
    limit: Limit = LIMIT,
) -> Suggestions:
    """Headings and sentences of the article that say something, verbatim, with their places."""
    service = serving.service
    found = await serving.reading.run(
        lambda: service.suggestions(limit=limit, document_id=document_id), gone=request.gone
    )
    return Suggestions(found)


@get("/suggestions", responses=problems(422), summary="Suggest where to begin", tags=["Asking"])
async def suggest(
    request: StrictRequest, serving: NamedDependency[Serving], limit: Limit = LIMIT
) -> Suggestions:
    """The same from the documents that were added last; none where nothing is stored."""
    service = serving.service
    found = await serving.reading.run(lambda: service.suggestions(limit=limit), gone=request.gone)
    return Suggestions(found)


router = Router("/v1", route_handlers=[get_outline, suggest_in_document, suggest])
