"""`triaged metrics`: how reports are dealt with, as text for a person and as JSON (docs/metrics.md)."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path

import click

from triaged.cli.asked import passed, since
from triaged.cli.shapes import Json, instant
from triaged.cli.state import read_store
from triaged.cli.tables import table
from triaged.composition import utc_now
from triaged.config.loading import find_config, load
from triaged.core.clocks.counting import instant as instant_of
from triaged.core.plural import counted
from triaged.core.policy.calendar import Calendar
from triaged.core.report.measures import Share
from triaged.core.team.bod_20_01 import FEW, Spread, lasted, rows
from triaged.core.team.metrics import Metrics
from triaged.core.team.metrics import metrics as measured

_LONGEST_BAR = 40


@click.command()
@click.option(
    "--since", "since_when", metavar="DATE|90d", callback=since, help="Count only what was received since then."
)
@click.option("--json", "as_json", is_flag=True, help="Print only JSON on stdout.")
@click.pass_obj
def metrics(config: Path | None, *, since_when: date | timedelta | None, as_json: bool) -> None:
    """Count how reports are dealt with: BOD 20-01 a) to j), times, promises kept, verdicts overruled."""
    loaded = load(find_config(config))
    now = utc_now()
    with read_store(loaded.settings.state_dir) as store:
        found = measured(store.cases(), loaded.policy, now, _begin(since_when, now, loaded.policy.calendar))
    click.echo(json.dumps(_shape(found), indent=2) if as_json else "\n".join(_told(found)))


def _begin(since_when: date | timedelta | None, now: datetime, calendar: Calendar) -> datetime | None:
    if isinstance(since_when, timedelta):
        return now - since_when
    if since_when is None:
        return None
    return instant_of(passed(since_when, now.astimezone(calendar.timezone).date()), time(0), calendar)


def _told(found: Metrics) -> Iterator[str]:
    yield f"Received {f'since {instant(found.since)}' if found.since else 'ever'}, as of {instant(found.now)}:"
    yield f"{counted(found.cases, 'case')}, {counted(found.directive.reports, 'of them a report', 'of them reports')}."
    yield from _headed("BOD 20-01, as far as a mailbox tells it (c to g: whenever received)")
    yield from (f"  {letter}) {what:<36}{value}" for letter, what, value in rows(found.directive))
    for title, counts in (("MONTH", found.months), ("KIND", found.kinds), ("SCOPE", found.scopes)):
        if counts:
            yield ""
            yield table((title, "COUNT", ""), _bars(counts))
    yield ""
    yield table(("FROM RECEIPT TO", "MEDIAN", "9 IN 10 WITHIN", "CASES"), _time_rows(found))
    if found.deadlines:
        yield ""
        header = ("DEADLINE", "MET", "MISSED", "OF THESE OVERDUE", "PENDING")
        kept = ((name, *map(str, (k.met, k.missed, k.overdue, k.pending))) for name, k in found.deadlines.items())
        yield table(header, kept)
    yield ""
    yield f"verdicts overruled by a person     {_share(found.overruled)}"
    yield f"asked for more, and answered       {_share(found.asked_and_answered)}"
    yield f"duplicates                         {_share(found.duplicates)}"
    yield f"closed, the reporter not told      {found.untold}"
    signs = ", ".join(f"{sign} {count}" for sign, count in found.withheld.items())
    yield f"acknowledgments withheld           {sum(found.withheld.values())}{f' ({signs})' if signs else ''}"


def _headed(title: str) -> Iterator[str]:
    yield ""
    yield click.style(title, bold=True)


def _bars(counts: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    most = max(counts.values())
    for name, count in counts.items():
        # What is there at all shows at least one mark.
        yield name, str(count), "#" * (-(-count * _LONGEST_BAR // most) if most > _LONGEST_BAR else count)


def _time_rows(found: Metrics) -> Iterator[tuple[str, ...]]:
    for what, took in (
        ("the machine's acknowledgment", found.to_machine),
        ("a person's first answer", found.to_person),
        ("triage", found.to_triage),
        ("close", found.to_close),
    ):
        ninetieth = f"(fewer than {FEW})" if 0 < took.count < FEW else lasted(took.ninetieth)
        yield what, lasted(took.median), ninetieth, str(took.count)


def _share(share: Share) -> str:
    percent = f" ({share.value:.0%})" if share.value is not None and share.of >= FEW else ""
    return f"{share.count} of {share.of}{percent}"


def _shape(found: Metrics) -> Json:
    directive = found.directive
    return {
        "since": instant(found.since),
        "now": instant(found.now),
        "cases": found.cases,
        "bod_20_01": {
            "a": directive.reports,
            "b": directive.valid,
            "c": directive.open_valid,
            "d": _spread_shape(directive.open_valid_age),
            "e": directive.old_open_valid,
            "f": {severity or "not set": count for severity, count in directive.old_by_severity.items()},
            "g": _spread_shape(directive.old_age),
            "h": _spread_shape(directive.to_validate),
            "i": _spread_shape(directive.to_remedy),
            "j": _spread_shape(directive.to_respond),
        },
        "months": found.months,
        "kinds": found.kinds,
        "scopes": found.scopes,
        "seconds_to": {
            "machine_acknowledgment": _spread_shape(found.to_machine),
            "person_first_answer": _spread_shape(found.to_person),
            "triage": _spread_shape(found.to_triage),
            "close": _spread_shape(found.to_close),
        },
        "deadlines": {
            name: {"met": kept.met, "missed": kept.missed, "overdue": kept.overdue, "pending": kept.pending}
            for name, kept in found.deadlines.items()
        },
        "overruled": _share_shape(found.overruled),
        "asked_and_answered": _share_shape(found.asked_and_answered),
        "duplicates": _share_shape(found.duplicates),
        "untold": found.untold,
        "withheld": found.withheld,
    }


def _spread_shape(took: Spread) -> Json:
    return {"count": took.count, "median": _seconds(took.median), "p90": _seconds(took.ninetieth)}


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else span // timedelta(seconds=1)


def _share_shape(share: Share) -> Json:
    return {"count": share.count, "of": share.of}
