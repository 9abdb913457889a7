import sys
import unicodedata

import click
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


def seen(columns, monkeypatch, **how):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    header = ("ID", "DUE", "WHO", "WORDS")
    rows = [
        ("SEC-1111-1111", "triage 11-23 12:00Z", "somebody-with-a-long-name", "many words " * 9),
        ("x", "-", "bo", "漏" * 40),
    ]
    return [click.unstyle(line) for line in table(header, rows, **how).splitlines()]


@pytest.mark.parametrize("columns", range(26, 200, 3))
@pytest.mark.parametrize("whole", [(), ("DUE",)])
def test_a_table_is_never_wider_than_its_terminal_and_never_loses_its_first_column(monkeypatch, columns, whole):
    lines = seen(columns, monkeypatch, whole=whole)
    assert max(map(shown_width, lines)) <= columns
    assert lines[1].startswith("SEC-1111-1111  ")
    if whole and "DUE" in lines[0]:
        assert "triage 11-23 12:00Z" in lines[1]


def test_a_table_leaves_out_what_it_cannot_show_well_and_that_which_is_whole_at_last(monkeypatch):
    headings = {columns: seen(columns, monkeypatch, whole=("DUE",))[0].split() for columns in (200, 60, 48, 40)}
    assert headings == {
        200: ["ID", "DUE", "WHO", "WORDS"],
        60: ["ID", "DUE", "WHO", "WORDS"],
        48: ["ID", "DUE", "WORDS"],
        40: ["ID", "WORDS"],
    }


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
