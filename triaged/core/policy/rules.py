"""The rules for reading reports: sections, scopes, kinds, hints and known issues, as a policy states them."""

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from triaged.core.policy.fields import Frozen as _Frozen
from triaged.core.policy.fields import MailAddress, SpanField
from triaged.core.policy.fields import each_once as _each_once

ScopeName = Literal["model", "infrastructure", "sdk", "out-of-scope", "unclear", "none"]
"""Where a report belongs. `unclear` is an honest result but never a rule's; `none` is for mail that is no report."""
SCOPES_OF_REPORTS: tuple[ScopeName, ...] = ("model", "infrastructure", "sdk", "out-of-scope", "unclear")

SectionName = Literal["description", "steps", "impact", "media"]
Part = Literal["title", "lead", "body", "impact", "quoted"]
"""The part of a report that contains a word: the subject, the first sentences, the rest, the impact section, quoted text."""


SignName = Literal[
    "http-request",
    "live-url",
    "url-path",
    "package-version",
    "release",
    "cve",
    "advisory-sentence",
    "import-line",
    "source-path",
    "function-name",
    "crash-trace",
    "chat-transcript",
]
KindName = Literal[
    "report", "coordinator", "notice", "key-request", "bounty-question", "beg-bounty", "extortion", "abuse", "press", "legal",
    "privacy", "law-enforcement", "billing", "support", "bug", "questionnaire", "wrong-answer", "sales", "recruiting",
    "newsletter", "spam", "thanks", "other"
]  # fmt: skip
"""The kind of a mail, by what its writer does. `other` is a letter of no kind that the policy names."""

LetterName = Literal[
    "letter", "coordinator", "key-request", "beg-bounty", "abuse", "privacy", "support", "wrong-answer"
]
"""The template that acknowledges a letter that is no report; `letter` says the least."""


def _phrase(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("an empty phrase would be found everywhere")
    return " ".join(value.lower().split()) if isinstance(value, str) else value


Phrase = Annotated[str, BeforeValidator(_phrase)]
"""Words to look for: lower case, single spaces."""


class Section(_Frozen):
    """Something that the policy asks of a report."""

    name: SectionName
    required: bool
    title: str
    """Its name in the acknowledgment: `Steps to reproduce`."""
    example: str
    """The request to send it if it is missing: one line, with an example."""
    headings: tuple[Phrase, ...]
    """Headings that introduce it, in lower case and any language; compared without punctuation and numbering."""
    phrases: tuple[Phrase, ...] = ()
    """Wordings in running text that show it (`an attacker can`)."""
    weak_phrases: tuple[Phrase, ...] = ()
    """Wordings that only suggest it (`could lead to`): it is then shown as weak instead of being asked for."""


class Reading(_Frozen):
    """How the learned tables take part in reading, beside the rules."""

    second_reader: bool = True
    """True if they take part at all."""
    short: dict[SectionName, int] = Field(default_factory=dict)
    """A section is asked for only in texts with fewer words (default 60): longer texts contain it in some wording."""
    languages: dict[SectionName, tuple[str, ...]] = Field(default_factory=dict)
    """The languages (ISO 639-1) in which a section is found reliably and so may be asked for. Absent: any language."""
    letter_below: float = -0.42
    """Below this sum as a report, a mail is a letter of another kind."""
    silent_letter_below: float = 0.0
    """Below this, a mail with no report's words and several of another kind is a letter."""
    surely_letter_below: float = -0.65
    """Below this it is surely a letter, unless it shows what its writer did."""
    report_from: float = 0.2
    """From this sum on it is surely a report and may be asked for missing sections."""
    rules_weigh: float = 0.15
    """The weight of the rules beside the table of scopes."""
    clear_from: float = -0.35
    """If the best scope sums up to less, there is no verdict."""
    high_margin: float = 1.8
    """A verdict is sure if it leads the second scope by this much,"""
    high_report_from: float = 0.2
    """and if the mail sums up to this much as a report."""
    out_doubt: float = 0.8
    """The rules' verdict `out-of-scope` stands while the table has no other scope this far ahead of it;"""
    surely_out_doubt: float = -0.2
    """and it is sure below this lead."""
    acting_out_doubt: float = 0.0
    """Below this lead only, a report of an action is judged a wrong answer or somebody's fraud."""
    high_ratio: float = 1.5
    """For a sure verdict the rules must find this many times as much for the scope as for the next one."""
    scope_languages: tuple[str, ...] = ("en",)
    """The languages with texts to learn from; in others the rules alone sort reports."""
    least: dict[SectionName, float] = Field(default_factory=dict)
    """The sum that a sentence needs in the table of its section to count as that section; default 0."""


class Rule(_Frozen):
    """Words that are evidence for one scope."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    scope: Literal["model", "infrastructure", "sdk", "out-of-scope"]
    weight: float = Field(gt=0, le=10)
    phrases: tuple[Phrase, ...] = ()
    sign: SignName | None = None
    """A pattern that code recognises, instead of phrases."""
    parts: tuple[Part, ...] = ("title", "lead", "body", "impact")
    """The parts in which the words count: a consequence named in the impact section is not the finding itself."""
    unless: tuple[Phrase, ...] = ()
    """Any of these words anywhere in the reporter's own text vetoes the rule."""
    yields_to: tuple[str, ...] = ()
    """Rules that veto this one if they match in the reporter's own text."""
    needs: tuple[str, ...] = ()
    """At least one of these rules must match too, or this one does not count."""

    @cached_property
    def words(self) -> frozenset[str]:
        """The phrases, for lookup."""
        return frozenset(self.phrases)

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
    """The name of each scope in a mail to a reporter."""
    assets: Assets = Assets()
    rules: tuple[Rule, ...]

    @cached_property
    def phrases(self) -> frozenset[str]:
        """The phrases that are evidence for any scope."""
        return frozenset(self.rules_by_phrase)

    @cached_property
    def rules_by_phrase(self) -> dict[str, tuple[str, ...]]:
        """The ids of the rules for each phrase."""
        return _rules_by_phrase(self.rules)

    @field_validator("titles")
    @classmethod
    def _all_titled(cls, titles: dict[ScopeName, str]) -> dict[ScopeName, str]:
        _each_once("title", list(titles), SCOPES_OF_REPORTS)
        return titles

    @field_validator("rules")
    @classmethod
    def _ids_differ(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        ids = [rule.id for rule in rules]
        _each_once("rule", ids, tuple(dict.fromkeys(ids)))
        for rule in rules:
            if unknown := {*rule.yields_to, *rule.needs}.difference(ids):
                raise ValueError(f"rule {rule.id} names {min(unknown)!r}, and there is no such rule")
        return rules


class KindRule(_Frozen):
    """Words that are evidence for one kind of mail; strong evidence for `report` outweighs the other kinds."""

    id: str = Field(pattern=r"^kind\.[a-z-]+$")
    kind: KindName
    weight: float = Field(gt=0, le=10)
    phrases: tuple[Phrase, ...] = ()

    @cached_property
    def words(self) -> frozenset[str]:
        """The phrases, for lookup."""
        return frozenset(self.phrases)


def _rules_by_phrase(rules: Iterable[Rule | KindRule]) -> dict[str, tuple[str, ...]]:
    ids: dict[str, list[str]] = {}
    for rule in rules:
        for phrase in rule.words:
            ids.setdefault(phrase, []).append(rule.id)
    return {phrase: tuple(each) for phrase, each in ids.items()}


class Treatment(_Frozen):
    """What is done with mail of a kind; only mail that is surely of that kind is set aside."""

    then: Literal["case", "set-aside"]
    """`set-aside`: kept in the spool and counted in the digest, but nobody's task."""
    acknowledge: bool
    letter: LetterName = "letter"
    """The template that acknowledges it."""
    within: SpanField | None = None
    """When it must be answered, counted from receipt; the letter says so. None: as the policy promises for reports."""
    tell: str = ""
    """Who else should know, in a few words; shown with the case."""
    contact: MailAddress | None = None
    """Whom its writer can turn to directly if it is urgent; told in the letter."""


AS_A_REPORT = Treatment(then="case", acknowledge=True)


class Kinds(_Frozen):
    """How mail that is no report is recognised, and what is done with it."""

    treatment: dict[KindName, Treatment] = Field(default_factory=dict)
    """A kind that is absent here is treated like a report."""
    rules: tuple[KindRule, ...] = ()

    @cached_property
    def rules_by_phrase(self) -> dict[str, tuple[str, ...]]:
        """The ids of the rules for each phrase."""
        return _rules_by_phrase(self.rules)

    @cached_property
    def names(self) -> tuple[KindName, ...]:
        """The kinds that have rules or a treatment."""
        return tuple(dict.fromkeys((*(rule.kind for rule in self.rules), *self.treatment)))

    def told(self, kind: KindName) -> str:
        """Who else should know about mail of that kind; empty if the policy names nobody."""
        return self.treatment[kind].tell if kind in self.treatment else ""

    @field_validator("treatment")
    @classmethod
    def _reports_are_reports(cls, treatment: dict[KindName, Treatment]) -> dict[KindName, Treatment]:
        if "report" in treatment:
            raise ValueError("a report is always a case and acknowledged; treatment is for the other kinds")
        return treatment


WordList = Literal[
    "exploited", "denials", "publish", "conditional", "planned", "informed", "tested", "reward", "payment",
    "threat", "credit", "assistance", "override", "orders", "low-impact", "scanner", "flaws"
]  # fmt: skip
"""What each list of words reveals about a mail (see core/report/declared and core/report/hints)."""


class Hints(_Frozen):
    """Words that reveal facts and hints. These are shown to the team and decide nothing."""

    words: dict[WordList, tuple[Phrase, ...]] = Field(default_factory=dict)
    """An absent list is empty, and its hint is never shown."""

    @cached_property
    def lists(self) -> dict[str, tuple[WordList, ...]]:
        """The lists that contain each phrase."""
        every = {phrase for phrases in self.words.values() for phrase in phrases}
        return {phrase: tuple(name for name, phrases in self.words.items() if phrase in phrases) for phrase in every}


class KnownIssue(_Frozen):
    """An issue that the team knows: fixed, answered before, or an accepted risk; and how to recognise a report of it."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    title: str
    fixed_in: str | None = None
    answered: str | None = None
    accepted_risk: str | None = None
    cve: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    """Looked up when a mail is read: a phrase added later does not affect mails read before."""

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if sum(bool(outcome) for outcome in (self.fixed_in, self.answered, self.accepted_risk)) != 1:
            raise ValueError(f"known issue {self.id} needs exactly one of fixed_in, answered, accepted_risk")
        if not (self.cve or self.endpoints or self.functions or self.phrases):
            raise ValueError(
                f"known issue {self.id} needs something to be known by: cve, endpoints, functions, phrases"
            )
        return self

    @property
    def standing(self) -> str:
        """The outcome of the issue, in a few words."""
        if self.fixed_in:
            return f"fixed in {self.fixed_in}"
        return f"answered: {self.answered}" if self.answered else f"accepted risk: {self.accepted_risk}"
