"""A page's tree, read into boxes: its paragraphs, headings, items and rows, in order.

What a reader would not see is left out. Each box knows whether it stands in something that
by tag, role or class is the page's furniture.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree, html

_BLOCK = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li "
    "main menu nav ol p pre search section summary table tbody tfoot thead tr ul".split()
)
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_UNSEEN = frozenset(
    "head script style template noscript svg iframe object embed canvas audio video map select "
    "button input textarea datalist progress meter frameset".split()
)
_FURNITURE_TAGS = frozenset(("nav", "menu", "dialog", "search"))
_CONTENT_TAGS = frozenset(("article", "main"))
_SIDE_TAGS = frozenset(("footer", "aside"))  # within an article they may be part of it
_FURNITURE_ROLES = frozenset(
    "navigation contentinfo search dialog alertdialog menu menubar toolbar tablist banner "
    "complementary".split()
)
_FURNITURE_NAMES = frozenset(
    "nav navbar navigation menu submenu breadcrumb breadcrumbs sidebar footer cookie cookies "
    "cookiebar consent gdpr ccpa share sharing sharebar addthis social socials newsletter "
    "newsletters subscribe subscription signup paywall promo promos promotion advert advertising "
    "advertisement ads ad adslot sponsor sponsored sponsors related recommended recommendations "
    "popular mostread trending teaser teasers pagination pager toolbar "
    "widget widgets donate donation donations login modal popup overlay toast skiplink skip "
    "copyright taboola outbrain print backtotop accessibility".split()
)
_DISCUSSION = frozenset("comments disqus respond commentlist replies".split())
_BELIEVED, _BELIEVED_LONG = 0.4, 0.85
_HIDDEN_NAMES = frozenset(
    ("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screenreader")
)
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_DEEPEST = 200
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr p li dt dd tr td th "
    "option".split()
)


@dataclass(slots=True)
class Box:
    """A block of the page: its text, its tag, and how many of its characters are linked.

    The first ``mark`` characters are a list's, and ``level`` is that of the heading it is in.
    """

    text: str
    tag: str
    linked: int = 0
    mark: int = 0
    level: int | None = None
    furniture: bool = False

    def follows(self, other: "Box") -> bool:
        """Whether it stands in the next line of the same list or table."""
        return self.tag == other.tag and self.tag in ("li", "tr")

    @property
    def words(self) -> int:
        """How many words it holds."""
        return self.text.count(" ") + 1

    @property
    def prose(self) -> bool:
        """Whether it is running text and not a list of links."""
        return self.words >= 12 and 2 * self.linked < len(self.text)


@dataclass(slots=True)
class Region:
    """An element and the boxes it holds, as a range of their indices.

    Where it calls itself furniture, it is believed up to the share ``most`` of the page.
    """

    tag: str
    most: float
    start: int
    end: int = 0


@dataclass(slots=True)
class Page:
    """The boxes of a page, and the regions they stand in, outer ones first."""

    boxes: list[Box] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)


def parse(text: str) -> html.HtmlElement | None:
    """The page's tree; None for a page without any element.

    The parser gives up beneath some 2,000 levels, so a page nested deeper is flattened first.
    """
    tree, errors = _parsed(text)
    if any("depth" in error.message for error in errors):
        tree, _ = _parsed(_flattened(text))
    return tree


def _parsed(text: str) -> tuple[html.HtmlElement | None, list[etree._LogEntry]]:
    parser = html.HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,  # a text of 10 MB in one element is allowed
    )
    try:
        tree = html.document_fromstring(text.encode("utf-8"), parser=parser)
    except etree.ParserError:  # nothing in it
        return None, []
    return tree, list(parser.error_log)


def _flattened(text: str) -> str:
    """The page without the tags that stand deeper than a page has any use for."""
    parts: list[str] = []
    depth = end = 0
    for match in _TAG.finditer(text):
        if match[2].lower() in _VOID:
            continue
        depth += -1 if match[1] else 1
        if depth >= _DEEPEST + (not match[1]):
            between = text[end : match.start()]
            parts += (between, "<br>") if between.strip() or not parts else ()
            end = match.end()
    return "".join(parts) + text[end:]


def read(tree: html.HtmlElement) -> Page:
    """The page's boxes and regions."""
    reader = _Reader()
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            reader.leave(element)
        elif isinstance(element.tag, str) and not _is_unseen(element):
            reader.enter(element)
        else:
            walk.skip_subtree()
            reader.skip(element)
    reader.flush()
    for region in reader.page.regions:
        if region.tag in _LEVELS:
            for box in reader.page.boxes[region.start : region.end]:
                box.level = _LEVELS[region.tag]
    return reader.page


class _Reader:
    """Follows the walk through the tree and cuts its text into boxes."""

    def __init__(self) -> None:
        self.page = Page()
        self._text: list[str] = []
        self._linked = 0
        self._links = 0
        self._preformatted = 0
        self._open: list[Region] = []
        self._content = 0
        self._lists: list[int | None] = []
        self._tag = "body"
        self._mark = ""
        self._skipped: set[html.HtmlElement] = set()

    def enter(self, element: html.HtmlElement) -> None:
        tag = element.tag
        if tag in _BLOCK:
            self.flush()
            self._tag = tag
            self._content += tag in _CONTENT_TAGS
            aside = tag in _SIDE_TAGS and not self._content
            most = _BELIEVED if aside else _most(element)
            region = Region(tag, most, len(self.page.boxes))
            self._open.append(region)
            self.page.regions.append(region)
        self._begin(element, tag)
        self._say(element.text)

    def _begin(self, element: html.HtmlElement, tag: str) -> None:
        self._links += _leads_away(element)
        self._preformatted += tag == "pre"
        if tag in ("ul", "ol", "menu", "dir"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._mark = self._item()
        elif tag == "br":
            self._text.append("\n")
        elif tag in ("td", "th"):
            self._cell(element)

    def _item(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "- "
        self._lists[-1] += 1
        return f"{self._lists[-1]}. "

    def _cell(self, element: html.HtmlElement) -> None:
        """A cell follows another in the same line, unless it holds blocks itself."""
        if any(child.tag in _BLOCK for child in element):
            self.flush()
        elif "".join(self._text).strip():
            self._text.append(" | ")

    def leave(self, element: html.HtmlElement) -> None:
        if element in self._skipped:
            self._skipped.discard(element)
            self._say(element.tail)
            return
        tag = element.tag
        if tag in _BLOCK:
            self.flush()
            self._open.pop().end = len(self.page.boxes)
            self._content -= tag in _CONTENT_TAGS
            self._tag = self._open[-1].tag if self._open else "body"
        self._links -= _leads_away(element)
        self._preformatted -= tag == "pre"
        if tag in ("ul", "ol", "menu", "dir"):
            self._lists.pop()
        elif tag == "li":
            self._mark = ""
        self._say(element.tail)

    def skip(self, element: html.HtmlElement) -> None:
        """An element that is not seen; what follows it is."""
        self._skipped.add(element)

    def _say(self, text: str | None) -> None:
        if not text:
            return
        if not self._preformatted:
            text = _SPACE.sub(" ", text)
        self._text.append(text)
        if self._links:
            self._linked += len(text.strip())

    def flush(self) -> None:
        """What was said since the last block begins or ends becomes boxes, a line each."""
        said, linked = "".join(self._text), self._linked
        self._text, self._linked = [], 0
        for line in said.splitlines():
            bare = line.strip()
            if not bare:
                continue
            box = Box(self._mark + bare, self._tag, min(linked, len(bare)), len(self._mark))
            self.page.boxes.append(box)
            self._mark, linked = "", max(0, linked - len(bare))


def _leads_away(element: html.HtmlElement) -> bool:
    """Whether the element is a link, and not one to a place in the same page."""
    href = element.get("href") or "#"
    return element.tag == "a" and (href == "#" or not href.startswith("#"))


def _is_unseen(element: html.HtmlElement) -> bool:
    if element.tag in _UNSEEN or element.get("hidden") is not None:
        return True
    icon = element.tag not in _BLOCK and element.get("aria-hidden") == "true"
    if icon or _HIDING.search(element.get("style") or ""):
        return True
    return not _HIDDEN_NAMES.isdisjoint((element.get("class") or "").lower().split())


def _most(element: html.HtmlElement) -> float:
    """Up to which share of the page the element's tag, role, class or id makes it furniture."""
    if element.tag in _FURNITURE_TAGS or element.get("role") in _FURNITURE_ROLES:
        return _BELIEVED
    if element.tag in ("body", "html", "main", "article", "h1"):
        return 0.0
    names = set(_names(element))
    if not names.isdisjoint(_DISCUSSION):
        return _BELIEVED_LONG
    return 0.0 if names.isdisjoint(_FURNITURE_NAMES) else _BELIEVED


def _names(element: html.HtmlElement) -> Iterator[str]:
    for attribute in ("class", "id"):
        for match in _NAME_PARTS.finditer(element.get(attribute) or ""):
            yield match.group().lower()
