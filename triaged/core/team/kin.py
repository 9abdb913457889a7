"""What belongs together: the stored mails of a case, the cases of one reporter, the reports of one flaw."""

from collections import defaultdict
from collections.abc import Iterable

from triaged.core.case.case import Case
from triaged.core.case.clusters import clusters
from triaged.core.case.events import Received, TeamWrote
from triaged.core.intake.duplicates import SURE, Duplicate


def kept_mails(case: Case) -> tuple[Received | TeamWrote, ...]:
    """The mails of the case that the spool still has, in the order of its history; people number them from 1."""
    return tuple(event for event in case.history if isinstance(event, Received | TeamWrote))


class Kin:
    """Finds the relatives of a case among all cases."""

    def __init__(self, cases: Iterable[Case] = ()) -> None:
        self._of: defaultdict[str, list[Case]] = defaultdict(list)
        self._by_id: dict[str, Case] = {}
        cases = tuple(cases)
        self._said = clusters(cases)
        for case in cases:
            self._by_id[case.id] = case
            if address := case.reporter.address.lower():
                self._of[address].append(case)

    def same_reporter(self, case: Case) -> tuple[str, ...]:
        """The other cases from that address and those linked to the same reporter on arrival; oldest first."""
        others = {other.id for other in self._of.get(case.reporter.address.lower(), ())} | {*case.opening.same_reporter}
        return self._in_order(others - {case.id})

    def one_flaw(self, case: Case) -> tuple[str, ...]:
        """The cases that people said to be of one flaw with it, and itself, in order of receipt; none if it is alone."""
        return tuple(each.id for each in self._said.get(case.id, ()))

    def cluster(self, case: Case, duplicates: Iterable[Duplicate]) -> tuple[str, ...]:
        """The reports that seem to be of the same flaw, including this one, in order of receipt; empty if there is no other.

        What people said to be the same counts, through other cases too, and whatever the texts say.
        """
        found = {each.of for each in duplicates if each.grade in SURE}.union(self.one_flaw(case))
        if case.duplicate_of:
            found.add(case.duplicate_of)
        return self._in_order(found | {case.id}) if found - {case.id} else ()

    def _in_order(self, ids: Iterable[str]) -> tuple[str, ...]:
        known = [self._by_id[each] for each in ids if each in self._by_id]
        unknown = sorted(each for each in ids if each not in self._by_id)
        return (*unknown, *(case.id for case in sorted(known, key=lambda case: (case.received_at, case.id))))
