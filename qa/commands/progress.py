"""Progress bars and spinners, on standard error, where somebody watches it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from index.types import Stage

_DOING = {
    Stage.EXTRACT: "reading",
    Stage.CHUNK: "cutting",
    Stage.EMBED: "embedding",
    Stage.STORE: "storing",
}


class Bars:
    """Two bars: the files, and the stage that the current file is in."""

    def __init__(self, progress: Progress, total: int, what: str) -> None:
        self._progress = progress
        self._files: TaskID = progress.add_task(what, total=total)
        self._stage: TaskID = progress.add_task("loading the models", total=None)

    def begin(self, name: str) -> None:
        """The next file has come up."""
        self._progress.update(self._stage, description=name, total=None, completed=0)

    def stage(self, stage: Stage, done: int, total: int) -> None:
        """The current file's stage is so far; a ``Progress`` callback."""
        self._progress.update(
            self._stage, description=_DOING[stage], completed=done, total=total or None
        )

    def end(self) -> None:
        """The current file is finished, well or not."""
        self._progress.advance(self._files)


def waiting(doing: str) -> AbstractContextManager[object]:
    """A spinner beside what is being done; nothing where no terminal is."""
    console = Console(file=sys.stderr)
    return console.status(doing) if console.is_terminal else nullcontext()


def _progress() -> Progress:
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def adding(total: int, *, what: str = "files") -> Iterator[Bars]:
    """Bars for so many files, or ``what``; nothing is shown or left behind without a terminal."""
    with _progress() as progress:
        yield Bars(progress, total, what)


@contextmanager
def steps() -> Iterator[Callable[[str, int, int], None]]:
    """One bar that shows the step it is told of; nothing where no terminal is."""
    with _progress() as progress:
        task = progress.add_task("loading the models", total=None)
        yield lambda step, done, total: progress.update(
            task, description=step, completed=done, total=total
        )
