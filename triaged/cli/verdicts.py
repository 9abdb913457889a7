"""Verdicts on messages for `explain` and `replay`: what a policy would decide, and what the store says was decided."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from triaged.adapters.store.store import TinyStore
from triaged.cli.shapes import Json
from triaged.composition import house, utc_now
from triaged.config.loading import Loaded, example, find_config, load
from triaged.config.yaml_source import SettingsError
from triaged.core.case.events import Assessed, Event, Received
from triaged.core.case.naming import case_id
from triaged.core.intake.decision import Decision
from triaged.core.intake.incoming import Mail, Past
from triaged.core.intake.triage import triage
from triaged.core.letters.house import House
from triaged.core.mail.message import Message
from triaged.core.policy.policy import Policy
from triaged.core.report.reading import merged
from triaged.core.report.report import Reason, Report

KEY = b"explain"
"""A fixed key, so that the ids shown are the same in every run."""

SET_ASIDE = "set-aside"
VERDICTS = ("model", "infrastructure", "sdk", "out-of-scope", "unclear", SET_ASIDE)
"""Every verdict that a message can get: its scope, or that it is set aside."""
BANDS = ("high", "low", "-")
"""How certain the scope is; `-` if there is none."""


@dataclass(frozen=True, slots=True)
class Said:
    """The verdict of the rules on one message."""

    verdict: str
    band: str = "-"
    kind: str = "-"
    """The kind of mail, such as `report` or `newsletter`; `-` if it was not determined."""
    reasons: tuple[Reason, ...] = ()
    why: str = ""
    """Why it was set aside."""

    def shape(self) -> Json:
        """As JSON."""
        return asdict(self)


def in_force(config: Path | None) -> tuple[Loaded, bool]:
    """The settings, with True if they are the user's own; without a config, the example with False.

    A faulty config still raises SettingsError.
    """
    try:
        path = find_config(config)
    except SettingsError:
        return example(), False
    return load(path), True


def standing(loaded: Loaded, policy: Policy | None = None) -> House:
    """The facts for a decision under these settings, with their own policy or another one."""
    ours = house(loaded, KEY)
    return replace(ours, policy=policy) if policy else ours


def decided(message: Message, ours: House, report: Report | None = None) -> Decision:
    """What the daemon would do with a message if nothing had come before; `report` is passed if it was made already."""
    now = utc_now()
    return triage(Mail(message, now, case_id(KEY, message.sha256), report=report), ours, Past(), now)


def said_of(message: Message, ours: House) -> Said:
    """The verdict of the rules on a message."""
    decision = decided(message, ours)
    if decision.case_id:
        return said_in(decision.report)
    return Said(SET_ASIDE, kind="-" if decision.silence else decision.report.kind, why=decision.reason)


def said_in(report: Report) -> Said:
    """The verdict in a reading."""
    return Said(report.verdict.scope, report.verdict.band, report.kind, report.verdict.reasons)


class Record:
    """The store's record of the verdict on each mail when it came in."""

    def __init__(self, store: TinyStore) -> None:
        self._store = store
        self._readings = {sha256: both for case in store.cases() for sha256, both in _readings(case.history)}

    def said(self, sha256: str) -> Said | None:
        """The verdict then; after a follow-up, the verdict on all mails together. None if the store does not know the mail."""
        if sha256 in self._readings:
            return said_in(self._readings[sha256][1])
        arrival = self._store.arrival(sha256)
        return Said(SET_ASIDE, why=arrival.reason) if arrival and arrival.end else None

    def again(self, message: Message, ours: House) -> Said:
        """The verdict today; a follow-up is read together with the earlier mails of its case."""
        before = self._readings[message.sha256][0] if message.sha256 in self._readings else None
        if before is None:
            return said_of(message, ours)
        return said_in(merged(before, decided(message, ours).report, ours.policy))


def _readings(history: Sequence[Event]) -> Iterator[tuple[str, tuple[Report | None, Report]]]:
    """Each mail of a case with the case's reading before and after it; the same reading if the mail changed nothing."""
    before: Report | None = None
    mail, after = "", None
    for event in history:
        if isinstance(event, Received):
            if mail and after:
                yield mail, (before, after)
            mail, before = event.sha256, after
        elif isinstance(event, Assessed):
            after = event.report
    if mail and after:
        yield mail, (before, after)
