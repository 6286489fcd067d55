"""Standard output as a terminal or a pipe: width, colour, folding, and characters fit to show."""

import re
import sys
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

# Of no width of its own that a pipe could have: lines are not folded and tables not cut.
_UNFOLDED = 100_000

# Everything that could move the cursor, clear the screen or ring the bell, and what Unicode says is
# no character, which Markdown and HTML cannot refer to.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)


class Terminal(Console):
    """A console that lets a closed pipe be seen by the command line."""

    def __init__(self, file: TextIO | None = None, *, width: int | None = None) -> None:
        file = file or sys.stdout
        super().__init__(file=file, highlight=False, markup=False, emoji=False, width=width)
        if width is None and not self.is_terminal:
            self.width = _UNFOLDED

    def on_broken_pipe(self) -> None:
        """Let the error through; rich would leave with status 1, which means "not in the text"."""
        raise  # rich calls this while it handles the BrokenPipeError

    def paragraph(self, text: Text | str = "", *, indent: int = 0, bullet: str = "") -> None:
        """Print text folded to the width and indented; ``bullet`` stands before its first line."""
        text = Text(text) if isinstance(text, str) else text
        margin = bullet.rjust(indent)
        for folded in text.wrap(self, max(self.width - indent, 20)):
            folded.rstrip()
            self.print(Text(margin if folded else "") + folded, soft_wrap=True)
            margin = " " * indent

    def table(self, table: Table) -> None:
        """Print a table without the spaces that fill its last column."""
        with self.capture() as printed:
            self.print(table)
        for row in printed.get().splitlines():
            self.file.write(f"{row.rstrip()}\n")


def printable(text: str) -> str:
    """The text on one line, without characters that a terminal would act on.

    White space of any length and kind becomes a space. Articles and file names are foreign
    text: an escape sequence in one must not reach the terminal.
    """
    return " ".join(_CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text).split())
