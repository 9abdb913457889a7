"""A whole case as lines for a person: its report, its deadlines, its mails and its history."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import click

from triaged.cli.lines import (
    attachment_line,
    author,
    detail_lines,
    duplicate_lines,
    fact_lines,
    hint_lines,
    known_lines,
    reason_lines,
    scan_line,
    section_lines,
)
from triaged.cli.shapes import instant
from triaged.cli.tables import marked
from triaged.core.case.case import Case
from triaged.core.case.events import Event, Received, Undone
from triaged.core.case.undoing import places_in_force
from triaged.core.clocks.deadlines import Deadline, deadlines
from triaged.core.intake.duplicates import Duplicates, known_issues
from triaged.core.policy.policy import Policy
from triaged.core.team.kin import Kin, kept_mails
from triaged.core.text import defanged, visible

_DEADLINE_COLOURS = {"met": "green", "pending": "blue", "paused": "cyan", "missed": "red"}


def case_lines(case: Case, policy: Policy, now: datetime, duplicates: Duplicates, kin: Kin) -> Iterator[str]:
    """The whole case for a person at a terminal."""
    yield click.style(f"{case.id}  {defanged(case.opening.subject, 100) or '(no subject)'}", bold=True)
    yield f"  state     {case.state}, owner {case.owner or 'nobody'}, severity {case.severity or 'not set'}"
    yield f"  reporter  {author(case.reporter)}, {case.reporter.verdict}"
    if case.opening.passed_on_by:
        yield f"  passed on by {defanged(case.opening.passed_on_by, 100)}"
    yield from _dates(case)
    if case.opening.related:
        yield f"  related   its sender refers to {case.opening.related} but is not that case's reporter"
    yield from _kin_lines(case, kin)
    if case.credit:
        yield f"  credit    {case.credit.name or 'anonymous, as wished'} {case.credit.where}".rstrip()
    if acknowledgment := case.acknowledgment:
        reason = f": {defanged(acknowledgment.reason)}" if acknowledgment.reason else ""
        waits = f"; not before {instant(acknowledgment.not_before)}" if acknowledgment.not_before else ""
        yield f"  ack       {acknowledgment.state} {instant(acknowledgment.at)}{reason}{waits}"
    yield from _headed("seems the same as", duplicate_lines(duplicates.of(case)))
    yield from _report_lines(case, policy)
    yield "  deadlines"
    yield from (f"    {_deadline(deadline)}" for deadline in deadlines(case, policy, now))
    yield from _headed("mails", _mails(case))
    yield "  history"
    counting = set(places_in_force(case.history))
    for place, event in enumerate(case.history):
        taken_back = "" if place in counting or isinstance(event, Undone) else " (taken back)"
        yield f"    {instant(event.at)}  {event.kind:<12} {_gist(event)}".rstrip() + taken_back


def _kin_lines(case: Case, kin: Kin) -> Iterator[str]:
    if others := kin.same_reporter(case):
        yield f"  same reporter: {', '.join(others)}"
    if one_flaw := kin.one_flaw(case):
        yield f"  one flaw, in order of receipt: {', '.join(one_flaw)}"


def _dates(case: Case) -> Iterator[str]:
    """From when it is, when it ended, and what is kept of it."""
    yield f"  received  {instant(case.received_at)}"
    if case.closing:
        untold = f"; the reporter is still to be told: triaged reply {case.id}" if case.untold else ""
        yield f"  closed    {visible(case.closing)}{untold}"
    if case.erased_at:
        yield f"  erased    its reporter, on {case.erased_at:%Y-%m-%d}; what they found stays"
    if case.hold:
        yield f"  on hold   {visible(case.hold.reason)} ({visible(case.hold.by)})"


def _report_lines(case: Case, policy: Policy) -> Iterator[str]:
    report = case.report
    said = "set by a person" if case.scope_set else f"band {report.verdict.band if report else 'low'}"
    yield f"  scope     {case.sorted_as} ({said})"
    if report is None:
        return
    if who := policy.kinds.told(report.kind):
        yield f"  pass on   to {visible(who, 60)}"
    yield from (f"    {line}" for line in reason_lines(report.verdict.reasons))
    yield from _headed("sections", section_lines(report))
    yield from _headed("details", detail_lines(report))
    yield from _headed("known issues", known_lines(known_issues(report, policy.known_issues), policy.known_issues))
    yield from _headed("hints", hint_lines(report.hints))
    yield from _headed("facts", fact_lines(report))


def _headed(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """The lines under their heading; nothing if there are no lines."""
    for number, line in enumerate(lines):
        yield from () if number else (f"  {heading}",)
        yield f"    {line}"


def _mails(case: Case) -> Iterator[str]:
    """The mails received, numbered as `show --text` and `--raw` count them, and the letters sent."""
    for number, mail in enumerate(kept_mails(case), 1):
        yield f"{number}. {instant(mail.received_at)} from {defanged(mail.sender.address, 80) or 'an unknown sender'}"
        at = case.mail_erased_at(mail.sha256)
        where = f"raw mail erased on {at:%Y-%m-%d}, its sha256 {mail.sha256}" if at else f"spool/{mail.sha256}"
        yield f"   {_message_id(mail.message_id)}, {where}"
        if isinstance(mail, Received):
            yield from (f"     {attachment_line(part)}" for part in mail.attachments)
            yield from (f"     defect: {defanged(defect)}" for defect in mail.defects)
        yield from (f"     {scan_line(scan)}" for scan in case.scans if scan.sha256 == mail.sha256)
    for letter in case.letters:
        yield f"-  {instant(letter.owed_at)} our {letter.purpose}, {letter.state}"
        yield f"   {_message_id(letter.message_id)}"


def _message_id(known: str | None) -> str:
    """The Message-ID unchanged, so that people can search for it."""
    return f"Message-ID <{visible(known, 300)}>" if known else "no Message-ID"


def _deadline(deadline: Deadline) -> str:
    met = f", met {instant(deadline.met_at)}" if deadline.met_at else ""
    state = marked(deadline.state, _DEADLINE_COLOURS[deadline.state])
    return f"{deadline.name:<12} {state} by {instant(deadline.due)}{met} ({deadline.rule})"


_GIST_KEYS = "by what purpose decision verdict reason cause answer scope severity owner of text sign quote duty".split()
_TEAMS_OWN = frozenset({"by", "owner", "text"})


def _gist(event: Event) -> str:
    """The few words of an event that fit on a history line."""
    values = ((key, getattr(event, key, None)) for key in _GIST_KEYS)
    said = (f"{key} {value if key in _TEAMS_OWN else defanged(str(value))}" for key, value in values if value)
    return visible(", ".join(said), 140)
