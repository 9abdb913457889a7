"""Policy: what the team decided, as frozen values. Read from policy.yaml by `settings`, never changed afterwards."""

from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from triaged.core.phrases import Phrasebook
from triaged.core.spans import BusinessDays, read_span

ScopeName = Literal["model", "infrastructure", "sdk", "out-of-scope", "unclear"]
"""Where a report belongs; `unclear` is an honest answer and never a rule's."""

SectionName = Literal["description", "steps", "impact", "media"]
PromiseName = Literal["acknowledge", "triage", "update"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Part = Literal["title", "lead", "body", "quoted"]
"""Where in a report a word stands: the subject, the first sentences, the rest, what it quotes."""


SignName = Literal["http-request", "live-url", "package-version", "import-line", "chat-transcript"]


def _phrase(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("an empty phrase would be found everywhere")
    return " ".join(value.lower().split()) if isinstance(value, str) else value


Phrase = Annotated[str, BeforeValidator(_phrase)]
"""Words to look for, lower case, single spaces."""


_CENTURY = timedelta(days=36525)


def within_reason(length: timedelta) -> timedelta:
    """The length itself; ValueError where it is nothing, or so long that the calendar ends before it."""
    if not timedelta(0) < length <= _CENTURY:
        raise ValueError("must be longer than nothing and no longer than a century")
    return length


def _span(value: object) -> object:
    # A bare number has no unit: `within: 48` must not come to mean 48 seconds.
    span = value if isinstance(value, timedelta | BusinessDays) else read_span(str(value))
    within_reason(timedelta(days=span.count) if isinstance(span, BusinessDays) else span)
    return span


def _zone(value: object) -> object:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{str(value)!r} is no time zone; write it like Europe/Berlin") from None


SpanField = Annotated[timedelta | BusinessDays, BeforeValidator(_span)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, arbitrary_types_allowed=True)


def _each_once(what: str, given: list[str], wanted: tuple[str, ...]) -> None:
    """ValueError unless every wanted name is given exactly once."""
    for name in wanted:
        if given.count(name) != 1:
            raise ValueError(f"the {what} {name!r} must be there once, not {given.count(name)} times")


class Section(_Frozen):
    """One thing that the policy asks of a report."""

    name: SectionName
    required: bool
    title: str
    """What the acknowledgment calls it: `Steps to reproduce`."""
    example: str
    """What to send when it is missing, one line, with an example."""
    headings: tuple[Phrase, ...]
    """Words that head it, lower case, in any language; compared without punctuation and numbering."""
    phrases: tuple[Phrase, ...] = ()
    """Wordings in running text that show it (`an attacker can`)."""

    @cached_property
    def phrasebook(self) -> Phrasebook:
        """The wordings, to be found in one pass."""
        return Phrasebook(self.phrases)


class Rule(_Frozen):
    """Words that speak for one scope."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    scope: Literal["model", "infrastructure", "sdk", "out-of-scope"]
    weight: float = Field(gt=0, le=10)
    phrases: tuple[Phrase, ...] = ()
    sign: SignName | None = None
    """A shape that code recognises, instead of phrases."""
    parts: tuple[Part, ...] = ("title", "lead", "body")
    """The parts in which the words count: a consequence named in the impact paragraph is not what was found."""
    unless: tuple[Phrase, ...] = ()
    """Guards: any of these words anywhere in the reporter's own text vetoes the rule."""

    @model_validator(mode="after")
    def _speaks(self) -> Self:
        if bool(self.phrases) == (self.sign is not None):
            raise ValueError(f"rule {self.id} needs either phrases or a sign")
        return self


class Assets(_Frozen):
    """The organisation's own names; they outweigh every vocabulary."""

    hosts: tuple[Phrase, ...] = ()
    packages: tuple[Phrase, ...] = ()
    models: tuple[Phrase, ...] = ()


class Scopes(_Frozen):
    """How a scope is decided."""

    titles: dict[ScopeName, str]
    """What each scope is called in a mail to a reporter."""
    assets: Assets = Assets()
    rules: tuple[Rule, ...]

    @cached_property
    def phrasebook(self) -> Phrasebook:
        """Every phrase that any rule or asset looks for, to be found in one pass."""
        phrases = [phrase for rule in self.rules for phrase in (*rule.phrases, *rule.unless)]
        return Phrasebook([*phrases, *self.assets.hosts, *self.assets.packages, *self.assets.models])

    @field_validator("titles")
    @classmethod
    def _all_titled(cls, titles: dict[ScopeName, str]) -> dict[ScopeName, str]:
        _each_once("title", list(titles), get_args(ScopeName))
        return titles

    @field_validator("rules")
    @classmethod
    def _ids_differ(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        ids = [rule.id for rule in rules]
        _each_once("rule", ids, tuple(dict.fromkeys(ids)))
        return rules


class Calendar(_Frozen):
    """Which days are working days, and in which zone a day begins."""

    timezone: Zone = ZoneInfo("UTC")
    weekend: tuple[Weekday, ...] = ("saturday", "sunday")
    closed: tuple[date, ...] = ()

    @field_validator("weekend")
    @classmethod
    def _somebody_works(cls, weekend: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if len(set(weekend)) == len(get_args(Weekday)):
            raise ValueError("a week needs at least one working day")
        return weekend


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

    @field_validator("sections")
    @classmethod
    def _every_section(cls, sections: tuple[Section, ...]) -> tuple[Section, ...]:
        _each_once("section", [section.name for section in sections], get_args(SectionName))
        return sections

    @field_validator("promises")
    @classmethod
    def _every_promise(cls, promises: tuple[Promise, ...]) -> tuple[Promise, ...]:
        _each_once("promise", [promise.name for promise in promises], get_args(PromiseName))
        return promises

    def section(self, name: SectionName) -> Section:
        """The section of that name; the settings have checked that each is there once."""
        return next(section for section in self.sections if section.name == name)

    def promised(self, name: PromiseName) -> Promise:
        """The promise of that name; the settings have checked that each is there once."""
        return next(promise for promise in self.promises if promise.name == name)
