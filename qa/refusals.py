"""Why there is no answer, in the words that every reader gets: on a terminal, in a file, by API."""

from qa.types import Answer, Reason

NOT_IN_TEXT = "Not in the text."

NO_PASSAGES = "No passage has anything in common with these words."
"""Of a search, which is no question."""

WHY = {
    Reason.NOTHING_INDEXED: "Nothing has been added yet.",
    Reason.NOTHING_RETRIEVED: "No passage has anything in common with the question.",
    Reason.NOT_IN_TEXT: "The passages closest to the question do not answer it.",
}

ADD_FIRST = "Add an article first: pincite add FILE"
"""What to do on the command line while there is nothing to ask."""


def reason_of(answer: Answer) -> Reason:
    """The reason of a refusal; one without is taken for the ordinary."""
    return answer.reason or Reason.NOT_IN_TEXT


def missing(answer: Answer) -> str | None:
    """Which of the question's words stand nowhere; None where all do."""
    if not answer.missing:
        return None
    words = "this word" if len(answer.missing) == 1 else "these words"
    return f"The text does not have {words}: {', '.join(answer.missing)}"


def told(reason: Reason) -> str:
    """The whole refusal: that there is no answer, and why."""
    return f"{NOT_IN_TEXT} {WHY[reason]}"
