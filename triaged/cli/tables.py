"""Aligned text for terminals and pipes: no frames, no colour unless a person looks."""

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence

import click

from triaged.core.text import visible

_LEAST_LAST = 12
_UNBOUNDED = 10_000


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns under their headings, each as wide as its widest cell; every cell shown on one visible line.

    On a terminal the last column, where the longest words are, ends at its edge.
    """
    cells = [tuple(header), *(tuple(visible(cell, 80) for cell in row) for row in rows)]
    widths = [max(shown_width(row[column]) for row in cells) for column in range(len(header))]
    room = _columns() - sum(widths[:-1]) - 2 * (len(widths) - 1)
    if room >= _LEAST_LAST:
        cells = [(*row[:-1], fitted(row[-1], room)) for row in cells]
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([click.style(lines[0], bold=True), *lines[1:]])


def marked(text: str, colour: str) -> str:
    """The text in a colour; click takes the colour out again where stdout is no terminal."""
    return click.style(text, fg=colour)


def fitted(text: str, room: int) -> str:
    """The text on one visible line that takes at most so many columns of a terminal."""
    limit = room
    while shown_width(shown := visible(text, limit)) > room:
        limit -= max((shown_width(shown) - room) // 2, 1)
    return shown


class Progress:
    """A count on stderr of a terminal, overwritten in place; silent elsewhere.

    `between` lines that the command prints meanwhile: silent too where these go to the terminal, or they would share its line.
    """

    def __init__(self, what: str, *, between: bool = False) -> None:
        self._what = what
        self._shown = sys.stderr.isatty() and not (between and sys.stdout.isatty())

    def show(self, done: int) -> None:
        """Show how many are done."""
        if self._shown:
            sys.stderr.write(f"\r{self._what}: {done}")
            sys.stderr.flush()

    def end(self) -> None:
        """Wipe the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _columns() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNBOUNDED


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - shown_width(cell))


def shown_width(text: str) -> int:
    """Columns that a terminal needs: East Asian wide characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
