"""Text for comparing letter by letter, as people search: without case, accents or width."""

import unicodedata


def folded(text: str) -> str:
    """Lower case (Unicode's full folding) of the compatibility forms, without combining marks."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(one for one in decomposed if not unicodedata.combining(one)).casefold()


def words(text: str) -> tuple[str, ...]:
    """The words of a search, folded, each once; none for a blank one.

    NUL stands between words like white space, since SQLite's text ends there.
    """
    return tuple(dict.fromkeys(folded(text).replace("\0", " ").split()))
