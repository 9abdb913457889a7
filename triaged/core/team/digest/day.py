"""Find the local date whose digest is due: each date has one, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def digest_day(at: time, zone: tzinfo, now: datetime, last: date | None) -> date | None:
    """Return the local date whose digest is due at `now`; None if the newest one due was already sent.

    Once a local date, whatever the clocks do: a set time inside a gap moves forward by the gap, one that is repeated falls
    due the first time, days missed are not made up for but by the newest, and a clock set back sends nothing twice. Where
    there was none before (`last` is None), the first is that of the first set time to pass: yesterday nothing ran.
    """
    today = now.astimezone(zone).date()
    if now >= _instant(today, at, zone):
        return today if last is None or last < today else None
    yesterday = today - timedelta(days=1)
    return yesterday if last is not None and last < yesterday else None


def _instant(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
