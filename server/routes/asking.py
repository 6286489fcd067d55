"""Questions, searches, and the check of a citation."""

from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from qa.types import Answer, Verdict
from server.answering import respond
from server.bodies import JSON_BYTES, StrictRequest
from server.lifespan import Serving
from server.routes.problems import problems
from server.schemas import AskRequest, Passages, SearchRequest, VerifyRequest, scope, worded
from server.settings import Limits


@post("/ask", status_code=200, responses=problems(404, 413, 415, 422), summary="Ask a question")
async def ask(
    data: JSONBody[AskRequest],
    request: StrictRequest,
    serving: NamedDependency[Serving],
    limits: NamedDependency[Limits],
) -> Response[Answer]:
    """An answer quoted from the documents, with citations; or a refusal with its reason.

    With `Accept: text/event-stream` it is told in steps.
    """
    question = data.to_question(limits)
    service = serving.service
    return await respond(lambda watch: service.ask(question, watch=watch), request, serving)


@post("/search", status_code=200, responses=problems(404, 413, 415, 422), summary="Find passages")
async def search(
    data: JSONBody[SearchRequest],
    request: StrictRequest,
    serving: NamedDependency[Serving],
    limits: NamedDependency[Limits],
) -> Passages:
    """The passages closest to the query, best first."""
    query = worded(data.query, limits, "query")
    within = scope(data.document_ids, data.filter)
    service = serving.service
    found = await serving.asking.run(
        lambda: service.search(query, limit=data.limit, scope=within), gone=request.gone
    )
    return Passages(found)


@post(
    "/verify",
    status_code=200,
    responses=problems(404, 413, 415, 422),
    summary="Check a citation",
    request_max_body_size=None,
)
async def verify(
    data: JSONBody[VerifyRequest], request: StrictRequest, serving: NamedDependency[Serving]
) -> Verdict:
    """Whether the quote stands in the document at these offsets, and what does."""
    claim = data.to_claim()
    service = serving.service
    return await serving.reading.run(lambda: service.verify(claim), gone=request.gone)


router = Router(
    "/v1",
    route_handlers=[ask, search, verify],
    tags=["Asking"],
    request_max_body_size=JSON_BYTES,
)
