"""``pincite mcp`` around a FakeService: ``python -m tests.server.fake_mcp ARGS``.

FAKE_OPENING says how many seconds opening takes, FAKE_MISSING how many times it fails first. The
service prints when it is asked, as some library might.
"""

import os
import sys
import time

from index.errors import StoreMissing
from index.settings import IndexSettings
from index.types import Source
from qa import cli
from qa.commands.target import Target
from qa.service import Service
from qa.settings import AnswerSettings
from qa.types import Answer, Question, Watch
from tests.fakes import FakeService

QUESTION = "When did the godwits arrive?"
QUOTE = "in September"
TEXT = "Godwits left Alaska. 🐦\nThey arrived in September, tired.\n"

_missing = int(os.environ.get("FAKE_MISSING", "0"))


class Chatty(FakeService):
    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        print("thinking about", question.text, flush=True)
        return super().ask(question, watch=watch)


def open_fake(index: IndexSettings, answering: AnswerSettings, *, writable: bool) -> Service:
    global _missing
    assert not writable
    time.sleep(float(os.environ.get("FAKE_OPENING", "0")))
    if _missing:
        _missing -= 1
        raise StoreMissing("there is no store yet: add an article with `pincite add`")
    service = Chatty({QUESTION: QUOTE})
    service.add(Source(TEXT.encode(), "godwits.txt", title="Godwits"))
    return service


if __name__ == "__main__":
    target = Target(index=IndexSettings(), answering=AnswerSettings(), open_local=open_fake)
    sys.exit(cli.main(["mcp", *sys.argv[1:]], target=target))
