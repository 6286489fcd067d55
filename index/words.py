"""Words as the lexical search sees them: what is indexed, and what of a question is looked up."""

import re
import unicodedata

_CJK = re.compile(
    "([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff\u0e00-\u0e7f])"
)


def searchable(text: str) -> str:
    """The text as the full-text index is given it.

    Compatibility forms are folded (NFKC), and characters of scripts written without spaces
    stand apart, since FTS5's tokenizer would take a whole line of them for one word.
    """
    return _CJK.sub(r" \1 ", unicodedata.normalize("NFKC", text))
