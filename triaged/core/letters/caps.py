"""How many acknowledgments may go out: an auto-responder on a public address must not be a cannon (RFC 3834 section 6)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from triaged.core.case.events import Owed

_HOUR = timedelta(hours=1)
LONGEST_WINDOW = timedelta(days=1)
FLOOD_WINDOW = _HOUR


@dataclass(frozen=True, slots=True)
class Caps:
    """Mails to reporters allowed in sliding windows, and how many new cases in an hour are a flood."""

    per_address_per_day: int
    per_domain_per_hour: int
    per_hour: int
    per_domain_per_day: int
    per_day: int
    flood_per_hour: int

    def share(self, parts: int) -> Self:
        """The same windows with that part of each cap, rounded up."""
        return replace(
            self,
            per_address_per_day=-(-self.per_address_per_day // parts),
            per_domain_per_hour=-(-self.per_domain_per_hour // parts),
            per_hour=-(-self.per_hour // parts),
            per_domain_per_day=-(-self.per_domain_per_day // parts),
            per_day=-(-self.per_day // parts),
        )


def over_cap(to: str, sent: Iterable[Owed], caps: Caps, now: datetime, *, doubted: bool = False) -> str | None:
    """The cap that one more mail to `to` would break, in words; None when it may go.

    `sent` holds the mails owed to reporters within the last day. A sender whom our border could not verify (`doubted`) may
    use half of each cap: forged senders then never use up what verified ones need.
    """
    allowed = caps.share(2) if doubted else caps
    address, domain = to.lower(), "@" + to.lower().rpartition("@")[2]
    recent = [(now - owed.at, owed.to[0].lower()) for owed in sent if owed.at > now - LONGEST_WINDOW]
    by_address = [age for age, who in recent if who == address]
    by_domain = [age for age, who in recent if who.endswith(domain)]
    every = [age for age, _ in recent]
    windows = (
        (by_address, LONGEST_WINDOW, allowed.per_address_per_day, "a day to one address"),
        (by_domain, _HOUR, allowed.per_domain_per_hour, "an hour to one domain"),
        (by_domain, LONGEST_WINDOW, allowed.per_domain_per_day, "a day to one domain"),
        (every, _HOUR, allowed.per_hour, "an hour in all"),
        (every, LONGEST_WINDOW, allowed.per_day, "a day in all"),
    )
    for ages, window, cap, words in windows:
        if sum(age < window for age in ages) >= cap:
            who = " for senders not verified" if doubted else ""
            return f"the cap of {cap} acknowledgments {words}{who} is reached"
    return None
