"""The team's own mail: who wrote it, whether it answers a reporter, and when. None of it is read as a report."""

import email.utils
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from triaged.core.case.case import Case
from triaged.core.case.events import Answered, Copied, Event, TeamWrote
from triaged.core.mail.message import Message
from triaged.core.mail.sender import Sender

_ADDRESSES = 200


@dataclass(frozen=True, slots=True)
class TeamMail:
    """A mail that a colleague wrote, or appears to have written."""

    message: Message
    sender: Sender
    received_at: datetime
    verified: bool
    """True if our border vouches for the colleague, or the mail lies in our own folder of sent mail."""

    def happened(self, case: Case, now: datetime) -> tuple[Event, ...]:
        """The events for the case whose thread it is in. Only a verified answer to the reporter counts as a person's."""
        message = self.message
        wrote = [event for event in case.history if isinstance(event, TeamWrote)]
        if message.message_id and any(event.message_id == message.message_id for event in wrote):
            return (Copied(at=now, sha256=message.sha256),)
        joined = TeamWrote(
            at=now,
            sha256=message.sha256,
            received_at=self.received_at,
            message_id=message.message_id,
            sender=self.sender,
            subject=message.subject,
            verified=self.verified,
        )
        if not (self.verified and _goes_to(message, case)):
            return (joined,)
        at = min(max(_dated(message) or self.received_at, case.received_at), self.received_at)
        return (joined, Answered(at=at, by=self.sender.address))


def is_automatic(message: Message, sign: str, wrote: Callable[[str], bool]) -> bool:
    """True if a colleague's mail program or triaged itself wrote it. Our own address as the sender is not enough here."""
    return sign not in {"", "own-mail"} or bool(message.message_id and wrote(message.message_id))


def _goes_to(message: Message, case: Case) -> bool:
    values = [value for name in ("to", "cc", "bcc") for value in message.all(name)]
    named = {address.lower() for _, address in email.utils.getaddresses(values)[:_ADDRESSES]}
    return any(address and address.lower() in named for address in (case.reporter.address, case.opening.passed_on_by))


def _dated(message: Message) -> datetime | None:
    """The mail's own Date; None if it has none that can be read."""
    try:
        at = email.utils.parsedate_to_datetime(message.first("date"))
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
