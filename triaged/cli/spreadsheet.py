"""CSV (RFC 4180) that is safe to open in a spreadsheet: its cells hold strangers' words, which must not act as formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

from triaged.core.text import visible

# OWASP, CSV Injection: a cell that begins with one of these is a formula. Some locales also accept the full-width forms.
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST = 1000


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The table in UTF-8, each cell on one visible line and safe."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(header)
    writer.writerows([safe_cell(visible(cell, _LONGEST)) for cell in row] for row in rows)
    return written.getvalue().encode()


def safe_cell(cell: str) -> str:
    """The cell as plain text: a cell that a spreadsheet would compute gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) else cell
