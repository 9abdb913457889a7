"""Decide what becomes of a message, and why.

A sign forbids the answer, never the filing: mail about anything of ours opens a case whose acknowledgment is withheld, with
its clock running. Only mail that does not concern us is set aside, with its reason: bounces, receipts, absences, lists, feeds.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.case.events import (
    NOT_WRITTEN,
    Assessed,
    AtDoor,
    Event,
    ExploitSuspected,
    Noted,
    OpenedByHand,
    Received,
    Reopened,
    Withheld,
)
from triaged.core.case.folding import fold, folded_on
from triaged.core.intake.answering import (
    acknowledgment,
    answer_in_thread,
    hold,
    not_a_report,
    reopened_notice,
    told_in_thread,
    treatment,
    withheld,
)
from triaged.core.intake.aside import nothing_of_ours
from triaged.core.intake.correlate import Link, correlate, is_reporter
from triaged.core.intake.decision import Decision, set_aside
from triaged.core.intake.doors import Knock
from triaged.core.intake.idle import idle
from triaged.core.intake.incoming import Mail, Past, Seen, look_at
from triaged.core.intake.nudge import asks_after, asks_status, meant
from triaged.core.intake.passing_on import author, passed_on_by
from triaged.core.intake.recognising import known_again
from triaged.core.letters.house import House
from triaged.core.letters.reply import IN_THREAD
from triaged.core.mail.arrival import End
from triaged.core.mail.sender import Sender
from triaged.core.policy.policy import Policy
from triaged.core.report.reading import merged, unread

_AWAY = "away"
"""The sign of an absence notice: if only its words show that it is one, it still comes from the reporter."""
_NEWEST = 20
"""How many cases of one reporter are examined: a flood from one address must not cost more and more."""
_NAMED = 10
"""How many other cases a case names."""


def triage(mail: Mail, house: House, past: Past, now: datetime) -> Decision:
    """Decide what a message means. Pure: equal arguments give an equal decision."""
    seen = look_at(mail, house, past)
    return known_again(seen, house, past, now) or _filed(seen, house, past, now)


def _filed(seen: Seen, house: House, past: Past, now: datetime) -> Decision:
    if reason := nothing_of_ours(seen, house):
        return set_aside(seen, reason, house)
    link = correlate(seen.mail.message, seen.sender, past.known, vouched=_vouched(house))
    if case := _joins(seen, link, past):
        return _joined(seen, case, house, past, now)
    if not seen.silence and not seen.door and treatment(seen, house).then == "set-aside":
        return set_aside(seen, not_a_report(seen), house)
    return _asked_after(seen, link, house, past, now) or _opened(seen, link, house, past, now)


def not_understood(mail: Mail, why: str, policy: Policy, now: datetime) -> Decision:
    """A mail that our own reading failed on: a case that a person must read raw, with its acknowledgment withheld."""
    report = unread(policy)
    nobody = Sender("", "", "unverified", "the mail was not read")
    seen = Seen(replace(mail, message=replace(mail.message, defects=(why,))), nobody, None, report)
    withheld = Withheld(at=now, sign="not-understood", rfc="RFC 3834 section 2", reason=why)
    events = (_received(seen, now, None), Assessed(at=now, report=report), withheld)
    return Decision("failed", why, mail.new_id, events, None, nobody, report)


def not_written(decision: Decision, why: str, now: datetime) -> Decision:
    """The same decision after its reply could not be rendered: the reading stays, and the case says what is missing."""
    told: Event
    if decision.reply and decision.reply.variant not in IN_THREAD:
        reason = f"the answer could not be written: {why}"
        told = Withheld(at=now, sign=NOT_WRITTEN, rfc="the team's templates", reason=reason)
    else:
        text = f"the answer to the reporter's mail could not be written: {why}"
        told = Noted(at=now, by="triaged", text=text)
    return replace(decision, events=(*decision.events, told), reply=None)


def opened_by_hand(mail: Mail, event: OpenedByHand, house: House, past: Past) -> Decision:
    """The case that a person opens for a mail that was set aside. Whatever forbade the answer still forbids it."""
    seen = look_at(mail, house, past)
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


def _joins(seen: Seen, link: Link, past: Past) -> Case | None:
    """The case that the mail joins: for a door by thread or id, for a person as its reporter."""
    if seen.door:
        return _waiting_there(seen.door, link, past)
    return link.joins if seen.silence is None or seen.silence.sign == _AWAY else None


def _asked_after(seen: Seen, link: Link, house: House, past: Past, now: datetime) -> Decision | None:
    """A reporter asks about a report in a new thread; None if this is no such mail or they have no open case."""
    cases = _same_reporter(seen, house, past)
    if seen.silence or link.names or not any(case.closed_at is None for case in cases):
        return None
    if not _chases(seen):
        return None
    if case := meant(seen.mail.message, cases):
        return _joined(seen, case, house, past, now)
    named = ", ".join(case.id for case in cases[-_NAMED:] if case.closed_at is None)
    why = Withheld(
        at=now, sign="which-case", rfc="one answer a report", reason=f"it asks after a report; which of {named}?"
    )
    return _opened(seen, link, house, past, now, why)


def _same_reporter(seen: Seen, house: House, past: Past) -> Sequence[Case]:
    """The cases of the same reporter, as far as the sender can be trusted. A platform's machine is no reporter."""
    if seen.door and seen.door.door.brings != "coordination":
        return ()
    found = past.known.by_reporter(seen.sender.address)[-_NEWEST:] if seen.sender.address else ()
    return [case for case in found if is_reporter(seen.sender, case, vouched=_vouched(house))]


def _vouched(house: House) -> bool:
    return house.trust.authserv_id is not None


def _waiting_there(door: Knock, link: Link, past: Past) -> Case | None:
    """The case that this door writes about again: by thread or by id; a coordinator's own report counts too."""
    if door.door.brings == "coordination" and link.joins:
        return link.joins
    if link.joins and link.joins.door and link.joins.door.door == door.door.id:
        return link.joins
    return past.known.by_reference(door.door.id, door.reference) if door.reference else None


def _joined(seen: Seen, case: Case, house: House, past: Past, now: datetime) -> Decision:
    report = merged(case.report, seen.report, house.policy) if case.report else seen.report
    # A mail that changes nothing in the case's reading writes no new reading: such cases grow long.
    read = () if report == case.report else (Assessed(at=now, report=report),)
    said_nothing = _says_nothing(seen)
    # News that comes with a question is news: only who brings nothing merely asks.
    chases = not said_nothing and _chases(seen) and (asks_status(seen.mail.message) or not read)
    said_nothing = said_nothing or ("a question how it stands" if asks_status(seen.mail.message) else "")
    received = replace(_received(seen, now, None), idle=said_nothing, chases=chases)
    events: tuple[Event, ...] = (received, *read, *_suspicion(seen, case))
    notice, held = None, None
    if case.state == "closed" and not said_nothing:
        events = (*events, Reopened(at=now, by="reporter"))
        again = folded_on(case, events)
        notice, held = reopened_notice(seen, again, house, now), hold(seen, again, house, past, now)
    elif variant := answer_in_thread(seen, case, folded_on(case, events), house, chases=chases):
        # What is only a courtesy is never held back: where there is no room for it, it is not sent.
        room = hold(seen, case, house, past, now) is None
        notice = told_in_thread(variant, seen, folded_on(case, events), house, now) if room else None
    why = f"its reporter writes on {case.id}" + (f": {said_nothing}, which changes nothing" if said_nothing else "")
    return Decision("joined", why, case.id, events, notice, seen.sender, report, hold=held)


def _chases(seen: Seen) -> bool:
    """True if a person only asks what has become of the report."""
    if seen.silence or seen.door:
        return False
    return asks_status(seen.mail.message) or asks_after(seen.mail.message, seen.report)


def _says_nothing(seen: Seen) -> str:
    """Why the mail contains no news; empty if it may. A door's mail always may."""
    if seen.door:
        return ""
    return "an absence notice" if seen.silence else idle(seen.mail.message, seen.report)


def _opened(
    seen: Seen, link: Link, house: House, past: Past, now: datetime, unanswered: Withheld | None = None
) -> Decision:
    message, case_id = seen.mail.message, seen.mail.new_id
    # A machine that writes in a reporter's name joins nothing, but the case that it refers to is recorded.
    other = link.joins or link.names
    others = tuple(case.id for case in _same_reporter(seen, house, past) if case.closed_at is None)[-_NAMED:]
    writer, passed_on = author(seen, house), passed_on_by(seen, house)
    if writer and writer.verdict == "verified":
        # Our border verified the author, so they are answered directly.
        seen = replace(seen, sender=writer)
    events: tuple[Event, ...] = (
        replace(
            _received(seen, now, other.id if other else None),
            sender=writer or seen.sender,
            passed_on_by=passed_on,
            same_reporter=others,
        ),
        *_at_door(seen),
        Assessed(at=now, report=seen.report),
        *_suspicion(seen, None),
    )
    end: End = "failed" if message.degraded else "opened"
    news = seen.door.says if seen.door else "a new report"
    reason = message.defects[0] if message.degraded and message.defects else news
    if silent := withheld(seen, house, now, link.names) or unanswered:
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
    """The event for a mail that says attackers use the flaw, unless that is suspected already; a person must verify it."""
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
        fingerprint=message.fingerprint,
    )
