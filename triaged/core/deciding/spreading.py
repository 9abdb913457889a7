"""One decision for every report of one flaw: which cases `--all` means, and which letters it leaves to write."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from triaged.core.case.case import Case
from triaged.core.case.clusters import Ties, cluster_of, in_order
from triaged.core.commands.command import Close, Command, MarkDuplicate, Triage
from triaged.core.deciding.decided import No
from triaged.core.deciding.naming import meant


def spread(
    command: Command, cases: Sequence[Case], ties: Ties, ids: Iterable[str], find: Callable[[str], Case | None]
) -> list[Case]:
    """The cases that were named, then, if the command is for all, the open cases of their clusters in order of receipt.

    The case that the others become duplicates of is left as it is.
    """
    if not spreads(command):
        return list(cases)
    named = {case.id for case in cases}
    tied = frozenset[str]().union(*(cluster_of(each, ties) for each in named)) - named
    others = in_order(case for each in tied if (case := find(each)) and case.closed_at is None)
    kept = meant(command.of, ids) if isinstance(command, MarkDuplicate) else ""
    return [*cases, *(case for case in others if isinstance(kept, No) or case.id != kept)]


def spreads(command: Command) -> bool:
    """True if it is for every case of the cluster."""
    return bool(getattr(command, "cluster", False))


def letters(command: Command, cases: Iterable[Case]) -> Iterator[str]:
    """For a decision on all, the command that writes to each reporter, in the thread of their own report."""
    template = _TEMPLATES.get(type(command))
    if template and spreads(command):
        yield from (f"triaged reply {case.id} --template {template}" for case in cases)


_TEMPLATES: dict[type[Command], str] = {Triage: "accepted", Close: "closing", MarkDuplicate: "duplicate"}
