"""What each deadline asks the team to do, in words, and the command that records it as done."""

from triaged.core.clocks.deadlines import Deadline
from triaged.core.commands.command import (
    NO_REASON,
    Close,
    Command,
    FindExploited,
    RecordAnswer,
    RecordFix,
    RecordNotified,
    Triage,
)
from triaged.core.policy.promises import PromiseName

CONFIRM = FindExploited("confirm", NO_REASON)
DISMISS = FindExploited("dismiss", NO_REASON)

_DUTIES: dict[PromiseName, tuple[str, Command]] = {
    "acknowledge": ("acknowledge it", RecordAnswer()),
    "first-answer": ("answer the reporter yourself", RecordAnswer()),
    "triage": ("triage it", Triage()),
    "update": ("send the reporter an update", RecordAnswer()),
    "fix": ("make a fix available", RecordFix()),
    "disclosure": ("publish it, as agreed with the reporter", Close("published")),
    "reporter-date": ("be ready, the reporter means to publish", RecordFix()),
    "agreed-date": ("publish it, as agreed", Close("published")),
    "door": ("look at what waits at the other door", Triage()),
    "privacy": ("answer the request about personal data (`triaged erase` deletes it)", RecordAnswer()),
    "cra-early-warning": ("send the CRA early warning", RecordNotified("cra-early-warning")),
    "cra-notification": ("send the CRA notification", RecordNotified("cra-notification")),
    "cra-final-report": ("send the CRA final report", RecordNotified("cra-final-report")),
    "nis2-early-warning": ("send the NIS2 early warning", RecordNotified("nis2-early-warning")),
    "nis2-notification": ("send the NIS2 notification", RecordNotified("nis2-notification")),
    "nis2-final-report": ("send the NIS2 final report", RecordNotified("nis2-final-report")),
}


def duty(deadline: Deadline) -> str:
    """The task in words: `triage it`."""
    what, _ = _DUTIES[deadline.name]
    return f"{what}, or dismiss the suspicion" if deadline.suspected else what


def settled_by(deadline: Deadline) -> Command:
    """The command that settles the deadline; for a mere suspicion, the command that confirms it."""
    return CONFIRM if deadline.suspected else _DUTIES[deadline.name][1]
