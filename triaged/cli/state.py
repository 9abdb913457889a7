"""Finding cases in the state directory for commands, which read it without a lock."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from triaged.adapters.store.store import TinyStore, open_store
from triaged.cli.faults import NO_INPUT, Fault
from triaged.core.case.case import Case
from triaged.core.deciding.decided import No
from triaged.core.deciding.naming import meant


@contextmanager
def read_store(state_dir: Path) -> Iterator[TinyStore]:
    """The store as it is on disk now; raises Fault if the daemon has never run here."""
    if not state_dir.is_dir():
        raise Fault(f"{state_dir}: there is no state yet; `triaged run` makes it", NO_INPUT)
    with closing(open_store(state_dir, read_only=True)) as store:
        yield store


def find_case(store: TinyStore, named: str) -> Case:
    """The case that `named` names, in any form that `naming.meant` reads; raises Fault if it names none or several."""
    by_id = {case.id: case for case in store.cases()}
    found = meant(named, by_id)
    if isinstance(found, No):
        raise Fault(found.sentence, NO_INPUT)
    return by_id[found]


def find_cases(store: TinyStore, named: str) -> list[Case]:
    """The cases that a list such as `7q4k,2m8d` names, each once, in that order; raises Fault as `find_case` does."""
    ids = [each for each in named.split(",") if each.strip()] or [named]
    return list({case.id: case for case in (find_case(store, each) for each in ids)}.values())
