"""The outbox is a fold: a letter is owed from `Owed` on, and no longer at `Submitted`, `Failed` or `Withheld`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from typing import Literal

from triaged.core.case.events import (
    TO_REPORTERS,
    Deferred,
    Event,
    Failed,
    Held,
    LetterEvent,
    Owed,
    Purpose,
    Requeued,
    Submitted,
    Submitting,
    Withheld,
)
from triaged.core.case.owner import ToTeam

# Growing pauses, as Postfix grows its own (minimal_backoff_time 300 s to maximal_backoff_time 4000 s): a greylisting
# server lets the second try in, a broken one is not hammered.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))


_After = Held | Withheld | Submitting | Submitted | Deferred | Failed | Requeued


@dataclass(frozen=True, slots=True)
class Letter:
    """One outgoing mail as it stands now."""

    purpose: Purpose
    message_id: str
    envelope_from: str
    to: tuple[str, ...]
    raw: str
    owed_at: datetime
    expires_at: datetime
    state: Literal["owed", "submitting", "submitted", "withheld", "failed", "uncertain"] = "owed"
    """`submitting` outside a running delivery means a crash: whether it went out is uncertain."""
    tries: int = 0
    retry_at: datetime | None = None
    settled_at: datetime | None = None
    reason: str = ""
    """The last refusal, the cap that holds it back, or the server's answer."""
    tried_at: datetime | None = None
    """When it was last handed in."""
    refused: bool = False
    """True if the last outcome was a lasting refusal that need not be this letter's own fault."""
    held: Held | None = None
    """Why it waits, while a cap holds it back."""
    by_hand: bool = False
    """True if a person wants it sent."""
    left_at: datetime | None = None
    """When it was handed in, unless the server refused it: it counts for the caps from then on."""

    @property
    def to_reporter(self) -> bool:
        """True if the caps count it."""
        return self.purpose in TO_REPORTERS

    def due(self, now: datetime) -> bool:
        """True if a delivery pass at `now` should take it up."""
        return self.state == "submitting" or (self.state == "owed" and (self.retry_at is None or self.retry_at <= now))


@dataclass(frozen=True, slots=True)
class Acknowledgment:
    """What became of the one acknowledgment."""

    state: Literal["owed", "submitted", "withheld", "failed", "uncertain"]
    reason: str
    at: datetime
    message_id: str | None
    not_before: datetime | None = None
    """Of one that a cap holds back: when there may be room for it."""


@dataclass(frozen=True, slots=True)
class TeamLetter:
    """A mail of ours to the team, as an answer to it is judged."""

    mail: ToTeam
    letter: Letter
    cases: tuple[str, ...] = ()
    """The ids of the cases that it tells of; none of a digest, which tells of all."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What became of the commands of one mail, as a mail that is owed to its sender."""

    mail: ToTeam
    owed: Owed
    cases: tuple[str, ...]
    """The ids of the cases that the commands named."""
    known_by: tuple[str, ...]
    """By what a further copy of the commanding mail is known."""


def next_try(letter: Letter, now: datetime) -> datetime:
    """When to try again after a temporary refusal at `now`; `letter` is as it was before this try."""
    return now + PAUSES[min(letter.tries, len(PAUSES) - 1)]


def letters(events: Iterable[Event]) -> tuple[Letter, ...]:
    """Every mail that these events speak of, in the order it was owed."""
    return reduce(after, (event for event in events if isinstance(event, LetterEvent)), ())


def after(box: tuple[Letter, ...], event: LetterEvent) -> tuple[Letter, ...]:
    """The letters after one more event; one about a letter that nobody owes changes nothing."""
    if isinstance(event, Owed):
        return (*(letter for letter in box if letter.message_id != event.message_id), _owed(event))
    return tuple(_after(letter, event) if letter.message_id == event.message_id else letter for letter in box)


def _owed(event: Owed) -> Letter:
    return Letter(
        event.purpose,
        event.message_id,
        event.envelope_from,
        event.to,
        event.raw,
        event.at,
        event.expires_at,
        by_hand=event.purpose == "reply",
    )


def _after(letter: Letter, event: _After) -> Letter:  # noqa: C901, PLR0911 - one arm an event
    match event:
        case Held(reason=reason):
            return replace(letter, held=event, reason=reason)
        case Withheld(at=at, reason=reason):
            return replace(letter, state="withheld", settled_at=at, reason=reason, held=None)
        case Submitting(at=at):
            tries = letter.tries + 1
            return replace(letter, state="submitting", tries=tries, tried_at=at, held=None, left_at=at)
        case Submitted(at=at, answer=answer):
            return replace(letter, state="submitted", settled_at=at, reason=answer, refused=False)
        case Deferred(cause=cause, retry_at=retry_at, refused=refused):
            return replace(letter, state="owed", retry_at=retry_at, reason=cause, left_at=None, refused=refused)
        case Failed(at=at, reason=reason, uncertain=uncertain, refused=refused):
            # One that comes back undelivered had left; one that the server refused had not.
            left = letter.left_at if uncertain or letter.state == "submitted" else None
            ended = replace(letter, settled_at=at, reason=reason, held=None, left_at=left, refused=refused)
            return replace(ended, state="uncertain" if uncertain else "failed")
        case Requeued(expires_at=expires_at):
            # Asked for twice, it still goes out once.
            if letter.state not in {"failed", "uncertain", "withheld"} and letter.held is None:
                return letter
            again = replace(letter, state="owed", tries=0, retry_at=None, settled_at=None, expires_at=expires_at)
            return replace(again, held=None, by_hand=True)
