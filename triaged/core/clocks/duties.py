"""What a deadline asks of the team, in words, and what to type once it is done."""

from triaged.core.clocks.deadlines import Deadline
from triaged.core.policy.promises import PromiseName

_DUTIES: dict[PromiseName, tuple[str, str]] = {
    "acknowledge": ("acknowledge it", "answered"),
    "first-answer": ("answer the reporter yourself", "answered"),
    "triage": ("triage it", "triage"),
    "update": ("send the reporter an update", "answered"),
    "fix": ("make a fix available", "fixed"),
    "disclosure": ("publish it, as agreed with the reporter", "close published"),
    "reporter-date": ("be ready, the reporter means to publish", "fixed"),
    "door": ("look at what waits at the other door", "triage"),
    "cra-early-warning": ("send the CRA early warning", "notified cra-early-warning"),
    "cra-notification": ("send the CRA notification", "notified cra-notification"),
    "cra-final-report": ("send the CRA final report", "notified cra-final-report"),
    "nis2-early-warning": ("send the NIS2 early warning", "notified nis2-early-warning"),
    "nis2-notification": ("send the NIS2 notification", "notified nis2-notification"),
    "nis2-final-report": ("send the NIS2 final report", "notified nis2-final-report"),
}


def duty(deadline: Deadline) -> str:
    """What is to be done: `triage it`."""
    what, _ = _DUTIES[deadline.name]
    return f"{what}, or dismiss the suspicion" if deadline.suspected else what


def verb(deadline: Deadline) -> str:
    """What to type after `triaged case CASE`."""
    if deadline.suspected:
        return 'exploited confirm --reason "..."'
    return _DUTIES[deadline.name][1]
