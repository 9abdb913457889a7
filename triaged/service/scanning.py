"""Scanning the attachments of reports. It comes after everything else, and only adds a verdict to the case.

Mails without attachments are not scanned, and neither are mails set aside, because nobody opens those.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

import structlog

from triaged.core.case.events import Received, Scanned
from triaged.core.plural import counted
from triaged.crash import crash_point
from triaged.ports import Refused, Scanner, TryLater
from triaged.service.patience import GIVEN_UP_AFTER
from triaged.service.rooms import Scanroom

log = structlog.get_logger()

LOOKED_BACK = timedelta(days=7)
"""The oldest mail that is scanned: setting up a scanner does not scan years of old mail."""
MOST, LONGEST = 20, timedelta(minutes=1)
"""The number of scans in a pass, and the time after which a pass starts no other."""
_GIVEN_UP_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Due:
    case_id: str
    mail: Received
    whole_size: int
    """The mail's size on the server, in bytes; the spool may hold only its beginning."""


def scan(room: Scanroom) -> int:
    """Scan mails until none is due, for at most about a minute, and return how many were tried.

    The turn is held for every use of the store, never while waiting for the scanner.
    """
    if room.scanner is None:
        return 0
    begun = room.clock()
    for tried in range(MOST):
        with room.turn():
            due = _next(room)
        if due is None or room.stopping() or not begun <= room.clock() <= begun + LONGEST:
            return tried
        outcome = _outcome(room, room.scanner, due)
        with room.turn():
            _conclude(room, due, outcome)
    return MOST


def _next(room: Scanroom) -> _Due | None:
    """The mail to scan next: the least often tried, then the oldest. None if none is due."""
    now, begun = room.clock(), room.under_way.scans_begun
    if room.patience.is_quiet(now):
        return None
    return min(_waiting(room, now), key=lambda due: (begun[due.mail.sha256], due.mail.at), default=None)


def _waiting(room: Scanroom, now: datetime) -> Iterator[_Due]:
    for case in room.store.cases():
        if case.mails[-1].at < now - LOOKED_BACK:
            continue
        scanned = {scan.sha256 for scan in case.scans}
        for mail in case.mails:
            arrival = room.store.arrival(mail.sha256)
            # The attachments of a mail that could not be read are unknown, so it is scanned.
            unread = arrival is not None and arrival.end == "failed"
            gone = arrival is not None and arrival.erased_at is not None
            if (
                mail.sha256 not in scanned
                and not gone
                and mail.at >= now - LOOKED_BACK
                and (mail.attachments or unread)
            ):
                yield _Due(case.id, mail, arrival.size if arrival else 0)


def _outcome(room: Scanroom, scanner: Scanner, due: _Due) -> Scanned | TryLater:
    """The scanner's verdict. It is asked without the turn, so the store must not be used here."""
    unscanned = Scanned(at=room.clock(), sha256=due.mail.sha256, verdict="unscanned")
    try:
        raw = room.spool.read(due.mail.sha256)
        found = scanner.scan(raw)
    except FileNotFoundError:
        return replace(unscanned, reason="its raw mail is not in the spool")
    except Refused as error:
        return replace(unscanned, reason=str(error))
    except TryLater as error:
        return error
    crash_point("mail-scanned")
    if found:
        return replace(unscanned, at=room.clock(), verdict="infected", reason=found)
    if len(raw) < due.whole_size:
        return replace(
            unscanned, reason=f"nothing in its first {counted(len(raw), 'byte')}; the others were not fetched"
        )
    return replace(unscanned, at=room.clock(), verdict="clean")


def _conclude(room: Scanroom, due: _Due, outcome: Scanned | TryLater) -> None:
    # Counted first: if a full disk refuses the verdict, the mail is not scanned again without a pause.
    room.under_way.scans_begun[due.mail.sha256] += 1
    pause = room.patience.failed(room.clock())
    if isinstance(outcome, TryLater):
        log.warning("mail not scanned", cause=str(outcome), again_in_seconds=round(pause.total_seconds()))
        _give_up(room, str(outcome))
        return
    room.store.record(due.case_id, (outcome,))
    crash_point("scan-recorded")
    room.under_way.scans_begun.pop(outcome.sha256, None)
    room.patience.succeeded()
    tell = log.warning if outcome.verdict == "infected" else log.info
    tell("mail scanned", case=due.case_id, sha256=outcome.sha256[:12], verdict=outcome.verdict)


def _give_up(room: Scanroom, cause: str) -> None:
    """Give up on every mail that has waited a day, all at once: with the scanner gone, each would wait for its own turn."""
    now = room.clock()
    late = (due for due in _waiting(room, now) if now - due.mail.at >= GIVEN_UP_AFTER)
    for due in islice(late, _GIVEN_UP_AT_ONCE):
        room.under_way.scans_begun.pop(due.mail.sha256, None)
        reason = f"given up after a day: {cause}"
        room.store.record(due.case_id, (Scanned(at=now, sha256=due.mail.sha256, verdict="unscanned", reason=reason),))
