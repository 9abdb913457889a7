"""Mail that was set aside although it nearly counted as a report: a person should look, and can open a case for it."""

from collections.abc import Iterable, Iterator

from triaged.core.mail.arrival import Arrival
from triaged.core.team.digest.worklist import Inputs, Item
from triaged.core.team.listing import NOBODY
from triaged.core.text import unlinked, visible

_SHOWN = 12
LIST_COMMAND = "triaged set-aside --since 2d"
"""The command that lists everything set aside lately."""


def unusual(inputs: Inputs) -> tuple[Item, ...]:
    """One line for each such mail; they belong to the whole team, not to one person's list."""
    return () if inputs.owner else tuple(_items(inputs.set_aside))


def _items(arrivals: Iterable[Arrival]) -> Iterator[Item]:
    for arrival in arrivals:
        aside = arrival.aside
        if aside and aside.unusual:
            subject = unlinked(visible(aside.subject, 56)) or "(no subject)"
            what = unlinked(f"from {visible(aside.sender, 60) or 'an unknown sender'}; {visible(arrival.reason, 90)}")
            yield Item("", subject, what, NOBODY, (), f"triaged set-aside open {arrival.sha256[:_SHOWN]}")
