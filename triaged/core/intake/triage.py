"""The one decision: what becomes of a message, and why.

Automatic mail is not answered, but never lost for that: what has the shape of a report opens a case whose acknowledgment is
withheld, with its clock running; the rest is set aside with its reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from triaged.core.case.case import Case, fold, folded_on
from triaged.core.case.events import (
    NOT_WRITTEN,
    Assessed,
    Event,
    ExploitSuspected,
    Failed,
    Noted,
    Received,
    Reopened,
    Withheld,
)
from triaged.core.intake.answering import acknowledgment, hold, not_a_report, reopened_notice, treatment, withheld
from triaged.core.intake.correlate import Link, correlate
from triaged.core.intake.incoming import Mail, Past, Seen, look_at
from triaged.core.letters.caps import Hold
from triaged.core.letters.house import House
from triaged.core.letters.reply import Reply
from triaged.core.mail.arrival import End
from triaged.core.mail.automatic.signs import Silence
from triaged.core.mail.sender import Sender
from triaged.core.policy.policy import Policy
from triaged.core.report.reading import looks_like_report, merged
from triaged.core.report.report import Evidence, Report, Verdict


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
    hold: Hold | None = None
    """What the caps say of the reply; None when it may go out at once."""

    @property
    def withheld(self) -> Withheld | None:
        """Why no acknowledgment goes out, where one would be due."""
        return next((event for event in self.events if isinstance(event, Withheld)), None)


def triage(mail: Mail, house: House, past: Past, now: datetime) -> Decision:
    """Decide what a message means. Pure: equal arguments give the equal decision."""
    seen = look_at(mail, house)
    if seen.silence and (case := _returned_to(seen, past)):
        return _came_back(seen, case, now)
    if seen.silence and not _deserves_a_case(seen, seen.silence, house):
        return _set_aside(seen, seen.silence.reason)
    link = correlate(mail.message, seen.sender, past.known, vouched=house.trust.authserv_id is not None)
    if link.joins and not seen.silence:
        return _joined(seen, link.joins, house, past, now)
    if not seen.silence and treatment(seen, house).then == "set-aside":
        return _set_aside(seen, not_a_report(seen))
    return _opened(seen, link, house, past, now)


def not_understood(mail: Mail, why: str, policy: Policy, now: datetime) -> Decision:
    """The end of a mail on which our own reading failed: a case that a person reads raw, its acknowledgment withheld."""
    unread = Report(tuple(Evidence(section.name, "") for section in policy.sections), (), Verdict("unclear", "low", ()))
    nobody = Sender("", "", "unverified", "the mail was not read")
    seen = Seen(replace(mail, message=replace(mail.message, defects=(why,))), nobody, None, unread)
    withheld = Withheld(at=now, sign="not-understood", rfc="RFC 3834 section 2", reason=why)
    events = (_received(seen, now, None), Assessed(at=now, report=unread), withheld)
    return Decision("failed", why, mail.new_id, events, None, nobody, unread)


def not_written(decision: Decision, why: str, now: datetime) -> Decision:
    """The same decision where its reply could not be written: what was read stays, and the case says what is missing."""
    told: Event
    if decision.reply and decision.reply.variant != "reopened":
        reason = f"the answer could not be written: {why}"
        told = Withheld(at=now, sign=NOT_WRITTEN, rfc="the team's templates", reason=reason)
    else:
        text = f"the word that this case is open again could not be written: {why}"
        told = Noted(at=now, by="triaged", text=text)
    return replace(decision, events=(*decision.events, told), reply=None)


def _returned_to(seen: Seen, past: Past) -> Case | None:
    """The case that this bounce, of whatever kind, returns a mail of."""
    if not seen.mail.message.bounce:
        return None
    found = (past.known.by_message_id(message_id) for message_id in _returned(seen))
    return next((case for case in found if case), None)


def _returned(seen: Seen) -> tuple[str, ...]:
    """What a bounce may name as the mail that it returns: in what it encloses or, as Exchange and Gmail do, only as a reply."""
    return (*seen.mail.message.returned_ids, *seen.mail.message.references)


def _came_back(seen: Seen, case: Case, now: datetime) -> Decision:
    """A bounce of a mail of ours. It may be forged by whoever has seen our mail; all it does is to ask for a person."""
    reason = f"a mail system says that our mail on {case.id} was {seen.mail.message.bounce}"
    return Decision(
        "joined", reason, case.id, tuple(_failures(seen, case, now)), None, seen.sender, seen.report, seen.silence
    )


def _failures(seen: Seen, case: Case, now: datetime) -> Iterator[Event]:
    if seen.mail.message.bounce != "failed":
        return
    for letter in case.letters:
        if letter.message_id in _returned(seen) and letter.state in {"submitted", "uncertain"}:
            why = f"it came back undelivered; the bounce is in the spool as {seen.mail.message.sha256}"
            yield Failed(at=now, message_id=letter.message_id, reason=why)


def _deserves_a_case(seen: Seen, why: Silence, house: House) -> bool:
    """Whether a mail that must not be answered is filed as a report all the same: suppress the answer, never the filing."""
    shaped = (
        why.strength == "marked"
        and why.sign not in _NEVER_REPORTS
        and looks_like_report(seen.report, seen.mail.message, _our_names(house))
    )
    return shaped or why.strength == "worded"


_NEVER_REPORTS = frozenset({"dmarc-report", "complaint", "bounce", "receipt", "invitation"})
"""Signs of mail that machines send about mail, whatever it names."""


def _our_names(house: House) -> frozenset[str]:
    """What our own addresses call us: `smallest` of security@smallest.ai."""
    domains = (address.rpartition("@")[2] for address in house.ours.addresses)
    return frozenset(domain.split(".")[-2].lower() for domain in domains if "." in domain)


def _set_aside(seen: Seen, reason: str) -> Decision:
    return Decision("set-aside", reason, None, (), None, seen.sender, seen.report, seen.silence)


def _joined(seen: Seen, case: Case, house: House, past: Past, now: datetime) -> Decision:
    report = merged(case.report, seen.report, house.policy) if case.report else seen.report
    # A mail that changes nothing in the reading of the case is not written down as if it did: such cases grow long.
    read = () if report == case.report else (Assessed(at=now, report=report),)
    events: tuple[Event, ...] = (_received(seen, now, None), *read, *_suspicion(seen, case))
    notice, held = None, None
    if case.state == "closed":
        events = (*events, Reopened(at=now, by="reporter"))
        again = folded_on(case, events)
        notice, held = reopened_notice(seen, again, house, now), hold(seen, again, house, past, now)
    why = f"its reporter writes on {case.id}"
    return Decision("joined", why, case.id, events, notice, seen.sender, report, hold=held)


def _opened(seen: Seen, link: Link, house: House, past: Past, now: datetime) -> Decision:
    message, case_id = seen.mail.message, seen.mail.new_id
    # A machine that writes in a reporter's name joins nothing, but what it refers to is worth knowing.
    other = link.joins or link.names
    events: tuple[Event, ...] = (
        _received(seen, now, other.id if other else None),
        Assessed(at=now, report=seen.report),
        *_suspicion(seen, None),
    )
    end: End = "failed" if message.degraded else "opened"
    reason = message.defects[0] if message.degraded and message.defects else "a new report"
    if silent := withheld(seen, house, now):
        return Decision(end, reason, case_id, (*events, silent), None, seen.sender, seen.report, seen.silence)
    case = fold(case_id, events)
    reply, held = acknowledgment(seen, case, house, past, now), hold(seen, case, house, past, now)
    return Decision(end, reason, case_id, events, reply, seen.sender, seen.report, seen.silence, held)


def _suspicion(seen: Seen, case: Case | None) -> tuple[ExploitSuspected, ...]:
    """That the mail says attackers use the flaw, where nobody suspects it yet; whether they do is a person's to find out."""
    said = seen.report.facts.of("exploited")
    known = case.exploitation if case else None
    if not said or (known and known.standing != "dismissed"):
        return ()
    return (ExploitSuspected(at=seen.mail.received_at, quote=said[0].quote),)


def _received(seen: Seen, now: datetime, related: str | None) -> Received:
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
