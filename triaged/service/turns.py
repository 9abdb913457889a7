"""The order in which letters leave when the caps leave little room, and the fate of letters that must wait.

A letter that a person asked for goes first, then letters to verified senders, then letters to mailboxes that have had nothing
from us lately; among equals the oldest.
"""

import structlog

from triaged.core.case.case import Case
from triaged.core.case.events import Deferred, Failed, Submitted, Withheld
from triaged.core.case.outbox import Letter
from triaged.core.case.owner import Owner
from triaged.core.letters.caps import REMEMBERED, Room
from triaged.core.letters.holding import hold_until, outdated
from triaged.service.rooms import Outgoing

log = structlog.get_logger()

_PATIENT = frozenset({"update", "reminder"})
"""Letters by the clock: they name no promise that has to be kept, and let all others go first."""


class Turns:
    """The room that the caps leave in one delivery pass. Every submitted letter uses some of it."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing, self._now = outgoing, outgoing.clock()
        sent = outgoing.store.replies_since(self._now - REMEMBERED)
        # Owed letters take no room yet: each letter is checked by itself.
        self._room = Room([each for each in sent if each.left_at or each.held], outgoing.house.caps, self._now)

    def in_order(self) -> list[tuple[Owner, Letter]]:
        """Every letter that may leave now, with its owner. Letters held back for too long are withheld first."""
        waiting, full = self._outgoing.store.owed(), self._room.full
        late = [(owner, letter) for owner, letter in waiting if letter.held and letter.held.until <= self._now]
        for owner, letter in late:
            self._withhold(owner, letter, "cap", f"{letter.reason}, and there was no room in time")
        over = {letter.message_id for _, letter in late}
        # A flood holds back hundreds of letters. None of them is checked while the caps for all mail are reached.
        found = [pair for pair in waiting if not pair[1].held or not (full or pair[1].message_id in over)]
        return sorted(found, key=lambda pair: self._rank(*pair))

    def kept_back(self, owner: Owner, letter: Letter) -> bool:
        """True if the letter must not leave now. The first time, this is recorded."""
        case = self._outgoing.store.case(owner) if letter.to_reporter else None
        if case is None or letter.state == "submitting":
            return False
        if letter.held and (why := outdated(case, letter)):
            self._withhold(owner, letter, "overtaken", f"not sent: {why}")
            return True
        if not self.must_wait(owner, letter):
            return False
        # A letter by the clock keeps no promise, and what a person wants sent has no end that a machine sets.
        if not letter.held and not letter.by_hand and letter.purpose not in _PATIENT:
            self._hold(owner, letter, case)
        return True

    def must_wait(self, owner: Owner, letter: Letter) -> bool:
        """True if the caps leave it no room now. Letters in flight have theirs, and some may yet give it back."""
        case = self._outgoing.store.case(owner) if letter.to_reporter else None
        if case is None or letter.state == "submitting":
            return False
        return bool(self._room.objection(letter.to[0], doubted=self._doubted(case), by_hand=letter.by_hand))

    def takes_off(self, letter: Letter) -> None:
        """Take its room for as long as nobody knows what becomes of it."""
        if letter.to_reporter:
            self._room.take(letter.to[0])

    def tried(self, letter: Letter, outcome: Submitted | Deferred | Failed) -> None:
        """Give its room back, unless it has left or may have."""
        left = isinstance(outcome, Submitted) or (isinstance(outcome, Failed) and outcome.uncertain)
        if letter.to_reporter and not left:
            self._room.give_back(letter.to[0])

    def _rank(self, owner: Owner, letter: Letter) -> tuple[bool, ...]:
        case = self._outgoing.store.case(owner)
        if case is None or letter.state == "submitting":
            return ()
        verified = case.reporter.verdict == "verified"
        return (not letter.by_hand, letter.purpose in _PATIENT, not verified, self._room.answered(letter.to[0]))

    def _doubted(self, case: Case) -> bool:
        return self._outgoing.house.trust.authserv_id is not None and case.reporter.verdict != "verified"

    def _hold(self, owner: Owner, letter: Letter, case: Case) -> None:
        house, verified = self._outgoing.house, case.reporter.verdict == "verified"
        # A notice may answer a mail that came long after the report.
        since = case.received_at if letter.purpose == "acknowledgment" else letter.owed_at
        until = hold_until(case, since, house.away_at(letter.owed_at), house.policy, self._now)
        hold = self._room.hold(letter.to[0], until, doubted=self._doubted(case), verified=verified)
        if hold:
            self._outgoing.store.letter_event(owner, hold.event(letter.message_id, self._now))
            log.info("letter held back", owner=str(owner), cause=hold.reason)

    def _withhold(self, owner: Owner, letter: Letter, sign: str, reason: str) -> None:
        event = Withheld(at=self._now, sign=sign, rfc="RFC 3834 section 6", reason=reason, message_id=letter.message_id)
        self._outgoing.store.letter_event(owner, event)
        log.warning("letter withheld", owner=str(owner), cause=reason)
