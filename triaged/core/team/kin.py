"""What belongs together: the mails of a case that are kept, the cases of one reporter, the reports of one flaw."""

from collections import defaultdict
from collections.abc import Iterable

from triaged.core.case.case import Case
from triaged.core.case.events import Received, TeamWrote
from triaged.core.intake.duplicates import Duplicate

_SURE = frozenset({"strong", "medium"})


def kept_mails(case: Case) -> tuple[Received | TeamWrote, ...]:
    """Every mail of the case that lies in the spool, in the order of its history; their numbers count from 1."""
    return tuple(event for event in case.history if isinstance(event, Received | TeamWrote))


class Kin:
    """All cases, to be asked about one."""

    def __init__(self, cases: Iterable[Case] = ()) -> None:
        self._of: defaultdict[str, list[Case]] = defaultdict(list)
        self._by_id: dict[str, Case] = {}
        self._marked: defaultdict[str, list[str]] = defaultdict(list)
        for case in cases:
            self._by_id[case.id] = case
            if address := case.reporter.address.lower():
                self._of[address].append(case)
            if case.duplicate_of:
                self._marked[case.duplicate_of].append(case.id)

    def same_reporter(self, case: Case) -> tuple[str, ...]:
        """The other cases from that address, and those that were known for its reporter's when it came; oldest first."""
        others = {other.id for other in self._of.get(case.reporter.address.lower(), ())} | {*case.opening.same_reporter}
        return self._in_order(others - {case.id})

    def cluster(self, case: Case, duplicates: Iterable[Duplicate]) -> tuple[str, ...]:
        """The reports that seem to be of one flaw, this one among them, in order of receipt; none where it is alone.

        What a person marked as a duplicate counts, whatever the texts say.
        """
        found = {each.of for each in duplicates if each.grade in _SURE}.union(self._marked.get(case.id, ()))
        if case.duplicate_of:
            found.add(case.duplicate_of)
        return self._in_order(found | {case.id}) if found - {case.id} else ()

    def _in_order(self, ids: Iterable[str]) -> tuple[str, ...]:
        known = [self._by_id[each] for each in ids if each in self._by_id]
        unknown = sorted(each for each in ids if each not in self._by_id)
        return (*unknown, *(case.id for case in sorted(known, key=lambda case: (case.received_at, case.id))))
