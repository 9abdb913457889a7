"""The outbox is a fold: a letter is owed from `Owed` until `Submitted`, `Failed` or `Withheld`."""

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

# Growing pauses, like Postfix's own (minimal_backoff_time 300 s to maximal_backoff_time 4000 s): a greylisting
# server accepts the second try, and a broken one is not hammered.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))


_After = Held | Withheld | Submitting | Submitted | Deferred | Failed | Requeued


@dataclass(frozen=True, slots=True)
class Letter:
    """One outgoing mail in its current state."""

    purpose: Purpose
    message_id: str
    envelope_from: str
    to: tuple[str, ...]
    raw: str
    owed_at: datetime
    expires_at: datetime
    state: Literal["owed", "submitting", "submitted", "withheld", "failed", "uncertain"] = "owed"
    """`submitting` while no delivery is running means a crash: nobody knows whether the mail went out."""
    tries: int = 0
    retry_at: datetime | None = None
    settled_at: datetime | None = None
    reason: str = ""
    """The last refusal, the cap that holds the mail back, or the server's answer."""
    tried_at: datetime | None = None
    """When it was last handed to the server."""
    refused: bool = False
    """True if the last outcome was a permanent refusal that may not be this letter's own fault."""
    held: Held | None = None
    """Why the mail waits, while a cap holds it back."""
    by_hand: bool = False
    """True if a person asked for it to be sent."""
    left_at: datetime | None = None
    """When it was handed to the server, unless the server refused it; from then on it counts towards the caps."""

    @property
    def to_reporter(self) -> bool:
        """True if the letter counts towards the caps."""
        return self.purpose in TO_REPORTERS

    def due(self, now: datetime) -> bool:
        """True if a delivery pass at `now` should try it."""
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
    """A mail to the team, with what is needed to judge an answer to it."""

    mail: ToTeam
    letter: Letter
    cases: tuple[str, ...] = ()
    """The ids of the cases it is about; empty for a digest, which covers all."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The results of the commands in one mail, as a mail owed to its sender."""

    mail: ToTeam
    owed: Owed
    cases: tuple[str, ...]
    """The ids of the cases that the commands named."""
    known_by: tuple[str, ...]
    """The identities by which another copy of the commanding mail is recognised."""


def next_try(letter: Letter, now: datetime) -> datetime:
    """Return when to retry after a temporary refusal at `now`; `letter` is in its state before this try."""
    return now + PAUSES[min(letter.tries, len(PAUSES) - 1)]


def letters(events: Iterable[Event]) -> tuple[Letter, ...]:
    """Every mail that these events name, in the order it was owed."""
    return reduce(after, (event for event in events if isinstance(event, LetterEvent)), ())


def after(box: tuple[Letter, ...], event: LetterEvent) -> tuple[Letter, ...]:
    """The letters after one more event; an event about a letter that was never owed changes nothing."""
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


def _after(letter: Letter, event: _After) -> Letter:  # noqa: C901, PLR0911 - one arm per event
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
            # A mail that bounced had been sent; one that the server refused had not.
            left = letter.left_at if uncertain or letter.state == "submitted" else None
            ended = replace(letter, settled_at=at, reason=reason, held=None, left_at=left, refused=refused)
            return replace(ended, state="uncertain" if uncertain else "failed")
        case Requeued(expires_at=expires_at):
            # Requested twice, it still goes out once.
            if letter.state not in {"failed", "uncertain", "withheld"} and letter.held is None:
                return letter
            again = replace(letter, state="owed", tries=0, retry_at=None, settled_at=None, expires_at=expires_at)
            return replace(again, held=None, by_hand=True)
