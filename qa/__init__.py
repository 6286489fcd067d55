"""From passages to a cited answer: read, decide, cite, or say that the text does not hold it.

For programs: ``from qa import Pincite``; see ``qa.client``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.client import Pincite as Pincite

__all__ = ["Pincite"]


def __getattr__(name: str) -> object:
    """``Pincite``, imported when it is first used: what imports a part of this package is quick."""
    if name != "Pincite":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from qa.client import Pincite

    return Pincite
