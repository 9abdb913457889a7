"""`triaged credits`: lists the reporters who agreed to be credited, and how."""

import json
from pathlib import Path

import click

from triaged.cli.state import read_store
from triaged.cli.tables import table
from triaged.config.loading import find_config, load
from triaged.core.plural import counted
from triaged.core.team.credits import ANONYMOUS, markdown, thanks, unasked


@click.command("credits")
@click.option("--markdown", "as_markdown", is_flag=True, help="A list to publish, without case ids.")
@click.option("--json", "as_json", is_flag=True, help="Print only JSON on stdout.")
@click.pass_obj
def credits_list(config: Path | None, *, as_markdown: bool, as_json: bool) -> None:
    """List the reporters who agreed to be credited, in the order of their reports.

    It holds only what `triaged case CASE credit` recorded: nobody is named without consent.
    """
    if as_markdown and as_json:
        raise click.UsageError("--markdown and --json do not go together.")
    loaded = load(find_config(config))
    with read_store(loaded.settings.state_dir) as store:
        cases = tuple(store.cases())
    found = thanks(cases, loaded.policy.calendar.timezone)
    if as_json:
        rows = [
            {
                "case": each.case_id,
                "received": str(each.received),
                "name": each.name or None,
                "where": each.where or None,
            }
            for each in found
        ]
        click.echo(json.dumps(rows, indent=2))
    elif as_markdown:
        click.echo(markdown(found), nl=False)
    elif found:
        lines = [(str(each.received), each.name or ANONYMOUS, each.where or "-", each.case_id) for each in found]
        click.echo(table(("RECEIVED", "NAME", "WHERE", "CASE"), lines))
    else:
        click.echo("nobody has told how they want to be credited")
    if left := unasked(cases):
        click.echo(
            f"triaged: nobody asked the reporter of {counted(len(left), 'closed case')}: {', '.join(left)}", err=True
        )
