"""msgspec's messages in words for people who don't know Python."""

import re

_LONGEST = 100

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
    if unknown := re.match("Invalid enum value (.*)", message, re.DOTALL):
        return f"can't be {unknown[1][:_LONGEST]}; GET /schema says what it can be"
    if missing := re.match("Object missing required field `(.*)`", message):
        return f"has no {missing[1]}"
    if odd := re.match("Object contains unknown field `(.*)`", message, re.DOTALL):
        return f"has the field {odd[1][:_LONGEST]}, which is not known here"
    told = re.sub("`([^`]+)`", lambda quoted: _types(quoted[1]), message)
    return told.replace("Expected", "must be", 1)


def _types(names: str) -> str:
    return " or ".join(_TYPES.get(name, name) for name in names.split(" | "))
