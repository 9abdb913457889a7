"""CSV (RFC 4180) that no spreadsheet takes for orders: its cells hold strangers' words."""

import csv
import io
from collections.abc import Iterable, Sequence

from triaged.core.text import visible

# OWASP, CSV Injection: what begins so is a formula. The wide forms are read as the others in some locales.
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
    """The cell as text alone: an apostrophe before what a spreadsheet would reckon."""
    return f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) else cell
