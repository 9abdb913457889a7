"""How long a letter may be held back and still be true and in time when it leaves.

Its bytes are fixed when it is owed. So it must leave before the dates that it names, before the end of the team's absence
that it mentions, and early enough that a person can still keep the promise if it does not.
"""

from datetime import UTC, datetime, time, timedelta

from triaged.core.case.case import Case
from triaged.core.case.outbox import Letter
from triaged.core.clocks.deadlines import deadlines
from triaged.core.letters.reply import Away
from triaged.core.policy.policy import Policy

_LEFT_TO_A_PERSON = 4
"""The last quarter of the promise is left to a person after the machine has given up."""


def hold_until(case: Case, received_at: datetime, away: Away | None, policy: Policy, now: datetime) -> datetime:
    """When a letter that answers the mail received at that time becomes a person's task."""
    due = {deadline.name: deadline.due for deadline in deadlines(case, policy, now)}
    promised = due["acknowledge"] - case.received_at
    named = [due["update"]]
    if case.triaged_at is None:
        named.append(due["triage"])
    if away:
        named.append(datetime.combine(away.until + timedelta(days=1), time(0), UTC))
    # A date that already passed, as on a case reopened after weeks, is no worse for waiting.
    ahead = [at for at in named if at > now]
    return min([received_at + promised - promised / _LEFT_TO_A_PERSON, *ahead])


def outdated(case: Case, letter: Letter) -> str:
    """Why a letter that was held back must not go out any more; empty where it still may."""
    if letter.purpose == "reply":
        return ""
    if case.closed_at is not None:
        return "the case is closed"
    if any(at >= letter.owed_at for at in case.answered_at):
        return "a person has written since"
    return ""
