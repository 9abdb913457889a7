"""What a person asks for on the command line: lengths of time, days, owners."""

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
"""Of which every zone of the earth has an instant in the epoch."""


def length(_: click.Context, param: click.Parameter, value: str | None) -> timedelta | None:
    """A length of time with its unit, `3d`, as the callback of an option; without a unit it is a fault."""
    try:
        return within_reason(read_duration(value)) if value is not None else None
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param=param) from None


def since(_: click.Context, param: click.Parameter, value: str | None) -> date | timedelta | None:
    """A date, or how long ago, as the callback of an option."""
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
    """The ids that a shell offers for what is typed so far, the last of several; none where there is nothing to read."""
    before, comma, begun = incomplete.rpartition(",")
    try:
        with read_store(load(find_config(ctx.find_root().params.get("config"))).settings.state_dir) as store:
            cases = tuple(store.cases())
    except (Fault, SettingsError, StateFault, OSError):
        # A shell that asks has no room for a fault; the command itself tells it.
        return []
    offered = (case for case in cases if begins(case.id, begun))
    return [CompletionItem(f"{before}{comma}{case.id}", help=case.state) for case in offered]


def owner(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Whose cases are asked for, as the callback of an option: `me` is whoever types."""
    return at_the_keyboard().name if value is not None and value.casefold() == ME else value


def passed(day: date, today: date) -> date:
    """The day itself; UsageError where it is still to come, or before any calendar of ours begins."""
    if day > today:
        raise click.UsageError(f"{day} is in the future; today is {today}.")
    if day < _FIRST_DAY:
        raise click.UsageError(f"{day} is too long ago; write a day from {_FIRST_DAY} on.")
    return day


def warn_of_unknown(owner: str | None, cases: Sequence[Case]) -> None:
    """Say so on stderr where nobody of that name has any case: it may be a slip of the keys."""
    if owner is None or owner.casefold() == NOBODY or any(owned_by(case, owner) for case in cases):
        return
    known = ", ".join(visible(name, 40) for name in owners(cases)) or NOBODY
    click.echo(f"triaged: no case has the owner '{visible(owner, 60)}'; the owners are: {known}", err=True)
