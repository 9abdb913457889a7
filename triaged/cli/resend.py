"""`triaged resend`: what was refused for good, or may have gone out, is tried again."""

import click

from triaged.cli.asked import a_case
from triaged.cli.decide import NO_KEY, by_whom, carry_out, record
from triaged.cli.state import read_store
from triaged.composition import house, utc_now
from triaged.config.loading import Loaded, find_config, load
from triaged.core.commands.command import Resend
from triaged.core.deciding.decided import By
from triaged.core.deciding.resending import failed
from triaged.core.plural import counted


@click.command()
@click.argument("named", metavar="[CASE[,CASE...]]", required=False, shell_complete=a_case)
@click.option("--all-failed", is_flag=True, help="Send every failed mail of all open cases that is still true.")
@click.option("--by", help="Who decides; default: the login name.")
@click.pass_context
def resend(ctx: click.Context, named: str | None, *, all_failed: bool, by: str | None) -> None:
    """Send a failed mail to a reporter again, with the same bytes and Message-ID.

    Once a wrong relay or password is fixed: triaged resend --all-failed
    """
    if bool(named) == all_failed:
        raise click.UsageError("name a case, or say --all-failed.", ctx)
    if named:
        carry_out(ctx.obj, named, Resend(), by)
    else:
        _resend_all(load(find_config(ctx.obj)), by_whom(by))


def _resend_all(loaded: Loaded, by: By) -> None:
    with read_store(loaded.settings.state_dir) as store:
        open_cases = [each for each in store.cases() if each.state != "closed"]
    ours, now = house(loaded, NO_KEY), utc_now()
    again = [(each.id, event) for each in open_cases for event in failed(each, by, now, ours)]
    record(loaded.settings.state_dir, again)
    click.echo(f"{counted(len(again), 'mail')} will be sent again at the next pass")
    for each in open_cases:
        if any(letter.state == "uncertain" for letter in each.letters):
            click.echo(f"{each.id}: its mail may have gone out; look, then: triaged resend {each.id}", err=True)
