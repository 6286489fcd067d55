"""A canonical text in the making: paragraphs in order, and where headings and pages are."""

from itertools import pairwise

from index.types import Heading, Span


class Writing:
    """Collects an extracted text, so that no position has to be searched for afterwards."""

    def __init__(self) -> None:
        self.length = 0
        self.furniture: list[Span] = []
        self.headings: list[Heading] = []
        self._parts: list[str] = []
        self._pages: list[int] = []
        self._opened = 0

    def add(self, text: str, *, gap: str = "\n\n") -> Span:
        """Write a text, after ``gap`` where it is not the first, and say where it stands."""
        if self._parts:
            self._parts.append(gap)
            self.length += len(gap)
        self._pages += [self.length] * self._opened
        self._opened = 0
        self._parts.append(text)
        self.length += len(text)
        return Span(self.length - len(text), self.length)

    def add_heading(self, text: str, level: int) -> None:
        """Write a heading; levels below the sixth are the sixth."""
        span = self.add(text)
        self.headings.append(Heading(span.start, span.end, min(level, 6)))

    def add_furniture(self, text: str) -> None:
        """Write what is not the article's own."""
        self.furniture.append(self.add(text))

    def open_page(self) -> None:
        """A page begins with the next text; where none comes, it is empty."""
        self._opened += 1

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._parts)

    @property
    def pages(self) -> tuple[Span, ...]:
        """The pages so far, in order and without gaps; each ends where the next begins."""
        starts = [*self._pages, *[self.length] * (self._opened + 1)]
        return tuple(Span(start, end) for start, end in pairwise(starts))
