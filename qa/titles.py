"""What a conversation is called: by its first question, or as a person says."""

from qa.errors import InvalidRequest

UNNAMED = "New conversation"
LONGEST_TITLE = 200
"""Characters of a title that a person gives."""

ASKED_CHARACTERS = 80


def asked(question: str) -> str:
    """The question on one line, cut at a word where it is long."""
    line = " ".join(question.split())
    if len(line) <= ASKED_CHARACTERS:
        return line
    cut = line[: ASKED_CHARACTERS - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def given(title: str) -> str:
    """A person's title on one line. Raises InvalidRequest where it is blank, too long, or none."""
    if not title.strip():
        raise InvalidRequest("the title is blank; give it a word")
    if len(title) > LONGEST_TITLE:
        raise InvalidRequest(
            f"the title has {len(title)} characters, more than the {LONGEST_TITLE} that are kept; "
            "shorten it"
        )
    if "\0" in title or not _is_text(title):
        raise InvalidRequest("the title holds a NUL or half a character; remove it")
    return " ".join(title.split())


def _is_text(title: str) -> bool:
    try:
        title.encode()
    except UnicodeEncodeError:
        return False
    return True
