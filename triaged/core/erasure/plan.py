"""What is erased when a person is, or a case is: in whose words, in which cases, and which raw mails."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from triaged.core.case.case import Case
from triaged.core.case.events import CreditAgreed, Received, TeamWrote
from triaged.core.deciding.decided import No
from triaged.core.erasure.words import Words, is_a_persons, pattern_of
from triaged.core.letters.house import House
from triaged.core.mail.arrival import Arrival
from triaged.core.mail.domains import domain_of
from triaged.core.mail.providers import mailbox, organisation
from triaged.core.mail.sender import is_safe
from triaged.core.text import visible

_SHARED = 3
"""So many other cases may name the same person; in more, their name is a word of many."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be erased. Nothing of it is stored."""

    words: Words
    cases: frozenset[str] = frozenset()
    """The person's own cases: all of their words go."""
    mails: frozenset[str] = frozenset()
    """SHA-256 of raw mails that go."""
    held: frozenset[str] = frozenset()
    """Cases on hold, which stay as they are though the person is in them."""
    elsewhere: tuple[str, ...] = ()
    """Other cases of the same people, which stay as they are because only `cases` were asked for."""
    everywhere: bool = False
    """True if the person goes out of all that is kept, and not only out of `cases`."""
    asides: frozenset[str] = frozenset()
    """SHA-256 of mails that became no case, of which no more than their end stays."""
    kept: frozenset[str] = frozenset()
    """Raw mails that stay, whatever they hold: they are of cases on hold."""

    def with_mails(self, found: Iterable[str]) -> "Plan":
        """These raw mails go too, but for those of a case on hold."""
        return replace(self, mails=self.mails.union(found) - self.kept)


def of_address(address: str, cases: Sequence[Case], arrivals: Sequence[Arrival], house: House) -> Plan | No:
    """Everything that is known of who writes from this address, however it is spelled; No where it is the team's own."""
    address = address.strip().lower()
    if not is_safe(address) or "." not in domain_of(address):
        return No(f"{visible(address, 100)} is no address, so nothing was erased")
    if address in house.ours.addresses or house.team.is_colleague(address):
        return No(f"{address} is an address of yours, not of a reporter's; nothing was erased")
    mails = [(case, mail) for case in cases for mail in _mails(case) if _same(mail.sender.address, address)]
    aside = [each for each in arrivals if each.aside and _same(each.aside.sender, address)]
    own = [case for case in cases if _same(case.reporter.address, address)]
    spellings = {mail.sender.address.lower() for _, mail in mails} | {
        each.aside.sender.lower() for each in aside if each.aside
    }
    names = {name for _, mail in mails if (name := mail.sender.name)} | set(_credited(own))
    addresses = frozenset({address, *spellings})
    words = _words(addresses, names, own, cases, _unshared(addresses, own, cases, arrivals, house))
    raw = {mail.sha256 for _, mail in mails} | {each.sha256 for each in aside}
    return _without_held(
        Plan(words, frozenset(case.id for case in own), frozenset(raw), everywhere=True), cases, arrivals
    )


def of_cases(chosen: Sequence[Case], cases: Sequence[Case], arrivals: Sequence[Arrival], house: House) -> Plan:
    """Everybody outside the team who wrote in these cases, as far as these cases know them."""
    people = [
        mail.sender for case in chosen for mail in _mails(case) if not house.team.is_colleague(mail.sender.address)
    ]
    passed_on = {case.opening.passed_on_by for case in chosen} - {""}
    strangers = {each for each in passed_on if not house.team.is_colleague(each)}
    addresses = frozenset(each.lower() for each in {sender.address for sender in people} | strangers if each)
    names = {sender.name for sender in people} | set(_credited(chosen))
    words = _words(addresses, names, chosen, cases, _unshared(addresses, chosen, cases, arrivals, house))
    ids = frozenset(case.id for case in chosen)
    others = tuple(case.id for case in cases if case.id not in ids and case.reporter.address.lower() in addresses)
    return _without_held(Plan(words, ids, elsewhere=others), cases, arrivals)


def _without_held(plan: Plan, cases: Iterable[Case], arrivals: Iterable[Arrival]) -> Plan:
    """The plan with all raw mails of its cases, and without anything that is on hold."""
    on_hold = frozenset(case.id for case in cases if case.hold)
    kept = frozenset(each.sha256 for each in arrivals if each.case_id in on_hold)
    theirs = frozenset(each.sha256 for each in arrivals if each.case_id in plan.cases)
    concerned = plan.cases | {each.case_id for each in arrivals if each.sha256 in plan.mails and each.case_id}
    return replace(
        plan, cases=plan.cases - on_hold, mails=(plan.mails | theirs) - kept, held=on_hold & concerned, kept=kept
    )


def _words(
    addresses: frozenset[str], names: Iterable[str], own: Iterable[Case], cases: Iterable[Case], domains: frozenset[str]
) -> Words:
    """Whoever writes chooses a name at will: one that others write too is no reason to cut their words."""
    persons = frozenset(filter(is_a_persons, names))
    theirs = {case.id for case in own}
    others = [repr(case.history) for case in cases if case.id not in theirs] if persons else []
    common = {name for name in persons if _count(pattern_of(name), others) > _SHARED}
    return Words(addresses, persons, frozenset(common), domains)


def _count(name: re.Pattern[str], texts: Iterable[str]) -> int:
    return sum(name.search(text) is not None for text in texts)


def _unshared(
    addresses: Iterable[str], own: Iterable[Case], cases: Iterable[Case], arrivals: Iterable[Arrival], house: House
) -> frozenset[str]:
    """The domains of these addresses that no other case has, and neither have we: of providers none."""
    theirs = {case.id for case in own}
    others = {domain_of(address) for case in cases if case.id not in theirs for address in _writers(case)}
    others |= {domain_of(each.aside.sender) for each in arrivals if each.aside and each.aside.sender not in addresses}
    shared = {organisation(f"x@{domain}") for domain in others | house.team.own_domains | house.team.domains}
    found = {organisation(address) for address in addresses}
    return frozenset(domain for domain in found if "." in domain) - shared


def _writers(case: Case) -> Iterator[str]:
    yield from (mail.sender.address for mail in _mails(case))
    yield case.opening.passed_on_by


def _mails(case: Case) -> Iterator[Received | TeamWrote]:
    return (event for event in case.history if isinstance(event, Received | TeamWrote))


def _credited(cases: Iterable[Case]) -> Iterator[str]:
    return (event.name for case in cases for event in case.history if isinstance(event, CreditAgreed) and event.name)


def _same(one: str, other: str) -> bool:
    """True if mail to both reaches the same person."""
    return bool(one) and mailbox(one) == mailbox(other)
