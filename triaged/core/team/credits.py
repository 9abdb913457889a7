"""Who is to be thanked: from recorded consent alone, in the order in which the reports came."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from triaged.core.case.case import Case

ANONYMOUS = "anonymous"
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~&-])")


@dataclass(frozen=True, slots=True)
class Thanks:
    """One reporter of one case."""

    case_id: str
    received: date
    name: str
    """As wished; empty for who stays anonymous."""
    where: str


def thanks(cases: Iterable[Case], zone: tzinfo) -> list[Thanks]:
    """Everybody who has told how they want to be credited, the first report first; dates are of that zone."""
    agreed = sorted((case for case in cases if case.credit), key=lambda case: (case.received_at, case.id))
    return [
        Thanks(case.id, case.received_at.astimezone(zone).date(), case.credit.name, case.credit.where)
        for case in agreed
        if case.credit
    ]


def unasked(cases: Iterable[Case]) -> list[str]:
    """The reports that were triaged and closed as no duplicate, and whose reporter nobody has asked."""
    closed = (case for case in cases if case.closed_at and case.triaged_at and not case.duplicate_of)
    return [case.id for case in closed if case.credit is None]


def markdown(found: Sequence[Thanks]) -> str:
    """A list to publish: no case id, and nothing in a name is markup."""
    return "".join(f"- {each.received}: {_linked(each)}\n" for each in found)


def _linked(each: Thanks) -> str:
    name = _MARKUP.sub(r"\\\1", each.name) or ANONYMOUS
    # Angle brackets hold any URL, for it has neither them nor blanks in it once these are written as percent signs.
    where = each.where.replace("<", "%3C").replace(">", "%3E")
    return f"[{name}](<{where}>)" if where else name
