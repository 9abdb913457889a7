"""`triaged show`: one case or several, as the team sees them, as their mails read, or raw."""

import json
import sys
from pathlib import Path

import click

from triaged.adapters.disk.spool import FileSpool
from triaged.cli.asked import a_case
from triaged.cli.case_lines import case_lines
from triaged.cli.case_mails import chosen_mails, raw_mail, text_lines
from triaged.cli.faults import BAD_INPUT, Fault
from triaged.cli.shapes import full_shape
from triaged.cli.state import find_cases, read_store
from triaged.composition import utc_now
from triaged.config.loading import find_config, load
from triaged.core.case.case import Case
from triaged.core.intake.duplicates import Duplicates
from triaged.core.team.kin import Kin


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print only JSON on stdout; of several cases a list.")
@click.option("--text", "as_text", is_flag=True, help="The mails as they were read, the newest last.")
@click.option("--raw", "as_raw", is_flag=True, help="The raw bytes of a mail: its first, or --mail N. Redirect it.")
@click.option("--mail", "number", type=click.IntRange(min=1), help="Only the mail of that number, as `show` counts.")
@click.argument("case", metavar="CASE[,CASE...]", shell_complete=a_case)
@click.pass_obj
def show(config: Path | None, case: str, *, as_json: bool, as_text: bool, as_raw: bool, number: int | None) -> None:
    """Show a case: sections with evidence, verdict with reasons, deadlines, mails, history.

    --text shows the report itself: links in it do not open. What came is never run or rendered.
    """
    if as_json + as_text + as_raw > 1:
        raise click.UsageError("--json, --text and --raw do not go together.")
    if number is not None and not (as_text or as_raw):
        raise click.UsageError("--mail goes with --text or --raw.")
    loaded = load(find_config(config))
    state_dir, now = loaded.settings.state_dir, utc_now()
    with read_store(state_dir) as store:
        found = find_cases(store, case)
        every = tuple(store.cases())
    if as_raw:
        _print_raw(found, state_dir, number or 1)
        return
    if as_text:
        lines = (line for each in found for line in (_title(each), *text_lines(each, state_dir, number)))
        click.echo_via_pager(f"{line}\n" for line in lines)
        return
    duplicates, kin = Duplicates(every, found), Kin(every)
    if as_json:
        shapes = [full_shape(each, loaded.policy, now, duplicates, kin) for each in found]
        click.echo(json.dumps(shapes if len(shapes) > 1 else shapes[0], indent=2))
        return
    for each in found:
        click.echo("\n".join(case_lines(each, loaded.policy, now, duplicates, kin)))


def _title(case: Case) -> str:
    return f"{case.id}, {case.state}, received {case.received_at:%Y-%m-%d %H:%M} UTC"


def _print_raw(cases: list[Case], state_dir: Path, number: int) -> None:
    """The bytes as they came, for a file or a program: a terminal would obey what is in them."""
    if len(cases) > 1:
        raise Fault("--raw prints one mail; name one case", BAD_INPUT)
    if sys.stdout.isatty():
        command = f"triaged show {cases[0].id} --raw > report.eml"
        raise Fault(
            f"raw mail can take over a terminal, so it is not printed on one; redirect it: {command}", BAD_INPUT
        )
    (mail,) = chosen_mails(cases[0], number)
    sys.stdout.buffer.write(raw_mail(FileSpool(state_dir / "spool"), cases[0], mail))
