"""Erasing people, because somebody asks for it or because their time has come.

The store is rewritten first, in one durable write that also says which raw mails go; then these go. So a kill between the two
leaves nothing to guess: the next start removes what the store says is erased (`sweep`), and an erasure that was asked for stays
in its box until all of it is done.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from triaged.core.deciding.decided import No
from triaged.core.deciding.naming import meant
from triaged.core.erasure.plan import Plan, of_address, of_cases
from triaged.core.erasure.record import of_plan
from triaged.core.erasure.redaction import Redaction
from triaged.core.erasure.retention import NO_LIMIT, Kept, expired
from triaged.core.erasure.words import Words
from triaged.core.letters.house import House
from triaged.crash import crash_point
from triaged.ports import Clock, ErasuresAsked, Spool, Store, Touched, TryLater
from triaged.service.one_at_a_time import OneAtATime

log = structlog.get_logger()

BY_RETENTION, BY_RESTORE = "retention", "restore"
"""Who erases where no person asks for it."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything that is kept, as an erasure needs it."""

    store: Store
    spool: Spool
    asked: ErasuresAsked
    house: House
    key: bytes
    clock: Clock
    kept: Kept = NO_LIMIT
    """How long things are kept."""
    turn: OneAtATime = field(default_factory=OneAtATime)
    alive: Callable[[], None] = lambda: None
    """Called after each raw mail that is looked through."""


def erase_asked(archive: Archive, *, in_flight: Callable[[], bool] = lambda: False) -> int:
    """Carry out every erasure that waits, and return how many; while a letter is `in_flight` they wait on."""
    done = 0
    for asked in archive.asked.waiting():
        with archive.turn():
            plan = planned(archive, asked.target)
        if isinstance(plan, No):
            log.warning("erasure refused", why="it is unknown here, or the team's own")
        elif in_flight():
            return done
        else:
            try:
                touched = carry_out(archive, plan, asked.by)
            except TryLater as error:
                log.warning("erasure waits", cause=str(error))
                return done
            done += touched.anything
            log.info("erased", by=asked.by, cases=len(touched.cases), mails=len(touched.mails))
        archive.asked.done(asked.name)
    return done


def erase_again(archive: Archive, addresses: Iterable[str], cases: Iterable[str]) -> int:
    """Erase those who came back with a backup, and return how many."""
    done = 0
    for target in (*addresses, *cases):
        plan = planned(archive, target)
        if not isinstance(plan, No):
            done += carry_out(archive, plan, BY_RESTORE).anything
    return done


def planned(archive: Archive, target: str) -> Plan | No:
    """What erasing that address, or that case, means now."""
    store, house = archive.store, archive.house
    cases = list(store.cases())
    if "@" in target:
        return of_address(target, cases, list(store.arrivals()), house)
    found = meant(target, [case.id for case in cases])
    if isinstance(found, No):
        return found
    if at := next(case.erased_at for case in cases if case.id == found):
        return No(f"{found}: its reporter was erased on {at:%Y-%m-%d}")
    return of_cases([case for case in cases if case.id == found], cases, list(store.arrivals()), house)


def carry_out(archive: Archive, plan: Plan, by: str) -> Touched:
    """Erase it all; on return nothing of it is kept. TryLater on a full disk, with nothing changed."""
    names = frozenset(archive.spool.names())
    plan = plan.with_mails(speaking_of(plan, names, archive))
    with archive.turn():
        # What came in meanwhile; it is little, and nothing may come in behind it now.
        plan = plan.with_mails(speaking_of(plan, names.symmetric_difference(archive.spool.names()), archive))
        at = archive.clock()
        record = of_plan(plan, at, by, archive.key)
        touched = archive.store.erase(redaction(archive, plan, by), record)
        crash_point("erasure-recorded")
        archive.asked.clear(plan.words.are_in)
    archive.spool.remove(touched.mails)
    return touched


def redaction(archive: Archive, plan: Plan, by: str) -> Redaction:
    """How the plan is carried out now. The stand-in is random: nothing can be computed back from it."""
    return Redaction(plan, archive.clock(), by, f"erased-{secrets.token_hex(4)}@erased.invalid")


def speaking_of(plan: Plan, names: Iterable[str], archive: Archive) -> list[str]:
    """The raw mails in which the person is named, whoever wrote them; none where only single cases are erased."""
    return [name for name in names if plan.everywhere and _speaks_of(plan.words, name, archive)]


def _speaks_of(words: Words, name: str, archive: Archive) -> bool:
    archive.alive()
    try:
        return words.are_in(archive.spool.read(name))
    except FileNotFoundError:
        return False


def sweep(store: Store, spool: Spool) -> None:
    """Remove the raw mails that the store says are erased: a kill, or a copy fetched once more, left them."""
    there = frozenset(spool.names())
    left = [each.sha256 for each in store.arrivals() if each.erased_at and each.sha256 in there]
    if spool.remove(left):
        log.info("raw mail that was erased is removed", mails=len(left))


def retain(archive: Archive) -> Touched:
    """Erase what has been kept long enough, as much as goes at once: where that is anything, there may be more."""
    with archive.turn():
        plan = outlived(archive)
    if not plan.cases and not plan.mails:
        return Touched()
    touched = carry_out(archive, plan, BY_RETENTION)
    if touched.anything:
        log.info("kept long enough and erased", cases=len(touched.cases), mails=len(touched.mails))
    return touched


def outlived(archive: Archive) -> Plan:
    """What has been kept long enough now."""
    store = archive.store
    return expired(archive.kept, list(store.cases()), list(store.arrivals()), archive.house, archive.clock())
