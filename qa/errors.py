"""Everything that can go wrong between a question and its answer.

::

    index.errors.PinciteError
    └── AnsweringError
        ├── InvalidQuestion      empty, too long, or not text
        ├── InvalidRequest       a limit, confidence or title that can't be taken
        ├── ConversationNotFound no conversation of that id
        ├── AnswerNotFound       no answer of that id is remembered
        ├── FeedbackNotFound     nobody has judged that answer
        ├── InvalidSetting       a setting in the environment that can't be read
        ├── DataError            a question set that can't be read
        ├── WeightsError         the reader's files are missing, changed, or don't belong together
        └── RemoteError          a running server refused or could not be reached

"Not in the text" is a result, not an error.
"""

from index.errors import PinciteError


class AnsweringError(PinciteError):
    """The base of this package's errors."""


class InvalidQuestion(AnsweringError):
    """A question that is empty, too long, or not text."""


class InvalidRequest(AnsweringError):
    """A limit, confidence, position or title that can't be taken."""


class ConversationNotFound(AnsweringError):
    """No conversation of that id."""


class AnswerNotFound(AnsweringError):
    """No answer of that id is remembered."""


class FeedbackNotFound(AnsweringError):
    """Nobody has judged that answer."""


class InvalidSetting(AnsweringError):
    """A setting in the environment that can't be read."""


class DataError(AnsweringError):
    """A question set that can't be read."""


class WeightsError(AnsweringError):
    """The reader's files are missing, changed, or don't belong together."""


class RemoteError(AnsweringError):
    """A running server refused, or could not be reached. ``status`` is its HTTP status."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
