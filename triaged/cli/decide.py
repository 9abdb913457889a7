"""`triaged case CASE VERB`: what the team decides, each an event in the case's history."""

import time
from collections.abc import Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import get_args

import click

from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.lock import AlreadyRunning, locked
from triaged.adapters.store.store import open_store
from triaged.cli.asked import ME
from triaged.cli.commands import Commands
from triaged.cli.faults import BAD_INPUT, Fault
from triaged.cli.person import at_the_keyboard
from triaged.cli.state import find_case, read_store
from triaged.composition import prove_templates, utc_now
from triaged.config.loading import Loaded, find_config, load
from triaged.core.case.case import Case
from triaged.core.case.events import (
    Answered,
    AuthorityNotified,
    Closed,
    ExploitConfirmed,
    ExploitDismissed,
    FixAvailable,
    MarkedDuplicate,
    Noted,
    OwnerSet,
    Reopened,
    Requeued,
    ScopeSet,
    SeveritySet,
    TeamDecision,
    Triaged,
    Waiting,
)
from triaged.core.letters.lifetime import requeued
from triaged.core.policy.promises import Severity, StatutoryName
from triaged.core.policy.rules import ScopeName
from triaged.core.text import visible

_TAKEN_UP_WITHIN = 5.0


class _Verbs(Commands):
    """The verbs of a case."""

    def remedy(self, ctx: click.Context, args: list[str]) -> str:
        """As every group; and to who names the verb before the case."""
        verb = str(ctx.params.get("case"))
        if verb in self.commands:
            return f" The case stands first: triaged case {args[0]} {verb}."
        return super().remedy(ctx, args)


@click.group(cls=_Verbs)
@click.argument("case", metavar="CASE")
@click.option("--by", help="Who decides; default: the login name.")
@click.pass_context
def case(ctx: click.Context, case: str, by: str | None) -> None:
    """Record a decision on a case.

    Triage, scope, severity, owner, waiting, answered, note, duplicate, close, reopen, resend, exploited, notified, fixed.
    """
    ctx.obj = _Deciding(ctx.obj, case, by)


class _Deciding:
    """One decision under way. Settings and case are read when a verb needs them: its help needs neither."""

    def __init__(self, config: Path | None, named: str, by: str | None) -> None:
        self._config = config
        self._named = named
        self._by = by

    @cached_property
    def loaded(self) -> Loaded:
        """The settings in force."""
        return load(find_config(self._config))

    @property
    def state_dir(self) -> Path:
        """Where the cases lie."""
        return self.loaded.settings.state_dir

    @cached_property
    def case(self) -> Case:
        """The case that is decided on."""
        with read_store(self.state_dir) as store:
            return find_case(store, self._named)

    @property
    def by(self) -> str:
        """Who decides, as the history shows it."""
        return self._by or str(at_the_keyboard())

    @property
    def me(self) -> str:
        """Who decides, as an owner: a name alone."""
        return self._by or at_the_keyboard().name

    def other(self, named: str) -> Case:
        """Another case, by its id."""
        with read_store(self.state_dir) as store:
            found = find_case(store, named)
        if found.id == self.case.id:
            raise Fault(f"{found.id} cannot be a duplicate of itself", BAD_INPUT)
        return found

    def record(self, event: TeamDecision, done: str) -> None:
        """Record the event, and say what was done."""
        record(self.state_dir, [(self.case.id, event)])
        click.echo(f"{self.case.id}: {done}")


def record(state_dir: Path, decisions: Sequence[tuple[str, TeamDecision]]) -> None:
    """Record events, each with the id of its case, through the daemon when one holds the store."""
    try:
        with locked(state_dir), closing(open_store(state_dir)) as store:
            for case_id, event in decisions:
                store.record(case_id, (event,))
    except AlreadyRunning as running:
        _hand_in(state_dir, decisions, running)


def _hand_in(state_dir: Path, decisions: Sequence[tuple[str, TeamDecision]], running: AlreadyRunning) -> None:
    box = DecisionBox(state_dir / "decisions")
    names = [box.hand_in(case_id, event) for case_id, event in decisions]
    until = time.monotonic() + _TAKEN_UP_WITHIN
    while any(box.waits(name) for name in names):
        if time.monotonic() > until:
            click.echo(f"handed in; the daemon (pid {running.pid}) is busy and will record it soon", err=True)
            return
        time.sleep(0.05)


@case.command()
@click.option("--severity", type=click.Choice(get_args(Severity)), help="Set the severity too.")
@click.pass_obj
def triage(deciding: _Deciding, severity: Severity | None) -> None:
    """Record that a person has triaged it. This meets the triage deadline."""
    deciding.record(Triaged(at=utc_now(), by=deciding.by, severity=severity), "triaged")


@case.command()
@click.argument("scope", type=click.Choice(get_args(ScopeName)))
@click.pass_obj
def scope(deciding: _Deciding, scope: ScopeName) -> None:
    """Set the scope, which overrules the rules."""
    deciding.record(ScopeSet(at=utc_now(), by=deciding.by, scope=scope), f"scope {scope}")


@case.command()
@click.argument("severity", type=click.Choice(get_args(Severity)))
@click.pass_obj
def severity(deciding: _Deciding, severity: Severity) -> None:
    """Set the severity."""
    deciding.record(SeveritySet(at=utc_now(), by=deciding.by, severity=severity), f"severity {severity}")


@case.command()
@click.argument("owner")
@click.pass_obj
def owner(deciding: _Deciding, owner: str) -> None:
    """Give it an owner: a name, or `me`; "" removes the owner."""
    named = visible(deciding.me if owner.casefold() == ME else owner, 60)
    deciding.record(OwnerSet(at=utc_now(), by=deciding.by, owner=named), f"owner {named or 'nobody'}")


@case.command()
@click.pass_obj
def waiting(deciding: _Deciding) -> None:
    """Wait for the reporter. Pausable deadlines stop until their next mail."""
    deciding.record(Waiting(at=utc_now(), by=deciding.by), "waiting for the reporter")


@case.command()
@click.pass_obj
def answered(deciding: _Deciding) -> None:
    """Record that you wrote to the reporter. Acknowledgment and update deadlines count it."""
    deciding.record(Answered(at=utc_now(), by=deciding.by), "answered by hand")


@case.command()
@click.argument("text", nargs=-1, required=True)
@click.pass_obj
def note(deciding: _Deciding, text: tuple[str, ...]) -> None:
    """Add a note for the team."""
    deciding.record(Noted(at=utc_now(), by=deciding.by, text=" ".join(text)), "noted")


@case.command()
@click.argument("of")
@click.pass_obj
def duplicate(deciding: _Deciding, of: str) -> None:
    """Close it as a duplicate of another case."""
    other = deciding.other(of)
    deciding.record(MarkedDuplicate(at=utc_now(), by=deciding.by, of=other.id), f"duplicate of {other.id}")


@case.command()
@click.argument("reason", nargs=-1, required=True)
@click.pass_obj
def close(deciding: _Deciding, reason: tuple[str, ...]) -> None:
    """Close it, with a reason."""
    deciding.record(Closed(at=utc_now(), by=deciding.by, reason=" ".join(reason)), "closed")


@case.command()
@click.pass_obj
def reopen(deciding: _Deciding) -> None:
    """Reopen it."""
    deciding.record(Reopened(at=utc_now(), by=deciding.by), "open again")


@case.command()
@click.argument("finding", type=click.Choice(["confirm", "dismiss"]))
@click.option("--reason", required=True, help="How you know; it stays in the history.")
@click.pass_obj
def exploited(deciding: _Deciding, finding: str, reason: str) -> None:
    """Confirm or dismiss that it is exploited. Statutory deadlines depend on that."""
    now, known = utc_now(), deciding.case.exploitation
    if finding == "confirm":
        aware = f"{known.aware_at if known else now:%Y-%m-%d %H:%M} UTC"
        event = ExploitConfirmed(at=now, by=deciding.by, reason=reason)
        deciding.record(event, f"exploitation confirmed; statutory clocks count from {aware}")
    else:
        _said_to_be_exploited(deciding.case)
        deciding.record(ExploitDismissed(at=now, by=deciding.by, reason=reason), "exploitation dismissed")


@case.command()
@click.argument("duty", type=click.Choice(get_args(StatutoryName)))
@click.pass_obj
def notified(deciding: _Deciding, duty: StatutoryName) -> None:
    """Record that the authority was notified."""
    _said_to_be_exploited(deciding.case)
    deciding.record(AuthorityNotified(at=utc_now(), by=deciding.by, duty=duty), f"{duty} is done")


@case.command()
@click.pass_obj
def fixed(deciding: _Deciding) -> None:
    """Record that a fix or mitigation exists. Final reports count from it."""
    deciding.record(FixAvailable(at=utc_now(), by=deciding.by), "a fix is available")


def _said_to_be_exploited(case: Case) -> None:
    if case.exploitation is None or case.exploitation.standing == "dismissed":
        remedy = f'if you know it is, say so: triaged case {case.id} exploited confirm --reason "..."'
        raise Fault(f"{case.id} is not said to be exploited; {remedy}", BAD_INPUT)


def _nothing_to_send(case: Case) -> str:
    if case.acknowledgment and case.acknowledgment.state == "withheld":
        remedy = f"write to the reporter yourself, then: triaged case {case.id} answered"
        return f"its acknowledgment was withheld before it was written; {remedy}"
    return "no mail of this case has failed or is held back"


@case.command()
@click.pass_obj
def resend(deciding: _Deciding) -> None:
    """Send the letter that failed or waits. The acknowledgment goes first; bytes and Message-ID stay the same."""
    case, letter = deciding.case, deciding.case.to_resend
    if case.unwritten:
        prove_templates(deciding.loaded)
        click.echo(f"{case.id}: every template renders; the daemon writes the acknowledgment again within a minute")
        return
    if letter is None:
        raise Fault(f"{case.id}: {_nothing_to_send(case)}", BAD_INPUT)
    now = utc_now()
    event = Requeued(at=now, by=deciding.by, message_id=letter.message_id, expires_at=requeued(now))
    deciding.record(
        event, f"the {letter.purpose} will be sent at the next pass, as soon as the caps for all leave room"
    )
