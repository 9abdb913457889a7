"""Faults as people meet them: one sentence on stderr, and a code of sysexits(3)."""

import errno
import sys
import traceback
from pathlib import Path

import click

from triaged.adapters.log import journal_prefix
from triaged.config.yaml_source import SettingsError
from triaged.core.text import visible
from triaged.ports import Refused, StateFault, TryLater, Unwritten

OK, USAGE, BAD_INPUT, NO_INPUT, UNAVAILABLE, INTERNAL = 0, 64, 65, 66, 69, 70
IO_FAILED, TRY_LATER, LOGIN_REFUSED, BAD_CONFIG, INTERRUPTED = 74, 75, 77, 78, 130


class Fault(Exception):  # noqa: N818 - it is a fault
    """A command cannot do what it was asked: one sentence that says what to do, and its exit code."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (click.UsageError, USAGE),
    (SettingsError, BAD_CONFIG),
    (Unwritten, BAD_CONFIG),
    (TryLater, TRY_LATER),
    (Refused, UNAVAILABLE),
    (StateFault, IO_FAILED),
    (OSError, IO_FAILED),
    (KeyboardInterrupt, INTERRUPTED),
    (click.Abort, INTERRUPTED),
)
# Their message is already the one sentence that a person needs.
_PLAIN = (Fault, TryLater, Refused, StateFault)


def exit_code(error: BaseException) -> int:
    """The code that tells a script what kind of fault this is."""
    if isinstance(error, Fault):
        return error.code
    if isinstance(error, TryLater) and error.login:
        return LOGIN_REFUSED
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return TRY_LATER
    return next((code for kind, code in _CODES if isinstance(error, kind)), INTERNAL)


def say(error: BaseException) -> None:
    """Print the fault on stderr, without a traceback; under systemd with the priority of an error."""
    priority = journal_prefix("error", sys.stderr)
    for line in _sentences(error):
        click.echo(f"{priority}triaged: {visible(line, 1000)}", err=True)


def _sentences(error: BaseException) -> tuple[str, ...]:
    if isinstance(error, SettingsError):
        return error.faults
    return (_sentence(error),)


def _sentence(error: BaseException) -> str:
    match error:
        case click.ClickException():
            context = getattr(error, "ctx", None)
            return f"{error.format_message()} Try '{context.command_path if context else 'triaged'} --help'."
        case KeyboardInterrupt() | click.Abort():
            return "interrupted"
        case OSError(errno=errno.ENOSPC):
            return "the disk is full; nothing was lost, free some space and try again"
        case OSError():
            return f"{error.filename or 'the system'}: {error.strerror or error}"
        case _ if isinstance(error, _PLAIN):
            return str(error)
        case _:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(frame.filename).name}:{frame.lineno}"
            kind = type(error).__name__
            return f"a fault of ours, {kind} at {place}; run it again with TRIAGED_DEBUG=1 and report what it prints"
