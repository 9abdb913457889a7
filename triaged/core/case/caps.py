"""How many acknowledgments may go out: an auto-responder on a public address must not be a cannon (RFC 3834 section 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

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


def over_cap(to: str, sent: Iterable[Owed], caps: Caps, now: datetime, *, doubted: bool = False) -> str | None:
    """The cap that one more mail to `to` would break, in words; None when it may go.

    `sent` holds the mails owed to reporters within the last day. A sender whom our border could not verify (`doubted`) may
    use half of each cap: forged senders then never use up what verified ones need.
    """
    address, domain = to.lower(), "@" + to.lower().rpartition("@")[2]
    recent = [(now - owed.at, owed.to[0].lower()) for owed in sent if owed.at > now - LONGEST_WINDOW]
    by_address = [age for age, who in recent if who == address]
    by_domain = [age for age, who in recent if who.endswith(domain)]
    every = [age for age, _ in recent]
    windows = (
        (by_address, LONGEST_WINDOW, caps.per_address_per_day, "a day to one address"),
        (by_domain, _HOUR, caps.per_domain_per_hour, "an hour to one domain"),
        (by_domain, LONGEST_WINDOW, caps.per_domain_per_day, "a day to one domain"),
        (every, _HOUR, caps.per_hour, "an hour in all"),
        (every, LONGEST_WINDOW, caps.per_day, "a day in all"),
    )
    for ages, window, cap, words in windows:
        allowed = -(-cap // 2) if doubted else cap
        if sum(age < window for age in ages) >= allowed:
            who = " for senders not verified" if doubted else ""
            return f"the cap of {allowed} acknowledgments {words}{who} is reached"
    return None
