"""Follow-up questions: one that leans on earlier turns is resolved before it is searched for."""

from collections.abc import Sequence

from qa.types import Turn


def resolve(question: str, history: Sequence[Turn]) -> str:
    """The question as it stands alone."""
    return question
