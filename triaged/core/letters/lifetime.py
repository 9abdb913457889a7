"""How long a letter is retried: every rule for `expires_at`. A letter not sent by then becomes a person's task.

`holding` decides how long a cap may hold a letter back.
"""

from datetime import datetime, timedelta

from triaged.core.policy.policy import Policy
from triaged.core.policy.spans import at_most

_AT_LEAST = timedelta(hours=4)
"""Even a letter that is written late gets several tries: a greylisting server accepts the second at the earliest."""
_TO_TEAM = timedelta(hours=24)
"""By then the next digest tells the same."""
_A_PERSONS = timedelta(hours=72)
_AGAIN = timedelta(hours=48)
"""A person who resends a letter has just fixed its obstacle: two days outlast a weekend's outage."""


def of_reply(received_at: datetime, policy: Policy, now: datetime) -> datetime:
    """Until the acknowledgment is due, counted from `received_at` of the mail that is answered."""
    return _until(received_at + at_most(policy.promised("acknowledge").within), now)


def of_update(due: datetime, now: datetime) -> datetime:
    """Until the reporter's next update is due."""
    return _until(due, now)


def to_team(now: datetime) -> datetime:
    """For a day."""
    return now + _TO_TEAM


def of_a_persons(now: datetime) -> datetime:
    """For three days, as long as a weekend's outage may last."""
    return now + _A_PERSONS


def requeued(now: datetime) -> datetime:
    """For two days from a person's request."""
    return now + _AGAIN


def _until(promised: datetime, now: datetime) -> datetime:
    return max(promised, now + _AT_LEAST)
