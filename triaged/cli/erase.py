"""`triaged erase ADDRESS|CASE`: a person out of everything that is kept, and what is then left for people to remove."""

import json
import time
from pathlib import Path

import click

from triaged.adapters.disk.erasures import ErasureBox
from triaged.adapters.disk.lock import AlreadyRunning
from triaged.cli.asked import a_case
from triaged.cli.decide import by_whom
from triaged.cli.erasures import Preview, lines, preview, shape
from triaged.cli.faults import BAD_INPUT, NO_INPUT, Fault
from triaged.composition import open_archive, utc_now
from triaged.config.loading import Loaded, find_config, load
from triaged.core.commands.command import ReleaseHold
from triaged.core.commands.writing import typed
from triaged.core.deciding.decided import No
from triaged.core.erasure.plan import Plan
from triaged.core.text import visible
from triaged.service.erasing import Archive, erase_asked, planned, speaking_of

_DONE_WITHIN = 60.0


@click.command()
@click.argument("target", metavar="ADDRESS|CASE", shell_complete=a_case)
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@click.option("--json", "as_json", is_flag=True, help="Print only JSON on stdout.")
@click.option("--by", help="Who erases; default: the login name.")
@click.pass_obj
def erase(config: Path | None, target: str, *, dry_run: bool, as_json: bool, by: str | None) -> None:
    """Erase a person: raw mail, names, addresses and letters go for good. Findings, verdicts and figures stay.

    An address is erased everywhere; of a case, only that case loses its reporter. Cases on hold are left alone. With the
    daemon running, the daemon does it. What is printed names the copies that lie elsewhere: nothing remembers them afterwards.
    """
    loaded = load(find_config(config))
    found = preview(loaded, lambda archive: _planned(archive, target))
    _refuse_nothing(found, target)
    if not dry_run:
        _erase(loaded, target, by_whom(by).shown)
    click.echo(
        json.dumps(shape(found, done=not dry_run), indent=2) if as_json else "\n".join(lines(found, done=not dry_run))
    )


def _planned(archive: Archive, target: str) -> Plan:
    plan = planned(archive, target)
    if isinstance(plan, No):
        raise Fault(plan.sentence, NO_INPUT if plan.unknown else BAD_INPUT)
    return plan.with_mails(speaking_of(plan, archive.spool.names(), archive))


def _refuse_nothing(found: Preview, target: str) -> None:
    if found.touched.anything:
        return
    if held := sorted(found.plan.held):
        first = typed(held[0], ReleaseHold())
        raise Fault(f"{', '.join(held)}: on hold, so nothing was erased; first: {first}", BAD_INPUT)
    raise Fault(f"{visible(target, 100)}: nothing is kept of it, so there is nothing to erase", NO_INPUT)


def _erase(loaded: Loaded, target: str, by: str) -> None:
    """Leave the order where a kill cannot lose it, then carry it out, or wait until the daemon has."""
    box = ErasureBox(loaded.settings.state_dir / "decisions")
    name = box.hand_in(target, by, utc_now())
    try:
        with open_archive(loaded) as archive:
            erase_asked(archive)
    except AlreadyRunning as running:
        until = time.monotonic() + _DONE_WITHIN
        while box.waits(name):
            if time.monotonic() > until:
                click.echo(f"handed in; the daemon (pid {running.pid}) is busy and will erase it soon", err=True)
                return
            time.sleep(0.05)
        return
    if box.waits(name):
        raise Fault("the disk is full; the erasure is carried out when there is room, and the daemon runs", NO_INPUT)
