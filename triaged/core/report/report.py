"""A message read as a report: which sections it has, on which evidence, and in which scope it seems to be."""

from dataclasses import dataclass
from typing import Literal

from triaged.core.policy.details import DetailName
from triaged.core.policy.rules import KindName, ScopeName, SectionName

Band = Literal["high", "low"]
"""How sure a verdict is: of those that are `high` 97 in 100 should be right."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One section, found or not."""

    section: SectionName
    quote: str
    """The reporter's line that proves it, at most 200 visible characters; empty when the section is missing."""

    weak: bool = False
    """True if it is only hinted at (`could lead to ...`): enough not to ask for it, and for the team to know."""
    phrases: tuple[str, ...] = ()
    """The phrases of the second reader's table that weighed most, where that found it and no rule did."""
    sum: float = 0.0
    """What its sentence summed up to by the second reader."""

    @property
    def present(self) -> bool:
        """True if the section was found, be it weakly."""
        return bool(self.quote)


@dataclass(frozen=True, slots=True)
class Shown:
    """One detail that helps with reports of the verdict's scope, found or not."""

    name: DetailName
    quote: str
    """The words that show it, at most 160 visible characters; empty where nothing looks like it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that spoke, and the words it spoke on."""

    rule: str
    scope: ScopeName
    part: str
    quote: str
    """At most 120 visible characters around the words."""
    score: float = 0.0
    """What it weighed, in the measure of its reader: a rule's points, or a table's sum."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The scope, how sure, and why. `low` means: a person looks before anything is built on it."""

    scope: ScopeName
    band: Band
    reasons: tuple[Reason, ...]
    says: str = ""
    """The sums that decided, in words, each with its threshold: the scope's, and on the next line the kind's."""


FactKind = Literal[
    "url", "host", "id", "weakness", "severity", "version", "package", "endpoint", "function", "file", "model",
    "hash", "tested", "publish", "informed", "exploited", "reward", "payment", "threat", "credit", "assistance",
    "conversation", "known-issue", "door", "reference"
]  # fmt: skip
"""What a fact is of: `id` is a CVE or GHSA, `weakness` a CWE, `severity` a CVSS vector with its score, `publish` when the
reporter means to publish, `informed` who else knows (a CERT, a CVE asked for), `hash` of a file, `assistance` that a machine
helped, `conversation` the id of a conversation, call or request, `known-issue` the id of one in the policy, `door` where a
platform's report waits, `reference` its id there."""


Certainty = Literal["", "firm", "planned", "conditional"]
"""Of a plan to publish: it will be so, it is meant so, or it is so if something does not happen (`unless you answer`)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a mail names or says, and where."""

    kind: FactKind
    value: str
    """In one spelling, so that it can be compared; at most 200 visible characters. A URL is as it was written: defang it."""
    quote: str
    """At most 100 visible characters around it."""
    certainty: Certainty = ""
    """Of a plan alone."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a mail names and says, pulled out for the team. A fact is no judgment: the reporter wrote so."""

    found: tuple[Fact, ...] = ()
    """At most eight of a kind, in the order of the kinds, then of the text."""
    issues: int = 1
    """How many separate issues one mail reports."""

    def of(self, *kinds: FactKind) -> tuple[Fact, ...]:
        """The facts of these kinds."""
        return tuple(fact for fact in self.found if fact.kind in kinds)

    def values(self, *kinds: FactKind) -> frozenset[str]:
        """What these kinds of fact name."""
        return frozenset(fact.value for fact in self.found if fact.kind in kinds)


@dataclass(frozen=True, slots=True)
class Hint:
    """A sign that speaks for or against a report's credibility, or that a person should know. Hints are never added up."""

    id: str
    side: Literal["for", "against", "note"]
    says: str
    """One sentence."""
    quote: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a message says, as far as rules can tell."""

    sections: tuple[Evidence, ...]
    """One per section of the policy, in the policy's order."""
    missing: tuple[SectionName, ...]
    """The required sections that were not found; empty when the message could not be read (encrypted)."""
    verdict: Verdict
    kind: KindName = "report"
    """What sort of mail it is; of one that is no report the verdict is out of scope, and its reasons say why."""
    facts: Facts = Facts()
    """What it names and says; none in what was read before facts were."""
    hints: tuple[Hint, ...] = ()
    """For the team alone."""
    signature: str = ""
    """Of its first text, for finding near-identical ones (`shingles`); empty of a text too short to tell."""

    terms: tuple[str, ...] = ()
    """The words that its subject and first text are known by (`terms`): each once, at most 160; no small words."""
    flaws: tuple[str, ...] = ()
    """The classes of flaw that these name (`flaws`); none where they name very many."""

    details: tuple[Shown, ...] = ()
    """What helps with reports of its scope; none of those for which the policy names nothing."""
    wanted: tuple[DetailName, ...] = ()
    """The details that the reporter may be asked for, as a help."""
    surely: bool = False
    """True if it surely reports something: only then is anything asked for."""

    def has(self, section: SectionName) -> bool:
        """True if that section was found."""
        return any(evidence.present for evidence in self.sections if evidence.section == section)
