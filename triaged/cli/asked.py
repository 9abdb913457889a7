"""Values of command-line options: lengths of time, days, owners, case ids."""

from collections.abc import Sequence
from datetime import date, timedelta

import click
from click.shell_completion import CompletionItem

from triaged.cli.faults import Fault
from triaged.cli.person import at_the_keyboard
from triaged.cli.state import read_store
from triaged.config.loading import find_config, load
from triaged.config.yaml_source import SettingsError
from triaged.core.case.case import Case
from triaged.core.commands.command import ME
from triaged.core.deciding.naming import begins
from triaged.core.policy.fields import within_reason
from triaged.core.policy.spans import read_duration
from triaged.core.team.listing import NOBODY, owned_by, owners
from triaged.core.text import visible
from triaged.ports import StateFault

_FIRST_DAY = date(1970, 1, 2)
"""The first day that lies wholly after the epoch in every time zone."""


def length(_: click.Context, param: click.Parameter, value: str | None) -> timedelta | None:
    """Option callback: a length of time with its unit, such as `3d`. A number without a unit is a fault."""
    try:
        return within_reason(read_duration(value)) if value is not None else None
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param=param) from None


def since(_: click.Context, param: click.Parameter, value: str | None) -> date | timedelta | None:
    """Option callback: a date, or how long ago."""
    if value is None:
        return None
    for read in (date.fromisoformat, read_duration):
        try:
            return within_reason(found) if isinstance(found := read(value), timedelta) else found
        except ValueError:
            continue
    shown = visible(value, 40)
    raise click.BadParameter(f"'{shown}' is neither a date nor a length of time; write 2026-09-01 or 90d.", param=param)


def a_case(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Shell completion of a case id, of the last one if several are typed; nothing if there is no store."""
    before, comma, begun = incomplete.rpartition(",")
    try:
        with read_store(load(find_config(ctx.find_root().params.get("config"))).settings.state_dir) as store:
            cases = tuple(store.cases())
    except (Fault, SettingsError, StateFault, OSError):
        # A shell has nowhere to show a fault. The command itself will show it.
        return []
    offered = (case for case in cases if begins(case.id, begun))
    return [CompletionItem(f"{before}{comma}{case.id}", help=case.state) for case in offered]


def owner(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Option callback: an owner; `me` is the person who runs the command."""
    return at_the_keyboard().name if value is not None and value.casefold() == ME else value


def passed(day: date, today: date) -> date:
    """Return the day; raises UsageError if it is in the future or too far in the past."""
    if day > today:
        raise click.UsageError(f"{day} is in the future; today is {today}.")
    if day < _FIRST_DAY:
        raise click.UsageError(f"{day} is too long ago; write a day from {_FIRST_DAY} on.")
    return day


def warn_of_unknown(owner: str | None, cases: Sequence[Case]) -> None:
    """Warn on stderr if nobody of that name owns a case: the name may be misspelt."""
    if owner is None or owner.casefold() == NOBODY or any(owned_by(case, owner) for case in cases):
        return
    known = ", ".join(visible(name, 40) for name in owners(cases)) or NOBODY
    click.echo(f"triaged: no case has the owner '{visible(owner, 60)}'; the owners are: {known}", err=True)
