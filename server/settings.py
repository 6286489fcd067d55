"""The server's settings, declared once: name, default, and help."""

from dataclasses import dataclass

from index.settings import IndexSettings, setting
from qa.errors import InvalidSetting
from qa.settings import AnswerSettings

_RANGES = {
    "port": (0, 65_535),
    "workers": (1, 64),
    "queue": (0, 10_000),
    "upload_queue": (0, 1_000),
    "job_queue": (0, 10_000),
    "stop_seconds": (0, 3_600),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where the server listens, how much it takes on, and how it stops.

    The key is none of these: it comes from PINCITE_API_KEY alone and is never printed.
    Raises InvalidSetting for a number out of its range.
    """

    host: str = setting("127.0.0.1", "the address to listen on; any but loopback needs a key")  # type: ignore[assignment]
    port: int = setting(8080, "the port to listen on; 0 takes a free one")  # type: ignore[assignment]
    allowed_hosts: str = setting(  # type: ignore[assignment]
        "", "further names that requests may call this server by, separated by commas"
    )
    workers: int = setting(1, "questions that are answered at the same time")  # type: ignore[assignment]
    queue: int = setting(32, "questions that may wait; further ones are told to come back later")  # type: ignore[assignment]
    upload_queue: int = setting(8, "documents that may wait to be added")  # type: ignore[assignment]
    job_queue: int = setting(100, "documents that may wait on the disk to be added later")  # type: ignore[assignment]
    stop_seconds: int = setting(8, "how long a stopping server lets requests in flight finish")  # type: ignore[assignment]

    def __post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise InvalidSetting(f"{name} is {value}: give {least} to {most:,}")

    def hosts(self) -> frozenset[str]:
        """``allowed_hosts`` as names, in lower case."""
        return frozenset(n.strip().lower() for n in self.allowed_hosts.split(",") if n.strip())


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a request may bring: a file's bytes, a question's characters.

    ``tokenizer`` is the tiktoken encoding that lengths are told in, where a protocol counts tokens.
    """

    file_bytes: int
    question_characters: int
    tokenizer: str = IndexSettings().tokenizer

    @classmethod
    def of(cls, index: IndexSettings, answering: AnswerSettings) -> "Limits":
        """The limits that the packages below state."""
        return cls(index.max_bytes, answering.max_question, index.tokenizer)


DEFAULT_LIMITS = Limits.of(IndexSettings(), AnswerSettings())
