"""What a citation says of its place beyond names and numbers, for every way of showing one."""

from dataclasses import dataclass
from typing import Self

from qa.types import Citation


@dataclass(frozen=True, slots=True)
class Reference:
    """Parts of a reference in words; None for one that says nothing.

    ``title`` is None where the document is called by it already.
    """

    title: str | None
    section: str | None
    page: str | None

    @classmethod
    def of(cls, citation: Citation) -> Self:
        """The parts of a citation's reference."""
        return cls(
            title=citation.title if citation.title != citation.name else None,
            section=None if citation.section is None else f"“{citation.section}”",
            page=None if citation.page is None else f"page {citation.page}",
        )
