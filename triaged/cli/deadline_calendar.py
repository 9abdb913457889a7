"""`triaged calendar`: writes the open deadlines as a calendar that people can subscribe to."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from triaged.cli.asked import owner as mine
from triaged.cli.asked import warn_of_unknown
from triaged.cli.state import read_store
from triaged.composition import utc_now
from triaged.config.loading import find_config, load
from triaged.core.team.ical import AHEAD, calendar_text

_CENTURY = 36525


@click.command()
@click.option(
    "--days", type=click.IntRange(0, _CENTURY), default=AHEAD.days, show_default=True, help="How far ahead to look."
)
@click.option(
    "--owner", callback=mine, help="Only this person's cases; `me` for yours, `nobody` for those without an owner."
)
@click.pass_obj
def calendar(config: Path | None, *, days: int, owner: str | None) -> None:
    """Write overdue and upcoming deadlines as iCalendar (RFC 5545): `triaged calendar > deadlines.ics`.

    It holds nothing that a sender wrote. Paused deadlines are left out until their clocks run again.
    """
    found = find_config(config)
    loaded = load(found)
    with read_store(loaded.settings.state_dir) as store:
        cases = tuple(store.cases())
    warn_of_unknown(owner, cases)
    changed_at = max(_changed_at(path) for path in (found, loaded.settings.policy) if path)
    text = calendar_text(
        cases,
        loaded.policy,
        utc_now(),
        ahead=timedelta(days=days),
        owner=owner,
        policy_changed_at=changed_at,
    )
    # Written as bytes, so that no terminal's encoding or line ends change it.
    click.echo(text.encode(), nl=False)


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
