"""Policy: what the team decided, as frozen values. Read from policy.yaml by `settings`, never changed afterwards."""

from datetime import date, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from triaged.core.spans import BusinessDays, Span, read_span

ScopeName = Literal["model", "infrastructure", "sdk", "out-of-scope", "unclear"]
"""Where a report belongs; `unclear` is an honest answer and never a rule's."""

SectionName = Literal["description", "steps", "impact", "media"]
PromiseName = Literal["acknowledge", "triage", "update"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Part = Literal["title", "lead", "body", "quoted"]
"""Where in a report a word stands: the subject, the first sentences, the rest, what it quotes."""


def _span(value: object) -> object:
    return read_span(value) if isinstance(value, str) else value


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{value!r} is no time zone; write it like Europe/Berlin") from None


SpanField = Annotated[timedelta | BusinessDays, BeforeValidator(_span)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, arbitrary_types_allowed=True)


class Section(_Frozen):
    """One thing that the policy asks of a report."""

    name: SectionName
    required: bool
    title: str
    """What the acknowledgment calls it: `Steps to reproduce`."""
    example: str
    """What to send when it is missing, one line, with an example."""
    headings: tuple[str, ...]
    """Words that head it, lower case, in any language; compared without punctuation and numbering."""
    phrases: tuple[str, ...] = ()
    """Wordings in running text that show it (`an attacker can`)."""


class Rule(_Frozen):
    """Words that speak for one scope."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    scope: Literal["model", "infrastructure", "sdk", "out-of-scope"]
    weight: float = Field(gt=0, le=10)
    phrases: tuple[str, ...]
    parts: tuple[Part, ...] = ("title", "lead", "body")
    """The parts in which the words count: a consequence named in the impact paragraph is not what was found."""
    unless: tuple[str, ...] = ()
    """Guards: any of these words anywhere in the reporter's own text vetoes the rule."""


class Assets(_Frozen):
    """The organisation's own names; they outweigh every vocabulary."""

    hosts: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


class Scopes(_Frozen):
    """How a scope is decided."""

    titles: dict[ScopeName, str]
    """What each scope is called in a mail to a reporter."""
    assets: Assets = Assets()
    rules: tuple[Rule, ...]


class Calendar(_Frozen):
    """Which days are working days, and in which zone a day begins."""

    timezone: Zone = ZoneInfo("UTC")
    weekend: tuple[Weekday, ...] = ("saturday", "sunday")
    closed: tuple[date, ...] = ()


class Promise(_Frozen):
    """One promise to a reporter, as a length of time from an event."""

    name: PromiseName
    within: SpanField
    pausable: bool = False
    """Whether waiting for the reporter stops the clock. Acknowledgment clocks never pause."""


class Sentences(_Frozen):
    """The policy's own words, quoted in acknowledgments."""

    good_faith: str
    credit: str
    out_of_scope: str
    """Why a report may be outside the policy, and how to object; never a refusal."""


class Policy(_Frozen):
    """Everything that a team may decide about its reports."""

    version: Literal[1]
    url: str | None = None
    """Where the public can read the policy."""
    sections: tuple[Section, ...]
    scopes: Scopes
    promises: tuple[Promise, ...]
    calendar: Calendar = Calendar()
    sentences: Sentences

    def section(self, name: SectionName) -> Section:
        """The section of that name; the settings have checked that each is there once."""
        return next(section for section in self.sections if section.name == name)

    def promised(self, name: PromiseName) -> Promise:
        """The promise of that name; the settings have checked that each is there once."""
        return next(promise for promise in self.promises if promise.name == name)


__all__ = [
    "Assets",
    "Calendar",
    "Part",
    "Policy",
    "Promise",
    "PromiseName",
    "Rule",
    "ScopeName",
    "Scopes",
    "Section",
    "SectionName",
    "Sentences",
    "Span",
]
