"""Policy: what the team decided, as frozen values. Read from policy.yaml by `settings`, never changed afterwards."""

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
    """The policy's own words, quoted in acknowledgments."""

    good_faith: str
    credit: str
    out_of_scope: str
    """Why a report may be outside the policy, and how to object; never a refusal."""


class Policy(_Frozen):
    """Everything that a team may decide about its reports."""

    # So that a policy's own fields make a policy again.
    model_config = ConfigDict(populate_by_name=True)

    version: Literal[1]
    url: str | None = None
    """Where the public can read the policy."""
    key_url: str | None = None
    """Where our public key is, for who wants to write encrypted."""
    stated: tuple[Stated, ...] = Field(alias="sections")
    """What a report should hold, and what helps with those of one scope, as the file has them."""
    reading: Reading = Reading()
    scopes: Scopes
    kinds: Kinds = Kinds()
    profile: tuple[ProfileName, ...] = ()
    """Sets of promises to begin from; of what two of them promise, the later one's counts."""
    promises: Annotated[tuple[Promise, ...], Field(validate_default=True)] = ()
    """The profiles' with what the policy itself says in their place; without a profile, what it says."""
    calendar: Calendar = Calendar()
    sentences: Sentences
    hints: Hints = Hints()
    known_issues: tuple[KnownIssue, ...] = ()
    doors: tuple[Door, ...] = ()
    """Who tells us of reports elsewhere; the first that fits counts."""
    _tables: Tables = PrivateAttr(default_factory=Tables)

    @property
    def tables(self) -> Tables:
        """What the second reader reads by; shipped with the product, and no part of the file."""
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
        """What is asked of every report."""
        return sections_of(self.stated)

    @cached_property
    def details(self) -> tuple[Detail, ...]:
        """What helps with a report of one scope."""
        return details_of(self.stated)

    @field_validator("profile", mode="before")
    @classmethod
    def _one_or_many(cls, named: object) -> object:
        return (named,) if isinstance(named, str) else named

    @field_validator("promises")
    @classmethod
    def _every_promise(cls, own: tuple[Promise, ...], info: ValidationInfo) -> tuple[Promise, ...]:
        # What a profile that is none would promise, nobody can say: it is fault enough.
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
        """Every phrase of rules, kinds, sections, hints, assets and known issues, to be found in one pass."""
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
        """The section of that name; the settings have checked that each is there once."""
        return next(section for section in self.sections if section.name == name)

    def detail(self, name: DetailName) -> Detail:
        """The detail of that name, which must be one of the policy's."""
        return next(detail for detail in self.details if detail.name == name)

    def promised(self, name: PromiseName) -> Promise:
        """The promise of that name; the settings have checked that each is there once."""
        return next(promise for promise in self.promises if promise.name == name)
