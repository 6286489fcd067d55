"""What people say of answers: taken, withdrawn, listed, exported as a question set."""

from typing import Any

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from qa.feedback import squad
from server.bodies import JSON_BYTES, StrictRequest
from server.lifespan import Serving
from server.routes.problems import problems
from server.schemas import FeedbackRequest, Judgements


@post(
    status_code=204,
    responses=problems(404, 413, 415, 422),
    summary="Judge an answer",
)
async def give_feedback(data: JSONBody[FeedbackRequest], serving: NamedDependency[Serving]) -> None:
    """Keep a verdict on an answer, durably; a later one on the same answer takes its place.

    An answer is known by its `id`: for good if it was given in a conversation, else for as long
    as the server remembers it.
    """
    feedback = data.to_feedback()
    service = serving.service
    # A client that goes away meant it all the same.
    await serving.reading.run(lambda: service.give_feedback(feedback))


@delete("/{answer_id:str}", responses=problems(404), summary="Withdraw feedback")
async def withdraw_feedback(answer_id: FromPath[str], serving: NamedDependency[Serving]) -> None:
    """Forget the verdict on an answer."""
    service = serving.service
    # A client that goes away meant it all the same.
    await serving.reading.run(lambda: service.withdraw_feedback(answer_id))


@get(responses=problems(), summary="List feedback")
async def list_feedback(request: StrictRequest, serving: NamedDependency[Serving]) -> Judgements:
    """All feedback with the answers it is about, oldest first."""
    service = serving.service
    return Judgements(await serving.reading.run(service.feedback, gone=request.gone))


@get("/export", responses=problems(), summary="Export feedback")
async def export_feedback(
    request: StrictRequest, serving: NamedDependency[Serving]
) -> Response[dict[str, Any]]:
    """The feedback as a question set in SQuAD 2.0's format, to evaluate or to calibrate with."""
    service = serving.service
    made = await serving.reading.run(
        lambda: squad(service.feedback(), service.text), gone=request.gone
    )
    return Response(made)


router = Router(
    "/v1/feedback",
    route_handlers=[give_feedback, withdraw_feedback, list_feedback, export_feedback],
    request_max_body_size=JSON_BYTES,
    tags=["Feedback"],
)
