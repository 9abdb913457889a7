"""Aligned text for terminals and pipes, without frames, and with colour only on a terminal."""

import shutil
import sys
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet

import click

from triaged.core.text import visible

_LEAST = 10
"""The fewest columns in which a cell is still useful."""
_GAP = 2
_LONGEST = 1000


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, whole: Collection[str] = ()) -> str:
    """Columns under their headings, each as wide as its widest cell. Every cell is on one visible line.

    On a terminal the table fits the width. The widest columns are cut first. If that is not enough, columns before the last
    are left out; those under a heading in `whole` go last, and are shown in full or not at all. The first column, which
    identifies the line, is never cut. In a pipe nothing is cut.
    """
    cells = [tuple(header), *(tuple(visible(cell, _LONGEST) for cell in row) for row in rows)]
    widths = _widths(cells)
    if sys.stdout.isatty():
        firm = {0, *(number for number, name in enumerate(header) if name in whole)}
        cells = _fitting(cells, firm, shutil.get_terminal_size().columns)
        widths = _widths(cells)
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([click.style(lines[0], bold=True), *lines[1:]])


def _widths(cells: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(shown_width, column)) for column in zip(*cells, strict=True)]


def _fitting(cells: Sequence[tuple[str, ...]], firm: AbstractSet[int], columns: int) -> list[tuple[str, ...]]:
    """The cells, cut to fit that many columns of a terminal."""
    room = dict(enumerate(_widths(cells)))
    least = {column: width if column in firm else min(width, _LEAST) for column, width in room.items()}
    # In the order in which columns are left out.
    spare = sorted(range(1, len(room) - 1), key=lambda column: (column in firm, -column))
    for column in spare:
        if _needed(least[kept] for kept in room) > columns:
            del room[column]
    while _needed(room.values()) > columns and (wide := [each for each in room if room[each] > least[each]]):
        room[max(wide, key=room.__getitem__)] -= 1
    return [tuple(fitted(row[column], width) if column else row[0] for column, width in room.items()) for row in cells]


def _needed(widths: Iterable[int]) -> int:
    return sum(width + _GAP for width in widths) - _GAP


def marked(text: str, colour: str) -> str:
    """The text in a colour; click removes the colour if stdout is not a terminal."""
    return click.style(text, fg=colour)


def fitted(text: str, room: int) -> str:
    """The text on one visible line of at most `room` columns of a terminal."""
    limit = room
    while shown_width(shown := visible(text, limit)) > room:
        limit -= max((shown_width(shown) - room) // 2, 1)
    return shown


class Progress:
    """A count on stderr, overwritten in place; silent if stderr is not a terminal.

    With `between` the command prints lines meanwhile: if those go to a terminal too, the count is silent.
    """

    def __init__(self, what: str, *, between: bool = False) -> None:
        self._what = what
        self._shown = sys.stderr.isatty() and not (between and sys.stdout.isatty())

    def show(self, done: int) -> None:
        """Show the count."""
        if self._shown:
            sys.stderr.write(f"\r{self._what}: {done}")
            sys.stderr.flush()

    def end(self) -> None:
        """Erase the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - shown_width(cell))


def shown_width(text: str) -> int:
    """The columns that a text needs on a terminal: East Asian wide characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
