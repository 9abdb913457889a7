"""A message read as a report: which sections it has, on which evidence, and in which scope it seems to be."""

from dataclasses import dataclass
from typing import Literal

from triaged.core.policy import ScopeName, SectionName


@dataclass(frozen=True, slots=True)
class Evidence:
    """One section, found or not."""

    section: SectionName
    quote: str
    """The reporter's line that proves it, at most 200 visible characters; empty when the section is missing."""

    @property
    def present(self) -> bool:
        """Whether the section was found."""
        return bool(self.quote)


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that spoke, and the words it spoke on."""

    rule: str
    scope: ScopeName
    part: str
    quote: str
    """At most 120 visible characters around the words."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The scope, how sure, and why. `low` means: a person looks before anything is built on it."""

    scope: ScopeName
    band: Literal["high", "low"]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a message says, as far as rules can tell."""

    sections: tuple[Evidence, ...]
    """One per section of the policy, in the policy's order."""
    missing: tuple[SectionName, ...]
    """The required sections that were not found; empty when the message could not be read (encrypted)."""
    verdict: Verdict

    def has(self, section: SectionName) -> bool:
        """Whether that section was found."""
        return any(evidence.present for evidence in self.sections if evidence.section == section)
