"""Reports of one flaw as one piece of work: shown once, with its reporters in order of receipt."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from triaged.core.case.case import Case
from triaged.core.commands.verbs import VERBS
from triaged.core.plural import counted
from triaged.core.team.digest.worklist import Item
from triaged.core.text import defanged

_NAMED = 6
"""So many reporters are named, the first ones."""
_ON_ALL = frozenset(verb.name for verb in VERBS.values() if any(slot.field == "cluster" for slot in verb.slots))

Clusters = Mapping[str, Sequence[Case]]
"""For the id of each case that shares a cluster, its cases in order of receipt."""


class Pieces:
    """Which clusters a digest has shown, from its top down."""

    def __init__(self, shared: Clusters) -> None:
        self._shared = shared
        self._shown: set[str] = set()

    def once(self, items: Iterable[Item]) -> list[Item]:
        """The items, each cluster once: where its first open case is shown first, with all of its reporters."""
        return list(self._once(items))

    def _once(self, items: Iterable[Item]) -> Iterator[Item]:
        for each in items:
            members = self._shared.get(each.case_id, ())
            # What a law wants of a closed case is its own work, and so is the only open case of a cluster.
            working = {case.id for case in members if case.closed_at is None}
            if len(working) > 1 and each.case_id in working:
                if each.case_id in self._shown:
                    continue
                self._shown |= working
            yield _of_all(each, members) if members else each

    def one_each(self, cases: Iterable[Case]) -> list[Case]:
        """The first of these cases for each piece of work that is not shown yet."""
        first: dict[str, Case] = {}
        for case in cases:
            if case.id not in self._shown:
                first.setdefault(self._first_open(case.id), case)
        return list(first.values())

    def count(self, case_ids: Iterable[str]) -> int:
        """How many pieces of work these cases are."""
        return len({self._first_open(each) for each in case_ids})

    def together(self, one: str, other: str) -> bool:
        """True if both are cases of one cluster."""
        return any(case.id == other for case in self._shared.get(one, ()))

    def _first_open(self, case_id: str) -> str:
        working = [case.id for case in self._shared.get(case_id, ()) if case.closed_at is None]
        return working[0] if case_id in working else case_id


def _of_all(each: Item, members: Sequence[Case]) -> Item:
    named = [f"{defanged(case.reporter.address, 48) or 'an unknown sender'} ({case.id})" for case in members[:_NAMED]]
    more = [f"and {len(members) - _NAMED} more"] if len(members) > _NAMED else []
    notes = [f"one flaw, {counted(len(members), 'report')}: {', '.join([*named, *more])}"]
    words = each.command.split()
    if words[:2] == ["triaged", "case"] and words[3] in _ON_ALL:
        notes.append(f"for all of them: {each.command} --all")
    return replace(each, notes=(*notes, *each.notes))
