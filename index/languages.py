"""Which language a paragraph is in, as far as splitting sentences needs to know."""

import re

_SAMPLE = 2_000

_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "zh": re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "hy": re.compile("[\u0530-\u058f]"),
    "ar": re.compile("[\u0600-\u06ff\u0750-\u077f]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "am": re.compile("[\u1200-\u137f]"),
    "my": re.compile("[\u1000-\u109f]"),
}
"""One language a script: the others that share it end their sentences in the same way."""

_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")

_FREQUENT = {
    "en": "the of and to in is was that for on with as it by at from are this be not he his were "
    "had have which they their but its an or",
    "de": "der die das und ist nicht mit den von ein eine für auf dem sich des auch im zu es wird "
    "war wurde nach aus bei am einer er sie wie als um haben",
    "fr": "le la les des et est une du dans que qui pour pas sur au par avec ce il elle sont "
    "a été aux en un plus son sa ses mais ont cette à",
    "es": "el la los las y es una del en que por con para se no su al como más fue son "
    "un lo sus pero ha sobre entre también era de",
    "it": "il la di che è un una per con non del della dei si sono nel gli le anche ha "
    "alla al da più come dal nella ma i e",
    "nl": "de het een en van is niet dat op te zijn voor met die er aan ook door bij hij "
    "was werd naar om uit maar wordt deze als",
    "pl": "w i na się nie jest do z to że o jak przez od dla po są był który oraz "
    "za ale co roku jego która było może przy",
    "da": "og det er en af til på som den for med ikke der de har at et var fra han "
    "om blev ved men også kan efter ett är och av",
    "sk": "a v na je sa že s to do o ako pre bol sú aj ktorý po od nie z "
    "sa ve jako se byl které i podle ale k",
}
"""Frequent words. Portuguese is split as Spanish, Czech as Slovak, Swedish as Danish."""

_LANGUAGES_OF: dict[str, tuple[str, ...]] = {}
for _language, _words in _FREQUENT.items():
    for _word in _words.split():
        _LANGUAGES_OF[_word] = (*_LANGUAGES_OF.get(_word, ()), _language)


def language(text: str) -> str:
    """The ISO 639-1 code of the language the text is most like; ``en`` when in doubt."""
    sample = text[:_SAMPLE]
    return (None if sample.isascii() else _by_script(sample)) or _by_words(sample)


def _by_script(sample: str) -> str | None:
    half = len(_LETTER.findall(sample)) / 2
    counts = {code: len(script.findall(sample)) for code, script in _SCRIPTS.items()}
    if counts["ja"] + counts["zh"] > half:
        return "ja" if counts["ja"] > counts["zh"] / 10 else "zh"
    code = max(counts, key=lambda code: counts[code])
    return code if counts[code] > half else None


def _by_words(sample: str) -> str:
    hits = dict.fromkeys(_FREQUENT, 0)
    words = _WORD.findall(sample.lower())
    for word in words:
        for code in _LANGUAGES_OF.get(word, ()):
            hits[code] += 1
    best = max(hits, key=lambda code: hits[code])
    sure = hits[best] >= max(3, len(words) / 8) and hits[best] > 1.5 * hits["en"]
    return best if sure else "en"
