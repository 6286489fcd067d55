"""The API is what its description says: Schemathesis tries all of it, by ``contract.toml``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.types import Source
from qa.types import Answer, Question, Watch
from tests.fakes import FakeService
from tests.server.conftest import QUOTE, TEXT, serving

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("contract.toml")
KEY = "s3cret"


class Answering(FakeService):
    """Answers every second question, whatever it asks, so that both kinds of answers are seen."""

    def __init__(self) -> None:
        super().__init__()
        self.add(Source(TEXT.encode(), "godwits.txt", title="Godwits"))

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        self.answers = {question.text: QUOTE} if len(self.asked) % 2 else {}
        return super().ask(question, watch=watch)


@pytest.mark.slow
def test_every_call_does_what_is_described(tmp_path: Path) -> None:
    with serving(Answering, key=KEY) as http:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
                *("--no-color", f"{http.base_url}/schema/openapi.json"),
            ],
            cwd=tmp_path,  # it leaves a folder of its own behind
            env={**os.environ, "PINCITE_API_KEY": KEY, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    print(done.stdout)
