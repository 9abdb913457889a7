import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.cli.tables import Progress, fitted, shown_width, table


def test_columns_stand_under_each_other_whatever_the_script():
    lines = table(("A", "B"), [("x", "1"), ("漏洞", "2"), ("e\u0301e", "3")]).splitlines()
    assert lines[1:] == ["x     1", "漏洞  2", "e\u0301e    3"]


def test_on_a_terminal_the_last_column_ends_at_its_edge(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    (_, line) = table(("A", "SUBJECT"), [("x", "a long subject " * 5)]).splitlines()
    assert len(line) == 40
    assert line.endswith("…")


@given(st.text(), st.integers(4, 60))
def test_what_is_fitted_takes_no_more_columns_than_there_are(text, room):
    shown = fitted(text, room)
    assert shown_width(shown) <= room
    assert not [char for char in shown if unicodedata.category(char) in {"Cc", "Cf"}]


def test_as_much_is_shown_as_fits():
    assert fitted("漏洞描述漏洞描述", 8) == "漏洞描…"
    assert fitted("abcdefgh", 8) == "abcdefgh"


@pytest.mark.parametrize(("stdout", "between", "shown"), [(True, True, ""), (True, False, "1"), (False, True, "1")])
def test_progress_never_shares_a_line_with_what_is_printed(monkeypatch, capsys, stdout, between, shown):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: stdout)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    Progress("read", between=between).show(1)
    assert capsys.readouterr().err.removeprefix("\rread: ") == shown
