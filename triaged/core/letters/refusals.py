"""Permanent refusals in a row: a single letter is refused for its own sake, several because of our settings.

Only letters to reporters count. A relay that refuses them still takes the digest, which goes to the team's own domain.
"""

from collections.abc import Iterable
from datetime import datetime

from triaged.core.case.outbox import Letter

_RECIPIENTS = 3
_DOMAINS = 2
"""Servers of this many domains do not refuse one sender in a row by chance."""

REMEDY = (
    "it takes no mail from us as the settings are; check smtp.username, smtp.envelope_from and that it relays for us"
)


def last_taken_at(letters: Iterable[Letter]) -> datetime | None:
    """When the server last took one of these letters."""
    return max((each.tried_at for each in letters if each.state == "submitted" and each.tried_at), default=None)


def in_a_row(letters: Iterable[Letter]) -> tuple[Letter, ...]:
    """The letters refused since the server last took one, final or not, oldest first."""
    known = tuple(letters)
    taken_at = last_taken_at(known)
    row = (each for each in known if each.refused and each.tried_at and (taken_at is None or each.tried_at > taken_at))
    return tuple(sorted(row, key=lambda each: (each.tried_at, each.message_id)))


def is_one_fault(row: Iterable[Letter]) -> bool:
    """True if so many recipients refused that our settings must be at fault, not the letters."""
    recipients = {address.lower() for letter in row for address in letter.to}
    domains = {address.rpartition("@")[2] for address in recipients}
    return len(recipients) >= _RECIPIENTS or len(domains) >= _DOMAINS
