"""Making a letter owed. Its bytes and Message-ID are fixed here and nowhere else."""

from datetime import datetime

from triaged.core.case.events import Held, Owed, Withheld
from triaged.core.letters.caps import Hold
from triaged.core.letters.draft import Draft
from triaged.ports import Renderer

Owing = tuple[Owed, *tuple[Held | Withheld, ...]]


def owe(renderer: Renderer, draft: Draft, now: datetime, hold: Hold | None = None) -> Owing:
    """The events that make the letter owed and that hold it back under the caps; raises Unwritten.

    The caller must record them in one durable write: a crash between `Owed` and its hold would let the letter out.
    """
    owed = renderer.finished(draft, now)
    return (owed, hold.event(owed.message_id, now)) if hold else (owed,)
