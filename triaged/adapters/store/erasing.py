"""Every table as an erasure leaves it: the old documents are in none of the files that are written from these tables."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from triaged.adapters.store.documents import VERSION, Json, body_of
from triaged.adapters.store.lines import Tables
from triaged.adapters.store.owners import TABLES
from triaged.adapters.store.tables import EVENTS
from triaged.core.case.case import Case
from triaged.core.case.events import Event, Failed, Owed, TeamPurpose
from triaged.core.erasure.record import Erasure
from triaged.core.erasure.redaction import Redaction
from triaged.core.mail.arrival import Arrival
from triaged.ports import Touched

_ARRIVAL: TypeAdapter[Arrival] = TypeAdapter(Arrival)
_ERASURE: TypeAdapter[Erasure] = TypeAdapter(Erasure)
_TABLE = "erasures"


def rewritten(tables: Tables, cases: Mapping[str, Case], redaction: Redaction) -> tuple[Tables, Touched]:
    """The tables without what is to go, and what that changes; the old ones stay as they are."""
    histories = {case_id: redaction.case(case) for case_id, case in cases.items()}
    changed = [case_id for case_id, case in cases.items() if histories[case_id] != case.history]
    mails, gone = _mails(tables.get("mails", {}), redaction)
    counts: Counter[str] = Counter()
    team = {
        table: dict(_to_team(kind, tables[table], redaction, counts))
        for kind, table in TABLES.items()
        if table in tables
    }
    new = {**tables, "cases": _cases(tables.get("cases", {}), changed, histories), "mails": mails, **team}
    counts["letters"] += sum(_cancelled(cases[case_id].history, histories[case_id]) for case_id in changed)
    own = tuple(each for each in changed if each in redaction.plan.cases)
    others = tuple(each for each in changed if each not in redaction.plan.cases)
    return new, Touched(own, others, gone, counts["letters"], counts["to_team"])


def with_record(tables: Tables, record: Erasure) -> Tables:
    """The tables with the record of what was erased behind those before it."""
    known = tables.get(_TABLE, {})
    number = f"{len(known) + 1:06}"
    return {**tables, _TABLE: {**known, number: {"version": VERSION, **_ERASURE.dump_python(record, mode="json")}}}


def records(tables: Mapping[str, Mapping[str, Any]]) -> Sequence[Erasure]:
    """What was erased, oldest first."""
    return [_ERASURE.validate_python(body_of(each)) for _, each in sorted(tables.get(_TABLE, {}).items())]


def _cases(rows: Mapping[str, Json], changed: Sequence[str], histories: Mapping[str, tuple[Event, ...]]) -> Json:
    return {**rows, **{each: {**rows[each], "events": _dumped(histories[each])} for each in changed}}


def _mails(rows: Mapping[str, Json], redaction: Redaction) -> tuple[Json, tuple[str, ...]]:
    """The mails, and which of them lose their bytes now."""
    kept: Json = {}
    gone = []
    for sha256, document in rows.items():
        before = _ARRIVAL.validate_python(body_of(document))
        after = redaction.arrival(before)
        kept[sha256] = document if after == before else {**document, **_ARRIVAL.dump_python(after, mode="json")}
        if after.erased_at and not before.erased_at:
            gone.append(sha256)
    return kept, tuple(gone)


def _to_team(
    kind: TeamPurpose, rows: Mapping[str, Json], redaction: Redaction, counts: Counter[str]
) -> Iterator[tuple[str, Json]]:
    """The mails of a kind to the team, but for those that are written again."""
    for doc_id, document in rows.items():
        before = EVENTS.validate_python(document["events"])
        about = (*document.get("about", ()), *(each["case_id"] for each in document.get("told", ())))
        after = redaction.to_team(kind, before, about)
        page = {"page": redaction.page(document["page"])} if "page" in document else {}
        counts["to_team"] += _letters(before) != _letters(after)
        counts["letters"] += _cancelled(before, after) or not after
        if after:
            yield doc_id, {**document, **page, **({} if after == before else {"events": _dumped(after)})}


def _letters(events: Sequence[Event]) -> list[str]:
    return [event.raw for event in events if isinstance(event, Owed)]


def _cancelled(before: Sequence[Event], after: Sequence[Event]) -> int:
    return sum(isinstance(event, Failed) for event in after[len(before) :])


def _dumped(events: Sequence[Event]) -> list[Json]:
    found: list[Json] = EVENTS.dump_python(tuple(events), mode="json")
    return found
