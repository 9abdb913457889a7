"""What becomes of a message under a policy, for the commands that explain and compare; and what the store says became of it."""

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
"""What is shown must be the same tomorrow: its ids come from no real key."""

SET_ASIDE = "set-aside"
VERDICTS = ("model", "infrastructure", "sdk", "out-of-scope", "unclear", SET_ASIDE)
"""Every word that a message can get: its scope, or that no case comes of it."""
BANDS = ("high", "low", "-")
"""How sure; `-` where there is no scope to be sure of."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the rules said of one message."""

    verdict: str
    band: str = "-"
    kind: str = "-"
    """What sort of mail it is: `report`, `newsletter`; `-` where nobody asked."""
    reasons: tuple[Reason, ...] = ()
    why: str = ""
    """Why it was set aside."""

    def shape(self) -> Json:
        """As JSON."""
        return asdict(self)


def in_force(config: Path | None) -> tuple[Loaded, bool]:
    """The settings in force, and whether they are anybody's own: where there are none, the example serves.

    A config that is named or found and wrong is still a fault.
    """
    try:
        path = find_config(config)
    except SettingsError:
        return example(), False
    return load(path), True


def standing(loaded: Loaded, policy: Policy | None = None) -> House:
    """The house of these settings, under their own policy or another."""
    ours = house(loaded, KEY)
    return replace(ours, policy=policy) if policy else ours


def decided(message: Message, ours: House, report: Report | None = None) -> Decision:
    """What the daemon would do with it if nothing had come before; `report` is what it says, where that was read already."""
    now = utc_now()
    return triage(Mail(message, now, case_id(KEY, message.sha256), report=report), ours, Past(), now)


def said_of(message: Message, ours: House) -> Said:
    """What the rules say of it."""
    decision = decided(message, ours)
    if decision.case_id:
        return said_in(decision.report)
    return Said(SET_ASIDE, kind="-" if decision.silence else decision.report.kind, why=decision.reason)


def said_in(report: Report) -> Said:
    """What a reading says."""
    return Said(report.verdict.scope, report.verdict.band, report.kind, report.verdict.reasons)


class Record:
    """What the store says was made of each mail when it came in."""

    def __init__(self, store: TinyStore) -> None:
        self._store = store
        self._readings = {sha256: both for case in store.cases() for sha256, both in _readings(case.history)}

    def said(self, sha256: str) -> Said | None:
        """The verdict then, after a follow-up that of all mails together; None for what the store does not know."""
        if sha256 in self._readings:
            return said_in(self._readings[sha256][1])
        arrival = self._store.arrival(sha256)
        return Said(SET_ASIDE, why=arrival.reason) if arrival and arrival.end else None

    def again(self, message: Message, ours: House) -> Said:
        """The verdict today: a follow-up is read together with what its case held before."""
        before = self._readings[message.sha256][0] if message.sha256 in self._readings else None
        if before is None:
            return said_of(message, ours)
        return said_in(merged(before, decided(message, ours).report, ours.policy))


def _readings(history: Sequence[Event]) -> Iterator[tuple[str, tuple[Report | None, Report]]]:
    """Each mail of a case, with the reading of the case before it and after it: the same one, where it changed nothing."""
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
