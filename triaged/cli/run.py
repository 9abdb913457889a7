"""`triaged run`: runs the daemon or one pass of it, or shows what a pass would do."""

import sys
from pathlib import Path
from typing import get_args

import click

from triaged.adapters.log import LogFormat, LogLevel, set_up_logging
from triaged.cli.tables import Progress, table
from triaged.composition import look, open_round, run_once
from triaged.config.loading import Loaded, find_config, load
from triaged.core.intake.decision import Decision
from triaged.core.plural import counted
from triaged.core.text import defanged
from triaged.daemon import Daemon


@click.command()
@click.option("--once", is_flag=True, help="Poll once: take in every mail, try every owed letter, then exit.")
@click.option("--dry-run", is_flag=True, help="Read, decide and print, but send and change nothing.")
@click.option("--log-format", type=click.Choice(get_args(LogFormat)), default="auto", show_default=True)
@click.option("--verbose", is_flag=True, help="Log at debug level.")
@click.pass_obj
def run(config: Path | None, *, once: bool, dry_run: bool, log_format: LogFormat, verbose: bool) -> None:
    """Run the daemon, or one pass of it with --once."""
    path = find_config(config)
    loaded = load(path)
    level: LogLevel = "debug" if verbose else "info"
    if dry_run:
        _dry_run(loaded)
    elif once:
        set_up_logging(log_format, level=level, stream=sys.stderr)
        taken, sent, owed = run_once(loaded)
        click.echo(f"{counted(taken, 'mail')} taken in, {counted(sent, 'mail')} sent, {owed} still owed")
    else:
        set_up_logging(log_format, level=level)
        with open_round(loaded) as rooms:
            Daemon(path, loaded, rooms).serve()


def _reply(decision: Decision) -> str:
    if decision.reply:
        return f"{decision.reply.variant}{', held back' if decision.hold else ''}"
    return "withhold" if decision.withheld else "-"


def _dry_run(loaded: Loaded) -> None:
    rows, progress = [], Progress("looked at")
    for fetched, message, decision in look(loaded):
        rows.append(
            (
                f"{fetched.received_at:%Y-%m-%d %H:%M}Z",
                decision.end,
                decision.report.verdict.scope if decision.case_id else "-",
                _reply(decision),
                defanged(decision.sender.address),
                defanged(message.subject),
            )
        )
        progress.show(len(rows))
    progress.end()
    if rows:
        click.echo(table(("RECEIVED", "END", "SCOPE", "REPLY", "SENDER", "SUBJECT"), rows))
    click.echo(f"{counted(len(rows), 'mail')} would be taken in; nothing was sent or changed")
