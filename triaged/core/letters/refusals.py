"""Lasting refusals in a row: one letter is refused for its own sake, several for ours.

Letters to reporters alone are counted. A relay that refuses them takes the digest all the same: the team's domain is its own.
"""

from collections.abc import Iterable
from datetime import datetime

from triaged.core.case.outbox import Letter

_RECIPIENTS = 3
_DOMAINS = 2
"""Servers of so many domains do not refuse one sender in a row by chance."""

REMEDY = (
    "it takes no mail from us as the settings are; check smtp.username, smtp.envelope_from and that it relays for us"
)


def last_taken_at(letters: Iterable[Letter]) -> datetime | None:
    """When the server last took one of these."""
    return max((each.tried_at for each in letters if each.state == "submitted" and each.tried_at), default=None)


def in_a_row(letters: Iterable[Letter]) -> tuple[Letter, ...]:
    """Those refused since the server last took one, final or not, the first one first."""
    known = tuple(letters)
    taken_at = last_taken_at(known)
    row = (each for each in known if each.refused and each.tried_at and (taken_at is None or each.tried_at > taken_at))
    return tuple(sorted(row, key=lambda each: (each.tried_at, each.message_id)))


def is_one_fault(row: Iterable[Letter]) -> bool:
    """True if so many different recipients speak of our settings rather than of the letters."""
    recipients = {address.lower() for letter in row for address in letter.to}
    domains = {address.rpartition("@")[2] for address in recipients}
    return len(recipients) >= _RECIPIENTS or len(domains) >= _DOMAINS
