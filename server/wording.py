"""msgspec's messages in words for people who don't know Python."""

import re

_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
}


def plain(message: str) -> str:
    """``Expected `int`, got `str``` as "must be a whole number, got text"."""
    if "matching regex" in message:  # of the two in server.schemas
        blank = "that is not blank and " if r"\s" in message else ""
        return f"must be text {blank}without NUL characters (U+0000)"
    told = re.sub("`([^`]+)`", lambda quoted: _types(quoted[1]), message)
    return told.replace("Expected", "must be", 1)


def _types(names: str) -> str:
    return " or ".join(_TYPES.get(name, name) for name in names.split(" | "))
