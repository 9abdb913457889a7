"""What the team is told: the digest of each local date, an alarm when a flood begins, and how the daemon itself is."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

import structlog

from triaged import __version__
from triaged.config.settings import DigestSettings
from triaged.core.case.outbox import Letter
from triaged.core.case.owner import ToTeam
from triaged.core.letters.caps import FLOOD_WINDOW
from triaged.core.letters.draft import Draft
from triaged.core.plural import counted
from triaged.core.policy.policy import Policy
from triaged.core.team.digest import Digest, Health, Inputs, digest, digest_day
from triaged.core.team.drafts import alarm, daily_digest
from triaged.crash import crash_point
from triaged.ports import Pulse, Store
from triaged.service.owing import owe
from triaged.service.rooms import Mailroom, WritingDesk

log = structlog.get_logger()

_STALE = timedelta(minutes=5)
_STUCK = timedelta(hours=1)
_TOLD_FOR = timedelta(days=3)
"""An alert that was not sent stands in the digests of these days."""


def send_digest(desk: WritingDesk, well: Health) -> date | None:
    """Owe the digest that is due, once per local date; `deliver` sends it. Returns its date, None when none is due."""
    now, settings = desk.clock(), desk.digest_settings
    last = desk.store.last_digest(now.astimezone(settings.timezone).date())
    day = digest_day(settings.at, settings.timezone, now, last[0] if last else None)
    if day is None:
        return None
    composed = compose_digest(desk.store, desk.house.policy, well, now, day, settings)
    _owe_to_team(desk, daily_digest(composed, settings.to, now), now)
    crash_point("digest-owed")
    log.info("digest owed", day=day.isoformat(), state=composed.state)
    return day


def raise_alarm(desk: WritingDesk) -> bool:
    """Owe the team a mail when a flood begins, at most once a UTC date; whether it was owed now."""
    now = desk.clock()
    opened = desk.store.opened_since(now - FLOOD_WINDOW)
    if opened < desk.house.caps.flood_per_hour or desk.store.letter_to_team(ToTeam.dated("alarm", now.date())):
        return False
    _owe_to_team(desk, alarm(opened, desk.digest_settings.to, now), now)
    crash_point("alarm-owed")
    log.warning("flood", opened_within_the_hour=opened)
    return True


def _owe_to_team(desk: WritingDesk, draft: Draft, now: datetime) -> None:
    owed, *_ = owe(desk.renderer, draft, now)
    desk.store.letter_event(draft.owner, owed)


def compose_digest(  # noqa: PLR0913 - what a digest is made of, and whose
    store: Store, policy: Policy, well: Health, now: datetime, day: date, settings: DigestSettings, *, owner: str = ""
) -> Digest:
    """The work list of a day, over what has happened since the digest before it; with an owner, theirs alone."""
    last = store.last_digest(day - timedelta(days=1))
    since = last[1].owed_at if last else now - timedelta(days=1)
    set_aside, cases = store.set_aside_since(since), tuple(store.cases())
    figures = not owner and _is_weekly(day, last[0] if last else None, settings)
    inputs = Inputs(cases, set_aside, store.seen(), well, since, figures, owner)
    return digest(inputs, policy, now, day, settings.timezone)


def _is_weekly(day: date, last: date | None, settings: DigestSettings) -> bool:
    """True if the day of the week's figures has come since the last digest: days missed do not take them away."""
    days = min((day - last).days, 7) if last else 1
    return any(settings.is_weekly(day - timedelta(days=number)) for number in range(days))


def health(store: Store, pulse: Pulse, now: datetime) -> Health:
    """How the daemon is, from what it last wrote down and what lies in the outbox."""
    owed = [letter for _, letter in store.owed()]
    return Health(
        last_poll_at=pulse.last_poll_at,
        problems=tuple(_problems(store, pulse, owed, now)),
        owed=len(owed),
        oldest_owed_at=min((letter.owed_at for letter in owed), default=None),
        held=sum(letter.held is not None for letter in owed),
        room_at=min((letter.held.not_before for letter in owed if letter.held), default=None),
        version=__version__,
        warnings=tuple(_warnings(owed, now)),
        notes=tuple(_waiting(letter for letter in owed if letter.tries == 1 and not _is_stuck(letter, now))),
    )


def missing_mail(mailrooms: Sequence[Mailroom], times: int = 3) -> str:
    """What to tell of mails, sent ones too, that the server has failed to give so many times; empty when there are none."""
    watched = [box for room in mailrooms for box in (room.mailbox, room.sent) if box is not None]
    there = [named for mailbox in watched for named in mailbox.unreadable(times)]
    return f"{counted(len(there), 'mail')} cannot be had from the server ({there[0]})" if there else ""


def _warnings(owed: Sequence[Letter], now: datetime) -> Iterator[str]:
    """What the submission server says of mail that is still tried: refusals that are one fault of ours, then all others."""
    refused = [letter for letter in owed if letter.refused]
    if refused:
        yield f"{_mails(refused)} refused, to be tried again {_next_try(refused)}: {_last_tried(refused).reason}"
    yield from _waiting(letter for letter in owed if letter.tries > 1 and not _is_stuck(letter, now))


def _waiting(letters: Iterable[Letter]) -> Iterator[str]:
    waiting = [letter for letter in letters if letter.retry_at and not letter.refused]
    if waiting:
        yield f"{_mails(waiting)} not sent yet, to be tried again {_next_try(waiting)}: {waiting[0].reason}"


def _is_stuck(letter: Letter, now: datetime) -> bool:
    return now - letter.owed_at > _STUCK and not letter.refused and letter.held is None


def _mails(letters: Sequence[Letter]) -> str:
    return counted(len(letters), "mail")


def _next_try(letters: Sequence[Letter]) -> str:
    at = min((letter.retry_at for letter in letters if letter.retry_at), default=None)
    return f"at {at:%H:%M} UTC" if at else "at once"


def _last_tried(letters: Sequence[Letter]) -> Letter:
    return max(letters, key=lambda letter: letter.tried_at or letter.owed_at)


def _problems(store: Store, pulse: Pulse, owed: Sequence[Letter], now: datetime) -> Iterator[str]:
    if pulse.trouble:
        yield f"the mailbox has not been read since {pulse.trouble_since:%Y-%m-%d %H:%M} UTC: {pulse.trouble}"
    elif pulse.last_poll_at is None:
        yield "the mailbox has never been read; is the daemon running?"
    elif now - pulse.last_poll_at > max(timedelta(seconds=3 * pulse.poll_every_seconds), _STALE):
        yield f"no poll since {pulse.last_poll_at:%Y-%m-%d %H:%M} UTC; is the daemon running?"
    if pulse.unreadable:
        yield pulse.unreadable
    stuck = [letter for letter in owed if _is_stuck(letter, now)]
    if stuck:
        yield f"{_mails(stuck)} not sent for over an hour: {stuck[0].reason or 'not tried yet'}"
    alert = store.last_alert()
    if alert and alert.state in {"failed", "uncertain"} and now - alert.owed_at < _TOLD_FOR:
        yield f"the alert of {alert.owed_at:%Y-%m-%d %H:%M} UTC was not sent: {alert.reason}"
    # Tomorrow's date counts: it has begun in the zones east of here.
    last = store.last_digest((now + timedelta(days=1)).date())
    if last and last[1].state in {"failed", "uncertain"}:
        yield f"the digest of {last[0].isoformat()} was not sent: {last[1].reason}"
