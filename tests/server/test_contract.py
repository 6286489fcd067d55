"""The API is what its description says: Schemathesis tries all of it, as ``contract.toml`` says."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import schemathesis

from index.settings import IndexSettings
from index.types import Source
from index.web.fetcher import Fetcher
from qa.types import Answer, Feedback, Mark, Question, Watch
from server.schemas import Job, JobState
from server.spool import Record, Spool
from tests.fakes import FakeService
from tests.server.conftest import QUOTE, TEXT, serving
from tests.sites import PAGE, Internet, Site, page, site

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("contract.toml")
DESCRIPTION = "/schema/openapi.json"
KEY = "s3cret"


class Answering(FakeService):
    """Answers about every second question, whatever it asks: both kinds of answers are seen."""

    def __init__(self) -> None:
        super().__init__()
        self.add(Source(TEXT.encode(), "godwits.txt", title="Godwits"))
        self.add(Source(PAGE, "godwits.html", metadata={"fetched_from": "http://example.org/"}))
        self.start_conversation()
        for text in ("Who?", "When?"):  # of an even and an odd length, so one of each kind
            self.give_feedback(Feedback(self.ask(Question(text)).id, Mark.RIGHT))

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        self.answers = {question.text: QUOTE} if len(question.text) % 2 else {}
        return super().ask(question, watch=watch)


def fetching_from(web: Site) -> Fetcher:
    """Whatever address it is asked for, it is the site's."""
    web.pages["/"] = page()
    internet = Internet(web.port, {"example.org": [["93.184.216.34"]]})
    return Fetcher(IndexSettings(), resolve=internet.resolve, backend=internet)


def keep_jobs(data: Path) -> None:
    """Jobs that had ended when the server started."""
    folder = data / "jobs"
    folder.mkdir(parents=True)
    for number in range(1, 9):
        job = Job(id=f"job-{number}", state=JobState.CANCELLED, name="a.txt", created_at="2026")
        Spool(folder).keep(Record(number=number, attempts=1, job=job))


def test_the_description_is_openapi(shared: httpx.Client) -> None:
    schemathesis.openapi.from_dict(shared.get(DESCRIPTION).json()).validate()


# Stateful by itself: what it learnt from earlier phases makes it end early (as of 4.32, hypothesis
# takes the growing pool for flaky data, and the suite is counted as passed).
@pytest.mark.slow
@pytest.mark.parametrize("phases", ["examples,coverage,fuzzing", "stateful"])
def test_every_call_does_what_is_described(tmp_path: Path, phases: str) -> None:
    data = tmp_path / "data"
    keep_jobs(data)
    with site() as web, serving(Answering, key=KEY, fetcher=fetching_from(web), data=data) as http:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
                *("--no-color", "--phases", phases, f"{http.base_url}{DESCRIPTION}"),
            ],
            cwd=tmp_path,  # it leaves a folder behind
            env={**os.environ, "PINCITE_API_KEY": KEY, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stdout
