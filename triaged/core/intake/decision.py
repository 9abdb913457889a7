"""The result of deciding on a mail."""

from dataclasses import dataclass

from triaged.core.case.events import (
    Event,
    Withheld,
)
from triaged.core.intake.aside import aside_of
from triaged.core.intake.incoming import Seen
from triaged.core.intake.orders import Orders
from triaged.core.letters.caps import Hold
from triaged.core.letters.house import House
from triaged.core.letters.reply import Reply
from triaged.core.mail.arrival import Aside, End
from triaged.core.mail.automatic.signs import Silence
from triaged.core.mail.sender import Sender
from triaged.core.report.report import Report


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a mail. `reply` is not rendered yet; rendering adds one more event to the same write."""

    end: End
    reason: str
    case_id: str | None
    events: tuple[Event, ...]
    reply: Reply | None
    sender: Sender
    report: Report
    silence: Silence | None = None
    hold: Hold | None = None
    """How the caps hold back the reply; None if it may go out at once."""
    orders: Orders | None = None
    """The commands of a colleague, to be decided on the cases as they are at that time (`deciding.together`)."""
    aside: Aside | None = None
    """The details shown to a person if the mail opens no case."""

    @property
    def withheld(self) -> Withheld | None:
        """Why the acknowledgment that would be due is not sent."""
        return next((event for event in self.events if isinstance(event, Withheld)), None)


def set_aside(seen: Seen, reason: str, house: House) -> Decision:
    """The mail opens no case; a person may list it and open one for it."""
    aside = aside_of(seen, house)
    return Decision("set-aside", reason, None, (), None, seen.sender, seen.report, seen.silence, aside=aside)
