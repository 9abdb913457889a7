"""How many acknowledgments may go out: an auto-responder on a public address must not be a cannon (RFC 3834 section 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from triaged.core.case.events import Owed

_HOUR = timedelta(hours=1)
LONGEST_WINDOW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Caps:
    """Acknowledgments allowed in a sliding window."""

    per_address_per_day: int
    per_domain_per_hour: int
    per_hour: int


def over_cap(to: str, sent: Iterable[Owed], caps: Caps, now: datetime) -> str | None:
    """The cap that one more acknowledgment to `to` would break, in words; None when it may go.

    `sent` holds the acknowledgments owed within the last day.
    """
    recent = [(owed.at, owed.to[0].lower()) for owed in sent if owed.at > now - LONGEST_WINDOW]
    address, domain = to.lower(), "@" + to.lower().rpartition("@")[2]
    counts = (
        (sum(who == address for _, who in recent), caps.per_address_per_day, "a day to one address"),
        (
            sum(who.endswith(domain) and at > now - _HOUR for at, who in recent),
            caps.per_domain_per_hour,
            "an hour to one domain",
        ),
        (sum(at > now - _HOUR for at, _ in recent), caps.per_hour, "an hour in all"),
    )
    return next((f"the cap of {cap} acknowledgments {what} is reached" for n, cap, what in counts if n >= cap), None)
