"""Hooks for Schemathesis, which asks for ``*/*`` alone: here every second answer is a stream."""

from itertools import count
from typing import Any

import schemathesis

ASKING = ("ask", "add_message")

_calls = count()


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]
) -> None:
    # What follows an answer needs its id, which is looked for in JSON alone.
    followed = case.meta is None or case.meta.phase.name.value == "stateful"
    asking = case.operation.definition.raw.get("operationId") in ASKING
    if asking and not followed and next(_calls) % 2:
        case.headers["Accept"] = "text/event-stream"
