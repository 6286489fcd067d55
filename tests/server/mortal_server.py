"""``pincite serve`` on a real store, in a process that can be made to die while it adds.

Its models are fakes. It embeds nothing as long as the file HOLD exists. It kills itself where a
text says ``deadly``, and once, leaving the file DIED, after it has stored one that says ``last``.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.settings import IndexSettings
from index.types import Added, Progress, Source
from qa.commands.target import Target
from qa.local import LocalService
from qa.settings import AnswerSettings
from tests.fakes import FakeEmbedder
from tests.qa.stores import fake_service


class MortalEmbedder(FakeEmbedder):
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        while Path(os.environ["HOLD"]).exists():
            time.sleep(0.01)
        if any("deadly" in text for text in texts):
            die()
        return super().embed(texts)


def open_mortal(
    index: IndexSettings, _: AnswerSettings, *, writable: bool, shipped: bool = False
) -> LocalService:
    service = fake_service(index.data, embedder=MortalEmbedder())
    add, died = service.library.add, Path(os.environ["DIED"])

    def added(source: Source, *, progress: Progress | None = None) -> Added:
        done = add(source, progress=progress)
        if b"last" in source.data and not died.exists():
            died.touch()
            die()
        return done

    service.library.add = added  # type: ignore[method-assign]
    return service


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    from qa import cli as command_line

    target = Target(index=IndexSettings(), answering=AnswerSettings(), open_local=open_mortal)
    sys.exit(command_line.main(["serve", *sys.argv[1:]], target=target))
