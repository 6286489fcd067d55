"""For those who run the server: is it alive, is it ready, what has it done."""

from litestar import Response, Router, get
from litestar.di import NamedDependency
from prometheus_client import CONTENT_TYPE_LATEST

from server.lifespan import Serving
from server.routes.problems import problems
from server.schemas import Health


@get("/health/live", summary="Is it alive")
async def live() -> Health:
    """200 as long as the process answers at all."""
    return Health(status="live")


@get("/health/ready", responses=problems(), summary="Does it take questions")
async def ready(serving: NamedDependency[Serving]) -> Health:
    """200 once models and index are loaded, 503 before."""
    _ = serving.service, serving.jobs  # the jobs are taken up last
    return Health(status="ready")


@get("/metrics", media_type=CONTENT_TYPE_LATEST, summary="Metrics for Prometheus")
async def metrics(serving: NamedDependency[Serving]) -> Response[bytes]:
    """Counters, gauges and histograms, in Prometheus' text format."""
    # As a header, since Litestar would put a second charset behind a media type.
    return Response(serving.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})


router = Router("/", route_handlers=[live, ready, metrics], tags=["Running it"])
