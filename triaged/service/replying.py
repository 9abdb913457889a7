"""Owing what people write to reporters: the letter stands behind the word of it, and one durable write holds both."""

from collections.abc import Iterable
from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.case.events import Event, Replied
from triaged.core.case.folding import folded_on
from triaged.core.letters.drafts import written
from triaged.core.letters.writing import letter
from triaged.core.policy.policy import Policy
from triaged.ports import Renderer
from triaged.service.owing import owe


def with_letters(
    case: Case, events: Iterable[Event], renderer: Renderer, policy: Policy, now: datetime
) -> tuple[Event, ...]:
    """What is to happen to the case, each `Replied` with its letter behind it; raises Unwritten."""
    found: list[Event] = []
    for event in events:
        new: tuple[Event, ...] = (event,)
        if isinstance(event, Replied):
            new = (event, *owe(renderer, written(letter(case, event.text, policy, now), now), now))
        case = folded_on(case, new)
        found += new
    return tuple(found)
