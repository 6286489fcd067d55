"""Hooks for Schemathesis: what it can't know, and what it would not try. See ``contract.toml``."""

import zlib
from typing import Any

from schemathesis import Case, HookContext, hook
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response

ASKING = ("ask", "add_message")


@hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Ask for streams too: it would ask for ``*/*`` alone, which is JSON."""
    # What follows an answer needs its id, which is looked for in JSON alone.
    followed = case.meta is None or case.meta.phase.name == "stateful"
    by_chance = zlib.crc32(repr(case.body).encode()) % 2 == 0  # the same whenever it is tried
    if _operation(case) in ASKING and not followed and by_chance:
        case.headers["Accept"] = "text/event-stream"


@hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """A conversation that was just started is there, even where ``document_ids`` are unknown."""
    missing = failure.code == "ST302" and response.json()["type"].endswith(":document-not-found")
    return not (missing and _operation(case) == "add_message")


def _operation(case: Case) -> object:
    return case.operation.definition.raw.get("operationId")
