"""The JSON Schemas of Python types: msgspec's, as clients of any protocol are given them."""

from collections.abc import Sequence
from typing import Any

import msgspec

Shape = dict[str, Any]


def shapes_of(
    kinds: Sequence[type], *, reference: str, whole: bool = False
) -> tuple[tuple[Shape, ...], dict[str, Shape]]:
    """Each type's own schema, and by name those that they refer to.

    ``reference`` is a reference with ``{name}`` in it; ``whole`` says that all fields are always
    there, defaults or not, as in what is sent.
    """
    own, named = msgspec.json.schema_components(kinds, ref_template=reference)
    for shape in named.values():
        if whole and "properties" in shape:
            shape["required"] = list(shape["properties"])
        # Docstrings are written for Python's tools, descriptions for Markdown's.
        shape["description"] = shape.get("description", "").replace("``", "`")
    return own, named
