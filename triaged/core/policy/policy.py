"""The policy: what the team decided, as frozen values. `settings` reads it from policy.yaml; it never changes afterwards."""

from functools import cached_property
from itertools import chain
from typing import Annotated, Literal, Self, get_args

from pydantic import ConfigDict, Field, PrivateAttr, ValidationInfo, field_validator

from triaged.core.phrases import Phrasebook
from triaged.core.policy.calendar import Calendar
from triaged.core.policy.details import Detail, DetailName, Stated, details_of, sections_of
from triaged.core.policy.doors import Door
from triaged.core.policy.fields import Frozen as _Frozen
from triaged.core.policy.fields import each_once as _each_once
from triaged.core.policy.profiles import ProfileName, promised
from triaged.core.policy.promises import Promise, PromiseName
from triaged.core.policy.rules import Hints, Kinds, KnownIssue, Reading, Scopes, Section, SectionName
from triaged.core.tables import Tables


class Sentences(_Frozen):
    """The policy's own sentences, quoted in acknowledgments."""

    good_faith: str
    credit: str
    out_of_scope: str
    """Why a report may be outside the policy, and how to object; never a refusal."""


class Policy(_Frozen):
    """Everything that a team may decide about its reports."""

    # A policy can also be built from the fields of another.
    model_config = ConfigDict(populate_by_name=True)

    version: Literal[1]
    url: str | None = None
    """The public page with the policy."""
    key_url: str | None = None
    """The page with our public key, for people who want to encrypt."""
    stated: tuple[Stated, ...] = Field(alias="sections")
    """The file's `sections`: what a report should contain, and what helps with reports of one scope."""
    reading: Reading = Reading()
    scopes: Scopes
    kinds: Kinds = Kinds()
    profile: tuple[ProfileName, ...] = ()
    """The sets of promises to begin with; if two define the same promise, the later one counts."""
    promises: Annotated[tuple[Promise, ...], Field(validate_default=True)] = ()
    """The profiles' promises, replaced by the policy's own; without a profile, only the policy's own."""
    calendar: Calendar = Calendar()
    sentences: Sentences
    hints: Hints = Hints()
    known_issues: tuple[KnownIssue, ...] = ()
    doors: tuple[Door, ...] = ()
    """Platforms and authorities that tell us about reports elsewhere; the first match counts."""
    _tables: Tables = PrivateAttr(default_factory=Tables)

    @property
    def tables(self) -> Tables:
        """The tables of the second reader; shipped with the product and not part of the file."""
        return self._tables

    def read_with(self, tables: Tables) -> Self:
        """The same policy with these tables."""
        policy = self.model_copy()
        policy._tables = tables  # noqa: SLF001 - a copy of its own kind
        return policy

    @field_validator("stated")
    @classmethod
    def _every_section(cls, stated: tuple[Stated, ...]) -> tuple[Stated, ...]:
        _each_once("section", [each.name for each in stated if each.scope is None], get_args(SectionName))
        details = [each.name for each in stated if each.scope is not None]
        _each_once("section", details, tuple(dict.fromkeys(details)))
        return stated

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections that every report is asked for."""
        return sections_of(self.stated)

    @cached_property
    def details(self) -> tuple[Detail, ...]:
        """The details that help with a report of one scope."""
        return details_of(self.stated)

    @field_validator("profile", mode="before")
    @classmethod
    def _one_or_many(cls, named: object) -> object:
        return (named,) if isinstance(named, str) else named

    @field_validator("promises")
    @classmethod
    def _every_promise(cls, own: tuple[Promise, ...], info: ValidationInfo) -> tuple[Promise, ...]:
        # An unknown profile is reported on its own; what it would promise cannot be known.
        return promised(info.data["profile"], own) if "profile" in info.data else own

    @field_validator("known_issues")
    @classmethod
    def _known_once(cls, known: tuple[KnownIssue, ...]) -> tuple[KnownIssue, ...]:
        ids = [issue.id for issue in known]
        _each_once("known issue", ids, tuple(dict.fromkeys(ids)))
        return known

    @field_validator("doors")
    @classmethod
    def _doors_once(cls, doors: tuple[Door, ...]) -> tuple[Door, ...]:
        ids = [door.id for door in doors]
        _each_once("door", ids, tuple(dict.fromkeys(ids)))
        return doors

    @cached_property
    def phrasebook(self) -> Phrasebook:
        """The phrases of rules, kinds, sections, hints, assets and known issues, found in one pass."""
        scopes = (phrase for rule in self.scopes.rules for phrase in (*rule.phrases, *rule.unless))
        kinds = (phrase for rule in self.kinds.rules for phrase in rule.phrases)
        sections = (phrase for section in self.sections for phrase in (*section.phrases, *section.weak_phrases))
        told = (phrase for phrases in self.hints.words.values() for phrase in phrases)
        details = (phrase for detail in self.details for phrase in detail.phrases)
        assets = self.scopes.assets
        known = (phrase for issue in self.known_issues for phrase in issue.phrases)
        named = (assets.hosts, assets.packages, assets.models)
        return Phrasebook(chain(details, scopes, kinds, sections, told, known, *named))

    def section(self, name: SectionName) -> Section:
        """The section with that name; the settings checked that there is exactly one."""
        return next(section for section in self.sections if section.name == name)

    def detail(self, name: DetailName) -> Detail:
        """The detail with that name, which must be in the policy."""
        return next(detail for detail in self.details if detail.name == name)

    def promised(self, name: PromiseName) -> Promise:
        """The promise with that name; the settings checked that there is exactly one."""
        return next(promise for promise in self.promises if promise.name == name)
