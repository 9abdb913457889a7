"""The owner of a letter: a case, or a series of mails to the team."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from triaged.core.case.events import TeamPurpose


@dataclass(frozen=True, slots=True)
class ToTeam:
    """One mail to the team."""

    kind: TeamPurpose
    key: str
    """Which mail of its kind: the ISO date of a digest (local) or of an alarm (UTC), the number of an alert.
    For a transcript: the key of the mail that it answers.
    """

    @classmethod
    def dated(cls, kind: TeamPurpose, day: date) -> Self:
        """The mail of this kind for that day."""
        return cls(kind, day.isoformat())

    def __str__(self) -> str:
        """The name in log lines."""
        return f"{self.kind} {self.key}"


Owner = str | ToTeam
"""The id of the case that a letter belongs to, or the mail to the team that it is."""
