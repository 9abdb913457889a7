"""Recognise mail that is no stranger's new message: a copy, a mail of ours come back, or the team's own mail."""

from dataclasses import replace
from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.case.events import Copied, Event
from triaged.core.intake.aside import aside_of
from triaged.core.intake.colleagues import TeamMail, is_automatic
from triaged.core.intake.comebacks import as_bounce, failures, returned_to
from triaged.core.intake.correlate import is_reporter, referred
from triaged.core.intake.decision import Decision, set_aside
from triaged.core.intake.incoming import Past, Seen
from triaged.core.intake.orders import answered, by_hand, orders
from triaged.core.intake.returning import is_our_letter, names_case
from triaged.core.letters.house import House
from triaged.core.mail.arrival import ACTED, End
from triaged.core.mail.automatic.people import passed_on
from triaged.core.report.reading import looks_like_report


def known_again(seen: Seen, house: House, past: Past, now: datetime) -> Decision | None:
    """The decision on such mail; None if it may be a stranger's new message."""
    if case := past.known.by_fingerprint(seen.mail.message.fingerprint):
        return _copy(seen, case, now)
    returned = as_bounce(seen.mail.message, seen.silence.sign if seen.silence else "")
    if seen.silence and (case := returned_to(returned, past.known)):
        return _came_back(replace(seen, mail=replace(seen.mail, message=returned)), case, now)
    if case := _our_letter(seen, past):
        return set_aside(seen, f"it is our own letter on {case.id}, come back", house)
    return _ordered(seen, house, past) or _of_the_team(seen, house, past, now)


def _came_back(seen: Seen, case: Case, now: datetime) -> Decision:
    """A bounce of our mail. Anybody who saw our mail can forge one, so all it does is to ask for a person."""
    reason = f"a mail system says that our mail on {case.id} was {seen.mail.message.bounce}"
    failed = tuple(failures(seen.mail.message, case, now))
    return Decision("joined", reason, case.id, failed, None, seen.sender, seen.report, seen.silence)


def _copy(seen: Seen, case: Case, now: datetime) -> Decision:
    """A copy of a mail that came by another route: through an alias, or through a list. Each mail is acknowledged once."""
    copied = Copied(at=now, sha256=seen.mail.message.sha256)
    reason = f"a copy of a mail of {case.id}: the same id, author, date and body"
    return Decision("joined", reason, case.id, (copied,), None, seen.sender, seen.report, seen.silence)


def _of_the_team(seen: Seen, house: House, past: Past, now: datetime) -> Decision | None:
    """A colleague's mail, which opens no case; None if anybody may have written it, or if it forwards a report."""
    message, sender = seen.mail.message, seen.sender
    case = next(referred(message, past.known), None)
    colleague = house.team.is_colleague(sender.address) and not (case and is_reporter(sender, case, vouched=False))
    if seen.mail.sent and not (case and colleague):
        return set_aside(seen, "it lies in our folder of sent mail, and stands in no case's thread", house)
    sign = seen.silence.sign if seen.silence else ""
    if not colleague or is_automatic(message, sign, house.ours.wrote):
        return None
    mail = TeamMail(message, sender, seen.mail.received_at, seen.mail.sent or sender.verdict == "verified")
    if case and (seen.mail.sent or sender.verdict != "failed"):
        return _told(seen, "joined", f"a colleague writes on {case.id}", case, mail.happened(case, now))
    if not house.team.holds(sender.address) or passed_on(message):
        return None
    if not mail.verified and looks_like_report(seen.report, message, ()):
        return None
    doubt = "" if mail.verified else f", if it is theirs: {sender.reason}"
    return _commands(seen, f"a colleague's mail that answers no reporter and passes no report on{doubt}", house)


def _ordered(seen: Seen, house: House, past: Past) -> Decision | None:
    """An answer to our mail to the team, from a colleague or in a colleague's name. It joins no case, whatever it names."""
    answer = answered(seen.mail.message, past.known, house.ours)
    if not answer or seen.mail.sent or not house.team.holds(seen.sender.address) or not by_hand(seen, house.ours):
        return None
    read = orders(seen, answer, house, past)
    if isinstance(read, str):
        return _commands(seen, read, house)
    acted = _commands(seen, f"it answers our {answer.to.mail.kind}; the transcript says what was done", house, ACTED)
    return replace(acted, orders=read)


def _commands(seen: Seen, reason: str, house: House, sign: str = "team") -> Decision:
    """A mail with commands opens no case. The digest lists it, unless the commands were carried out."""
    aside = replace(aside_of(seen, house), sign=sign, unusual=False)
    return replace(_told(seen, "command", reason), aside=aside)


def _told(seen: Seen, end: End, reason: str, case: Case | None = None, events: tuple[Event, ...] = ()) -> Decision:
    return Decision(end, reason, case.id if case else None, events, None, seen.sender, seen.report)


def _our_letter(seen: Seen, past: Past) -> Case | None:
    """The case whose letter this is, come back without its marks."""
    case = past.known.by_id(named) if (named := names_case(seen.mail.message)) else None
    return case if case and is_our_letter(seen.mail.message, case) else None
