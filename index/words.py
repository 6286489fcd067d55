"""Words as the lexical search sees them: what is indexed, and what of a question is looked up."""

import re
import sqlite3
import threading
import unicodedata
from collections.abc import Sequence

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""FTS5's tokenizer: words folded to lower case, without diacritics, stemmed for English."""

_CJK = re.compile(
    "([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff\u0e00-\u0e7f])"
)
_WORD = re.compile("[\\w\u0300-\u036f\ue000-\uf8ff\U000f0000-\U0010ffff]+")
"""Letters and digits, and what FTS5 counts to a word besides: combining marks, private letters."""

STOP_WORDS = frozenset(
    """
    a about after again all also am an and any are as at be because been before being between both
    but by can could d did do does doing during each few for from further had has have having he
    her here hers herself him himself his how i if in into is it its itself ll m may me might more
    most my myself no nor not now of off on once only or other our ours out over own re s same
    shall she should so some such t than that the their theirs them themselves then there these
    they this those through to too under until up ve very was we were what when where which while
    who whom whose why will with would you your yours
    """.split()
)


def searchable(text: str) -> str:
    """The words of a text with blanks between, as the full-text index is given them.

    Compatibility forms and case are folded as Unicode says (so that "STRASSE" finds "Straße").
    Characters of scripts written without spaces stand apart, since FTS5's tokenizer would take
    a whole line of them for one word; symbols go, since it takes newer ones for letters.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WORD.findall(_CJK.sub(r" \1 ", folded)))


def terms(question: str) -> list[str]:
    """The words of a question worth looking up, each once, in order.

    Stop words are dropped, unless there is nothing else: they are in every text, and make an
    OR query linear in the number of chunks.
    """
    words = list(dict.fromkeys(searchable(question).split()))
    return [word for word in words if word not in STOP_WORDS] or words


def any_of(words: Sequence[str]) -> str:
    """The FTS5 expression that matches a text with any of the words; empty for no words."""
    return " OR ".join('"' + word.replace('"', '""') + '"' for word in words)


class Stemmer:
    """Parts and stems texts by FTS5's own tokenizer, so that stems equal the index's terms.

    Safe to use from many threads: each has a database in memory of its own.
    """

    def __init__(self) -> None:
        self._local = threading.local()

    def stems(self, texts: Sequence[str]) -> list[frozenset[str]]:
        """For each text, the set of its words as the index holds them."""
        connection = self._connection()
        connection.execute("DELETE FROM given")
        connection.executemany(
            "INSERT INTO given (rowid, words) VALUES (?, ?)",
            [(row, searchable(text)) for row, text in enumerate(texts, start=1)],
        )
        found: list[set[str]] = [set() for _ in texts]
        for term, row in connection.execute("SELECT term, doc FROM instances"):
            found[row - 1].add(term)
        return [frozenset(stems) for stems in found]

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            connection = sqlite3.connect(":memory:", isolation_level=None)
            connection.execute(
                f"CREATE VIRTUAL TABLE given USING fts5(words, tokenize = '{TOKENIZER}')"
            )
            connection.execute("CREATE VIRTUAL TABLE instances USING fts5vocab(given, instance)")
            self._local.connection = connection
        kept: sqlite3.Connection = self._local.connection
        return kept
