import sys

from triaged.cli.tables import table


def test_columns_stand_under_each_other_whatever_the_script():
    lines = table(("A", "B"), [("x", "1"), ("漏洞", "2"), ("e\u0301e", "3")]).splitlines()
    assert lines[1:] == ["x     1", "漏洞  2", "e\u0301e    3"]


def test_on_a_terminal_the_last_column_ends_at_its_edge(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    (_, line) = table(("A", "SUBJECT"), [("x", "a long subject " * 5)]).splitlines()
    assert len(line) == 40
    assert line.endswith("…")
