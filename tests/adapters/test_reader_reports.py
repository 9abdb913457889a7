"""What the reading child says of a mail: what would be said here, under its limits, and checked before it is believed."""

import sys
from contextlib import closing

import pytest

from tests.support.values import REPORT, policy
from triaged.adapters.reader import reader
from triaged.adapters.reader.reader import ChildReader
from triaged.core.mail.parsing.reading import read_message
from triaged.core.policy.rules import KnownIssue
from triaged.core.report.reading import read_report, unread

HEAD = b"From: Ann <ann@example.org>\r\nSubject: a report\r\nMessage-ID: <1@example.org>\r\n"
PLAIN = HEAD + f"\r\n{REPORT}\r\n".encode()


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """On a busy machine a second of processor time takes many."""
    monkeypatch.setattr(reader, "_WALL_SECONDS", 60)


# A child that takes messages apart as it should; then its report does, or is, what the mail says.
_OBEDIENT = """
import os, sys
from dataclasses import replace
from triaged.adapters.reader import child
from triaged.core.report.report import *
child._CPU_SECONDS = 1
real = child.read_report
def spin():
    while True:
        pass
def report(message, policy):
    it = real(message, policy)
    words = message.text.partition("OBEY ")[2].strip()
    return eval(words) if words else it
child.read_report = report
child.serve()
"""


@pytest.fixture
def obedient():
    with closing(ChildReader((sys.executable, "-c", _OBEDIENT), policy=policy())) as opened:
        yield opened


@pytest.fixture
def real():
    with closing(ChildReader(policy=policy())) as opened:
        yield opened


def obey(words):
    return HEAD + f"\r\n{REPORT}\r\n\r\nOBEY {words}\r\n".encode()


def read_here(raw):
    message = read_message(raw)
    return message, read_report(message, policy())


@pytest.mark.parametrize("raw", [PLAIN, HEAD, b"", b"\0\xff", PLAIN + "\r\nüber ✓ 版本 \u202e\r\n".encode() * 50])
def test_a_report_comes_through_the_child_as_it_would_be_made_here(real, raw):
    reading = real.read(raw)
    assert (reading.message, reading.report) == read_here(raw)


def test_a_child_without_a_policy_reports_on_nothing():
    with closing(ChildReader()) as opened:
        assert opened.read(PLAIN).report is None
        assert opened.report_on(read_message(PLAIN)) is None


def test_a_message_that_has_changed_since_is_reported_on_as_it_is_now(real):
    message = read_message(HEAD + b"\r\nIt is broken, and CVE-2026-12345 is its name.\r\n")
    assert real.report_on(message) == read_report(message, policy())


def test_the_child_reports_by_the_new_policy_once_there_is_one(real):
    known = KnownIssue(id="K-1", title="known", accepted_risk="it is", phrases=("chat completion",))
    changed = policy().model_copy(update={"known_issues": (known,)}).read_with(policy().tables)
    raw = HEAD + b"\r\nThe chat completion leaks.\r\n"
    assert real.read(raw).report.facts.of("known-issue") == ()
    child = real._child.pid
    real.reads_by(policy())
    real.read(raw)
    assert real._child.pid == child
    real.reads_by(changed)
    assert [fact.value for fact in real.read(raw).report.facts.of("known-issue")] == ["K-1"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("spin()", "reading it took more"),
        ("os.abort()", "more processor time or memory"),
        ("'x' * (3 << 30)", "more processor time or memory"),
    ],
)
def test_a_report_that_its_child_dies_of_costs_a_degraded_mail_and_nothing_else(obedient, words, why):
    reading = obedient.read(obey(words))
    assert reading.message.degraded
    assert why in reading.message.defects[0]
    # Its words would kill the next child too, so nothing is said of them.
    assert reading.report == unread(policy())
    assert (obedient.read(PLAIN).message, obedient.read(PLAIN).report) == read_here(PLAIN)


def test_of_a_mail_that_only_its_parser_dies_of_what_its_lines_show_is_reported_on():
    with closing(ChildReader((sys.executable, "-c", _GIANT), policy=policy())) as opened:
        reading = opened.read(HEAD + b"\r\nCVE-2026-12345 is its name.\r\n")
    assert reading.message.degraded
    assert [fact.value for fact in reading.report.facts.of("id")] == ["CVE-2026-12345"]


# What its parser makes of any mail is over the limit of an answer.
_GIANT = """
from dataclasses import replace
from triaged.adapters.reader import child
from triaged.core.mail.parsing import reading
real = reading.read_message
reading.read_message = lambda raw: replace(real(raw), text="x" * (17 << 20)) if raw else real(raw)
child.serve()
"""


def test_a_budget_covers_the_report(obedient):
    obedient.read(PLAIN)
    child = obedient._child.pid
    assert obedient.read_within(obey("spin()"), 0.1) is None
    assert obedient.read(PLAIN).report == read_here(PLAIN)[1]
    assert obedient._child.pid == child


_FACT, _REASON = "Fact('url', {}, '')", "Reason({}, 'model', 'lead', '', {})"
_LIES = {
    "no report": "None",
    "a figure that is none": f"replace(it, verdict=Verdict('model', 'high', ({_REASON.format(repr('r'), repr('nan'))},)))",
    "an endless figure": f"replace(it, verdict=Verdict('model', 'high', ({_REASON.format(repr('r'), 'float(9e999)')},)))",
    "a scope of its own": "replace(it, verdict=Verdict('mine', 'high', ()))",
    "a kind of its own": "replace(it, kind='mine')",
    "a section too few": "replace(it, sections=it.sections[1:])",
    "the sections in another order": "replace(it, sections=it.sections[::-1])",
    "missing what no policy asks": "replace(it, missing=('media', 'steps'))",
    "an escape to a terminal": f"replace(it, facts=Facts(({_FACT.format(repr(chr(27) + '[2J'))},)))",
    "a second line": f"replace(it, facts=Facts(({_FACT.format(repr('a' + chr(10) + 'b'))},)))",
    "a letter that shows nothing": f"replace(it, facts=Facts(({_FACT.format(repr(chr(0x3164)))},)))",
    "a long fact": f"replace(it, facts=Facts(({_FACT.format('201 * chr(120)')},)))",
    "too many facts": f"replace(it, facts=Facts(({_FACT.format(repr('a'))},) * 300))",
    "too many reasons": f"replace(it, verdict=Verdict('model', 'high', ({_REASON.format(repr('r'), 1.0)},) * 5001))",
    "too many hints": "replace(it, hints=(Hint('a', 'for', 'b', 'c'),) * 51)",
    "too many phrases": "replace(it, sections=tuple(replace(each, phrases=('a',) * 11) for each in it.sections))",
    "a signature that is none": "replace(it, signature='../../etc')",
    "an endless number of issues": "replace(it, facts=replace(it.facts, issues=10**9))",
}


@pytest.mark.parametrize("words", _LIES.values(), ids=_LIES)
def test_a_child_that_a_mail_has_taken_over_is_not_believed(obedient, words):
    reading = obedient.read(obey(words))
    assert reading.message.degraded
    assert "no valid report" in reading.message.defects[0] or "no valid message" in reading.message.defects[0]
    assert reading.report == unread(policy())


def test_a_report_that_is_ours_is_believed(obedient):
    assert obedient.read(obey("it")).report == read_here(obey("it"))[1]
