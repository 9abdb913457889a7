"""Which cases people have said to be of one flaw: the unions of their words (`same-as`, `duplicate`)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from triaged.core.case.case import Case

Ties = Mapping[str, Collection[str]]
"""For the id of each case, the ids of the cases that a person tied it to."""


def ties_of(case: Case) -> tuple[str, ...]:
    """What this case was said to be the same as."""
    return (*case.same_as, *((case.duplicate_of,) if case.duplicate_of else ()))


def cluster_of(case_id: str, ties: Ties) -> frozenset[str]:
    """Every case that is tied to this one, directly or through others, whoever's words tie them; itself among them."""
    return _reached(case_id, _both_ways(ties))


def clusters(cases: Iterable[Case]) -> dict[str, tuple[Case, ...]]:
    """For the id of each case that shares a cluster, the cases of it in order of receipt."""
    known = {case.id: case for case in cases}
    neighbours = _both_ways({case.id: tied for case in known.values() if (tied := ties_of(case))})
    found: dict[str, tuple[Case, ...]] = {}
    for case_id in neighbours:
        if case_id not in found:
            members = in_order(known[each] for each in _reached(case_id, neighbours) if each in known)
            found |= {each.id: members for each in members if len(members) > 1}
    return found


def in_order(cases: Iterable[Case]) -> tuple[Case, ...]:
    """The cases in the order in which their reports were received."""
    return tuple(sorted(cases, key=lambda case: (case.received_at, case.id)))


def reporters(members: Sequence[Case]) -> tuple[str, ...]:
    """The addresses of the reporters, each once, in order of receipt."""
    return tuple(dict.fromkeys(case.reporter.address.lower() for case in members))


def _both_ways(ties: Ties) -> dict[str, set[str]]:
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for case_id, tied in ties.items():
        for other in tied:
            neighbours[case_id].add(other)
            neighbours[other].add(case_id)
    return neighbours


def _reached(case_id: str, neighbours: Mapping[str, set[str]]) -> frozenset[str]:
    reached, waiting = {case_id}, [case_id]
    while waiting:
        new = neighbours.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return frozenset(reached)
