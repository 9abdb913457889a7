"""`triaged resend`: what was refused for good, or may have gone out, is tried again."""

import getpass
from collections.abc import Sequence
from pathlib import Path

import click

from triaged.cli.decide import case, record
from triaged.cli.state import read_store
from triaged.composition import utc_now
from triaged.config.loading import find_config, load
from triaged.core.case.case import Case
from triaged.core.case.events import Requeued, TeamDecision
from triaged.core.letters.lifetime import requeued


@click.command()
@click.argument("named", metavar="[CASE]", required=False)
@click.option("--all-failed", is_flag=True, help="Send every failed mail of all open cases.")
@click.option("--by", help="Who decides; default: the login name.")
@click.pass_context
def resend(ctx: click.Context, named: str | None, *, all_failed: bool, by: str | None) -> None:
    """Send a failed mail to a reporter again, with the same bytes and Message-ID.

    Once a wrong relay or password is fixed: triaged resend --all-failed
    """
    if bool(named) == all_failed:
        raise click.UsageError("name a case, or say --all-failed.", ctx)
    if named:
        who = ["--by", by] if by else []
        case.main([*who, named, "resend"], prog_name="triaged case", standalone_mode=False, obj=ctx.obj)
        return
    _resend_all(load(find_config(ctx.obj)).settings.state_dir, by or getpass.getuser())


def _resend_all(state_dir: Path, by: str) -> None:
    with read_store(state_dir) as store:
        open_cases = [each for each in store.cases() if each.state != "closed"]
    again = _failed(open_cases, by)
    record(state_dir, again)
    click.echo(f"{len(again)} mail{'' if len(again) == 1 else 's'} will be sent again at the next pass")
    for each in open_cases:
        if any(letter.state == "uncertain" for letter in each.letters):
            click.echo(f"{each.id}: its mail may have gone out; look, then: triaged resend {each.id}", err=True)


def _failed(cases: Sequence[Case], by: str) -> list[tuple[str, TeamDecision]]:
    """One decision for each letter that failed; what is no longer true of an update is found out when its turn comes."""
    now = utc_now()
    return [
        (each.id, Requeued(at=now, by=by, message_id=letter.message_id, expires_at=requeued(now)))
        for each in cases
        for letter in each.letters
        if letter.state == "failed"
    ]
