"""Counting by hand: what the clock on the wall shows, minute by minute, in zones whose clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triaged.core.policy.calendar import Calendar

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

# Each with an instant close to which its clocks go forward, and one close to which they go back: by half an hour on Lord Howe,
# at midnight in Cairo and Santiago, so that a day there begins at one.
CHANGES = {
    "Europe/Berlin": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Pacific/Auckland": ("2026-09-26T14:00", "2026-04-04T14:00"),
    "Australia/Lord_Howe": ("2026-10-03T15:30", "2026-04-04T15:00"),
    "Africa/Cairo": ("2026-04-23T22:00", "2026-10-29T21:00"),
    "America/Santiago": ("2026-09-06T04:00", "2026-04-05T03:00"),
}


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


class Walls:
    """What the clock on the wall shows, minute by minute: all that the counting by hand knows of a zone."""

    def __init__(self, begin: datetime, count: int, zone: ZoneInfo) -> None:
        self.minutes = [begin + number * MINUTE for number in range(count)]
        walls = [minute.astimezone(zone).replace(tzinfo=None) for minute in self.minutes]
        self.first = dict(zip(reversed(walls), reversed(self.minutes), strict=True))
        self.dates = sorted({wall.date() for wall in walls})

    def shown(self, wall: datetime) -> datetime:
        """When it first shows that; in a gap, as many minutes after the last one before it as it would have been."""
        after = 0
        while wall - after * MINUTE not in self.first:
            after += 1
        return self.first[wall - after * MINUTE] + after * MINUTE


def worked(walls: Walls, calendar: Calendar) -> set[datetime]:
    """Every minute in which people work."""
    found = set()
    for day in walls.dates[1:-2]:
        if f"{day:%A}".lower() not in calendar.weekend and day not in calendar.closed:
            opens = datetime.combine(day, calendar.hours.opens if calendar.hours else time(0))
            closes = datetime.combine(day, calendar.hours.closes if calendar.hours else time(0))
            minute = walls.shown(opens)
            while minute < walls.shown(closes if closes > opens else datetime.combine(day + DAY, closes.time())):
                found.add(minute)
                minute += MINUTE
    return found
