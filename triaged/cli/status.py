"""`triaged status`: reports the daemon's health, as a Nagios check."""

import json
from pathlib import Path

import click

from triaged.adapters.notify import read_pulse
from triaged.cli.shapes import Json, instant
from triaged.cli.state import read_store
from triaged.cli.tables import marked
from triaged.composition import utc_now
from triaged.config.loading import Loaded, find_config, load
from triaged.core.clocks.deadlines import critical, overdue
from triaged.core.mail.arrival import ENDS
from triaged.core.plural import counted
from triaged.core.text import visible
from triaged.service.morning import health

_LONGEST = 400
"""The most characters shown of one problem: the server's words and the remedy."""
_HEALTHY, _WARNING, _CRITICAL = 0, 1, 2


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print only JSON on stdout.")
@click.pass_obj
def status(config: Path | None, *, as_json: bool) -> int:
    """Report the daemon's health. Exit codes: 0 all is well, 1 something is overdue or failed, 2 critical or unread."""
    loaded = load(find_config(config))
    found, problems, notes, code = _measured(loaded)
    if as_json:
        click.echo(json.dumps({**found, "problems": problems}))
        return code
    word, colour = (("ok", "green"), ("warning", "yellow"), ("critical", "red"))[code]
    told = "; ".join(visible(each, _LONGEST) for each in (*problems, *notes))
    click.echo(
        f"{marked(word, colour)}: {told or 'all is well'} - "
        f"{found['open']} open, {found['overdue']} overdue, {counted(int(found['owed']), 'mail')} owed{_held(found)}, "
        f"last poll {found['last_poll_at'] or 'never'}"
    )
    return code


def _held(found: Json) -> str:
    return f" ({found['held']} held back by the caps, not before {found['room_at']})" if found["held"] else ""


def _measured(loaded: Loaded) -> tuple[Json, list[str], tuple[str, ...], int]:
    now, state_dir = utc_now(), loaded.settings.state_dir
    with read_store(state_dir) as store:
        pulse = read_pulse(state_dir)
        well = health(store, pulse, now)
        every = tuple(store.cases())
        open_cases = [case for case in every if case.state != "closed"]
        late = sum(overdue(case, loaded.policy, now) for case in every)
        grave = [(case.id, each) for case in every for each in critical(case, loaded.policy, now)]
        unwritten = sum(case.unwritten for case in open_cases)
        stuck = sum(letter.state in {"failed", "uncertain"} for case in open_cases for letter in case.letters)
        seen = store.seen()
    warnings = [*well.warnings, *[f"{late} overdue"] * bool(late)]
    warnings += [f"{counted(stuck, 'acknowledgment')} failed (triaged resend --all-failed)"] * bool(stuck)
    warnings += [f"{counted(unwritten, 'answer')} could not be written"] * bool(unwritten)
    warnings += [f"{case_id} {each.name} due {instant(each.due)}" for case_id, each in grave]
    missed = any(each.overdue for _, each in grave)
    code = _CRITICAL if well.problems or missed else _WARNING if warnings else _HEALTHY
    found: Json = {
        "healthy": code == _HEALTHY,
        "last_poll_at": instant(well.last_poll_at),
        "owed": well.owed,
        "oldest_owed_at": instant(well.oldest_owed_at),
        "held": well.held,
        "room_at": instant(well.room_at),
        "open": len(open_cases),
        "overdue": late,
        "seen": {end: seen.get(end, 0) for end in ENDS},
    }
    return found, [*well.problems, *warnings], well.notes, code
