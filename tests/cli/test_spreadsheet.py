import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triaged.cli.spreadsheet import csv_bytes, safe_cell

SIGNS = "=+-@\t\r\n＝＋－＠"


@given(st.lists(st.lists(st.text() | st.text(st.sampled_from(SIGNS + ' ",;x')), min_size=2, max_size=2)))
@example([["=1", "\ud800"]])
def test_any_cells_read_back_as_rows_of_harmless_cells(rows):
    header, *found = csv.reader(io.StringIO(csv_bytes(("A", "B"), rows).decode(), newline=""))
    assert header == ["A", "B"]
    assert [len(row) for row in found] == [2] * len(rows)
    assert not [cell for row in found for cell in row if cell.startswith(tuple(SIGNS))]
    assert not [cell for row in found for cell in row if "\n" in cell or "\r" in cell]


@pytest.mark.parametrize("sign", SIGNS)
def test_what_begins_a_formula_is_text(sign):
    assert safe_cell(f"{sign}1") == f"'{sign}1"
    assert safe_cell(f"1{sign}") == f"1{sign}"
