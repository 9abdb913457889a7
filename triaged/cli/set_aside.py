"""`triaged set-aside`: what became no case, and why; and making a case of one."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import click

from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.lock import AlreadyRunning
from triaged.adapters.disk.spool import FileSpool
from triaged.adapters.store.store import TinyStore
from triaged.cli.asked import passed, since
from triaged.cli.faults import BAD_INPUT, NO_INPUT, Fault
from triaged.cli.person import at_the_keyboard
from triaged.cli.shapes import Json, instant
from triaged.cli.state import read_store
from triaged.cli.tables import table
from triaged.composition import open_shelf, utc_now
from triaged.config.loading import Loaded, find_config, load
from triaged.core.case.events import OpenedByHand
from triaged.core.clocks.counting import instant as instant_of
from triaged.core.mail.arrival import Arrival, Aside
from triaged.core.mail.parsing.headers import degraded_message
from triaged.core.text import visible
from triaged.service.opening import OPENABLE, open_by_hand

_TAKEN_UP_WITHIN = 5.0
_SHORTEST = 6
"""Digits of a SHA-256 that are enough to look for it."""
_SHOWN = 12
_HEADER = 64 * 1024
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@click.group("set-aside", invoke_without_command=True)
@click.option("--since", "since_when", metavar="DATE|90d", callback=since, help="Only what came since then.")
@click.option("--json", "as_json", is_flag=True, help="JSON alone on stdout, the oldest first.")
@click.pass_context
def set_aside(ctx: click.Context, since_when: date | timedelta | None, *, as_json: bool) -> None:
    """List the mail that became no case: when it came, from whom, its subject, and why it was set aside.

    `triaged set-aside open SHA256` makes a case of one; its first digits are enough.
    """
    if ctx.invoked_subcommand:
        return
    loaded = load(find_config(ctx.obj))
    with read_store(loaded.settings.state_dir) as store:
        found = store.set_aside_since(_begin(since_when, loaded))
    spool = FileSpool(loaded.settings.state_dir / "spool")
    rows = [_shape(arrival, arrival.aside or _read_again(spool, arrival)) for arrival in found]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif rows:
        click.echo(_table(rows))
        click.echo("\nTo make a case of one: triaged set-aside open SHA256")
    else:
        click.echo("nothing was set aside")


@set_aside.command("open")
@click.argument("sha256", metavar="SHA256")
@click.option("--by", help="Who decides; default: the login name.")
@click.pass_obj
def open_one(config: Path | None, sha256: str, by: str | None) -> None:
    """Make a case of a mail that was set aside. Its clocks run from when it came; nothing is sent to its sender."""
    loaded = load(find_config(config))
    with read_store(loaded.settings.state_dir) as store:
        arrival = _find(store, sha256)
    event = OpenedByHand(at=utc_now(), by=by or str(at_the_keyboard()), sha256=arrival.sha256)
    try:
        with open_shelf(loaded) as shelf:
            opened = open_by_hand(shelf, event)
    except AlreadyRunning as running:
        _hand_in(loaded, event, running)
        return
    click.echo(_said(opened, arrival))


def _hand_in(loaded: Loaded, event: OpenedByHand, running: AlreadyRunning) -> None:
    """Leave it to the daemon, and wait a little for what becomes of it."""
    state_dir = loaded.settings.state_dir
    box = DecisionBox(state_dir / "decisions")
    name = box.hand_in("", event)
    until = time.monotonic() + _TAKEN_UP_WITHIN
    while box.waits(name):
        if time.monotonic() > until:
            click.echo(f"handed in; the daemon (pid {running.pid}) is busy and will open it soon", err=True)
            return
        time.sleep(0.05)
    with read_store(state_dir) as store:
        arrival = store.arrival(event.sha256)
    click.echo(_said(arrival if arrival and arrival.case_id else None, arrival))


def _said(opened: Arrival | None, arrival: Arrival | None) -> str:
    if opened is None:
        named = arrival.sha256[:_SHOWN] if arrival else "it"
        raise Fault(f"{named}: it could not be opened; its raw mail is gone from the spool", NO_INPUT)
    return f"{opened.case_id}: opened from what was set aside; triaged show {opened.case_id}"


def _find(store: TinyStore, named: str) -> Arrival:
    """The mail of that SHA-256, or of the only one that begins so; Fault where there is none that can be opened."""
    wanted, shown = named.strip().lower(), visible(named, 70)
    if len(wanted) < _SHORTEST or not set(wanted) <= set("0123456789abcdef"):
        raise Fault(
            f"{shown}: write at least {_SHORTEST} digits of the SHA-256 that triaged set-aside lists", BAD_INPUT
        )
    found = [arrival for arrival in store.arrivals() if arrival.sha256.startswith(wanted)]
    if len(found) > 1:
        raise Fault(f"{shown}: {len(found)} mails begin so; write more of the SHA-256", NO_INPUT)
    if not found:
        raise Fault(f"{shown}: there is no such mail; triaged set-aside lists those that became no case", NO_INPUT)
    if found[0].end not in OPENABLE:
        known = f"it is case {found[0].case_id} already" if found[0].case_id else "it is not settled yet"
        raise Fault(f"{shown}: {known}", BAD_INPUT)
    if at := found[0].erased_at:
        raise Fault(f"{shown}: this mail was erased on {at:%Y-%m-%d}", NO_INPUT)
    return found[0]


def _begin(since_when: date | timedelta | None, loaded: Loaded) -> datetime:
    now, calendar = utc_now(), loaded.policy.calendar
    if since_when is None:
        return _EVER
    if isinstance(since_when, timedelta):
        return now - since_when
    return instant_of(passed(since_when, now.astimezone(calendar.timezone).date()), time_of_day(0), calendar)


def _read_again(spool: FileSpool, arrival: Arrival) -> Aside:
    """What older versions did not keep, from the raw mail's header; empty where it is gone."""
    try:
        message = degraded_message(spool.read(arrival.sha256)[:_HEADER], "")
    except FileNotFoundError:
        return Aside("", "", "")
    return Aside(visible(message.first("from")), visible(message.subject), "")


def _shape(arrival: Arrival, aside: Aside) -> Json:
    return {
        "sha256": arrival.sha256,
        "received_at": instant(arrival.received_at),
        "sender": aside.sender,
        "subject": aside.subject,
        "sign": aside.sign,
        "reason": arrival.reason,
    }


def _table(rows: Sequence[Json]) -> str:
    header = ("SHA256", "RECEIVED", "SIGN", "SENDER", "SUBJECT", "REASON")
    cells = (
        (row["sha256"][:_SHOWN], row["received_at"], row["sign"], row["sender"], row["subject"], row["reason"])
        for row in rows
    )
    return table(header, cells, whole={"RECEIVED"})
