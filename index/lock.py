"""One writer at a time: a lock on a file, which names the process that holds it."""

import contextlib
import fcntl
import os
import shlex
import sys
from pathlib import Path
from typing import Self

from index.errors import StoreLocked
from index.failures import system_error

_SIZE = 512  # always written whole, in place: on a full disk the file's block is there already


class WriterLock:
    """Held while a process writes; the system frees it when that process ends, however it does.

    Not shared with child processes started in the usual way (the descriptor is closed on exec).
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, path: Path) -> Self:
        """Take the lock at once or not at all.

        Raises StoreLocked, naming the process that holds it, and StoreUnwritable or StoreFull
        where the file can't be made.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise system_error(error, path) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(descriptor)
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise StoreLocked(
                    f"{path.parent} is being written by {holder}; wait until it ends, stop it, or"
                    " ask it over its URL"
                ) from error
            raise system_error(error, path) from error
        _sign(descriptor)
        return cls(descriptor)

    def release(self) -> None:
        """Let another process write. Harmless when released already."""
        if self._descriptor is not None:
            # Closing alone would leave the lock to a child process that is just being started.
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = None


def _sign(descriptor: int) -> None:
    """Write which process this is; a full disk only costs the name, never the lock."""
    name = f"process {os.getpid()} ({shlex.join(sys.orig_argv)})"
    line = name.encode("utf-8", "replace")[: _SIZE - 1]
    with contextlib.suppress(OSError):
        os.pwrite(descriptor, line.ljust(_SIZE - 1) + b"\n", 0)


def _holder(descriptor: int) -> str:
    """What the holder wrote of itself."""
    line = os.pread(descriptor, _SIZE, 0).decode("utf-8", "replace").strip()
    return line or "another process"
