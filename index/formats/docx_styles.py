"""What DOCX keeps beside its text: which styles are headings, how lists are numbered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from index.formats.archive import local

_HEADING, _TITLE = "heading ", "title"
_DEEPEST_STYLE = 20
_ROMAN = {1000: "m", 900: "cm", 500: "d", 400: "cd", 100: "c", 90: "xc", 50: "l", 40: "xl"}
_ROMAN |= {10: "x", 9: "ix", 5: "v", 4: "iv", 1: "i"}
_LARGEST_ROMAN = 4_000


def attribute(element: etree._Element | None, name: str = "val") -> str | None:
    """An attribute in the element's own namespace, as Word writes them."""
    if element is None:
        return None
    return element.get(f"{{{etree.QName(element).namespace}}}{name}")


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first child of that name, and so on down the path; None where there is none."""
    for name in path:
        if element is None:
            return None
        element = next((one for one in element if local(one) == name), None)
    return element


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style: its level as a heading, whether it is the title's, and its list."""

    level: int | None = None
    title: bool = False
    list_id: str | None = None
    list_level: int = 0


@dataclass(slots=True)
class Styles:
    """The paragraph styles by their id. Names are in English whatever Word's own language."""

    elements: dict[str, etree._Element] = field(default_factory=dict)
    _known: dict[str | None, Style] = field(default_factory=dict)

    @classmethod
    def of(cls, root: etree._Element) -> "Styles":
        """The styles of ``styles.xml``."""
        found = (element for element in root if local(element) == "style")
        return cls({attribute(one, "styleId") or "": one for one in found})

    def style(self, style_id: str | None) -> Style:
        """A style with what it takes over from those it is based on."""
        if style_id not in self._known:
            self._known[style_id] = self._inherited(style_id)
        return self._known[style_id]

    def _inherited(self, style_id: str | None) -> Style:
        level: int | None = None
        list_id: str | None = None
        list_level = 0
        title = False
        for element in self._chain(style_id):
            name = (attribute(child(element, "name")) or "").lower()
            properties = child(element, "pPr")
            title = title or name == _TITLE
            if level is None:
                level = outline_level(properties)
            if level is None and name.startswith(_HEADING):
                level = number(name.removeprefix(_HEADING))
            numbering = child(properties, "numPr")
            if list_id is None and numbering is not None:
                list_id = attribute(child(numbering, "numId"))
                list_level = number(attribute(child(numbering, "ilvl"))) or 0
        return Style(1 if title else level, title, list_id, list_level)

    def _chain(self, style_id: str | None) -> Iterator[etree._Element]:
        for _ in range(_DEEPEST_STYLE):
            element = self.elements.get(style_id or "")
            if element is None:
                return
            yield element
            style_id = attribute(child(element, "basedOn"))


def outline_level(properties: etree._Element | None) -> int | None:
    """The level that a paragraph's properties give it in the outline, 1 being the highest."""
    level = number(attribute(child(properties, "outlineLvl")))
    return level + 1 if level is not None and level < 9 else None


@dataclass(slots=True)
class Lists:
    """Counts the items of numbered lists, and says with what each begins."""

    levels: dict[str, dict[int, etree._Element]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: etree._Element) -> "Lists":
        """The lists of ``numbering.xml``."""
        found = cls()
        for element in root:
            if local(element) == "abstractNum":
                levels = (one for one in element if local(one) == "lvl")
                found.levels[attribute(element, "abstractNumId") or ""] = {
                    number(attribute(level, "ilvl")) or 0: level for level in levels
                }
            elif local(element) == "num":
                abstract = attribute(child(element, "abstractNumId")) or ""
                found.lists[attribute(element, "numId") or ""] = abstract
        return found

    def mark(self, list_id: str, depth: int) -> str:
        """What the next item of a list begins with, with a space after it; empty for none."""
        abstract = self.lists.get(list_id)
        levels = self.levels.get(abstract or "")
        if abstract is None or levels is None or depth not in levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        counts[depth] = counts.get(depth, _start(levels[depth]) - 1) + 1
        for deeper in [one for one in counts if one > depth]:
            del counts[deeper]
        form = attribute(child(levels[depth], "numFmt"))
        if form == "none":
            return ""
        if form == "bullet":
            return "- "
        said = attribute(child(levels[depth], "lvlText")) or ""
        for above, level in levels.items():
            count = counts.get(above, _start(level))
            said = said.replace(f"%{above + 1}", _counted(level, count))
        return f"{said} " if said.strip() else ""


def _start(level: etree._Element) -> int:
    start = number(attribute(child(level, "start")))
    return 1 if start is None else start


def _counted(level: etree._Element, count: int) -> str:
    """A number as the level writes it."""
    form = attribute(child(level, "numFmt")) or "decimal"
    return _FORMS.get(form, str)(count)


def _letters(count: int) -> str:
    if count < 1:
        return str(count)
    return chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 10)


def _roman(count: int) -> str:
    if not 0 < count < _LARGEST_ROMAN:
        return str(count)
    written = ""
    for value, sign in _ROMAN.items():
        written += sign * (count // value)
        count %= value
    return written


_FORMS: dict[str, Callable[[int], str]] = {
    "lowerLetter": _letters,
    "upperLetter": lambda count: _letters(count).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda count: _roman(count).upper(),
    "decimalZero": lambda count: f"{count:02}",
}


def number(text: str | None) -> int | None:
    """A number as an attribute states it; None where it states none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else None
