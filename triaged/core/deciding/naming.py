"""Find the case that a person means, however they write its id."""

import unicodedata
from collections.abc import Iterable

from triaged.core.deciding.decided import No
from triaged.core.text import visible

_SHORTEST = 4
"""How many characters of an id, without its prefix, are enough to search for it."""
_READ_AS = str.maketrans("OIL", "011")
"""Crockford's base32 has no O, I and L: people who type them mean 0, 1 and 1."""


def meant(named: str, ids: Iterable[str]) -> str | No:
    """The id itself, or the only one that starts this way; prefix, dashes and letter case are optional: `7q4k`."""
    wanted = _plain(named)
    found = [each for each in ids if _begins(each, wanted)]
    whole = [each for each in found if wanted in _forms(each)]
    if len(found) == 1 or len(whole) == 1:
        return (whole or found)[0]
    shown = visible(named, 60)
    if found:
        return No(f"{shown}: more than one case begins so; write more of the id", unknown=True)
    return No(f"{shown}: there is no such case; `triaged cases` lists them", unknown=True)


def begins(case_id: str, typed: str) -> bool:
    """True if the id starts with what was typed, with or without its prefix; an empty text matches every id."""
    return any(form.startswith(_plain(typed)) for form in _forms(case_id))


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
