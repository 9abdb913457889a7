"""The one decision: what becomes of a message, and why.

Automatic mail is not answered, but never lost for that: what has the shape of a report opens a case whose acknowledgment is
withheld, with its clock running; the rest is set aside with its reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from triaged.core.case.caps import Caps, over_cap
from triaged.core.case.case import Case, fold
from triaged.core.case.correlate import NO_CASES, Known, Link, correlate
from triaged.core.case.deadlines import deadlines
from triaged.core.case.events import Assessed, Event, Owed, Received, Reopened, Withheld
from triaged.core.case.reply import ArrivedPart, Reply, Variant
from triaged.core.mail.arrival import End
from triaged.core.mail.automatic import Ours, Silence, silence
from triaged.core.mail.message import Message
from triaged.core.mail.sender import Sender, Trust, sender
from triaged.core.policy import Policy
from triaged.core.report.reading import looks_like_report, merged, read_report
from triaged.core.report.report import Evidence, Report, Verdict

_PARTS_NAMED = 10
_REFERENCES_KEPT = 9


@dataclass(frozen=True, slots=True)
class House:
    """What we are and what we decided, as far as a decision on a mail needs it."""

    policy: Policy
    ours: Ours
    caps: Caps
    trust: Trust = field(default_factory=Trust)


@dataclass(frozen=True, slots=True)
class Past:
    """What has happened before: the cases that can be found, and the acknowledgments owed within the last day."""

    known: Known = NO_CASES
    sent: Sequence[Owed] = field(default=())


@dataclass(frozen=True, slots=True)
class Mail:
    """One message at our door."""

    message: Message
    received_at: datetime
    """INTERNALDATE, UTC: promises count from here."""
    new_id: str
    """The id of the case that it opens, should it open one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a mail. `reply` is not rendered yet; rendered, it is one more event of the same write."""

    end: End
    reason: str
    case_id: str | None
    events: tuple[Event, ...]
    reply: Reply | None
    sender: Sender
    report: Report
    silence: Silence | None = None

    @property
    def withheld(self) -> Withheld | None:
        """Why no acknowledgment goes out, where one would be due."""
        return next((event for event in self.events if isinstance(event, Withheld)), None)


def triage(mail: Mail, house: House, past: Past, now: datetime) -> Decision:
    """Decide what a message means. Pure: equal arguments give the equal decision."""
    seen = _Seen(
        mail,
        sender(mail.message, house.trust),
        silence(mail.message, house.ours),
        read_report(mail.message, house.policy),
    )
    if seen.silence and not _deserves_a_case(seen, seen.silence):
        return _set_aside(seen, seen.silence)
    link = correlate(mail.message, seen.sender, past.known)
    if link.joins and not seen.silence:
        return _joined(seen, link.joins, house.policy, now)
    return _opened(seen, link, house, past, now)


def not_understood(mail: Mail, why: str, policy: Policy, now: datetime) -> Decision:
    """The end of a mail on which our own reading failed: a case that a person reads raw, its acknowledgment withheld."""
    unread = Report(tuple(Evidence(section.name, "") for section in policy.sections), (), Verdict("unclear", "low", ()))
    nobody = Sender("", "", "unverified", "the mail was not read")
    seen = _Seen(replace(mail, message=replace(mail.message, defects=(why,))), nobody, None, unread)
    withheld = Withheld(at=now, sign="not-understood", rfc="RFC 3834 section 2", reason=why)
    events = (_received(seen, now, None), Assessed(at=now, report=unread), withheld)
    return Decision("failed", why, mail.new_id, events, None, nobody, unread)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A mail and what the readings made of it."""

    mail: Mail
    sender: Sender
    silence: Silence | None
    report: Report


def _deserves_a_case(seen: _Seen, why: Silence) -> bool:
    """Whether a mail that must not be answered is filed as a report all the same: suppress the answer, never the filing."""
    shaped = why.strength == "marked" and looks_like_report(seen.report, seen.mail.message)
    return shaped or why.strength == "worded"


def _set_aside(seen: _Seen, why: Silence) -> Decision:
    return Decision("set-aside", why.reason, None, (), None, seen.sender, seen.report, why)


def _joined(seen: _Seen, case: Case, policy: Policy, now: datetime) -> Decision:
    report = merged(case.report, seen.report, policy) if case.report else seen.report
    events: tuple[Event, ...] = (_received(seen, now, None), Assessed(at=now, report=report))
    if case.state == "closed":
        events = (*events, Reopened(at=now, by="reporter"))
    return Decision("joined", f"its reporter writes on {case.id}", case.id, events, None, seen.sender, report)


def _opened(seen: _Seen, link: Link, house: House, past: Past, now: datetime) -> Decision:
    message, case_id = seen.mail.message, seen.mail.new_id
    # A machine that writes in a reporter's name joins nothing, but what it refers to is worth knowing.
    other = link.joins or link.names
    events: tuple[Event, ...] = (
        _received(seen, now, other.id if other else None),
        Assessed(at=now, report=seen.report),
    )
    end: End = "failed" if message.degraded else "opened"
    reason = message.defects[0] if message.degraded and message.defects else "a new report"
    withheld = _withheld(seen, house, past, now)
    if withheld:
        events = (*events, withheld)
    reply = None if withheld else _reply(seen, fold(case_id, events), house.policy, now)
    return Decision(end, reason, case_id, events, reply, seen.sender, seen.report, seen.silence)


def _received(seen: _Seen, now: datetime, related: str | None) -> Received:
    message = seen.mail.message
    return Received(
        at=now,
        sha256=message.sha256,
        received_at=seen.mail.received_at,
        message_id=message.message_id,
        sender=seen.sender,
        subject=message.subject,
        attachments=message.attachments,
        defects=message.defects,
        encrypted=message.encrypted,
        related=related,
    )


def _withheld(seen: _Seen, house: House, past: Past, now: datetime) -> Withheld | None:
    """Why this report must not be answered; the most authoritative reason is the one that is kept."""
    if seen.silence:
        return Withheld(at=now, sign=seen.silence.sign, rfc=seen.silence.rfc, reason=seen.silence.reason)
    if not seen.sender.address:
        return Withheld(at=now, sign="no-sender", rfc="RFC 3834 section 2", reason=seen.sender.reason)
    if seen.sender.verdict == "failed":
        return Withheld(at=now, sign="sender-failed", rfc="RFC 8601 section 4.1", reason=seen.sender.reason)
    if cap := over_cap(seen.sender.address, past.sent, house.caps, now):
        return Withheld(at=now, sign="cap", rfc="RFC 3834 section 6", reason=cap)
    return None


def _reply(seen: _Seen, case: Case, policy: Policy, now: datetime) -> Reply:
    message = seen.mail.message
    due = {deadline.name: deadline.due for deadline in deadlines(case, policy, now)}
    attached = tuple(ArrivedPart(part.size, part.sha256) for part in message.attachments[:_PARTS_NAMED])
    return Reply(
        variant=_variant(seen),
        case_id=case.id,
        to=seen.sender.address,
        in_reply_to=message.message_id,
        references=_thread(message),
        received_at=seen.mail.received_at,
        scope=seen.report.verdict.scope,
        parts=(ArrivedPart(message.size, message.sha256), *attached),
        missing=tuple(policy.section(name) for name in seen.report.missing),
        triage_due=due["triage"],
        update_due=due["update"],
    )


def _variant(seen: _Seen) -> Variant:
    if seen.mail.message.degraded:
        return "unreadable"
    if seen.mail.message.encrypted:
        return "encrypted"
    # Only a sure verdict is told: to hear "outside the policy" wrongly is what drives reporters away.
    if (seen.report.verdict.scope, seen.report.verdict.band) == ("out-of-scope", "high"):
        return "out-of-scope"
    return "needs-info" if seen.report.missing else "complete"


def _thread(message: Message) -> tuple[str, ...]:
    """The ids for References: the first and the last few of the thread, then the message itself (RFC 5322 section 3.6.4)."""
    thread = message.references
    if len(thread) > _REFERENCES_KEPT:
        thread = (thread[0], *thread[-_REFERENCES_KEPT + 1 :])
    return (*thread, message.message_id) if message.message_id else thread
