"""Reads files with parsers in a process of their own, so that a hostile one harms nothing.

The process (``index.sandbox_worker``) is started when first needed and kept, so that a small
file costs little; it is replaced when it dies. It has a bounded memory and time, writes no
file, reaches no network, and ends with this process. Both talk in msgpack, never in pickle.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from index.errors import SourceTooLarge, UnreadableSource
from index.formats import extract, format_of
from index.sandbox_worker import Limits, Reply, receive, refusal, send
from index.types import Extract, Source

_CLOSING_SECONDS = 1.0


class Sandbox:
    """Gives the Extract of a source. Safe to use from many threads; one file is read at a time."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._replies = msgspec.msgpack.Decoder(Reply)

    @property
    def worker_id(self) -> int | None:
        """The process that reads, or None where none was needed yet."""
        worker = self._worker
        return worker.process.pid if worker else None

    def extract(self, source: Source) -> Extract:
        """What ``index.formats.extract`` gives, and raises, within the limits.

        Raises SourceTooLarge where reading takes more time or memory than is given, and
        UnreadableSource where the file fells its parser.
        """
        if not format_of(source).apart:
            return extract(source)
        with self._lock:
            reply = self._ask(source)
        if reply.extract is None:
            raise refusal(reply)
        return reply.extract

    def close(self) -> None:
        """End the process, if there is one; another call starts it again."""
        with self._lock:
            if self._worker:
                self._worker.close()
                self._worker = None

    def _ask(self, source: Source) -> Reply:
        if self._worker is None or self._worker.process.poll() is not None:
            self._discard()
            self._worker = _Worker(self._limits)
        try:
            reply = self._replies.decode(self._worker.ask(msgspec.msgpack.encode(source)))
        except (OSError, EOFError, msgspec.MsgspecError) as error:
            raise self._failed(self._worker, source) from error
        if reply.grown:
            self._discard()
        return reply

    def _discard(self) -> None:
        if self._worker:
            self._worker.kill()
            self._worker = None

    def _failed(self, worker: "_Worker", source: Source) -> SourceTooLarge | UnreadableSource:
        """Why there is no reply; the process is gone, and the next call starts another."""
        late = worker.late
        self._discard()
        code = worker.process.returncode
        if late or code == -signal.SIGXCPU:
            return SourceTooLarge(
                f"{source.name!r} takes more than the {self._limits.seconds} s that a file is "
                "given to be read; split it, or add its text"
            )
        ended = signal.Signals(-code).name if code and code < 0 else f"status {code}"
        return UnreadableSource(
            f"{source.name!r} can't be read: its parser ended ({ended}), so the file is damaged "
            "or needs too much memory; save it anew, or add its text"
        )


class _Worker:
    """The process and the pipes to it. ``late`` says that it was killed for taking too long."""

    def __init__(self, limits: Limits) -> None:
        self.late = False
        self._patience = limits.patience
        root = str(Path(__file__).parents[1])
        paths = [path for path in (*sys.path, root) if path]
        self.process = subprocess.Popen(
            # -P: nothing is imported from the folder that this happens to run in.
            [sys.executable, "-P", "-m", "index.sandbox_worker", *limits.arguments()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))},
        )

    def ask(self, request: bytes) -> bytes:
        """The answer to a request. Raises EOFError or OSError where the process is gone."""
        assert self.process.stdin
        assert self.process.stdout
        timer = threading.Timer(self._patience, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            send(self.process.stdin, request)
            return receive(self.process.stdout)
        finally:
            timer.cancel()

    def close(self) -> None:
        """End it by closing its input, or by force."""
        assert self.process.stdin
        try:
            self.process.stdin.close()
            self.process.wait(_CLOSING_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            pass
        self.kill()

    def kill(self) -> None:
        """End it by force, and let go of its pipes."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _give_up(self) -> None:
        self.late = True
        self.process.kill()
