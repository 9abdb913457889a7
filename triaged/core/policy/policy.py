"""Policy: what the team decided, as frozen values. Read from policy.yaml by `settings`, never changed afterwards."""

from functools import cached_property
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationInfo, field_validator

from triaged.core.phrases import Phrasebook
from triaged.core.policy.calendar import Calendar
from triaged.core.policy.fields import Frozen as _Frozen
from triaged.core.policy.fields import each_once as _each_once
from triaged.core.policy.profiles import ProfileName, promised
from triaged.core.policy.promises import Promise, PromiseName
from triaged.core.policy.rules import Hints, Kinds, KnownIssue, Scopes, Section, SectionName


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
    kinds: Kinds = Kinds()
    profile: tuple[ProfileName, ...] = ()
    """Sets of promises to begin from; of what two of them promise, the later one's counts."""
    promises: Annotated[tuple[Promise, ...], Field(validate_default=True)] = ()
    """The profiles' with what the policy itself says in their place; without a profile, what it says."""
    calendar: Calendar = Calendar()
    sentences: Sentences
    hints: Hints = Hints()
    known_issues: tuple[KnownIssue, ...] = ()

    @field_validator("sections")
    @classmethod
    def _every_section(cls, sections: tuple[Section, ...]) -> tuple[Section, ...]:
        _each_once("section", [section.name for section in sections], get_args(SectionName))
        return sections

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

    @cached_property
    def known_phrases(self) -> Phrasebook:
        """Every phrase of a known issue, to be found in one pass."""
        return Phrasebook(phrase for issue in self.known_issues for phrase in issue.phrases)

    @cached_property
    def phrasebook(self) -> Phrasebook:
        """Every phrase that any rule, kind or asset looks for, and the orders to disregard, to be found in one pass."""
        scopes = [phrase for rule in self.scopes.rules for phrase in (*rule.phrases, *rule.unless)]
        kinds = [phrase for rule in self.kinds.rules for phrase in rule.phrases]
        assets = self.scopes.assets
        orders = self.hints.words.get("orders", ())
        return Phrasebook([*scopes, *kinds, *orders, *assets.hosts, *assets.packages, *assets.models])

    def section(self, name: SectionName) -> Section:
        """The section of that name; the settings have checked that each is there once."""
        return next(section for section in self.sections if section.name == name)

    def promised(self, name: PromiseName) -> Promise:
        """The promise of that name; the settings have checked that each is there once."""
        return next(promise for promise in self.promises if promise.name == name)
