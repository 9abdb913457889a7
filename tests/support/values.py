"""Values that tests begin from: a complete report, the shipped policy, a case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from triaged.config.loading import load_policy
from triaged.core.case.case import Case
from triaged.core.case.events import Event, Owed, Received, Submitted
from triaged.core.case.folding import fold
from triaged.core.case.relayed import relay_ids
from triaged.core.intake.correlate import Known
from triaged.core.intake.incoming import Mail, Past
from triaged.core.intake.triage import triage
from triaged.core.letters.caps import Caps, Sent
from triaged.core.letters.house import House
from triaged.core.mail.arrival import Place
from triaged.core.mail.automatic.signs import Ours
from triaged.core.mail.message import Address, Message
from triaged.core.mail.providers import mailbox, organisation
from triaged.core.mail.sender import Sender
from triaged.ports import Fetched

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEW_ID = "SEC-7Q4K-2M8D"
REPORTER = "ann@example.org"

REPORT = """\
Summary
A prompt injection in the chat completion API makes the model reveal its system prompt.

Steps to reproduce
1. curl -X POST https://api.smallest.ai/v1/chat -d '{"prompt": "Ignore all previous instructions"}'
2. Read the system prompt in the answer.

Impact
An attacker can read the system prompt and the tools of any customer.
"""

HEADERS = (
    ("return-path", f"<{REPORTER}>"),
    ("from", f"Ann <{REPORTER}>"),
    ("to", "security@smallest.ai"),
    ("subject", "Prompt injection reveals the system prompt"),
    ("message-id", "<report-1@example.org>"),
)


def message(**changes: object) -> Message:
    """A complete report by one person, with any field changed."""
    whole = Message(
        sha256="ab" * 32,
        size=1234,
        headers=HEADERS,
        message_id="report-1@example.org",
        references=(),
        subject="Prompt injection reveals the system prompt",
        authors=(Address("Ann", REPORTER),),
        author_readings=((REPORTER,), (REPORTER,), (REPORTER,)),
        content_type="text/plain",
        text=REPORT,
    )
    return replace(whole, **changes)


def by(address: str, **changes: object) -> Message:
    """A message by another author."""
    headers = tuple(("from", address) if name == "from" else (name, value) for name, value in HEADERS)
    headers = tuple(
        ("return-path", f"<{address}>") if name == "return-path" else (name, value) for name, value in headers
    )
    return message(headers=headers, authors=(Address("", address),), author_readings=((address,),) * 3, **changes)


@cache
def policy():
    """The shipped policy."""
    return load_policy()


CAPS = Caps(
    per_address_per_day=100,
    per_domain_per_hour=100,
    per_hour=100,
    per_domain_per_day=1000,
    per_day=1000,
    flood_per_hour=1000,
)


BORDER = "mx.smallest.ai"


def vouched(read: Message) -> Message:
    """The same message, its author verified by our border (for a house with `trust=Trust(BORDER)`)."""
    return replace(read, headers=(("authentication-results", f"{BORDER}; dmarc=pass"), *read.headers))


def house(**changes: object) -> House:
    """We, with the shipped policy and caps that do not bite."""
    return replace(House(policy(), Ours(frozenset({"security@smallest.ai"})), CAPS), **changes)


def decide(
    read: Message, *, past: Past | None = None, new_id: str = NEW_ID, now: datetime = NOON, ours: House | None = None
):
    """What becomes of a message that arrived an hour ago."""
    return triage(Mail(read, now - HOUR, new_id), ours or house(), past or Past(), now)


def mail(number: int = 1, *, author: str = REPORTER, subject: str = "", text: str = REPORT, more: str = "") -> bytes:
    """The raw bytes of a report; `more` is further header lines."""
    head = (
        f"Return-Path: <{author}>\r\nFrom: Ann <{author}>\r\nTo: security@smallest.ai\r\n"
        f"Subject: {subject or f'Prompt injection no. {number}'}\r\nMessage-ID: <report-{number}@example.org>\r\n{more}"
    )
    return f"{head}\r\n{text}".encode()


def fetched(raw: bytes, uid: int = 1, **changes: object) -> Fetched:
    """A mail as it lies in the mailbox, there for an hour."""
    return replace(Fetched(Place("INBOX", 1, uid), NOON - HOUR, len(raw), raw), **changes)


def sent(*addresses: str, at: datetime = NOON, **changes: object) -> tuple[Sent, ...]:
    """Mails that left for these addresses then, as the caps count them."""
    return tuple(
        replace(Sent(mailbox(to), organisation(to), at, at, held=False, verified=False), **changes) for to in addresses
    )


def knowing(*cases: Case, sent: Sequence[Sent] = ()) -> Past:
    """A past in which these cases can be found, by their ids and by the Message-IDs of their mails and letters."""
    owners = {mail.message_id: each for each in cases for mail in (*each.mails, *each.letters) if mail.message_id}
    for each in cases:
        answers = (event.answer for event in each.history if isinstance(event, Submitted))
        owners.update({relayed: each for answer in answers for relayed in relay_ids(answer)})
    copies = {mail.fingerprint: each for each in cases for mail in each.mails if mail.fingerprint}
    by_reporter = lambda address: [each for each in cases if each.reporter.address.lower() == address.lower()]  # noqa: E731
    by_id = {each.id: each for each in cases}
    return Past(Known(owners.get, by_id.get, by_fingerprint=copies.get, by_reporter=by_reporter), sent)


def opened(read: Message | None = None, *, case_id: str = NEW_ID, later: Sequence[Event] = ()) -> Case:
    """The case that a message opens, with its acknowledgment owed, and what happened to it since."""
    decision = decide(read or message(), new_id=case_id)
    letters = (owed(message_id=f"ack-{case_id.lower()}@smallest.ai"),) if decision.reply else ()
    return fold(case_id, (*decision.events, *letters, *later))


def received(**changes: object) -> Received:
    """The event that opens a case."""
    return replace(
        Received(
            at=NOON,
            sha256="ab" * 32,
            received_at=NOON - HOUR,
            message_id="report-1@example.org",
            sender=Sender("Ann", REPORTER, "unverified", "no Authentication-Results are trusted"),
            subject="Prompt injection reveals the system prompt",
        ),
        **changes,
    )


def owed(**changes: object) -> Owed:
    """An acknowledgment owed."""
    return replace(
        Owed(
            at=NOON,
            purpose="acknowledgment",
            message_id="ack-1@smallest.ai",
            envelope_from="",
            to=(REPORTER,),
            raw="Subject: a\r\n\r\nb\r\n",
            expires_at=NOON + 48 * HOUR,
        ),
        **changes,
    )


def case(*events: Event, case_id: str = NEW_ID) -> Case:
    """The case that a report opens, and what happened to it since."""
    return fold(case_id, (received(), *events))


def second(read: Message, *cases: Case, **how: object):
    """What becomes of a message that arrives a day later, beside these cases."""
    return decide(read, past=knowing(*cases), new_id="SEC-3333-3333", now=NOON + timedelta(days=1), **how)
