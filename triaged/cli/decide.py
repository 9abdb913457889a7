"""`triaged case CASE VERB`: what the team decides, each an event in the case's history."""

import getpass
import time
from datetime import timedelta
from pathlib import Path
from typing import get_args

import click

from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.lock import AlreadyRunning, locked
from triaged.adapters.store.store import open_store
from triaged.cli.faults import BAD_INPUT, Fault
from triaged.cli.state import find_case, read_store
from triaged.composition import utc_now
from triaged.config.loading import find_config, load
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
from triaged.core.policy.promises import Severity, StatutoryName
from triaged.core.policy.rules import ScopeName
from triaged.core.text import visible

_TAKEN_UP_WITHIN = 5.0
_RETRY_FOR = timedelta(hours=48)


@click.group()
@click.argument("case", metavar="CASE")
@click.option("--by", help="Who decides; default: the login name.")
@click.pass_context
def case(ctx: click.Context, case: str, by: str | None) -> None:
    """Decide on a case.

    Triage, scope, severity, owner, waiting, answered, note, duplicate, close, reopen, resend, exploited, notified, fixed.
    """
    loaded = load(find_config(ctx.obj))
    ctx.obj = _Deciding(loaded.settings.state_dir, case, by or getpass.getuser())


class _Deciding:
    """One decision under way: on which case, by whom, in which state directory."""

    def __init__(self, state_dir: Path, named: str, by: str) -> None:
        self.state_dir = state_dir
        self.by = by
        with read_store(state_dir) as store:
            self.case = find_case(store, named)

    def other(self, named: str) -> Case:
        """Another case, by its id."""
        with read_store(self.state_dir) as store:
            found = find_case(store, named)
        if found.id == self.case.id:
            raise Fault(f"{found.id} cannot be a duplicate of itself", BAD_INPUT)
        return found

    def record(self, event: TeamDecision, done: str) -> None:
        """Record the event, through the daemon when one holds the store, and say what was done."""
        try:
            with locked(self.state_dir):
                store = open_store(self.state_dir)
                store.record(self.case.id, (event,))
                store.close()
        except AlreadyRunning as running:
            self._hand_in(event, running)
        click.echo(f"{self.case.id}: {done}")

    def _hand_in(self, event: TeamDecision, running: AlreadyRunning) -> None:
        box = DecisionBox(self.state_dir / "decisions")
        name = box.hand_in(self.case.id, event)
        until = time.monotonic() + _TAKEN_UP_WITHIN
        while box.waits(name):
            if time.monotonic() > until:
                click.echo(f"handed in; the daemon (pid {running.pid}) is busy and will record it soon", err=True)
                return
            time.sleep(0.05)


@case.command()
@click.option("--severity", type=click.Choice(get_args(Severity)))
@click.pass_obj
def triage(deciding: _Deciding, severity: Severity | None) -> None:
    """It is understood: the triage promise is met."""
    deciding.record(Triaged(at=utc_now(), by=deciding.by, severity=severity), "triaged")


@case.command()
@click.argument("scope", type=click.Choice(get_args(ScopeName)))
@click.pass_obj
def scope(deciding: _Deciding, scope: ScopeName) -> None:
    """Set the scope; it outranks the rules'."""
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
    """Give it an owner; "" takes the owner away."""
    named = visible(owner, 60)
    deciding.record(OwnerSet(at=utc_now(), by=deciding.by, owner=named), f"owner {named or 'nobody'}")


@case.command()
@click.pass_obj
def waiting(deciding: _Deciding) -> None:
    """Wait for the reporter: pausable clocks stop until their next mail."""
    deciding.record(Waiting(at=utc_now(), by=deciding.by), "waiting for the reporter")


@case.command()
@click.pass_obj
def answered(deciding: _Deciding) -> None:
    """You wrote to the reporter yourself: the acknowledgment and update clocks count it."""
    deciding.record(Answered(at=utc_now(), by=deciding.by), "answered by hand")


@case.command()
@click.argument("text", nargs=-1, required=True)
@click.pass_obj
def note(deciding: _Deciding, text: tuple[str, ...]) -> None:
    """Leave a remark for the team."""
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
    """Close it, with the reason."""
    deciding.record(Closed(at=utc_now(), by=deciding.by, reason=" ".join(reason)), "closed")


@case.command()
@click.pass_obj
def reopen(deciding: _Deciding) -> None:
    """Open it again."""
    deciding.record(Reopened(at=utc_now(), by=deciding.by), "open again")


@case.command()
@click.argument("finding", type=click.Choice(["confirm", "dismiss"]))
@click.option("--reason", required=True, help="How you know; it stays in the history.")
@click.pass_obj
def exploited(deciding: _Deciding, finding: str, reason: str) -> None:
    """Confirm or dismiss that attackers use the flaw: statutory clocks run on that."""
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
    """The authority was told what a statute wants told."""
    _said_to_be_exploited(deciding.case)
    deciding.record(AuthorityNotified(at=utc_now(), by=deciding.by, duty=duty), f"{duty} is done")


@case.command()
@click.pass_obj
def fixed(deciding: _Deciding) -> None:
    """A fix or a mitigation is available: final reports count from it."""
    deciding.record(FixAvailable(at=utc_now(), by=deciding.by), "a fix is available")


def _said_to_be_exploited(case: Case) -> None:
    if case.exploitation is None or case.exploitation.standing == "dismissed":
        remedy = f'if you know it is, say so: triaged case {case.id} exploited confirm --reason "..."'
        raise Fault(f"{case.id} is not said to be exploited; {remedy}", BAD_INPUT)


@case.command()
@click.pass_obj
def resend(deciding: _Deciding) -> None:
    """Try a failed or uncertain acknowledgment again: the same bytes, the same Message-ID."""
    stuck = [letter for letter in deciding.case.letters if letter.state in {"failed", "uncertain"}]
    if not stuck:
        raise Fault(f"{deciding.case.id}: no mail of this case has failed", BAD_INPUT)
    now = utc_now()
    event = Requeued(at=now, by=deciding.by, message_id=stuck[-1].message_id, expires_at=now + _RETRY_FOR)
    deciding.record(event, "will be sent again at the next pass")
