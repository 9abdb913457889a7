"""The state directory as commands see it: read without a lock, decided on through the daemon when one runs."""

import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from triaged.adapters.store.store import TinyStore, open_store
from triaged.cli.faults import NO_INPUT, Fault
from triaged.core.case.case import Case
from triaged.core.text import visible

_SHORTEST = 4
"""Characters of an id, beside its prefix, that are enough to look for it."""
_READ_AS = str.maketrans("OIL", "011")
"""Crockford's base32: what is written in place of the digits that ids are made of."""


@contextmanager
def read_store(state_dir: Path) -> Iterator[TinyStore]:
    """The store as it is on disk now; Fault when the daemon has never run here."""
    if not state_dir.is_dir():
        raise Fault(f"{state_dir}: there is no state yet; `triaged run` makes it", NO_INPUT)
    with closing(open_store(state_dir, read_only=True)) as store:
        yield store


def find_case(store: TinyStore, named: str) -> Case:
    """The case of that id, or of the only one that begins so; with or without prefix and dashes, in any case: `7q4k`."""
    wanted = _plain(named)
    found = {case.id: case for case in store.cases() if _begins(case.id, wanted)}
    whole = [case for case in found.values() if wanted in _forms(case.id)]
    if len(found) == 1 or len(whole) == 1:
        return (whole or list(found.values()))[0]
    shown = visible(named, 60)
    if len(found) > 1:
        raise Fault(f"{shown}: more than one case begins so; write more of the id", NO_INPUT)
    raise Fault(f"{shown}: there is no such case; `triaged cases` lists them", NO_INPUT)


def _begins(case_id: str, wanted: str) -> bool:
    whole, digits = _forms(case_id)
    if digits.startswith(wanted):
        return len(wanted) >= _SHORTEST
    return whole.startswith(wanted) and len(wanted) - (len(whole) - len(digits)) >= _SHORTEST


def _forms(case_id: str) -> tuple[str, str]:
    """The id with its prefix, whatever that is, and without it."""
    return _plain(case_id), _plain("".join(case_id.split("-")[-2:]))


def _plain(written: str) -> str:
    upper = unicodedata.normalize("NFKC", written).upper()
    return "".join(char for char in upper if char.isalnum()).translate(_READ_AS)
