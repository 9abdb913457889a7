"""Open deadlines as a calendar to subscribe to (RFC 5545). It contains nothing that a sender wrote.

An event keeps its UID as long as the case has that deadline. A change that moves the deadline, or makes it overdue, raises
its LAST-MODIFIED and SEQUENCE. Both come from the case's history: the same state gives the same text at any time.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from triaged.core.case.case import Case
from triaged.core.clocks.deadlines import Deadline
from triaged.core.clocks.duties import duty, settled_by
from triaged.core.commands.writing import typed
from triaged.core.policy.policy import Policy
from triaged.core.policy.promises import is_statutory
from triaged.core.team.listing import NOBODY, Standing, owned_by, standing
from triaged.core.text import visible

AHEAD = timedelta(days=30)
WEEK = timedelta(days=7)
MOST = 200
"""The most events in one mail: some 100 kB."""

_OCTETS = 75
_HIGHEST, _HIGH = 1, 3
# A SEQUENCE is a 32-bit integer (RFC 5545 section 3.3.8): seconds from here last until 2088.
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


class _Owed(NamedTuple):
    case: Case
    deadline: Deadline


def calendar_text(
    cases: Iterable[Case],
    policy: Policy,
    now: datetime,
    *,
    ahead: timedelta = AHEAD,
    owner: str | None = None,
    policy_changed_at: datetime = _EPOCH,
) -> str:
    """The deadlines that are overdue or soon due as one iCalendar object; with `owner`, of that person's cases alone.

    A changed policy moves deadlines that no case's history tells of: `policy_changed_at` does.
    """
    mine = (case for case in cases if owner is None or owned_by(case, owner))
    standings = (standing(case, policy, now) for case in mine)
    found = [each for each in _owed(standings) if each.deadline.due <= now + ahead]
    return _calendar(
        f"Deadlines of {visible(owner, 60)}" if owner else "Deadlines of reports", found, policy_changed_at
    )


def week_text(standings: Iterable[Standing], now: datetime) -> str:
    """The deadlines within seven days, at most `MOST`, to attach to a mail; empty if there are none."""
    soon = [each for each in _owed(standings) if now <= each.deadline.due <= now + WEEK]
    soon.sort(key=lambda each: each.deadline.due)
    return _calendar("Deadlines of the week", soon[:MOST]) if soon else ""


def folded(line: str) -> str:
    """The content line folded into pieces of at most 75 octets, never inside a character (RFC 5545 section 3.1)."""
    pieces, piece, octets = [], "", 0
    for char in line:
        size = len(char.encode("utf-8", "replace"))
        if octets + size > _OCTETS:
            pieces.append(piece)
            # The space at the start of a continuation counts.
            piece, octets = " ", 1
        piece, octets = piece + char, octets + size
    return "\r\n".join([*pieces, piece])


def _owed(standings: Iterable[Standing]) -> Iterator[_Owed]:
    for each in sorted(standings, key=lambda each: each.case.id):
        for deadline in each.owed:
            yield _Owed(each.case, deadline)


def _calendar(title: str, found: Iterable[_Owed], policy_changed_at: datetime = _EPOCH) -> str:
    head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//triaged//deadlines//EN",
        "CALSCALE:GREGORIAN",
        _text("X-WR-CALNAME", title),
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
    ]
    events = (line for each in found for line in _event(each.case, each.deadline, policy_changed_at))
    return "".join(f"{folded(line)}\r\n" for line in (*head, *events, "END:VCALENDAR"))


def _event(case: Case, deadline: Deadline, policy_changed_at: datetime) -> Iterator[str]:
    revised_at = max(policy_changed_at, *(event.at for event in case.history))
    if deadline.overdue:
        revised_at = max(revised_at, deadline.due)
    yield "BEGIN:VEVENT"
    yield f"UID:{case.id.lower()}.{deadline.name}@triaged"
    yield f"DTSTAMP:{_instant(revised_at)}"
    yield f"LAST-MODIFIED:{_instant(revised_at)}"
    yield f"SEQUENCE:{max((revised_at - _EPOCH) // timedelta(seconds=1), 0)}"
    yield f"DTSTART:{_instant(deadline.due)}"
    yield _text("SUMMARY", f"[{case.id}] {deadline.name} due")
    yield _text("DESCRIPTION", "\n".join(_description(case, deadline)))
    yield f"STATUS:{'TENTATIVE' if deadline.suspected else 'CONFIRMED'}"
    if priority := _priority(deadline):
        yield f"PRIORITY:{priority}"
    # TRANSPARENT: the event blocks nobody's time.
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _description(case: Case, deadline: Deadline) -> Iterator[str]:
    late = "OVERDUE: " if deadline.overdue else ""
    yield f"{late}{duty(deadline)}"
    yield f"owner: {visible(case.owner, 60) or NOBODY}"
    yield f"rule: {visible(deadline.rule, 300)}"
    yield typed(case.id, settled_by(deadline))


def _priority(deadline: Deadline) -> int:
    """From 1, the highest; 0 means undefined (RFC 5545 section 3.8.1.9)."""
    if deadline.overdue:
        return _HIGHEST
    return _HIGH if is_statutory(deadline.name) else 0


def _text(name: str, value: str) -> str:
    return f"{name}:{value.translate(_ESCAPES)}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
