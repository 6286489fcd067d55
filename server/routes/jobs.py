"""Documents on their way in: list, follow, cancel."""

from litestar import Router, delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from server.lifespan import Serving
from server.routes.problems import problems
from server.schemas import Job, Jobs


@get(responses=problems(), summary="List jobs")
async def list_jobs(serving: NamedDependency[Serving]) -> Jobs:
    """All that wait or are under way, and the latest that have ended; newest first."""
    return Jobs(serving.jobs.jobs())


@get("/{job_id:str}", responses=problems(404), summary="Follow a job")
async def get_job(job_id: FromPath[str], serving: NamedDependency[Serving]) -> Job:
    """How far a document is on its way in, and what became of it."""
    return serving.jobs.job(job_id)


@delete("/{job_id:str}", responses=problems(404, 507), summary="Cancel or forget a job")
async def delete_job(job_id: FromPath[str], serving: NamedDependency[Serving]) -> None:
    """Take a job out, durably; of its document nothing is stored.

    One that is under way ends at its next step, as `cancelled`, or as `done` where its document
    was stored already: delete that. One that had ended is forgotten, and its document stays.
    """
    jobs = serving.jobs
    # A client that goes away meant it all the same.
    await serving.reading.run(lambda: jobs.cancel(job_id))


router = Router("/v1/jobs", route_handlers=[list_jobs, get_job, delete_job], tags=["Jobs"])
