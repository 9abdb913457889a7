"""What the child that reads mail says is believed where our own reading may have come to it."""

from dataclasses import replace

from tests.support.values import message, policy
from triaged.core.report.border import is_sound
from triaged.core.report.reading import read_report


def test_our_own_reading_is_sound_also_where_its_verdict_takes_two_lines():
    report = read_report(message(), policy())
    assert "\n" in report.verdict.says
    assert is_sound(report, policy())


def test_a_verdict_with_a_terminals_escape_in_it_is_not():
    report = read_report(message(), policy())
    assert not is_sound(replace(report, verdict=replace(report.verdict, says="model\n\x1b[2J")), policy())


def test_terms_and_flaws_that_our_own_reading_cannot_have_made_are_not():
    report = read_report(message(), policy())
    for changes in (
        {"terms": ("word",) * 161},
        {"terms": ("x" * 41,)},
        {"terms": ("a\x1b[2J",)},
        {"flaws": ("no class of ours",)},
        {"flaws": ("open redirect",) * 5},
    ):
        assert not is_sound(replace(report, **changes), policy())
