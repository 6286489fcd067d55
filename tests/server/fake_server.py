"""Serves a FakeService in a process of its own: ``python -m tests.server.fake_server ARGS``.

The arguments are those of ``pincite serve``; FAKE_SECONDS says how long a question takes,
FAKE_STEP_SECONDS how long each of its two steps does besides, FAKE_OPENING how long opening does,
and FAKE_FAILURE makes it fail with that message.
"""

import os
import sys
import time
from pathlib import Path

from index.errors import StoreLocked
from index.settings import IndexSettings
from qa.commands.target import Target
from qa.service import Service
from qa.settings import AnswerSettings
from qa.types import Answer, Interpretation, Question, Retrieval, Watch
from tests.fakes import FakeService


class SlowService(FakeService):
    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        def tell(step: Interpretation | Retrieval) -> None:
            if watch is not None:
                watch(step)
            time.sleep(float(os.environ.get("FAKE_STEP_SECONDS", "0")))

        time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
        return super().ask(question, watch=tell)

    def close(self) -> None:
        super().close()
        Path(os.environ["FAKE_CLOSED"]).touch() if "FAKE_CLOSED" in os.environ else None


def open_fake(_: IndexSettings, __: AnswerSettings, *, writable: bool) -> Service:
    assert writable
    time.sleep(float(os.environ.get("FAKE_OPENING", "0")))
    if failure := os.environ.get("FAKE_FAILURE"):
        raise StoreLocked(failure)
    return SlowService({"When did godwits arrive?": "in September"})


if __name__ == "__main__":
    from qa import cli as command_line

    target = Target(
        index=IndexSettings(),
        answering=AnswerSettings(),
        key=os.environ.get("PINCITE_API_KEY"),
        open_local=open_fake,
    )
    sys.exit(command_line.main(["serve", *sys.argv[1:]], target=target))
