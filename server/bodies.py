"""Request bodies: bytes to checked values, or a Problem that says what to correct.

Litestar would accept ``"5"`` where 5 is asked for, tell of the first error only, and end in a
500 at invalid UTF-8 or deep nesting. So JSON is read here, in two steps that keep the two kinds
of error apart: what is no JSON is a 400, what is JSON with wrong values a 422 that lists them.
"""

import json
import re
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from server.errors import Fault, Problem, client_gone, invalid, malformed, too_large
from server.wording import plain

T = TypeVar("T", bound=msgspec.Struct)

JSON = "application/json"
JSON_BYTES = 1_000_000  # the most that anything but a document may have
_MOST_FAULTS = 20
_LONGEST_NAME = 100
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_PLACE = re.compile(r"^(?P<what>.*?) - at `(?P<key>key in )?\$(?P<path>.*)`$", re.DOTALL)
_STEP = re.compile(r"\[(\d+)\]|\.(\w+)")  # in msgspec's path: an index, or a field


class StrictRequest(Request[Any, Any, State]):
    """A request whose ``data`` is exactly what its route declares, or a Problem."""

    async def body(self) -> bytes:
        """The whole body, never more than the route's limit."""
        try:
            body = await super().body()
        except RequestEntityTooLarge as error:
            raise too_large(self.route_handler.resolve_request_max_body_size() or 0) from error
        except HTTPException as error:
            if error.status_code < 500:
                raise
            raise client_gone() from error  # its only 500: "client disconnected prematurely"
        if not body and self.route_handler.parsed_data_field:
            # Litestar would leave the route's data out, and then miss it.
            raise malformed("The body is empty: send a JSON object.")
        return body

    async def json(self) -> Any:
        """The body as the route's ``data``."""
        field = self.route_handler.parsed_data_field
        return await self.read(field.annotation) if field else None

    async def read(self, kind: type[T]) -> T:
        """The body as ``kind``. Raises a Problem: 415, 413, 400 or 422."""
        require(self.content_type[0], JSON)
        return decode(await self.body(), kind)

    async def gone(self) -> None:
        """Returns when the client goes away; only once the body has been read."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


def require(given: str, *accepted: str) -> None:
    """Raise a 415 Problem where the media type is none of those accepted."""
    if given not in accepted:
        stated = f"is {given}" if given else "is missing"
        raise Problem(
            415,
            f"The Content-Type {stated}: send {' or '.join(accepted)}.",
            kind="unsupported-type",
        )


def decode(body: bytes, kind: type[T]) -> T:
    """JSON as ``kind``. Raises a Problem: 400 where it is no JSON, 422 where values are wrong."""
    return shaped(parsed(body), kind)


def shaped(value: object, kind: type[T]) -> T:
    """Plain values as ``kind``. Raises a 422 Problem that lists what is wrong."""
    if isinstance(value, dict):
        value = {name: _whole(field) for name, field in value.items()}
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise invalid(*_faults(value, kind)) from error


def parsed(body: bytes, *, what: str = "body") -> object:
    """JSON as plain values. ``what`` names it where it is none: a 400 Problem."""
    if not body.strip():
        raise malformed(f"The {what} is empty: send a JSON object.")
    try:
        return msgspec.json.decode(body)
    except msgspec.ValidationError as error:  # a number that no machine type holds
        raise invalid(Fault("holds a number that is out of range", pointer="#")) from error
    except UnicodeDecodeError as error:
        raise malformed(f"The {what} is not UTF-8: {error.reason}. Encode it as UTF-8.") from error
    except RecursionError as error:
        raise malformed(f"The {what} is nested too deeply: send a flat object.") from error
    except msgspec.DecodeError as error:
        if _holds_half_a_pair(body):
            detail = "holds half of a surrogate pair (\\ud800 to \\udfff), which is no character"
            raise invalid(Fault(detail, pointer="#")) from error
        raise malformed(f"The {what} can't be read as JSON: {error}.") from error


def _holds_half_a_pair(body: bytes) -> bool:
    """Whether the JSON is well-formed and only a lone surrogate keeps it from being text."""
    if not _SURROGATE.search(body):
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _whole(value: object, *, within: bool = True) -> object:
    """JSON knows one kind of number, in which 5.0 is 5; ``within`` an object's fields too."""
    if within and isinstance(value, dict):
        return {name: _whole(field, within=False) for name, field in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _faults(value: object, kind: type[msgspec.Struct]) -> list[Fault]:
    """Everything that is wrong, where msgspec stops at the first."""
    if not isinstance(value, dict):
        return [Fault("must be a JSON object", pointer="#")]
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    known = ", ".join(fields) or "none"
    unknown = value.keys() - fields if kind.__struct_config__.forbid_unknown_fields else ()
    faults = [
        Fault(f"is not known here; the fields are {known}", pointer=pointer(name))
        for name in value
        if name in unknown
    ]
    for name, field in fields.items():
        if name not in value:
            if field.required:
                faults.append(Fault("is missing", pointer=pointer(name)))
            continue
        try:
            msgspec.convert(value[name], field.type)
        except msgspec.ValidationError as error:
            faults.append(_fault(name, str(error)))
    return faults[:_MOST_FAULTS]


def _fault(name: str, message: str) -> Fault:
    place = _PLACE.match(message)
    what = place["what"] if place else message
    steps = _STEP.findall(place["path"]) if place else []
    role = ""
    if place and "[...]" in place["path"]:  # msgspec's word for some value of a mapping
        role = " as a key" if place["key"] else " as a value"
    return Fault(plain(what) + role, pointer=pointer(name, *("".join(step) for step in steps)))


def pointer(*steps: str) -> str:
    """A JSON pointer as a URI fragment (RFC 6901), for ``Fault.pointer``."""
    escaped = (step[:_LONGEST_NAME].replace("~", "~0").replace("/", "~1") for step in steps)
    return "#" + "".join(f"/{quote(step, safe='')}" for step in escaped)
