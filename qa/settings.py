"""The answering side's settings, declared once: name, default, and help."""

from dataclasses import dataclass

from index.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSettings:
    """How questions are read and answered."""

    passages: int = setting(5, "passages that are read for a question")  # type: ignore[assignment]
    max_question: int = setting(2_000, "the longest question, in characters")  # type: ignore[assignment]
    threads: int = setting(2, "processor threads the reader uses")  # type: ignore[assignment]
