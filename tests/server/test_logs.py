"""One JSON object a line, whatever is logged."""

import json
import logging
import sys

from hypothesis import given
from hypothesis import strategies as st

from server.logs import JsonLines


def line(message: str, **extra: object) -> str:
    record = logging.LogRecord("a.b", logging.WARNING, __file__, 1, "%s", (message,), None)
    record.__dict__.update(extra)
    return JsonLines().format(record)


@given(st.text(alphabet=st.characters()))
def test_anything_is_one_line_of_json(message: str) -> None:
    written = line(message, fields={"more": message})
    assert len(written.splitlines()) == 1
    assert written.isascii()
    entry = json.loads(written)
    assert (entry["event"], entry["more"], entry["level"]) == (message, message, "warning")


def test_an_exception_is_told_by_type_and_place() -> None:
    try:
        raise ValueError("the reader's question")
    except ValueError:
        written = line("failed", exc_info=sys.exc_info())
    entry = json.loads(written)
    assert entry["error"] == "ValueError"
    assert "test_logs.py" in entry["at"][0]
    assert "question" not in written
