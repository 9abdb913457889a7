"""Decide whether a mail is answered and which template answers it. Nothing that its sender wrote passes through here."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from triaged.core.case.case import Case
from triaged.core.case.events import Withheld
from triaged.core.clocks.deadlines import deadlines
from triaged.core.intake.comebacks import answers_letter
from triaged.core.intake.incoming import Mail, Past, Seen, look_at
from triaged.core.intake.passing_on import author
from triaged.core.letters.caps import Hold, Room
from triaged.core.letters.holding import hold_until
from triaged.core.letters.house import House
from triaged.core.letters.reply import ASKED_FOR, ArrivedPart, Reply, Standing, Variant
from triaged.core.letters.spoken import asks_for
from triaged.core.mail.ours import answers_us
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import AS_A_REPORT, ScopeName, Treatment
from triaged.core.policy.spans import at_most

_PARTS_NAMED = 10
_ASKING: tuple[Variant, ...] = ("needs-info", "several")
_HELPED: tuple[Variant, ...] = ("complete", "needs-info")
_QUESTIONS = 3
"""In one letter: who is asked more answers none."""
_ONCE = timedelta(days=1)
"""Whoever asks how their report stands is told once in so long."""
_NEVER = datetime.min.replace(tzinfo=UTC)
_SET_ASIDE_FROM = 3.0
"""The points of a rule that names the kind; a single phrase in running text has fewer."""

_AFTER_BACKUP = (
    "restored",
    "RFC 3834 section 2",
    "it came after the backup that was restored, so it may have been answered",
)
"""Of a mail that was perhaps answered, nobody knows whether it was."""


def withheld(seen: Seen, house: House, now: datetime, names: Case | None = None) -> Withheld | None:
    """Why this report must not be answered: the most authoritative reason. `names`: somebody else's case that it refers to."""
    found = next(_objections(seen, house, names), _AFTER_BACKUP if seen.mail.perhaps_answered else None)
    return Withheld(at=now, sign=found[0], rfc=found[1], reason=found[2]) if found else None


def _objections(seen: Seen, house: House, names: Case | None) -> Iterator[tuple[str, str, str]]:
    """Yield each reason not to answer: its sign, the place where the rule is written, and a sentence."""
    if seen.door and seen.door.door.brings != "coordination":
        yield "door", "the policy's `doors`", seen.door.says
    if seen.silence:
        yield seen.silence.sign, seen.silence.rfc, seen.silence.reason
    if not seen.sender.address:
        yield "no-sender", "RFC 3834 section 2", seen.sender.reason
    if seen.sender.verdict == "failed":
        yield "sender-failed", "RFC 8601 section 4.1", seen.sender.reason
    if answers_us(seen.mail.message, house.ours) or (names and answers_letter(seen.mail.message, names)):
        # Two systems that answer each other do so in each other's threads, from whatever address.
        yield "our-thread", "RFC 3834 section 2", _whose_thread(seen, names)
    if house.team.holds(seen.sender.address) and (author(seen, house) is None or _doubted(seen, house)):
        yield (
            "team",
            "RFC 3834 section 2",
            "it says that a colleague wrote it, and nobody thanks a colleague for a report",
        )
    if not seen.door and not treatment(seen, house).acknowledge:
        yield "not-a-report", "the policy's `kinds`", not_a_report(seen)


def _whose_thread(seen: Seen, names: Case | None) -> str:
    """Why an answer to our mail joins no case: another address sent it, or the reporter's address may be forged."""
    if names and names.reporter.address.lower() == seen.sender.address.lower():
        return f"it answers a mail of ours on {names.id}, but nothing proves that its reporter wrote it: {seen.sender.reason}"
    return "it answers a mail of ours that went to somebody else"


def treatment(seen: Seen, house: House) -> Treatment:
    """The policy's treatment for mail of this kind.

    If the kind is only likely, nothing is set aside, and an answer is withheld only if a rule names the kind too.
    """
    report = seen.report
    if report.kind == "report":
        return AS_A_REPORT
    of_its_kind = house.policy.kinds.treatment.get(report.kind, AS_A_REPORT)
    named = sum(reason.score for reason in report.verdict.reasons if reason.rule == f"kind.{report.kind}")
    if report.verdict.band == "high":
        # Mail that nobody will read needs more than one phrase to be set aside; the learned table alone never suffices.
        aside = of_its_kind.then == "set-aside" and named >= _SET_ASIDE_FROM
        return of_its_kind if aside or of_its_kind.then == "case" else of_its_kind.model_copy(update={"then": "case"})
    acknowledged = of_its_kind.acknowledge or not named
    return Treatment(then="case", acknowledge=acknowledged, letter=of_its_kind.letter if named else "letter")


def not_a_report(seen: Seen) -> str:
    """What the mail is instead of a report, and the rules that say so."""
    rules = ", ".join(dict.fromkeys(reason.rule for reason in seen.report.verdict.reasons))
    return f"not a report but {seen.report.kind}, by the rule {rules}"


def acknowledgment(seen: Seen, case: Case, house: House, past: Past, now: datetime) -> Reply:
    """The reply that acknowledges a new case."""
    return _reply(_variant(seen, house, past), seen, case, house, now)


def hold(seen: Seen, case: Case, house: House, past: Past, now: datetime) -> Hold | None:
    """How the caps hold back the reply to this mail; None if it may go."""
    sender = seen.sender
    until = hold_until(case, seen.mail.received_at, house.away_at(now), house.policy, now)
    room = Room(past.sent, house.caps, now)
    return room.hold(sender.address, until, doubted=_doubted(seen, house), verified=sender.verdict == "verified")


def written_again(mail: Mail, case: Case, house: House, past: Past, now: datetime) -> tuple[Reply, Hold | None] | None:
    """The acknowledgment of a case whose first one could not be rendered, with its hold; None if an answer is forbidden."""
    seen = look_at(mail, house, past)
    if withheld(seen, house, now):
        return None
    return acknowledgment(seen, case, house, past, now), hold(seen, case, house, past, now)


def reopened_notice(seen: Seen, case: Case, house: House, now: datetime) -> Reply:
    """The notice to a reporter whose answer reopened a closed case. It is not an acknowledgment."""
    return _reply("reopened", seen, case, house, now)


def answer_in_thread(seen: Seen, before: Case, after: Case, house: House, *, chases: bool) -> Variant | None:
    """How a verified reporter's further mail is answered; None where it is not, which is the rule."""
    asked = house.trust.authserv_id is not None and seen.sender.verdict == "verified"
    if not asked or seen.silence or seen.door:
        return None
    if chases:
        told = (letter.owed_at for letter in before.letters if letter.purpose == "status")
        return None if max(told, default=_NEVER) > seen.mail.received_at - _ONCE else "status"
    return "completed" if _completes(before, after, house.policy) else None


def _completes(before: Case, after: Case, policy: Policy) -> bool:
    """True if the mail brought all that the acknowledgment asked for, and no person has taken up the thread yet."""
    if before.report is None or after.report is None or after.report.kind != "report" or before.closed_at:
        return False
    taken_up = before.answered_at or any(letter.purpose in {"reply", "completed"} for letter in before.letters)
    if taken_up or after.report.missing or not before.report.missing:
        return False
    # In a flood, to a sender in doubt or outside the policy it asks for nothing, whatever is missing.
    lacked = [policy.section(name) for name in before.report.missing]
    letters = (each for each in before.letters if each.purpose == "acknowledgment" and each.state == "submitted")
    return any(asks_for(each, lacked) for each in letters)


def told_in_thread(variant: Variant, seen: Seen, case: Case, house: House, now: datetime) -> Reply:
    """What that answer says of the case."""
    reply = _reply(variant, seen, case, house, now)
    standing = _standing(case)
    late = (reply.triage_due if standing == "unread" else reply.update_due) <= now
    return replace(reply, standing=standing, closed_at=case.closed_at, late=late, away=None)


def _standing(case: Case) -> Standing:
    choices: tuple[tuple[bool, Standing], ...] = (
        (case.closed_at is not None, "closed"),
        (case.waiting, "waiting"),
        (case.fixed_at is not None, "fixed"),
        (case.triaged_at is not None, "open"),
    )
    return next((standing for true, standing in choices if true), "unread")


def _reply(variant: Variant, seen: Seen, case: Case, house: House, now: datetime) -> Reply:
    message, policy = seen.mail.message, house.policy
    asked = seen.report.missing if variant in _ASKING else ()
    helpful = seen.report.wanted[: max(_QUESTIONS - len(asked), 0)] if variant in _HELPED and _scope_told(seen) else ()
    treated = treatment(seen, house)
    due = {deadline.name: deadline.due for deadline in deadlines(case, policy, now)}
    attached = tuple(ArrivedPart(part.size, part.sha256) for part in message.attachments[:_PARTS_NAMED])
    return Reply(
        variant=variant,
        case_id=case.id,
        to=seen.sender.address,
        in_reply_to=message.message_id,
        received_at=seen.mail.received_at,
        scope=_scope_told(seen),
        parts=(ArrivedPart(message.size, message.sha256), *attached),
        missing=tuple(policy.section(name) for name in asked),
        triage_due=due["triage"],
        update_due=due["update"],
        issues=seen.report.facts.issues,
        away=house.away_at(now),
        answer_due=due.get("privacy") or (seen.mail.received_at + at_most(treated.within) if treated.within else None),
        contact=treated.contact,
        reference=case.door.reference if case.door else "",
        helpful=tuple(policy.detail(name) for name in helpful),
        known=frozenset(fact.kind for fact in seen.report.facts.found) & ASKED_FOR,
        alerted=_alerted(seen, case, house),
    )


def _alerted(seen: Seen, case: Case, house: House) -> bool:
    """True if the team is mailed at once that attackers use the flaw; a claim of somebody unverified may have to wait."""
    claimed = seen.report.facts.of("exploited") and seen.report.kind == "report"
    return bool(claimed and case.exploitation and house.alerts and seen.sender.verdict == "verified")


def _scope_told(seen: Seen) -> ScopeName | None:
    """The scope to name in the reply, only if both scope and sender are certain: a wrong one drives reporters away."""
    verdict = seen.report.verdict
    sure = seen.sender.verdict == "verified" and verdict.band == "high"
    return verdict.scope if sure and seen.report.kind == "report" and not seen.door else None


def _variant(seen: Seen, house: House, past: Past) -> Variant:
    """Which acknowledgment to send; the variants that say least come first."""
    message = seen.mail.message
    choices: tuple[tuple[bool, Variant], ...] = (
        (past.opened >= house.caps.flood_per_hour, "flood"),
        (_doubted(seen, house), "unverified"),
        (author(seen, house) is not None, "forwarded"),
        (message.degraded, "unreadable"),
        (message.encrypted, "encrypted"),
        (seen.door is not None, "complete"),
        (seen.report.kind != "report", treatment(seen, house).letter),
        (_scope_told(seen) == "out-of-scope", "out-of-scope"),
        (seen.report.facts.issues > 1, "several"),
        (bool(seen.report.missing), "needs-info"),
    )
    return next((variant for true, variant in choices if true), "complete")


def _doubted(seen: Seen, house: House) -> bool:
    """True if our border was asked about the sender and could not vouch for them. If no border is asked, nobody is doubted."""
    return house.trust.authserv_id is not None and seen.sender.verdict != "verified"
