"""The log: one JSON object a line on standard error, whatever happened.

No question, answer, document text or key is ever written: errors are logged by their type and
the places they passed, never by their message or values, which may hold what a reader asked.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

_logger = logging.getLogger("pincite.server")


class JsonLines(logging.Formatter):
    """A record as one line of ASCII JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's time, level, logger, event and fields; of an exception, type and places."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        entry.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1]:
            entry.update(places(record.exc_info[1]))
        return json.dumps(entry, default=str)


def to_stderr() -> None:
    """Send every logger's warnings, and this server's own information, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    _logger.setLevel(logging.INFO)


def event(name: str, **fields: object) -> None:
    """Something that happened and is as it should be."""
    _logger.info(name, extra={"fields": fields})


def failure(name: str, **fields: object) -> None:
    """Something that somebody has to look at."""
    _logger.error(name, extra={"fields": fields})


def unforeseen(error: BaseException) -> None:
    """An error that nobody thought of: its type and where it passed."""
    _logger.error("unforeseen error", extra={"fields": places(error)})


def places(error: BaseException) -> dict[str, object]:
    """An error's type and the places it passed: never its message."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "at": [f"{f.filename}:{f.lineno} {f.name}" for f in frames],
    }
