"""The reporters to thank, only with recorded consent, in the order in which their reports arrived."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from triaged.core.case.case import Case

ANONYMOUS = "anonymous"
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~&-])")


@dataclass(frozen=True, slots=True)
class Thanks:
    """Thanks to the reporter of one case."""

    case_id: str
    received: date
    name: str
    """The name as the reporter wishes it; empty to stay anonymous."""
    where: str


def thanks(cases: Iterable[Case], zone: tzinfo) -> list[Thanks]:
    """The reporters who told us how to credit them, the first report first; dates are in that zone."""
    agreed = sorted((case for case in cases if case.credit), key=lambda case: (case.received_at, case.id))
    return [
        Thanks(case.id, case.received_at.astimezone(zone).date(), case.credit.name, case.credit.where)
        for case in agreed
        if case.credit
    ]


def unasked(cases: Iterable[Case]) -> list[str]:
    """The reports that were triaged and closed, are no duplicates, and whose reporter nobody has asked."""
    closed = (case for case in cases if case.closed_at and case.triaged_at and not case.duplicate_of)
    return [case.id for case in closed if case.credit is None]


def markdown(found: Sequence[Thanks]) -> str:
    """A list to publish, with no case ids; names are escaped, so nothing in them is markup."""
    return "".join(f"- {each.received}: {_linked(each)}\n" for each in found)


def _linked(each: Thanks) -> str:
    name = _MARKUP.sub(r"\\\1", each.name) or ANONYMOUS
    # Angle brackets can enclose any URL once its own brackets and spaces are percent-encoded.
    where = each.where.replace("<", "%3C").replace(">", "%3E")
    return f"[{name}](<{where}>)" if where else name
