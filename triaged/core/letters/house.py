"""The house that receives mail and sends letters, and the people who work in it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triaged.core.letters.caps import Caps
from triaged.core.letters.reply import Away
from triaged.core.mail.automatic.signs import Ours
from triaged.core.mail.sender import Trust
from triaged.core.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Team:
    """The people who work on reports. All strings are in lower case."""

    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    own_domains: frozenset[str] = frozenset()
    """The domains of our own addresses: people who write from there in a case's thread are colleagues, if not in the team."""

    def holds(self, address: str) -> bool:
        """True if this is an address of the team."""
        return address.lower() in self.addresses or _domain(address) in self.domains

    def is_colleague(self, address: str) -> bool:
        """True if this is an address of the team or in one of our own domains."""
        return self.holds(address) or _domain(address) in self.own_domains


@dataclass(frozen=True, slots=True)
class House:
    """The identity and decisions of the team, as far as deciding on a mail needs them."""

    policy: Policy
    ours: Ours
    caps: Caps
    trust: Trust = field(default_factory=Trust)
    away: Away | None = None
    team: Team = field(default_factory=Team)
    updates_in_a_row: int = 0
    """How many automatic updates may follow one another without a person's word; 0: none is sent."""
    alerts: bool = False
    """True if the team is mailed at once of what cannot wait."""
    remind_after: timedelta | None = None
    """How long a reporter is awaited before they are reminded, once; None: nobody is."""

    def away_at(self, now: datetime) -> Away | None:
        """The notice of the team's absence, while it lasts."""
        return self.away if self.away and now.date() <= self.away.until else None


def _domain(address: str) -> str:
    return address.lower().rpartition("@")[2]
