"""Bytes to text: the encoding is found, a byte-order mark dropped, nothing else changed."""

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from index.errors import UndecodableText, UnsupportedType
from index.formats.kinds import unmarked_utf16

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 60_000
_AS_BROWSERS_DO = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_NOT_OF_TEXTS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")
_LIKELY = (
    "cp1252 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 iso8859_2 koi8_r koi8_u cp866 "
    "cp932 euc_jp gb18030 big5 cp949"
).split()
_LATIN = (
    "àâæçéèêëîïôœùûüÿ",  # French
    "äöüß",  # German
    "áéíñóúü¿¡",  # Spanish
    "áàâãçéêíóôõúü",  # Portuguese
    "àèéìíîòóùú",  # Italian
    "áéèêëíïóôöúü",  # Dutch
    "åäöæøéü",  # Nordic
    "ąćęłńóśźż",  # Polish
    "áäčďéěíĺľňóôŕřšťúůýž",  # Czech, Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîșțşţ",  # Romanian
    "čćđšž",  # Croatian, Slovene
    "âçğıîöşûüİ",  # Turkish
    "āčēģīķļņšūžąęėįųõäöü",  # Baltic
)
_TYPOGRAPHY = "“”‘’‚„«»‹›–—…•·°§©®™€£¥¢½¼¾×±²³ºª\xa0\xad"
_CLOSE = 0.05
_FITS = 0.9
_SAMPLE = 60_000
_TEXTUAL = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]")
_CONTROL_SHARE = 0.01


def decode(data: bytes, *, name: str, declared: str | None = None) -> str:
    """The text of the bytes, without a byte-order mark.

    The mark decides, then strict UTF-8, then the encoding that the sender or the page
    declares, then what charset_normalizer finds. Raises UndecodableText where none fits, and
    UnsupportedType where the result is no text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return checked(_strict(data[len(mark) :], encoding, name), name=name)
    for candidate in _candidates(data, declared):
        try:
            return checked(data.decode(candidate), name=name)
        except (UnicodeError, LookupError, UnsupportedType):
            continue
    raise UndecodableText(
        f"{name!r} is text in no encoding that could be found; save it as UTF-8 and try again"
    )


def checked(text: str, *, name: str) -> str:
    """The text, if it can be stored: no lone surrogates, no NUL, hardly a control character.

    Raises UndecodableText or UnsupportedType.
    """
    if surrogate := _SURROGATE.search(text):
        raise UndecodableText(
            f"{name!r} holds a lone surrogate (U+{ord(surrogate.group()):04X}) at character "
            f"{surrogate.start()}, which is half a character; save it as UTF-8 and try again"
        )
    sample = text[:_SAMPLE]
    if "\x00" in text or len(_CONTROL.findall(sample)) > _CONTROL_SHARE * len(sample):
        raise UnsupportedType(
            f"{name!r} holds control characters, so it is no text file; give its text"
        )
    return text


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UndecodableText(
            f"{name!r} begins with the mark of {encoding.upper()}, but byte {error.start} is not "
            "valid in it; save it as UTF-8 and try again"
        ) from error


def _candidates(data: bytes, declared: str | None) -> Iterator[str]:
    """Encodings to try, the likeliest first."""
    if b"\x00" not in data and not (declared and b"\x1b$" in data):  # ISO-2022-JP is ASCII, too
        yield "utf-8"
    if declared and (codec := _codec(declared)):
        yield codec
    if wide := unmarked_utf16(data):
        yield wide
    for only in (_LIKELY, None):
        yield from _detected(_sample(data), only)


def _codec(label: str) -> str | None:
    """Python's codec for a declared encoding, widened as browsers widen it."""
    try:
        found = codecs.lookup(label.strip("\"' ")).name
    except (LookupError, ValueError):
        return None
    return None if found in _NOT_OF_TEXTS else _AS_BROWSERS_DO.get(found, found)


def _sample(data: bytes) -> bytes:
    """Lines that hold more than ASCII, enough to tell the encoding; cut between words."""
    lines = b"\n".join(_TEXTUAL.findall(data[: 10 * _SAMPLE])) or data
    if len(lines) <= _SAMPLE:
        return lines
    end = max(lines.rfind(b"\n", 0, _SAMPLE), lines.rfind(b" ", 0, _SAMPLE))
    return lines[: end if end > 0 else _SAMPLE]


def _detected(sample: bytes, only: list[str] | None) -> list[str]:
    """Encodings that charset_normalizer finds possible, the likeliest first.

    It ranks encodings of the Latin alphabet almost alike; of those the one wins in which
    every letter belongs to one language.
    """
    matches = list(from_bytes(sample, cp_isolation=only))
    if not matches:
        return []
    close = [match for match in matches if match.chaos <= matches[0].chaos + _CLOSE]
    named = dict.fromkeys(
        name for match in close for name in (match.encoding, *match.could_be_from_charset)
    )
    usable = [name for name in named if only is None or name in only]
    fit = {name: _fit(sample, name) for name in usable}
    best = max(fit.values(), default=0.0)
    first = [name for name in usable if fit[name] == best] if best >= _FITS else []
    first.sort(key=_LIKELY.index if only else None)
    return [*first, *(match.encoding for match in matches)]


def _fit(sample: bytes, encoding: str) -> float:
    """The share of the text's letters beyond ASCII that one Latin alphabet accounts for."""
    text = sample.decode(encoding, errors="replace")
    letters = [character for character in text if not character.isascii()]
    if not letters:
        return 0.0
    return max(
        sum(character.lower() in alphabet or character in _TYPOGRAPHY for character in letters)
        for alphabet in _LATIN
    ) / len(letters)
