"""The jobs, each one a restartable pass: take in what is new, deliver what is owed, send the digest that is due.

Effects stand in the order of their cost to lose: durable, then visible. A pass that dies anywhere is begun again by the next.
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import structlog

from triaged import __version__
from triaged.core.case.caps import LONGEST_WINDOW
from triaged.core.case.correlate import Known
from triaged.core.case.digest import Digest, Health, Inputs, digest, digest_day
from triaged.core.case.events import Deferred, Event, Failed, Submitted, Submitting
from triaged.core.case.naming import case_id
from triaged.core.case.outbox import Letter, next_try
from triaged.core.case.triage import Decision, House, Mail, Past, not_understood, triage
from triaged.core.mail.arrival import Arrival, Contact, Place
from triaged.core.mail.headers import degraded_message
from triaged.core.mail.message import Message
from triaged.core.policy import Policy
from triaged.ports import (
    Cases,
    Clock,
    Decisions,
    Fetched,
    Mailbox,
    Places,
    Pulse,
    Reader,
    Refused,
    Renderer,
    Spool,
    Store,
    Submission,
    TryLater,
)
from triaged.settings import DigestSettings

log = structlog.get_logger()

REFUSALS_IN_A_ROW = 3
_STALE = timedelta(minutes=5)
_STUCK = timedelta(hours=1)
_CRASHED = (
    "a crash fell between handing it in and the server's answer: look in the server's log before sending it again"
)

ATTEMPTS = 3
"""Readings after which a mail becomes a case unread: it has killed its reader that often, or the machine under it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that the jobs work with."""

    mailbox: Mailbox
    submission: Submission
    store: Store
    spool: Spool
    reader: Reader
    decisions: Decisions
    renderer: Renderer
    house: House
    digest_settings: DigestSettings
    key: bytes
    clock: Clock
    on_uncertain: str = "resend"
    stopping: Callable[[], bool] = field(default=lambda: False)
    """Asked between two mails: a daemon told to stop finishes the one in hand."""
    alive: Callable[[], None] = field(default=lambda: None)
    """Called after each mail, so that a long backlog does not look like a hang to the watchdog."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A mail that has come to its end in this pass."""

    arrival: Arrival
    decision: Decision | None
    """None when the very same bytes had come before."""


def take_in(desk: Desk) -> list[Settled]:
    """Bring every mail that is new to its end, first those that a crash left half done; raises TryLater."""
    settled: list[Settled] = []
    for arrival in desk.store.pending():
        if desk.stopping():
            return settled
        settled.append(_settle(desk, arrival))
        desk.alive()
    for fetched in desk.mailbox.fetch_new(desk.store, desk.clock()):
        settled.append(_receive(desk, fetched))
        desk.alive()
        if desk.stopping():
            break
    return settled


def _receive(desk: Desk, fetched: Fetched) -> Settled:
    sha256 = desk.spool.keep(fetched.raw)
    known = desk.store.arrival(sha256)
    if known is not None:
        return _seen_again(desk, known, fetched.place)
    now = desk.clock()
    received_at = min(fetched.received_at, now)
    arrival = Arrival(sha256, received_at, now, max(fetched.size, len(fetched.raw)), (fetched.place,))
    return _settle(desk, arrival)


def _seen_again(desk: Desk, known: Arrival, place: Place) -> Settled:
    """The same bytes at another place (UIDVALIDITY changed, or somebody copied the mail): noted, nothing more."""
    arrival = replace(known, places=(*known.places, place))
    desk.store.note(arrival)
    return Settled(arrival, None) if arrival.end else _settle(desk, arrival)


def _settle(desk: Desk, arrival: Arrival) -> Settled:
    """Bring one mail that is safe in the spool to its end: one durable write, then the courtesies."""
    # Counted before the bytes are touched: a mail that kills this process must not do so for ever.
    arrival = replace(arrival, attempts=arrival.attempts + 1)
    desk.store.note(arrival)
    decision, events = _decided(desk, arrival)
    arrival = replace(arrival, end=decision.end, reason=decision.reason, case_id=decision.case_id)
    if decision.case_id:
        desk.store.record(decision.case_id, events, arrival)
    else:
        desk.store.note(arrival)
    log.info("mail settled", end=arrival.end, case=arrival.case_id, sha256=arrival.sha256[:12], size=arrival.size)
    _file(desk, arrival)
    return Settled(arrival, decision)


def _decided(desk: Desk, arrival: Arrival) -> tuple[Decision, tuple[Event, ...]]:
    """What becomes of the mail, with its reply rendered. A fault of ours in here makes it a case for a person."""
    now = desk.clock()
    new_id = case_id(desk.key, arrival.sha256)
    try:
        message = _message(desk, arrival)
        decision = triage(Mail(message, arrival.received_at, new_id), desk.house, _past(desk.store, now), now)
        owed = (desk.renderer.acknowledgment(decision.reply, now),) if decision.reply else ()
    except Exception as error:  # noqa: BLE001 - the one broad catch: no mail may stop the mails behind it
        # The exception's text may hold the sender's words: its type and place are what an engineer needs.
        log.error("mail not understood", sha256=arrival.sha256, error=type(error).__name__, at=_innermost(error))
        mail = Mail(replace(degraded_message(b"", "a fault"), sha256=arrival.sha256), arrival.received_at, new_id)
        why = f"reading it failed ({type(error).__name__}); the raw mail is in the spool as {arrival.sha256}"
        decision = not_understood(mail, why, desk.house.policy, now)
        owed = ()
    return decision, (*decision.events, *owed)


def _message(desk: Desk, arrival: Arrival) -> Message:
    raw = desk.spool.read(arrival.sha256)
    if arrival.attempts > ATTEMPTS:
        return degraded_message(raw, f"reading it was begun {ATTEMPTS} times and never ended")
    return _cut(desk.reader.read(raw), len(raw), arrival.size)


def _cut(message: Message, fetched: int, size: int) -> Message:
    """The message, with a word about it if only its beginning was fetched."""
    if size <= fetched:
        return message
    why = f"only the first {fetched} of {size} bytes were fetched: it is over the size limit"
    return replace(message, size=size, defects=(*message.defects, why))


def _past(cases: Cases, now: datetime) -> Past:
    return Past(Known(cases.by_message_id, cases.case), cases.replies_since(now - LONGEST_WINDOW))


def _innermost(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"


def _file(desk: Desk, arrival: Arrival) -> None:
    """Move or mark the mail if the settings say so. It is settled already: a server that says no costs one log line."""
    for place in arrival.places[-1:]:
        try:
            desk.mailbox.file(place)
        except (TryLater, Refused) as error:
            log.warning("mail not filed", uid=place.uid, folder=place.folder, cause=str(error))


def preview(
    mailbox: Mailbox, reader: Reader, store: Store, house: House, clock: Clock
) -> Iterator[tuple[Fetched, Message, Decision]]:
    """What `take_in` would decide about each mail not seen before, with nothing kept, sent or filed; raises TryLater."""
    for fetched in mailbox.fetch_new(Onlooker(store), clock()):
        now, message = clock(), _cut(reader.read(fetched.raw), len(fetched.raw), fetched.size)
        if store.arrival(message.sha256) is not None:
            continue
        mail = Mail(message, min(fetched.received_at, now), case_id(b"preview", message.sha256))
        yield fetched, message, triage(mail, house, _past(store, now), now)


@dataclass(frozen=True, slots=True)
class Onlooker:
    """A ledger that is only read: what a preview may see of the real one."""

    ledger: Places

    def knows(self, place: Place) -> bool:
        """As the ledger says."""
        return self.ledger.knows(place)

    def highest_uid(self, folder: str, uidvalidity: int) -> int:
        """As the ledger says."""
        return self.ledger.highest_uid(folder, uidvalidity)

    def contact(self, folder: str, uidvalidity: int) -> Contact | None:
        """As the ledger says."""
        return self.ledger.contact(folder, uidvalidity)

    def last_taken_at(self) -> datetime | None:
        """As the ledger says."""
        return self.ledger.last_taken_at()

    def remember(self, contact: Contact) -> None:
        """A look is no first contact."""


def deliver(desk: Desk) -> int:
    """Try every letter that is due and return how many were submitted.

    The pass ends after a few temporary refusals in a row: a server that is down is asked again by the next pass.
    """
    submitted = refusals = 0
    for owner, letter in desk.store.owed():
        if desk.stopping() or refusals >= REFUSALS_IN_A_ROW:
            break
        if not letter.due(desk.clock()):
            continue
        outcome = _attempt(desk, owner, letter)
        desk.store.letter_event(owner, outcome)
        log.info("letter tried", owner=owner, purpose=letter.purpose, outcome=outcome.kind)
        submitted += outcome.kind == "submitted"
        refusals = refusals + 1 if outcome.kind == "deferred" else 0
        desk.alive()
    return submitted


def _attempt(desk: Desk, owner: str, letter: Letter) -> Submitted | Deferred | Failed:
    now, message_id = desk.clock(), letter.message_id
    if letter.state == "submitting" and (desk.on_uncertain == "hold" or letter.expires_at <= now):
        return Failed(at=now, message_id=message_id, reason=_CRASHED, uncertain=True)
    # A daemon that was down past the date has not tried it yet: it is tried once.
    if letter.expires_at <= now and letter.tries:
        tries = f"{letter.tries} tr{'y' if letter.tries == 1 else 'ies'}"
        reason = f"given up after {tries}; the last answer: {letter.reason or 'none'}"
        return Failed(at=now, message_id=message_id, reason=reason)
    desk.store.letter_event(owner, Submitting(at=now, message_id=message_id))
    try:
        answer = desk.submission.submit(letter)
    except TryLater as error:
        if error.uncertain and desk.on_uncertain == "hold":
            return Failed(at=desk.clock(), message_id=message_id, reason=str(error), uncertain=True)
        at = desk.clock()
        return Deferred(at=at, message_id=message_id, cause=str(error), retry_at=next_try(letter, at))
    except Refused as error:
        return Failed(at=desk.clock(), message_id=message_id, reason=str(error))
    return Submitted(at=desk.clock(), message_id=message_id, answer=answer)


def take_up(store: Store, decisions: Decisions) -> int:
    """Record what the team has decided; what is recorded already (a crash before it was taken away) is not again."""
    waiting = decisions.handed_in()
    for handed in waiting:
        case = store.case(handed.case_id)
        if case is None:
            log.error("decision on an unknown case", case=handed.case_id, kind=handed.event.kind)
        elif handed.event not in case.history:
            store.record(case.id, (handed.event,))
            log.info("decision recorded", case=case.id, kind=handed.event.kind, by=handed.event.by)
        decisions.taken_up(handed.name)
    return len(waiting)


def send_digest(desk: Desk, well: Health) -> date | None:
    """Owe the digest that is due, once per local date; `deliver` sends it. Returns its date, None when none is due."""
    now, settings = desk.clock(), desk.digest_settings
    last = desk.store.last_digest(now.astimezone(settings.timezone).date())
    day = digest_day(settings.at, settings.timezone, now, last[0] if last else None)
    if day is None:
        return None
    composed = compose_digest(desk.store, desk.house.policy, well, now, day, settings)
    desk.store.record_digest(day, desk.renderer.digest(composed, now))
    log.info("digest owed", day=day.isoformat(), state=composed.state)
    return day


def compose_digest(
    store: Store, policy: Policy, well: Health, now: datetime, day: date, settings: DigestSettings
) -> Digest:
    """The work list of a day, over what has happened since the digest before it."""
    last = store.last_digest(day - timedelta(days=1))
    since = last[1].owed_at if last else now - timedelta(days=1)
    inputs = Inputs(tuple(store.cases()), store.set_aside_since(since), store.seen(), well, since)
    return digest(inputs, policy, now, day, settings.timezone)


def health(store: Store, pulse: Pulse, now: datetime) -> Health:
    """How the daemon is, from what it last wrote down and what lies in the outbox."""
    owed = [letter for _, letter in store.owed()]
    return Health(
        last_poll_at=pulse.last_poll_at,
        problems=tuple(_problems(store, pulse, owed, now)),
        owed=len(owed),
        oldest_owed_at=min((letter.owed_at for letter in owed), default=None),
        version=__version__,
    )


def _problems(store: Store, pulse: Pulse, owed: Sequence[Letter], now: datetime) -> Iterator[str]:
    if pulse.trouble:
        yield f"the mailbox has not been read since {pulse.trouble_since:%Y-%m-%d %H:%M} UTC: {pulse.trouble}"
    elif pulse.last_poll_at is None:
        yield "the mailbox has never been read; is the daemon running?"
    elif now - pulse.last_poll_at > max(timedelta(seconds=3 * pulse.poll_every_seconds), _STALE):
        yield f"no poll since {pulse.last_poll_at:%Y-%m-%d %H:%M} UTC; is the daemon running?"
    stuck = [letter for letter in owed if now - letter.owed_at > _STUCK]
    if stuck:
        count = f"{len(stuck)} mail{'' if len(stuck) == 1 else 's'}"
        yield f"{count} not sent for over an hour: {stuck[0].reason or 'not tried yet'}"
    # Tomorrow's date counts: it has begun in the zones east of here.
    last = store.last_digest((now + timedelta(days=1)).date())
    if last and last[1].state in {"failed", "uncertain"}:
        yield f"the digest of {last[0].isoformat()} was not sent: {last[1].reason}"
