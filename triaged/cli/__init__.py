"""The commands: they print and never decide. Each one lives in a module of its own, imported when it is called."""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from triaged import __version__
from triaged.adapters.log import set_up_logging
from triaged.cli.commands import Commands
from triaged.cli.faults import exit_code, say

_COMMANDS = {
    "demo": ("demo", "Show the whole job without any setup."),
    "check": ("check", "Check settings, state, mailbox and submission."),
    "run": ("run", "Run the daemon, or one pass of it."),
    "explain": ("explain", "Say what the daemon would do with a message, and why."),
    "replay": ("replay.command", "Classify stored mail again and show what would change."),
    "cases": ("cases", "List the cases."),
    "show": ("show", "Show a case, its report as read, or its raw mail."),
    "attachments": ("attachments", "Write the files of a case into a folder, under safe names."),
    "case": ("decide", "Record a decision on a case: triage, scope, owner, close ..."),
    "reply": ("reply", "Write to the reporter of a case, in their thread."),
    "resend": ("resend", "Send failed mails to reporters again."),
    "set-aside": ("set_aside", "List the mail that became no case, and why; make a case of one."),
    "digest": ("digest", "Show, write or mail the day's work list."),
    "calendar": ("deadline_calendar", "Write the open deadlines as a calendar to subscribe to."),
    "metrics": ("metrics", "Count how reports are dealt with: BOD 20-01, times, promises kept."),
    "credits": ("credits_list", "List who is to be credited, from recorded consent."),
    "security-txt": ("security_txt", "Print security.txt (RFC 9116) from the settings."),
    "erase": ("erase", "Erase a person from everything that is kept."),
    "retention": ("retention", "Erase what has been kept long enough."),
    "backup": ("backup", "Copy all that is kept, beside a running daemon."),
    "restore": ("restore", "Put a backup in place of what is kept."),
    "store": ("store", "Verify or compact the files in the state directory."),
    "status": ("status", "Say whether all is well, as a Nagios check."),
    "help": ("help", "Explain a command: triaged help case close."),
    "version": ("help", "Print the version."),
}
"""Command name to its module and its line in `--help`, in the order of a first hour."""

_NAMED_ELSE = {
    "help": "help_command",
    "set-aside": "set_aside",
    "security-txt": "security_txt",
    "reply": "reply_command",
    "credits": "credits_list",
}
"""Commands whose own name is Python's."""


class _Everything(Commands):
    """Imports a command's module only when it is called: `--help` must not cost the price of the IMAP library."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        _ = ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        _ = ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"triaged.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, _NAMED_ELSE.get(cmd_name, cmd_name))
        return command

    def remedy(self, ctx: click.Context, args: list[str]) -> str:
        """As every group; and a verb of `case` is told its place."""
        verbs = getattr(self.get_command(ctx, "case"), "commands", {})
        return f" Write: triaged case CASE {args[0]}." if args[0] in verbs else super().remedy(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _ = ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


@click.command(cls=_Everything, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="triaged")
@click.option(
    "--config",
    # Not looked at here: help needs no config, not even one that is there.
    type=click.Path(path_type=Path),
    help="The config file; default: $TRIAGED_CONFIG, then /etc/triaged/triaged.yaml.",
)
@click.pass_context
def triaged(ctx: click.Context, config: Path | None) -> None:
    """Turn a security team's mailbox into a promise kept.

    New here? `triaged demo` shows the whole job without any setup.
    """
    # What a command prints is its answer; `run` alone logs what it does.
    set_up_logging(level="warning", stream=sys.stderr)
    ctx.obj = config
    if os.environ.get("NO_COLOR"):
        # no-color.org; what is not set here click decides by whether stdout is a terminal.
        ctx.color = False


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; every fault is one plain sentence on stderr."""
    try:
        outcome = triaged.main(args=arguments, prog_name="triaged", standalone_mode=False)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing to tell it, and no second fault at interpreter exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get("TRIAGED_DEBUG"):
            raise
        say(error)
        return exit_code(error)
    return outcome if isinstance(outcome, int) else 0
