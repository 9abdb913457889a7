"""Immediate messages to the team, besides the digest: a warning mark is reached, a deadline missed, exploitation suspected.

Nothing is scheduled: each mark that has passed and was not told yet is told. Statutory deadlines and suspicions go at once,
all else at most once an hour and not in quiet hours; everything ready at one instant makes one alert.
"""

import json
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Literal

from triaged.core.case.case import Case
from triaged.core.clocks.deadlines import Deadline, in_words, outstanding
from triaged.core.clocks.duties import CONFIRM, duty, settled_by
from triaged.core.commands.writing import typed
from triaged.core.policy.policy import Policy
from triaged.core.policy.promises import PromiseName, is_statutory
from triaged.core.policy.spans import written
from triaged.core.text import defanged, in_quotes, visible

_SUBJECT = 60
_NO_SUBJECT = "(no subject)"
SHOWN = 50
"""How many lines an alert shows; the rest is only counted, but counts as told."""
ORDINARY_EVERY = timedelta(hours=1)
SUSPICIONS_EVERY = timedelta(minutes=5)
"""The first suspicion goes at once. Strangers raise them, so a flood of suspicions must not be a flood of alerts."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that is told once. A deadline that moves gets new marks."""

    case_id: str
    deadline: PromiseName | Literal["exploitation"]
    due: datetime
    """For a suspicion: when it was raised."""
    mark: str
    """`4 hours before`, `missed` or `suspected`."""

    @property
    def urgent(self) -> bool:
        """True if it is sent at once, at any hour."""
        return self.deadline == "exploitation" or is_statutory(self.deadline)


@dataclass(frozen=True, slots=True)
class Told:
    """The marks that past alerts told."""

    marks: AbstractSet[Mark] = frozenset()
    ordinary_at: datetime | None = None
    """When an alert last told something that was not urgent."""
    suspicion_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily period in local time, which may span midnight."""

    begins: time
    ends: time

    def cover(self, clock: time) -> bool:
        """True if the time of day is within the quiet hours."""
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


@dataclass(frozen=True, slots=True)
class Manner:
    """When the team wants to be told."""

    timezone: tzinfo
    quiet: QuietHours | None = None
    closed_days: bool = False
    """True if days on which nobody works, by the policy's calendar, are quiet too."""
    unverified_claims_wait: bool = False
    """True if quiet hours delay claims of exploitation from senders whom nobody vouches for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to know and to act on. The subject alone is a sender's: defanged and short."""

    case_id: str
    subject: str
    marks: tuple[Mark, ...]
    """The new marks that it tells, the latest last."""
    what: str
    """`triage it: missed, was due Mon 23 Nov 13:00 CET, 3 h ago`."""
    owner: str
    command: str
    """The command for a terminal."""

    @property
    def answer(self) -> str:
        """The command for a mail: the words after `triaged case`."""
        return self.command.removeprefix("triaged case ")

    @property
    def quoted(self) -> str:
        """The subject in quotation marks, for a mail that mixes it with our own words."""
        return self.subject if self.subject == _NO_SUBJECT else in_quotes(self.subject, _SUBJECT)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert, with everything that is ready to be told."""

    timezone: tzinfo
    composed_at: datetime
    state: str
    """A summary for the subject: `2 missed, 1 due soon`."""
    lines: tuple[Line, ...]
    """The most pressing first."""
    more: int
    """How many more there are than `lines`."""
    marks: tuple[Mark, ...]
    """Every mark that it tells, shown or not."""


def alert(cases: Iterable[Case], told: Told, policy: Policy, manner: Manner, now: datetime) -> Alert | None:
    """The alert to send now, if any. Pure; its marks, once told, are not told again."""
    news = [
        (case, deadline, tuple(mark for mark in marks if mark not in told.marks))
        for case in cases
        for deadline, marks in _passed(case, policy, now)
        # A team that was told the latest mark need not hear of an earlier one that the policy added since.
        if marks[-1] not in told.marks and _ripe(case, marks[-1], told, policy, manner, now)
    ]
    if not news:
        return None
    news.sort(key=lambda each: (not each[2][-1].urgent, each[2][-1].due, each[0].id))
    return Alert(
        timezone=manner.timezone,
        composed_at=now,
        state=_state([marks[-1] for _, _, marks in news]),
        lines=tuple(_line(case, deadline, marks, manner.timezone, now) for case, deadline, marks in news[:SHOWN]),
        more=max(len(news) - SHOWN, 0),
        marks=tuple(mark for _, _, marks in news for mark in marks),
    )


def as_json(alert: Alert, message_id: str) -> str:
    """The alert for a paging program (docs/operations.md); `id` is the mail's, so that a repetition can be recognised."""
    lines = [
        {
            "case": line.case_id,
            "deadline": line.marks[-1].deadline,
            "due": _rfc3339(line.marks[-1].due),
            "mark": line.marks[-1].mark,
            "urgent": line.marks[-1].urgent,
            "subject": line.subject,
            "what": line.what,
            "owner": line.owner,
            "command": line.command,
        }
        for line in alert.lines
    ]
    at = _rfc3339(alert.composed_at)
    return json.dumps(
        {"version": 1, "id": message_id, "at": at, "state": alert.state, "lines": lines, "more": alert.more}
    )


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _passed(case: Case, policy: Policy, now: datetime) -> Iterator[tuple[Deadline | None, tuple[Mark, ...]]]:
    """Each deadline that passed a mark, with its marks, the latest last. A suspicion has no deadline of its own."""
    known, owed = case.exploitation, _owed(case, policy, now)
    if known and known.standing == "suspected" and (case.closed_at is None or owed):
        yield None, (Mark(case.id, "exploitation", known.aware_at, "suspected"),)
    for deadline in owed:
        if deadline.overdue and deadline.on_breach == "show":
            continue
        leads = [f"{written(deadline.due - at)} before" for at in deadline.warn_at if at <= now or deadline.overdue]
        names = [*leads, *(["missed"] if deadline.overdue else [])]
        if names and deadline.state != "paused":
            yield deadline, tuple(Mark(case.id, deadline.name, deadline.due, name) for name in names)


def _owed(case: Case, policy: Policy, now: datetime) -> tuple[Deadline, ...]:
    """The deadlines owed. An open pause keeps moving due times, so pausable ones are taken as of the beginning of the pause."""
    if not case.waiting:
        return outstanding(case, policy, now)
    held = {promise.name for promise in policy.promises if promise.pausable}
    then = outstanding(case, policy, min(now, case.pauses[-1].since))
    running = [deadline for deadline in outstanding(case, policy, now) if deadline.name not in held]
    return (*(deadline for deadline in then if deadline.name in held), *running)


def _ripe(case: Case, mark: Mark, told: Told, policy: Policy, manner: Manner, now: datetime) -> bool:
    if manner.unverified_claims_wait and mark.urgent and _claimed_unverified(case) and _quiet(policy, manner, now):
        return False
    if mark.deadline == "exploitation":
        return not _lately(told.suspicion_at, SUSPICIONS_EVERY, now)
    return mark.urgent or not (_lately(told.ordinary_at, ORDINARY_EVERY, now) or _quiet(policy, manner, now))


def _claimed_unverified(case: Case) -> bool:
    """True if exploitation is only claimed: by unvouched senders, and confirmed by no person."""
    known = case.exploitation
    if known is None or known.standing != "suspected":
        return False
    return not any(mail.received_at == known.aware_at and mail.sender.verdict == "verified" for mail in case.mails)


def _lately(at: datetime | None, span: timedelta, now: datetime) -> bool:
    # A time in the future was told before the clock was set back: that must not prolong the silence.
    return at is not None and at <= now < at + span


def _quiet(policy: Policy, manner: Manner, now: datetime) -> bool:
    if manner.closed_days and not policy.calendar.is_open(now.astimezone(policy.calendar.timezone).date()):
        return True
    return manner.quiet is not None and manner.quiet.cover(now.astimezone(manner.timezone).time())


def _line(case: Case, deadline: Deadline | None, marks: tuple[Mark, ...], zone: tzinfo, now: datetime) -> Line:
    command = CONFIRM if deadline is None else settled_by(deadline)
    return Line(
        case_id=case.id,
        subject=defanged(case.opening.subject, _SUBJECT) or _NO_SUBJECT,
        marks=marks,
        what=_said(deadline, marks[-1], zone, now),
        owner=visible(case.owner, 30) or "nobody",
        command=typed(case.id, command),
    )


def _said(deadline: Deadline | None, mark: Mark, zone: tzinfo, now: datetime) -> str:
    local = f"{mark.due.astimezone(zone):%a %d %b %H:%M %Z}"
    if deadline is None:
        return f"said to be exploited by attackers, since {local}: confirm or dismiss it"
    if deadline.overdue:
        # An open pause holds time at its beginning, which may lie ahead if the clock was set back.
        return f"{duty(deadline)}: missed, was due {local}, {in_words(max(now - mark.due, timedelta(0)))} ago"
    return f"{duty(deadline)}: due {local}, in {in_words(mark.due - now)}"


def _state(marks: Iterable[Mark]) -> str:
    counts = {"said to be exploited": 0, "missed": 0, "due soon": 0}
    for mark in marks:
        counts[{"suspected": "said to be exploited", "missed": "missed"}.get(mark.mark, "due soon")] += 1
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)
