"""How a letter becomes owed: its bytes and Message-ID are fixed here, and nowhere else."""

from datetime import datetime

from triaged.core.case.events import Held, Owed, Withheld
from triaged.core.letters.caps import Hold
from triaged.core.letters.draft import Draft
from triaged.ports import Renderer

Owing = tuple[Owed, *tuple[Held | Withheld, ...]]


def owe(renderer: Renderer, draft: Draft, now: datetime, hold: Hold | None = None) -> Owing:
    """What makes it owed, and how the caps hold it back; raises Unwritten.

    The caller records all of it in one durable write, with whatever else the letter tells: a crash between `Owed` and its
    hold would let the letter out.
    """
    owed = renderer.finished(draft, now)
    return (owed, hold.event(owed.message_id, now)) if hold else (owed,)
