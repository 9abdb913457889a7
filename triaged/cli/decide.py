"""`triaged case CASE VERB`: what the team decides, each an event in the case's history."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click

from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.lock import AlreadyRunning, locked
from triaged.adapters.store.store import open_store
from triaged.cli.asked import a_case
from triaged.cli.commands import Commands
from triaged.cli.faults import BAD_INPUT, NO_INPUT, Fault
from triaged.cli.person import at_the_keyboard
from triaged.cli.state import find_cases, read_store
from triaged.composition import house, prove_templates, utc_now
from triaged.config.loading import find_config, load
from triaged.core.case.clusters import ties_of
from triaged.core.case.events import TeamDecision
from triaged.core.commands.command import Command
from triaged.core.commands.verbs import VERBS, Slot, Verb
from triaged.core.deciding.decide import Around, decide
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.deciding.spreading import letters, spread

_TAKEN_UP_WITHIN = 5.0
NO_KEY = b""
"""A person's decision asks for no Message-ID of ours."""


class _Verbs(Commands):
    """The verbs of a case."""

    def remedy(self, ctx: click.Context, args: list[str]) -> str:
        """As every group; and to who names the verb before the case."""
        verb = str(ctx.params.get("case"))
        if verb in self.commands:
            return f" The case stands first: triaged case {args[0]} {verb}."
        return super().remedy(ctx, args)


@dataclass(frozen=True, slots=True)
class _Order:
    """Where the settings are, which cases are meant, and who decides. Nothing of it is looked at before a verb is called."""

    config: Path | None
    named: str
    by: str | None


@click.group(
    cls=_Verbs,
    help=f"Record a decision on a case, or on several: 7Q4K,2M8D.\n\n{', '.join(VERBS).capitalize()}.",
)
@click.argument("case", metavar="CASE[,CASE...]", shell_complete=a_case)
@click.option("--by", help="Who decides; default: the login name.")
@click.pass_context
def case(ctx: click.Context, case: str, by: str | None) -> None:
    """Keep what is said of the case and of the person for the verb."""
    ctx.obj = _Order(ctx.obj, case, by)


def _command(verb: Verb) -> click.Command:
    @click.pass_obj
    def typed(order: _Order, /, **values: str | tuple[str, ...] | None) -> None:
        told = {field: " ".join(value) if isinstance(value, tuple) else value for field, value in values.items()}
        carry_out(order.config, order.named, verb.command(told), order.by)

    return click.Command(verb.name, callback=typed, help=verb.says, params=[_parameter(slot) for slot in verb.slots])


def _parameter(slot: Slot) -> click.Parameter:
    kind = click.Choice(slot.choices) if slot.choices else click.STRING
    if slot.form == "flag":
        return click.Option([f"--{slot.option}", slot.field], is_flag=True, help=slot.says)
    if slot.form == "option":
        return click.Option([f"--{slot.option}", slot.field], type=kind, required=slot.required, help=slot.says)
    return click.Argument([slot.field], type=kind, required=slot.required, nargs=-1 if slot.form == "text" else 1)


for _verb in VERBS.values():
    case.add_command(_command(_verb))


def carry_out(config: Path | None, named: str, command: Command, by: str | None) -> None:
    """Decide on every case that `named` names, and record it: all of them, or none and a Fault."""
    loaded, person = load(find_config(config)), by_whom(by)
    with read_store(loaded.settings.state_dir) as store:
        every = {each.id: each for each in store.cases()}
        ties = {each.id: ties_of(each) for each in every.values()}
        cases = spread(command, find_cases(store, named), ties, every, every.get)
        around = Around(house(loaded, NO_KEY), list(every), ties)
    decided = [(each, allowed(decide(command, each, person, utc_now(), around))) for each in cases]
    if any(not each.events for _, each in decided):
        prove_templates(loaded)
    record(loaded.settings.state_dir, [(each.id, event) for each, outcome in decided for event in outcome.events])
    for each, outcome in decided:
        click.echo(f"{each.id}: {outcome.said}")
    for letter in letters(command, cases):
        click.echo(f"to tell its reporter: {letter}")


def by_whom(by: str | None) -> By:
    """The person at the keyboard, or whom they name."""
    person = at_the_keyboard()
    return By(by, by) if by else By(str(person), person.name)


def allowed(outcome: Decided | No) -> Decided:
    """What was decided; a Fault where it may not be."""
    if isinstance(outcome, No):
        raise Fault(outcome.sentence, NO_INPUT if outcome.unknown else BAD_INPUT)
    return outcome


def record(state_dir: Path, decisions: Sequence[tuple[str, TeamDecision]]) -> None:
    """Record events, each with the id of its case, through the daemon when one holds the store."""
    if not decisions:
        return
    try:
        with locked(state_dir), closing(open_store(state_dir)) as store:
            for case_id, event in decisions:
                store.record(case_id, (event,))
    except AlreadyRunning as running:
        hand_in(state_dir, decisions, running)


def hand_in(state_dir: Path, decisions: Sequence[tuple[str, TeamDecision]], running: AlreadyRunning) -> None:
    """Leave events for the daemon, and wait a few seconds until it has recorded them."""
    box = DecisionBox(state_dir / "decisions")
    names = [box.hand_in(case_id, event) for case_id, event in decisions]
    until = time.monotonic() + _TAKEN_UP_WITHIN
    while any(box.waits(name) for name in names):
        if time.monotonic() > until:
            click.echo(f"handed in; the daemon (pid {running.pid}) is busy and will record it soon", err=True)
            return
        time.sleep(0.05)
