"""The one decision: what becomes of a message, and why.

A sign forbids the answer, never the filing: what tells of anything of ours opens a case whose acknowledgment is withheld, with
its clock running. Only what says nothing of ours is set aside, with its reason: bounces, receipts, absences, lists, feeds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from triaged.core.case.case import Case, fold, folded_on
from triaged.core.case.events import (
    NOT_WRITTEN,
    Assessed,
    AtDoor,
    Event,
    ExploitSuspected,
    Failed,
    Noted,
    OpenedByHand,
    Received,
    Reopened,
    Withheld,
)
from triaged.core.intake.answering import acknowledgment, hold, not_a_report, reopened_notice, treatment, withheld
from triaged.core.intake.aside import aside_of, nothing_of_ours
from triaged.core.intake.correlate import Link, correlate
from triaged.core.intake.doors import Knock
from triaged.core.intake.incoming import Mail, Past, Seen, look_at
from triaged.core.intake.returning import is_our_letter, names_case
from triaged.core.letters.caps import Hold
from triaged.core.letters.house import House
from triaged.core.letters.reply import Reply
from triaged.core.mail.arrival import Aside, End
from triaged.core.mail.automatic.signs import Silence
from triaged.core.mail.sender import Sender
from triaged.core.policy.policy import Policy
from triaged.core.report.reading import merged
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
    aside: Aside | None = None
    """What a person is shown of a mail that becomes no case."""

    @property
    def withheld(self) -> Withheld | None:
        """Why no acknowledgment goes out, where one would be due."""
        return next((event for event in self.events if isinstance(event, Withheld)), None)


def triage(mail: Mail, house: House, past: Past, now: datetime) -> Decision:
    """Decide what a message means. Pure: equal arguments give the equal decision."""
    seen = look_at(mail, house)
    if seen.silence and (case := _returned_to(seen, past)):
        return _came_back(seen, case, now)
    if reason := nothing_of_ours(seen, house):
        return _set_aside(seen, reason, house)
    link = correlate(mail.message, seen.sender, past.known, vouched=house.trust.authserv_id is not None)
    if case := _joins(seen, link, past):
        return _joined(seen, case, house, past, now)
    if reason := _not_a_case(seen, house, past):
        return _set_aside(seen, reason, house)
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


def opened_by_hand(mail: Mail, event: OpenedByHand, house: House) -> Decision:
    """The case that a person makes of a mail that was set aside. What forbade the answer forbids it still."""
    seen = look_at(mail, house)
    why = seen.silence
    reason = f"it was set aside, and {event.by} made a case of it{f': {why.reason}' if why else ''}"
    silent = Withheld(at=event.at, sign=why.sign if why else "by-hand", rfc=why.rfc if why else "", reason=reason)
    events: tuple[Event, ...] = (
        _received(seen, event.at, None),
        event,
        Assessed(at=event.at, report=seen.report),
        *_suspicion(seen, None),
        silent,
    )
    return Decision("opened", reason, mail.new_id, events, None, seen.sender, seen.report, why)


def _not_a_case(seen: Seen, house: House, past: Past) -> str:
    """Why what joins no case opens none: it is a letter of ours come back, or of a kind that the policy sets aside."""
    case = past.known.by_id(named) if (named := names_case(seen.mail.message)) else None
    if case and is_our_letter(seen.mail.message, case):
        return f"it is our own letter on {case.id}, come back"
    if not seen.silence and not seen.door and treatment(seen, house).then == "set-aside":
        return not_a_report(seen)
    return ""


def _joins(seen: Seen, link: Link, past: Past) -> Case | None:
    """The case that it belongs to: a door's under its thread or its id, a person's as their reporter."""
    if seen.door:
        return _waiting_there(seen.door, link, past)
    return None if seen.silence else link.joins


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


def _set_aside(seen: Seen, reason: str, house: House) -> Decision:
    aside = aside_of(seen, house)
    return Decision("set-aside", reason, None, (), None, seen.sender, seen.report, seen.silence, aside=aside)


def _waiting_there(door: Knock, link: Link, past: Past) -> Case | None:
    """The case of the report that this door writes of again: in the same thread, or under the same id; else the person's."""
    if door.door.brings == "coordination" and link.joins:
        return link.joins
    if link.joins and link.joins.door and link.joins.door.door == door.door.id:
        return link.joins
    return past.known.by_reference(door.door.id, door.reference) if door.reference else None


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
        *_at_door(seen),
        Assessed(at=now, report=seen.report),
        *_suspicion(seen, None),
    )
    end: End = "failed" if message.degraded else "opened"
    news = seen.door.says if seen.door else "a new report"
    reason = message.defects[0] if message.degraded and message.defects else news
    if silent := withheld(seen, house, now):
        return Decision(end, reason, case_id, (*events, silent), None, seen.sender, seen.report, seen.silence)
    case = fold(case_id, events)
    reply, held = acknowledgment(seen, case, house, past, now), hold(seen, case, house, past, now)
    return Decision(end, reason, case_id, events, reply, seen.sender, seen.report, seen.silence, hold=held)


def _at_door(seen: Seen) -> tuple[AtDoor, ...]:
    if seen.door is None:
        return ()
    door = seen.door.door
    waits = AtDoor(
        at=seen.mail.received_at,
        door=door.id,
        name=door.name,
        brings=door.brings,
        link=seen.door.link,
        reference=seen.door.reference,
    )
    return (waits,)


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
