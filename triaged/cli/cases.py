"""`triaged cases`: what there is, read beside a running daemon without its lock."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypedDict, Unpack, get_args

import click

from triaged.cli.asked import length, warn_of_unknown
from triaged.cli.asked import owner as mine
from triaged.cli.shapes import case_shape, instant
from triaged.cli.spreadsheet import csv_bytes
from triaged.cli.state import read_store
from triaged.cli.tables import table
from triaged.composition import utc_now
from triaged.config.loading import find_config, load
from triaged.core.case.case import Case, State
from triaged.core.intake.duplicates import Duplicates
from triaged.core.policy.policy import Policy
from triaged.core.policy.promises import Severity
from triaged.core.policy.rules import ScopeName
from triaged.core.team.kin import Kin
from triaged.core.team.listing import Choice, Standing, next_first, standing
from triaged.core.text import defanged


class _Asked(TypedDict):
    """What a case is chosen by as it is written."""

    state: State | None
    waiting: bool
    owner: str | None
    search: str
    reporter: str
    scope: ScopeName | None
    severity: Severity | Literal["unset"] | None


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
@click.option("--search", default="", metavar="TEXT", help="Only cases in which all these words stand.")
@click.option("--reporter", default="", metavar="A", help="Only cases whose reporter's address or name has this in it.")
@click.option("--scope", type=click.Choice(get_args(ScopeName)), help="Only cases in this scope.")
@click.option(
    "--severity",
    type=click.Choice([*get_args(Severity), "unset"]),
    help="Only cases of this severity; `unset`: of none.",
)
@click.pass_obj
def cases(
    config: Path | None, *, as_json: bool, as_csv: bool, late: bool, due: timedelta | None, **asked: Unpack[_Asked]
) -> None:
    """List the cases: overdue first, then what is due next, closed ones last. Options combine."""
    if as_json and as_csv:
        raise click.UsageError("--json and --csv do not go together.")
    loaded = load(find_config(config))
    now, policy = utc_now(), loaded.policy
    with read_store(loaded.settings.state_dir) as store:
        every = tuple(store.cases())
    warn_of_unknown(asked["owner"], every)
    choice = Choice(overdue=late, due_by=now + due if due else None, **asked)
    chosen = [each for case in every if choice.admits(each := standing(case, policy, now))]
    if as_json:
        found = [each.case for each in chosen]
        duplicates, kin = Duplicates(every, found), Kin(every)
        click.echo(json.dumps([case_shape(case, policy, now, duplicates, kin) for case in found], indent=2))
    elif as_csv:
        click.echo(csv_bytes(_CSV_HEADER, map(_csv_row, next_first(chosen))), nl=False)
    elif chosen:
        click.echo(_table(next_first(chosen), now))
    else:
        click.echo("no such cases" if choice != Choice() else "no cases")


def cases_table(cases: Iterable[Case], policy: Policy, now: datetime) -> str:
    """The cases, one line each, with what is due next."""
    return _table((standing(case, policy, now) for case in cases), now)


def _table(cases: Iterable[Standing], now: datetime) -> str:
    header = ("CASE", "STATE", "SEVERITY", "AGE", "SCOPE", "NEXT DUE", "OWNER", "ACK", "REPORTER", "SUBJECT")
    return table(header, (_row(each, now) for each in cases), whole={"STATE", "SEVERITY", "NEXT DUE"})


def _row(standing: Standing, now: datetime) -> tuple[str, ...]:
    case, acknowledgment = standing.case, standing.case.acknowledgment
    first = next(iter(standing.owed), None)
    due = f"{first.name} {'OVERDUE ' if first.overdue else ''}{first.due:%Y-%m-%d %H:%M}Z" if first else "-"
    return (
        case.id,
        case.state,
        case.severity or "-",
        _age(now - case.received_at),
        case.sorted_as + ("" if case.report and case.report.verdict.band == "high" else " ?"),
        due,
        case.owner or "nobody",
        acknowledgment.state if acknowledgment else "-",
        defanged(case.reporter.address, 1000) or "unknown",
        defanged(case.opening.subject, 1000),
    )


def _age(span: timedelta) -> str:
    """Since it came: `40 min`, `7 h`, `12 d`; a case from the future is new."""
    minutes = max(span, timedelta(0)) // timedelta(minutes=1)
    count, unit = next(
        (minutes // size, unit) for size, unit in ((1440, "d"), (60, "h"), (1, "min")) if minutes >= size or size == 1
    )
    return f"{count} {unit}"


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
