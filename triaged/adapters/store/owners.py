"""How the store names mails to the team: each kind has a table, and in it each mail an id (docs/file-format.md).

Nothing else makes or reads these ids.
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
"""In the order in which they are read: mails owed at one instant wait in it."""
_PREFIXES: Mapping[TeamPurpose, str] = {"digest": "", "alarm": "alarm ", "alert": "alert ", "transcript": "transcript "}


def doc_id(mail: ToTeam) -> str:
    """The id of its document."""
    return _PREFIXES[mail.kind] + mail.key


def mails(kind: TeamPurpose, tables: Mapping[str, Mapping[str, Any]]) -> Iterator[ToTeam]:
    """The mails of a kind, in the order in which they were first owed."""
    for each in tables.get(TABLES[kind], {}):
        yield ToTeam(kind, each.removeprefix(_PREFIXES[kind]))
