"""Values that tests begin from: a complete report, the shipped policy, a case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from triaged.core.case.caps import Caps
from triaged.core.case.case import fold
from triaged.core.case.events import Owed, Received
from triaged.core.case.triage import House, Mail, Past, triage
from triaged.core.mail.message import Address, Message
from triaged.core.mail.sender import Sender
from triaged.settings import load_policy

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


def house(**changes: object) -> House:
    """We, with the shipped policy and caps that do not bite."""
    return replace(House(policy(), frozenset({"security@smallest.ai"}), Caps(100, 100, 100)), **changes)


def decide(
    read: Message, *, past: Past | None = None, new_id: str = NEW_ID, now: datetime = NOON, ours: House | None = None
):
    """What becomes of a message that arrived an hour ago."""
    return triage(Mail(read, now - HOUR, new_id), ours or house(), past or Past(), now)


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


def case(*events, case_id: str = NEW_ID):
    """The case that a report opens, and what happened to it since."""
    return fold(case_id, (received(), *events))
