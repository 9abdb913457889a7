"""`triaged replay`: stored mail classified again, so that a change of the rules is seen before it is made. Touches nothing."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import click

from triaged.adapters.reader.reader import ChildReader
from triaged.cli.faults import BAD_INPUT, NO_INPUT, USAGE, Fault
from triaged.cli.mail_sources import holds_state, messages
from triaged.cli.replay.changes import Comparison, counts_table
from triaged.cli.replay.corrected import Review
from triaged.cli.replay.labels import Labelled, labelled
from triaged.cli.replay.scores import Trial
from triaged.cli.shapes import Json
from triaged.cli.state import read_store
from triaged.cli.tables import Progress
from triaged.cli.verdicts import Record, Said, in_force, said_of, standing
from triaged.config.loading import load_policy
from triaged.core.letters.house import House
from triaged.core.mail.message import Message
from triaged.core.plural import counted
from triaged.core.report.reading import by_rules_alone, by_tables_alone


@dataclass(frozen=True, slots=True)
class _Replay:
    """What one run works with."""

    paths: tuple[str, ...]
    present: House
    other: House | None
    """Under the policy to compare with."""
    other_name: str
    state_dir: Path | None
    reader: ChildReader
    as_json: bool

    def mails(self) -> Iterator[tuple[str, Message]]:
        """Every message, one at a time; progress for who waits at a terminal."""
        progress = Progress("classified", between=self.as_json)
        done = 0
        for path in self.paths or (str(_known(self.state_dir)),):
            for label, raw in messages(path):
                yield label, self.reader.read(raw).message
                done += 1
                progress.show(done)
        progress.end()

    def each(self, shape: Json) -> None:
        """One mail, for a program."""
        if self.as_json:
            click.echo(json.dumps(shape, ensure_ascii=True))

    def say(self, lines: Iterator[str], summary: Json) -> None:
        """The end of a run, for a person or for a program."""
        click.echo(json.dumps({"summary": summary}, ensure_ascii=True) if self.as_json else "\n".join(lines))


@click.command()
@click.option("--policy", "other", type=click.Path(path_type=Path), metavar="FILE", help="The policy to compare with.")
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Measure accuracy against these labels, in JSON lines or CSV: of both readers, the rules and the tables.",
)
@click.option("--corrected", is_flag=True, help="Show where the team overruled the rules, from the store.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line: each mail, then a summary.")
@click.argument("paths", nargs=-1)
@click.pass_obj
def replay(
    config: Path | None,
    paths: tuple[str, ...],
    *,
    other: Path | None,
    labels: Path | None,
    corrected: bool,
    as_json: bool,
) -> None:
    """Classify stored mail again and show what would change.

    PATHS are mails (.eml), mboxes, Maildirs, folders of these or state directories; default: the state directory of the
    config. With --policy the two policies are compared; without, today's verdicts with those in the store.
    """
    if labels and corrected:
        raise click.UsageError("--labels and --corrected are two questions; ask one.")
    loaded, own = in_force(config)
    state_dir = next((Path(path) for path in paths if holds_state(Path(path))), None)
    if corrected and paths and state_dir is None:
        raise Fault(f"{paths[0]}: is no state directory; corrections are in one", NO_INPUT)
    if state_dir is None and own and holds_state(loaded.settings.state_dir):
        state_dir = loaded.settings.state_dir
    house = standing(loaded, load_policy(other)) if other else None
    with closing(ChildReader()) as reader:
        run = _Replay(paths, standing(loaded), house, str(other or "the present policy"), state_dir, reader, as_json)
        if corrected:
            _review(run)
        elif labels:
            _measure(run, labels)
        elif house:
            _compare(run, house)
        else:
            _look_back(run)


def _known(state_dir: Path | None) -> Path:
    if state_dir is None:
        raise Fault("there is no state directory: name mails, a folder of them, or a config with --config", USAGE)
    return state_dir


def _compare(run: _Replay, other: House) -> None:
    """Two policies on the same mail."""
    found = Comparison()
    for path, message in run.mails():
        _hold(run, found, (path, message), said_of(message, run.present), said_of(message, other))
    run.say(found.told("present", "new"), found.summary())


def _look_back(run: _Replay) -> None:
    """Today's verdicts on mail that the store has a verdict of; of other mail, the verdicts alone."""
    found, unknown = Comparison(), Counter[tuple[str, str]]()
    with ExitStack() as stack:
        record = Record(stack.enter_context(read_store(run.state_dir))) if run.state_dir else None
        for path, message in run.mails():
            was = record.said(message.sha256) if record else None
            now = record.again(message, run.present) if record else said_of(message, run.present)
            if was:
                _hold(run, found, (path, message), was, now)
            else:
                unknown[now.verdict, now.band] += 1
                run.each({"path": path, "sha256": message.sha256, "was": None, "now": now.shape(), "changed": False})
    run.say(_looked_back(found, unknown), {**found.summary(), "not_in_store": unknown.total()})


def _looked_back(found: Comparison, unknown: Counter[tuple[str, str]]) -> Iterator[str]:
    if unknown:
        yield counts_table(unknown)
        yield ""
        yield f"Of {counted(unknown.total(), 'mail')} no store has a verdict to compare with."
    if found.verdicts:
        yield from found.told("then", "now")


def _hold(run: _Replay, found: Comparison, mail: tuple[str, Message], was: Said, now: Said) -> None:
    path, message = mail
    changed = found.add(path, message.subject, was, now)
    shapes = {"was": was.shape(), "now": now.shape(), "changed": changed}
    run.each({"path": path, "sha256": message.sha256, **shapes})


def _measure(run: _Replay, labels: Path) -> None:
    """The verdicts before people's labels."""
    trial = Trial(run.other_name if run.other else "")
    for row, message in _labelled(run, labels):
        was = said_of(message, run.present)
        now = said_of(message, run.other) if run.other else None
        trial.add(row.name, row.label, was, now)
        trial.add_alone(row.label, _alone(message, run.present))
        run.each({"id": row.name, "label": row.label, "was": was.shape(), "now": now and now.shape()})
    if not trial.present.pairs:
        raise Fault(f"{labels}: none of its labels has a mail among those given", BAD_INPUT)
    run.say(trial.told(), trial.shape())


def _alone(message: Message, ours: House) -> dict[str, Said]:
    """What the rules and the tables each say by themselves, where both are heard."""
    policy = ours.policy
    if not policy.reading.second_reader or not policy.tables.scope.classes:
        return {}
    rules = said_of(message, replace(ours, policy=by_rules_alone(policy)))
    return {"rules": rules, "tables": Said(by_tables_alone(message, policy), "low")}


def _labelled(run: _Replay, labels: Path) -> Iterator[tuple[Labelled, Message]]:
    awaited: dict[str, Labelled] = {}
    for row in labelled(labels):
        if row.message:
            yield row, row.message
        elif row.path:
            yield from ((row, run.reader.read(raw).message) for _, raw in islice(messages(str(row.path)), 1))
        else:
            awaited[row.sha256] = row
    for _, message in run.mails() if awaited else ():
        if row_of_it := awaited.pop(message.sha256, None):
            yield row_of_it, message
    if awaited:
        click.echo(f"triaged: the mail of {counted(len(awaited), 'label')} is not among those given", err=True)


def _review(run: _Replay) -> None:
    """The team's corrections."""
    state_dir = _known(run.state_dir)
    policy = (run.other or run.present).policy
    with read_store(state_dir) as store:
        review = Review(store.cases())
    corrections = []
    for correction in review.corrections(state_dir / "spool", lambda raw: run.reader.read(raw).message, policy):
        run.each(correction.shape())
        corrections.append(correction)
    run.say(review.told(corrections, run.other_name), review.summary(corrections))
