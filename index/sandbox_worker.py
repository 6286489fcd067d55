"""The process that reads files with parsers: ``python -m index.sandbox_worker`` and its limits.

It takes Sources from standard input and gives Replies on standard output, each a message of
msgpack after its length. When its input ends, so does it, whatever it is doing.
"""

import contextlib
import ctypes
import os
import queue
import resource
import struct
import sys
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

import msgspec

from index.errors import (
    EmptySource,
    SourceError,
    SourceTooLarge,
    UndecodableText,
    UnreadableSource,
    UnsupportedType,
)
from index.formats import extract
from index.types import Extract, Source

_REFUSALS = (EmptySource, SourceTooLarge, UndecodableText, UnreadableSource, UnsupportedType)
_LENGTH = struct.Struct("<Q")
_LONGEST = 1 << 30
_NEARLY = 0.8
_NEW_USERS, _NEW_NETWORK = 0x1000_0000, 0x4000_0000
_FORBIDDEN = frozenset(
    "socket.connect socket.bind socket.sendto subprocess.Popen os.system os.exec os.posix_spawn "
    "os.fork".split()
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take, in bytes, seconds of processor time, and characters.

    ``patience`` is how long its reply is waited for, in seconds, which is more on a busy machine;
    a process that holds more than ``kept`` bytes afterwards is replaced.
    """

    memory: int = 1 << 30
    seconds: int = 30
    patience: float = 60.0
    characters: int = 20_000_000
    kept: int = 300 << 20

    def arguments(self) -> list[str]:
        """The limits as a command line's arguments."""
        return [str(value) for value in asdict(self).values()]

    @classmethod
    def of(cls, *arguments: str) -> "Limits":
        """The limits that ``arguments`` gave."""
        memory, seconds, patience, characters, kept = arguments
        return cls(int(memory), int(seconds), float(patience), int(characters), int(kept))


@dataclass(frozen=True, slots=True)
class Reply:
    """An Extract, or the name of the SourceError raised instead and its message.

    ``grown`` says that the process holds much memory now, so that another should take its place.
    """

    extract: Extract | None = None
    error: str = ""
    message: str = ""
    grown: bool = False


def refusal(reply: Reply) -> SourceError:
    """The error that a reply stands for."""
    known = {kind.__name__: kind for kind in _REFUSALS}
    return known.get(reply.error, SourceError)(reply.message)


def send(pipe: IO[bytes], message: bytes) -> None:
    """Write a message after its length. Raises OSError where nobody reads."""
    pipe.write(_LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """The next message. Raises EOFError where none comes, or not the whole of it."""
    head = pipe.read(_LENGTH.size)
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else _LONGEST + 1
    if length > _LONGEST:
        raise EOFError
    message = pipe.read(length)
    if len(message) < length:
        raise EOFError
    return message


def main(*arguments: str) -> None:
    """Answer requests until the input ends."""
    limits = Limits.of(*arguments)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints is no answer
    _confine(limits)
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while True:
        request = requests.get()
        _allow(limits.seconds)
        reply = replace(_reply(request, limits), grown=_memory("VmRSS") > limits.kept)
        send(answers, msgspec.msgpack.encode(reply))


def _listen(requests: queue.SimpleQueue[bytes]) -> None:
    """Hand on requests; when they end, the parent is gone or done, and the process ends."""
    try:
        while True:
            requests.put(receive(sys.stdin.buffer))
    except (EOFError, OSError):
        os._exit(0)


def _reply(request: bytes, limits: Limits) -> Reply:
    source = msgspec.msgpack.decode(request, type=Source)
    try:
        found = extract(source)
    except SourceError as error:
        return Reply(error=type(error).__name__, message=str(error))
    except Exception as error:
        return _failed(source, error, limits)
    if len(found.text) > limits.characters:
        return _refused(
            SourceTooLarge,
            f"{source.name!r} holds {len(found.text):,} characters, and a text is read up to "
            f"{limits.characters:,}; split it",
        )
    return Reply(extract=found)


def _failed(source: Source, error: Exception, limits: Limits) -> Reply:
    """What a parser's own error means: parsers say in many ways that there is no more memory."""
    if isinstance(error, MemoryError) or _memory("VmPeak") > _NEARLY * limits.memory:
        return _refused(
            SourceTooLarge,
            f"{source.name!r} takes more than the {limits.memory >> 20:,} MiB of memory that a "
            "file is given to be read; split it, or add its text",
        )
    return _refused(
        UnreadableSource,
        f"{source.name!r} can't be read ({type(error).__name__}: {error}); the file is damaged, or "
        "of a form that is not known: save it anew, or add its text",
    )


def _refused(kind: type[SourceError], message: str) -> Reply:
    return Reply(error=kind.__name__, message=message)


def _memory(what: str) -> int:
    """So much memory as the system says of the process, in bytes; 0 where it does not."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition(f"{what}:")[2].split()[0]) << 10
    return 0


def _confine(limits: Limits) -> None:
    """Bound what the process may take; what a system does not know is left out."""
    _restrict("RLIMIT_AS", limits.memory)
    _restrict("RLIMIT_FSIZE", 0)
    _restrict("RLIMIT_CORE", 0)
    sys.dont_write_bytecode = True
    if sys.platform == "linux":
        unshare = getattr(ctypes.CDLL(None), "unshare", None)
        if unshare and unshare(_NEW_NETWORK):  # only root may without users of its own
            unshare(_NEW_USERS | _NEW_NETWORK)
    sys.addaudithook(_forbid)


def _restrict(name: str, value: int) -> None:
    with contextlib.suppress(AttributeError, OSError, ValueError):
        resource.setrlimit(getattr(resource, name), (value, value))


def _allow(seconds: int) -> None:
    """So many more seconds of processor time; the process is killed after them."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + seconds + 1
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _forbid(event: str, arguments: object) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"{event} is nothing that reading a file needs")


if __name__ == "__main__":
    main(*sys.argv[1:])
