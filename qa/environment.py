"""Settings from the environment: ``PINCITE_DATA``, ``PINCITE_THREADS`` and so on.

Pure functions of a mapping: only the command line and the server hand in ``os.environ``.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, get_type_hints

from index.web.addresses import Allowed
from qa.errors import InvalidSetting

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

S = TypeVar("S", bound="DataclassInstance")

_KINDS: dict[type, str] = {
    int: "a whole number",
    float: "a number",
    bool: "on or off",
    Allowed: "names, addresses and networks, with commas between them",
}
_SWITCH = {"on": True, "true": True, "yes": True, "1": True}
_SWITCH |= {"off": False, "false": False, "no": False, "0": False}


def variable(name: str) -> str:
    """The environment variable of a setting: ``chunk_tokens`` → ``PINCITE_CHUNK_TOKENS``."""
    return f"PINCITE_{name.upper()}"


def read(settings: type[S], environ: Mapping[str, str]) -> S:
    """A settings object; what the environment does not set, or sets empty, keeps its default.

    Raises InvalidSetting for a value that is not of the setting's type.
    """
    types = get_type_hints(settings)
    given = {f.name: environ.get(variable(f.name), "") for f in fields(settings)}
    return settings(**{n: _parse(n, types[n], value) for n, value in given.items() if value})


def _parse(name: str, kind: type, value: str) -> object:
    if kind is Path:
        return Path(value).expanduser()
    try:
        return _switch(value) if kind is bool else kind(value)
    except ValueError as error:
        wanted = _KINDS.get(kind, f"a {kind.__name__}")
        raise InvalidSetting(
            f"{variable(name)} is {value!r}: give {wanted}, or unset it for the default"
        ) from error


def _switch(value: str) -> bool:
    try:
        return _SWITCH[value.strip().lower()]
    except KeyError as error:
        raise ValueError from error


def user_data(environ: Mapping[str, str], platform: str) -> Path:
    """Where a person's store is kept: the XDG folder for data, or what macOS uses for it."""
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "pincite"
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "pincite"
