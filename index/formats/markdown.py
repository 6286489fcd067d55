"""Markdown: the canonical text is the decoded source itself, its front matter read."""

import re
from collections.abc import Iterable, Iterator, Sequence

from index.formats.decoding import decode
from index.formats.plain import declared_charset
from index.lines import stripped
from index.names import listed
from index.types import Extract, Heading, Source, Span

_FRONT = re.compile(
    r"\A(?P<fence>---|\+\+\+)[ \t]*\r?\n(?P<fields>.{0,20000}?)^(?P=fence)[ \t]*\r?$",
    re.M | re.S,
)
_FIELD = re.compile(r"^(?P<key>[A-Za-z_-]+)[ \t]*[:=][ \t]*(?P<value>[^\r\n]*)$", re.M)
_ITEM = re.compile(r"\r?\n[ \t]*-[ \t]+([^\r\n]+)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_DEFINITION = re.compile(
    r"^ {0,3}\[(?!\^)[^\]\r\n]{1,200}\]:[ \t]*<?(?:https?:|mailto:|[/.#])\S*[^\r\n]*$", re.M
)
_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,}).*?(?:^ {0,3}(?P=fence)|\Z)", re.M | re.S)
_HEADING = re.compile(
    r"^ {0,3}(?P<marks>#{1,6})[ \t](?P<words>[^\r\n]*)"
    r"|^(?P<line>[^\r\n]+)\r?\n {0,3}(?P<rule>[=-])(?P=rule)*[ \t\r]*$",
    re.M,
)
_CLOSING = re.compile(r"(?:^|[ \t])#+$")
_NO_PARAGRAPH = re.compile(r" {4}|\t| {0,3}(?:[-+*|>#=]|\d{1,9}[.)]|`{3}|~{3})")
_KEYS = {
    "title": "title",
    "author": "author",
    "authors": "author",
    "by": "author",
    "date": "published",
    "published": "published",
    "publishdate": "published",
    "pubdate": "published",
}
_SAID = ("subtitle", "description", "summary", "lead")


def extract(source: Source) -> Extract:
    """The text as it is, with the title, author and date of its front matter.

    Furniture are the other lines of the front matter, comments and link definitions; the
    lines that state title, author and date stay content, so that they can be quoted.
    """
    text = decode(source.data, name=source.name, declared=declared_charset(source))
    front = _FRONT.match(text)
    fields = _fields(front["fields"]) if front else {}
    furniture = [*(_front_matter(text, front) if front else ()), *_hidden(text)]
    return Extract(
        text=text,
        media_type="text/markdown",
        title=fields.get("title"),
        author=fields.get("author"),
        published=fields.get("published"),
        url=source.url,
        furniture=tuple(_merged(furniture)),
        headings=headings(text),
    )


def headings(text: str) -> tuple[Heading, ...]:
    """The headings, outside front matter and code: ATX (``## So``), or one underlined line."""
    front = _FRONT.match(text)
    code = [match.span() for match in _FENCE.finditer(text)]
    marked = _HEADING.finditer(text, front.end() if front else 0)
    found = (_heading(text, match) for match in _outside(marked, code))
    return tuple(heading for heading in found if heading)


def _heading(text: str, match: "re.Match[str]") -> Heading | None:
    if match["marks"]:
        words = _CLOSING.sub("", match["words"].rstrip())
        span = stripped(text, match.start("words"), match.start("words") + len(words))
        return Heading(span.start, span.end, len(match["marks"])) if span else None
    before = text.rfind("\n", 0, max(match.start() - 1, 0)) + 1
    if text[before : match.start()].strip() or _NO_PARAGRAPH.match(match["line"]):
        return None
    span = stripped(text, *match.span("line"))
    return Heading(span.start, span.end, 1 if match["rule"] == "=" else 2) if span else None


def _fields(front: str) -> dict[str, str]:
    """What the front matter says of title, author and date; lists are joined."""
    found: dict[str, str] = {}
    for match in _FIELD.finditer(front):
        key = _KEYS.get(match["key"].lower().replace("_", "").replace("-", ""))
        values = _values(front, match)
        if key and values:
            found.setdefault(key, listed(values) or "")
    return found


def _values(front: str, match: "re.Match[str]") -> list[str]:
    """A field's value, or the items of its list."""
    value = match["value"].strip()
    if value.startswith("[") and value.endswith("]"):
        items = value[1:-1].split(",")
    elif value:
        items = [value]
    else:
        items, at = [], match.end()
        while item := _ITEM.match(front, at):
            items.append(item[1])
            at = item.end()
    return [bare for item in items if (bare := item.strip().strip("\"'").strip())]


def _front_matter(text: str, front: "re.Match[str]") -> Iterator[Span]:
    """The front matter without the lines that state what the article is."""
    start = 0
    for match in _FIELD.finditer(text, front.start("fields"), front.end("fields")):
        key = match["key"].lower()
        if (key in _KEYS or key in _SAID) and match["value"].strip():
            yield Span(start, match.start())
            start = match.end()
    yield Span(start, front.end())


def _hidden(text: str) -> Iterator[Span]:
    """Comments and link definitions, outside code."""
    code = [match.span() for match in _FENCE.finditer(text)]
    marks = (*_COMMENT.finditer(text), *_DEFINITION.finditer(text))
    in_order = sorted(marks, key=lambda match: match.span())
    yield from (Span(*match.span()) for match in _outside(in_order, code))


def _outside(
    matches: Iterable["re.Match[str]"], code: Sequence[tuple[int, int]]
) -> Iterator["re.Match[str]"]:
    """The matches that begin outside the code, both being in order."""
    within = 0
    for match in matches:
        while within < len(code) and code[within][1] <= match.start():
            within += 1
        if within == len(code) or match.start() < code[within][0]:
            yield match


def _merged(spans: list[Span]) -> Iterator[Span]:
    """The ranges in order, those that overlap as one, without empty ones."""
    current: Span | None = None
    for span in sorted(spans):
        if current and span.start <= current.end:
            current = Span(current.start, max(current.end, span.end))
            continue
        if current and len(current):
            yield current
        current = span
    if current and len(current):
        yield current
