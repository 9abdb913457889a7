"""What is kept of an erasure: enough to repeat it on a backup that was made before, and nobody's address."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.case.events import Received
from triaged.core.erasure.plan import Plan


@dataclass(frozen=True, slots=True)
class Erasure:
    """One that was carried out."""

    at: datetime
    by: str
    people: tuple[str, ...] = ()
    """Marks of the addresses that were erased everywhere."""
    cases: tuple[str, ...] = ()
    """The cases that lost their reporter."""
    mails: tuple[str, ...] = ()
    """SHA-256 of the raw mails that were removed."""


def mark(key: bytes, address: str) -> str:
    """By which an erased address is known again: a hash with the store's own key."""
    return hmac.new(key, f"erased:{address.lower()}".encode(), hashlib.sha256).hexdigest()


def of_plan(plan: Plan, at: datetime, by: str, key: bytes) -> Erasure:
    """The record of carrying out that plan."""
    people = sorted(mark(key, address) for address in plan.words.addresses) if plan.everywhere else ()
    return Erasure(at, by, tuple(people), tuple(sorted(plan.cases)), tuple(sorted(plan.mails)))


def returned(erasures: Sequence[Erasure], cases: Iterable[Case], key: bytes) -> tuple[list[str], list[str]]:
    """Who is there again though they were erased: addresses, and ids of cases whose reporter was."""
    marks = {each for erasure in erasures for each in erasure.people}
    erased_cases = {each for erasure in erasures for each in erasure.cases}
    addresses: dict[str, None] = {}
    ids: list[str] = []
    for case in cases:
        known = {event.sender.address.lower() for event in case.history if isinstance(event, Received)} - {""}
        found = sorted(address for address in known if mark(key, address) in marks)
        addresses |= dict.fromkeys(found)
        if not found and case.id in erased_cases and case.erased_at is None:
            ids.append(case.id)
    return list(addresses), ids
