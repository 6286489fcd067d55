"""What a client prefers: the header ``Prefer`` (RFC 7240)."""

import re
from collections.abc import Iterable

RESPOND_ASYNC = "respond-async"

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"?')
_TOKEN_END = re.compile(r"[;=\s]")


def prefers_async(headers: Iterable[str]) -> bool:
    """Whether ``respond-async`` is among the preferences of these header fields.

    What can't be read is no preference, since a server may pass over any.
    """
    preferences = _QUOTED.sub("", ",".join(headers)).split(",")
    return any(_TOKEN_END.split(one.strip(), 1)[0].lower() == RESPOND_ASYNC for one in preferences)
