"""What was decided of a mail."""

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
    """What becomes of a mail. `reply` is not rendered yet; rendered, it is one more event of the same write."""

    end: End
    reason: str
    case_id: str | None
    events: tuple[Event, ...]
    reply: Reply | None
    sender: Sender
    report: Report
    silence: Silence | None = None
    hold: Hold | None = None
    """What the caps say of the reply; None when it may go out at once."""
    orders: Orders | None = None
    """What a colleague commands in it: to be decided against the cases as they then are (`deciding.together`)."""
    aside: Aside | None = None
    """What a person is shown of a mail that becomes no case."""

    @property
    def withheld(self) -> Withheld | None:
        """Why no acknowledgment goes out, where one would be due."""
        return next((event for event in self.events if isinstance(event, Withheld)), None)


def set_aside(seen: Seen, reason: str, house: House) -> Decision:
    """It becomes no case; a person may list it, and make a case of it."""
    aside = aside_of(seen, house)
    return Decision("set-aside", reason, None, (), None, seen.sender, seen.report, seen.silence, aside=aside)
