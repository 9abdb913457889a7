"""What the daemon did since the last digest, what it could not do, and when it last read the mailbox."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo

from triaged.core.case.case import Case
from triaged.core.case.events import Deferred, Event, Failed, Received, Submitted, Withheld
from triaged.core.case.outbox import Letter
from triaged.core.plural import counted
from triaged.core.team.digest.worklist import Health, Inputs

_FRESH = timedelta(minutes=5)
"""A poll no older than this is not dated: its minute would make two digests of one state differ."""


def done(inputs: Inputs) -> tuple[str, ...]:
    """The work done as counts, in words: `7 mails sent to reporters`."""
    deeds = Counter(_deeds(inputs.cases, inputs.since))
    deeds["updated"] = sum(_went_out(letter, inputs.since) for case in inputs.cases for letter in case.updates)
    deeds["set aside"] = sum(arrival.end == "set-aside" for arrival in inputs.set_aside)
    return tuple(counted(deeds[deed], *words) for deed, words in _WORDS.items() if deeds[deed])


def polled(health: Health, now: datetime, zone: tzinfo) -> str:
    """When the mailbox was last read: `the mailbox was read within the last 5 minutes`."""
    if health.last_poll_at is None:
        return "the mailbox was never read"
    if now - health.last_poll_at <= _FRESH:
        return "the mailbox was read within the last 5 minutes"
    return f"the mailbox was last read {health.last_poll_at.astimezone(zone):%a %d %b %H:%M %Z}"


_WORDS = {
    "opened": ("report filed", "reports filed"),
    "joined": ("further mail filed with a case", "further mails filed with a case"),
    "sent": ("mail sent to reporters", "mails sent to reporters"),
    "updated": ("automatic update among these", "automatic updates among these"),
    "withheld": ("acknowledgment withheld", "acknowledgments withheld"),
    "failed": ("mail refused for good", "mails refused for good"),
    "deferred": ("time a mail had to be tried again", "times a mail had to be tried again"),
    "set aside": ("mail kept and not answered", "mails kept and not answered"),
}


def _went_out(letter: Letter, since: datetime) -> bool:
    return letter.state == "submitted" and letter.settled_at is not None and letter.settled_at > since


def _deeds(cases: Iterable[Case], since: datetime) -> Iterator[str]:
    for case in cases:
        for event in case.history:
            if event.at > since and (deed := _deed(event, opening=event is case.opening)):
                yield deed


def _deed(event: Event, *, opening: bool) -> str:
    match event:
        case Received():
            return "opened" if opening else "joined"
        case Submitted():
            return "sent"
        case Withheld():
            return "withheld"
        case Failed():
            return "failed"
        case Deferred():
            return "deferred"
        case _:
            return ""
