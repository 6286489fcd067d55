"""Questions, searches, and the check of a citation."""

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from qa.types import Answer, Verdict
from server.bodies import StrictRequest
from server.errors import Problem
from server.lifespan import Serving
from server.routes.problems import problems
from server.schemas import AskRequest, Passages, SearchRequest, VerifyRequest, scope, worded
from server.settings import Limits

_BODY_LIMIT = 1_000_000


@post("/ask", status_code=200, responses=problems(404, 413, 415, 422), summary="Ask a question")
async def ask(
    data: JSONBody[AskRequest],
    request: StrictRequest,
    serving: NamedDependency[Serving],
    limits: NamedDependency[Limits],
) -> Answer:
    """An answer quoted from the documents, with citations; or a refusal with its reason."""
    question = data.to_question(limits)
    service = serving.service
    try:
        answer = await serving.asking.run(lambda: service.ask(question), gone=request.gone)
    except Problem:
        raise  # turned away, or gone: the question was never looked at
    except Exception:
        serving.metrics.failed()
        raise
    serving.metrics.answered(answer)
    return answer


@post("/search", status_code=200, responses=problems(404, 413, 415, 422), summary="Find passages")
async def search(
    data: JSONBody[SearchRequest],
    request: StrictRequest,
    serving: NamedDependency[Serving],
    limits: NamedDependency[Limits],
) -> Passages:
    """The passages closest to the query, best first."""
    query = worded(data.query, "query", limits)
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
    request_max_body_size=_BODY_LIMIT,
)
