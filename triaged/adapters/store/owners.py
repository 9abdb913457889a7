"""The store's names for mails to the team: each kind has a table, and each mail an id in it (docs/file-format.md).

No other module makes or reads these ids.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from triaged.core.case.events import TeamPurpose
from triaged.core.case.owner import ToTeam

TABLES: Mapping[TeamPurpose, str] = {
    "digest": "digests",
    "alarm": "alarms",
    "alert": "alerts",
    "transcript": "transcripts",
}
"""The kinds, in the order in which mails that were owed at one instant are sent."""
_PREFIXES: Mapping[TeamPurpose, str] = {"digest": "", "alarm": "alarm ", "alert": "alert ", "transcript": "transcript "}


def doc_id(mail: ToTeam) -> str:
    """The id of its document."""
    return _PREFIXES[mail.kind] + mail.key


def mails(kind: TeamPurpose, tables: Mapping[str, Mapping[str, Any]]) -> Iterator[ToTeam]:
    """The mails of one kind, in the order in which they were first owed."""
    for each in tables.get(TABLES[kind], {}):
        yield ToTeam(kind, each.removeprefix(_PREFIXES[kind]))
