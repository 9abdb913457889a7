"""The state directory as commands see it: read without a lock, decided on through the daemon when one runs."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from triaged.adapters.store.store import TinyStore, open_store
from triaged.cli.faults import NO_INPUT, Fault
from triaged.core.case.case import Case

_SHORTEST_PREFIX = 4


@contextmanager
def read_store(state_dir: Path) -> Iterator[TinyStore]:
    """The store as it is on disk now; Fault when the daemon has never run here."""
    if not state_dir.is_dir():
        raise Fault(f"{state_dir}: there is no state yet; `triaged run` makes it", NO_INPUT)
    with closing(open_store(state_dir, read_only=True)) as store:
        yield store


def find_case(store: TinyStore, named: str) -> Case:
    """The case of that id, or of the only id that begins or goes on so: `7q4k` finds SEC-7Q4K-2M8D."""
    wanted = "".join(char for char in named.upper() if char.isalnum()).removeprefix("SEC")
    every = store.cases() if len(wanted) >= _SHORTEST_PREFIX else ()
    found = [case for case in every if case.id.replace("-", "").removeprefix("SEC").startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise Fault(f"{named}: more than one case begins so; write more of the id", NO_INPUT)
    raise Fault(f"{named}: there is no such case; `triaged cases` lists them", NO_INPUT)
