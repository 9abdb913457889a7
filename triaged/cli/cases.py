"""`triaged cases` and `triaged show`: what there is, read beside a running daemon without its lock."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import click

from triaged.cli.asked import length, warn_of_unknown
from triaged.cli.asked import owner as mine
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
from triaged.cli.shapes import case_shape, full_shape, instant
from triaged.cli.spreadsheet import csv_bytes
from triaged.cli.state import find_case, read_store
from triaged.cli.tables import marked, table
from triaged.composition import utc_now
from triaged.config.loading import find_config, load
from triaged.core.case.case import Case, State
from triaged.core.case.events import Event, Received, Undone
from triaged.core.case.undoing import places_in_force
from triaged.core.clocks.deadlines import Deadline, deadlines
from triaged.core.intake.duplicates import Duplicates, known_issues
from triaged.core.policy.policy import Policy
from triaged.core.team.listing import Choice, Standing, next_first, standing
from triaged.core.text import defanged, visible

_DEADLINE_COLOURS = {"met": "green", "pending": "blue", "paused": "cyan", "missed": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print only JSON on stdout, the oldest case first.")
@click.option("--csv", "as_csv", is_flag=True, help="Print only CSV on stdout; it is safe to open in a spreadsheet.")
@click.option("--state", type=click.Choice(get_args(State)), help="Only cases in this state.")
@click.option("--waiting", is_flag=True, help="Only cases in which the team waits for the reporter.")
@click.option("--overdue", "late", is_flag=True, help="Only cases with a missed deadline that is still open.")
@click.option(
    "--due", metavar="3d", callback=length, help="Only cases with a deadline that is overdue or due within this time."
)
@click.option(
    "--owner", callback=mine, help="Only this person's cases; `me` for yours, `nobody` for those without an owner."
)
@click.pass_obj
def cases(  # noqa: PLR0913 - one an option
    config: Path | None,
    *,
    as_json: bool,
    as_csv: bool,
    state: State | None,
    waiting: bool,
    late: bool,
    due: timedelta | None,
    owner: str | None,
) -> None:
    """List the cases: overdue first, then what is due next, closed ones last. Options combine."""
    if as_json and as_csv:
        raise click.UsageError("--json and --csv do not go together.")
    loaded = load(find_config(config))
    now, policy = utc_now(), loaded.policy
    with read_store(loaded.settings.state_dir) as store:
        every = tuple(store.cases())
    warn_of_unknown(owner, every)
    choice = Choice(state=state, waiting=waiting, overdue=late, owner=owner, due_by=now + due if due else None)
    chosen = [each for case in every if choice.admits(each := standing(case, policy, now))]
    if as_json:
        found = [each.case for each in chosen]
        duplicates = Duplicates(every, found)
        click.echo(json.dumps([case_shape(case, policy, now, duplicates) for case in found], indent=2))
    elif as_csv:
        click.echo(csv_bytes(_CSV_HEADER, map(_csv_row, next_first(chosen))), nl=False)
    elif chosen:
        click.echo(_table(next_first(chosen)))
    else:
        click.echo("no such cases" if choice != Choice() else "no cases")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print only JSON on stdout.")
@click.argument("case", metavar="CASE")
@click.pass_obj
def show(config: Path | None, case: str, *, as_json: bool) -> None:
    """Show one case: sections with evidence, verdict with reasons, deadlines, history."""
    loaded = load(find_config(config))
    with read_store(loaded.settings.state_dir) as store:
        found = find_case(store, case)
        duplicates = Duplicates(store.cases(), [found])
    if as_json:
        click.echo(json.dumps(full_shape(found, loaded.policy, utc_now(), duplicates), indent=2))
        return
    click.echo("\n".join(_shown(found, loaded.policy, utc_now(), duplicates)))


def cases_table(cases: Iterable[Case], policy: Policy, now: datetime) -> str:
    """The cases, one line each, with what is due next."""
    return _table(standing(case, policy, now) for case in cases)


def _table(cases: Iterable[Standing]) -> str:
    header = ("CASE", "STATE", "SCOPE", "NEXT DUE", "OWNER", "ACK", "REPORTER", "SUBJECT")
    return table(header, map(_row, cases), whole={"STATE", "NEXT DUE"})


def _row(standing: Standing) -> tuple[str, ...]:
    case, acknowledgment = standing.case, standing.case.acknowledgment
    first = next(iter(standing.owed), None)
    due = f"{first.name} {'OVERDUE ' if first.overdue else ''}{first.due:%m-%d %H:%M}Z" if first else "-"
    return (
        case.id,
        case.state,
        case.sorted_as + ("" if case.report and case.report.verdict.band == "high" else " ?"),
        due,
        case.owner or "nobody",
        acknowledgment.state if acknowledgment else "-",
        defanged(case.reporter.address, 1000) or "unknown",
        defanged(case.opening.subject, 1000),
    )


_CSV_HEADER = (
    "case", "state", "scope", "band", "severity", "owner", "received_at", "next_due", "next_due_at", "overdue",
    "acknowledgment", "duplicate_of", "reporter", "subject"
)  # fmt: skip


def _csv_row(standing: Standing) -> tuple[str, ...]:
    case, acknowledgment = standing.case, standing.case.acknowledgment
    first = next(iter(standing.owed), None)
    return (
        case.id,
        case.state,
        case.sorted_as,
        case.report.verdict.band if case.report else "low",
        case.severity or "",
        case.owner,
        instant(case.received_at) or "",
        first.name if first else "",
        (first and instant(first.due)) or "",
        " ".join(each.name for each in standing.owed if each.overdue),
        acknowledgment.state if acknowledgment else "",
        case.duplicate_of or "",
        defanged(case.reporter.address, 300),
        defanged(case.opening.subject, 1000),
    )


def _shown(case: Case, policy: Policy, now: datetime, duplicates: Duplicates) -> Iterator[str]:
    yield click.style(f"{case.id}  {defanged(case.opening.subject, 100) or '(no subject)'}", bold=True)
    yield f"  state     {case.state}, owner {case.owner or 'nobody'}, severity {case.severity or 'not set'}"
    yield f"  reporter  {author(case.reporter)}, {case.reporter.verdict}"
    if case.opening.passed_on_by:
        yield f"  passed on by {defanged(case.opening.passed_on_by, 100)}"
    yield f"  received  {instant(case.received_at)}"
    if case.closing:
        yield f"  closed    {visible(case.closing)}"
    if case.opening.related:
        yield f"  related   its sender refers to {case.opening.related} but is not that case's reporter"
    if case.opening.same_reporter:
        yield f"  open too  {', '.join(case.opening.same_reporter)}, of the same reporter"
    if acknowledgment := case.acknowledgment:
        reason = f": {defanged(acknowledgment.reason)}" if acknowledgment.reason else ""
        waits = f"; not before {instant(acknowledgment.not_before)}" if acknowledgment.not_before else ""
        yield f"  ack       {acknowledgment.state} {instant(acknowledgment.at)}{reason}{waits}"
    yield from _headed("seems the same as", duplicate_lines(duplicates.of(case)))
    yield from _report_lines(case, policy)
    yield "  deadlines"
    yield from (f"    {_deadline(deadline)}" for deadline in deadlines(case, policy, now))
    yield "  mails"
    for mail in case.mails:
        yield from _mail_lines(mail)
        yield from (f"      {scan_line(scan)}" for scan in case.scans if scan.sha256 == mail.sha256)
    yield "  history"
    counting = set(places_in_force(case.history))
    for place, event in enumerate(case.history):
        taken_back = "" if place in counting or isinstance(event, Undone) else " (taken back)"
        yield f"    {instant(event.at)}  {event.kind:<12} {_gist(event)}".rstrip() + taken_back


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
    """The lines under their heading; nothing where there are none."""
    for number, line in enumerate(lines):
        yield from () if number else (f"  {heading}",)
        yield f"    {line}"


def _mail_lines(mail: Received) -> Iterator[str]:
    yield f"    {instant(mail.received_at)}  spool/{mail.sha256}"
    yield from (f"      {attachment_line(part)}" for part in mail.attachments)
    yield from (f"      defect: {defanged(defect)}" for defect in mail.defects)


def _deadline(deadline: Deadline) -> str:
    met = f", met {instant(deadline.met_at)}" if deadline.met_at else ""
    state = marked(deadline.state, _DEADLINE_COLOURS[deadline.state])
    return f"{deadline.name:<12} {state} by {instant(deadline.due)}{met} ({deadline.rule})"


_GIST_KEYS = "by purpose decision verdict reason cause answer scope severity owner of text sign quote duty".split()
_TEAMS_OWN = frozenset({"by", "owner", "text"})


def _gist(event: Event) -> str:
    """The few words of an event that a history line has room for."""
    values = ((key, getattr(event, key, None)) for key in _GIST_KEYS)
    said = (f"{key} {value if key in _TEAMS_OWN else defanged(str(value))}" for key, value in values if value)
    return visible(", ".join(said), 140)
