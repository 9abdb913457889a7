"""Questions that only a person can settle, each with the command that settles it."""

from collections.abc import Iterable, Iterator, Sequence

from triaged.core.case.case import Case
from triaged.core.commands.command import NO_SCOPE, RecordAnswer, Resend, SetScope, Triage
from triaged.core.commands.writing import typed
from triaged.core.mail.arrival import ACTED, Arrival
from triaged.core.mail.message import Attachment
from triaged.core.plural import counted
from triaged.core.team.digest.worklist import Item, item
from triaged.core.team.listing import NOBODY
from triaged.core.text import defanged, in_quotes, visible

_DIGITS = 12


def commands(arrivals: Iterable[Arrival]) -> Iterator[Item]:
    """The team's own mail that neither answers a reporter nor forwards a report: its author wants something done."""
    for arrival in arrivals:
        if arrival.end == "command" and not (arrival.aside and arrival.aside.sign == ACTED):
            command = f"triaged set-aside open {arrival.sha256[:_DIGITS]}"
            yield Item("", "A mail from the team", defanged(arrival.reason, 240), NOBODY, (), command)


def questions(cases: Sequence[Case]) -> list[Item]:
    """The questions on open cases; those about letters that the caps hold back come first."""
    return [*_held_back(cases), *(asked for case in cases for asked in _questions(case))]


def _questions(case: Case) -> Iterable[Item]:
    yield from _unsent(case)
    if case.triaged_at is not None:
        return
    if case.scope_set is None and case.scope == "unclear":
        unread = case.report is None
        what = "it could not be read: look at the mail itself, then set its scope" if unread else ""
        yield item(case, what or "the rules cannot tell its scope", typed(case.id, SetScope(NO_SCOPE)))
    yield from (item(case, what, f"triaged show {case.id}") for what in _flags(case))


def _unsent(case: Case) -> Iterator[Item]:
    acknowledgment = case.acknowledgment
    if not acknowledgment or case.answered_at:
        return
    if case.unwritten:
        remedy = "mend the template (triaged check says where); within a minute the answer is written again"
        yield item(case, visible(acknowledgment.reason, 140), _resend(case), remedy)
    elif case.withheld and case.withheld.sign == "door" and case.triaged_at is None:
        yield item(case, defanged(acknowledgment.reason, 200), typed(case.id, Triage()), "answer it there")
    elif acknowledgment.state == "withheld" and case.withheld and case.withheld.sign != "door" and not _over_cap(case):
        what = f"acknowledgment withheld: {defanged(acknowledgment.reason, 90)}"
        yield item(case, what, typed(case.id, RecordAnswer()), "answer by hand if a person wrote it")
    elif acknowledgment.state in {"failed", "uncertain"}:
        what = f"acknowledgment {acknowledgment.state}: {defanged(acknowledgment.reason, 90)}"
        yield item(case, what, _resend(case))


def _resend(case: Case) -> str:
    return typed(case.id, Resend("acknowledgment"))


def _flags(case: Case) -> Iterator[str]:
    """Warnings to read before opening an attachment."""
    for scan in case.scans:
        if scan.verdict == "infected":
            yield f"attachments flagged by the scanner: {defanged(scan.reason, 60)}"
    for mail in case.mails:
        flagged = [part for part in mail.attachments if part.warnings]
        if flagged:
            yield f"open with care: {_attached(flagged[0])}"


def _attached(part: Attachment) -> str:
    flags = "".join(f", {defanged(warning, 60)}" for warning in part.warnings)
    return f"{in_quotes(part.filename, 40)} ({defanged(part.media_type, 40)}, {counted(part.size, 'byte')}{flags})"


def _held_back(cases: Sequence[Case]) -> Iterator[Item]:
    """One line for all acknowledgments that the caps withhold, one for all that they hold back: a flood has thousands."""
    unanswered = [case for case in cases if not case.answered_at]
    if count := sum(map(_over_cap, unanswered)):
        subject = f"{_acknowledgments(count)} withheld by the caps"
        yield Item("", subject, "filed, not answered, clocks running", NOBODY, (), "triaged cases --state new")
    found = [case.acknowledgment for case in unanswered]
    if waiting := [each.not_before for each in found if each and each.not_before]:
        subject = f"{_acknowledgments(len(waiting))} held back by the caps"
        what = f"each leaves as soon as there is room, the next not before {min(waiting):%Y-%m-%d %H:%M} UTC"
        yield Item("", subject, what, NOBODY, (), "triaged cases --state new")


def _acknowledgments(count: int) -> str:
    return f"{count} acknowledgment{'' if count == 1 else 's'}"


def _over_cap(case: Case) -> bool:
    found = case.acknowledgment
    capped = case.withheld is not None and case.withheld.sign == "cap"
    return capped and found is not None and found.state == "withheld"
