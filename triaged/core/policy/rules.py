"""The rules by which reports are read: sections, scopes, kinds, hints and known issues, as a policy states them."""

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from triaged.core.policy.fields import Frozen as _Frozen
from triaged.core.policy.fields import SpanField
from triaged.core.policy.fields import each_once as _each_once

ScopeName = Literal["model", "infrastructure", "sdk", "out-of-scope", "unclear", "none"]
"""Where a report belongs; `unclear` is an honest answer and never a rule's, `none` is of what is no report."""
SCOPES_OF_REPORTS: tuple[ScopeName, ...] = ("model", "infrastructure", "sdk", "out-of-scope", "unclear")

SectionName = Literal["description", "steps", "impact", "media"]
Part = Literal["title", "lead", "body", "impact", "quoted"]
"""Where in a report a word stands: the subject, the first sentences, the rest, under a heading for impact, what it quotes."""


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
"""What sort of mail it is, by what its writer does. `other` is a letter of no kind that the policy names."""

LetterName = Literal[
    "letter", "coordinator", "key-request", "beg-bounty", "abuse", "privacy", "support", "wrong-answer"
]
"""Which mail acknowledges a letter that is no report; `letter` says the least."""


def _phrase(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("an empty phrase would be found everywhere")
    return " ".join(value.lower().split()) if isinstance(value, str) else value


Phrase = Annotated[str, BeforeValidator(_phrase)]
"""Words to look for, lower case, single spaces."""


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
    weak_phrases: tuple[Phrase, ...] = ()
    """Wordings that only hint at it (`could lead to`): it is then not asked for, but shown as weak."""


class Reading(_Frozen):
    """How the learned tables take part in reading, beside the rules."""

    second_reader: bool = True
    """True if they do at all."""
    short: dict[SectionName, int] = Field(default_factory=dict)
    """A section is asked for only in texts of fewer words (60 if not said): longer ones say it in some way."""
    languages: dict[SectionName, tuple[str, ...]] = Field(default_factory=dict)
    """Where a section may be asked for: in languages (ISO 639-1) in which it is found when it is there. Left out: in any."""
    letter_below: float = -0.42
    """A mail that sums up to less as a report is a letter of another kind."""
    silent_letter_below: float = 0.0
    """One that says nothing of what reports say, and several things of another kind, is a letter below this."""
    surely_letter_below: float = -0.65
    """And below this surely, unless it shows what its writer did."""
    report_from: float = 0.2
    """From here on it is surely a report, and may be asked for what it lacks."""
    rules_weigh: float = 0.15
    """What the rules weigh beside the table of scopes."""
    clear_from: float = -0.35
    """A best scope that sums up to less is no verdict."""
    high_margin: float = 1.8
    """A verdict is sure this far before the second scope,"""
    high_report_from: float = 0.2
    """and only of what sums up to so much as a report."""
    out_doubt: float = 0.8
    """Out of scope by the rules holds while the table has no other scope this far before it;"""
    surely_out_doubt: float = -0.2
    """and surely, below this."""
    acting_out_doubt: float = 0.0
    """What somebody did is a wrong answer, or somebody's fraud, only below this."""
    high_ratio: float = 1.5
    """For a sure verdict the rules must find so many times as much for the scope as for the next one."""
    scope_languages: tuple[str, ...] = ("en",)
    """Those with texts to learn from; in others the rules sort alone."""
    least: dict[SectionName, float] = Field(default_factory=dict)
    """What a sentence must sum up to in the table of its section to count as it; 0 if not said."""


class Rule(_Frozen):
    """Words that speak for one scope."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    scope: Literal["model", "infrastructure", "sdk", "out-of-scope"]
    weight: float = Field(gt=0, le=10)
    phrases: tuple[Phrase, ...] = ()
    sign: SignName | None = None
    """A shape that code recognises, instead of phrases."""
    parts: tuple[Part, ...] = ("title", "lead", "body", "impact")
    """The parts in which the words count: a consequence named in the impact paragraph is not what was found."""
    unless: tuple[Phrase, ...] = ()
    """Guards: any of these words anywhere in the reporter's own text vetoes the rule."""
    yields_to: tuple[str, ...] = ()
    """Rules that veto this one where they speak in the reporter's own text."""
    needs: tuple[str, ...] = ()
    """Rules of which one has to speak too, or this one is silent."""

    @cached_property
    def words(self) -> frozenset[str]:
        """The phrases, to ask for each."""
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
    """What each scope is called in a mail to a reporter."""
    assets: Assets = Assets()
    rules: tuple[Rule, ...]

    @cached_property
    def phrases(self) -> frozenset[str]:
        """The words that speak for a scope."""
        return frozenset(self.rules_by_phrase)

    @cached_property
    def rules_by_phrase(self) -> dict[str, tuple[str, ...]]:
        """Phrase to the ids of the rules that it speaks for."""
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
    """Words that speak for one kind of mail; `report` is one of the kinds, and outweighs the others where it is strong."""

    id: str = Field(pattern=r"^kind\.[a-z-]+$")
    kind: KindName
    weight: float = Field(gt=0, le=10)
    phrases: tuple[Phrase, ...] = ()

    @cached_property
    def words(self) -> frozenset[str]:
        """The phrases, to ask for each."""
        return frozenset(self.phrases)


def _rules_by_phrase(rules: Iterable[Rule | KindRule]) -> dict[str, tuple[str, ...]]:
    ids: dict[str, list[str]] = {}
    for rule in rules:
        for phrase in rule.words:
            ids.setdefault(phrase, []).append(rule.id)
    return {phrase: tuple(each) for phrase, each in ids.items()}


class Treatment(_Frozen):
    """What becomes of mail of a kind; only what is surely of it is set aside."""

    then: Literal["case", "set-aside"]
    """`set-aside`: kept in the spool and counted in the digest, but nobody's task."""
    acknowledge: bool
    letter: LetterName = "letter"
    """Which mail acknowledges it."""
    within: SpanField | None = None
    """By when it must be answered, counted from receipt; told in the letter. None: as the policy promises for reports."""
    tell: str = ""
    """Who else should know, in a few words; shown beside the case."""


AS_A_REPORT = Treatment(then="case", acknowledge=True)


class Kinds(_Frozen):
    """How mail that is no report is told from reports, and what becomes of it."""

    treatment: dict[KindName, Treatment] = Field(default_factory=dict)
    """Kinds that are not named here are treated as reports are."""
    rules: tuple[KindRule, ...] = ()

    @cached_property
    def rules_by_phrase(self) -> dict[str, tuple[str, ...]]:
        """Phrase to the ids of the rules that it speaks for."""
        return _rules_by_phrase(self.rules)

    @cached_property
    def names(self) -> tuple[KindName, ...]:
        """The kinds that rules speak for or that a treatment is given for."""
        return tuple(dict.fromkeys((*(rule.kind for rule in self.rules), *self.treatment)))

    def told(self, kind: KindName) -> str:
        """Who else should know of mail of that kind; empty where the policy names nobody."""
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
"""What a list of words tells the team of a mail (core/report/declared and core/report/hints say how)."""


class Hints(_Frozen):
    """Words by which facts and hints are known. They are shown to the team and decide nothing."""

    words: dict[WordList, tuple[Phrase, ...]] = Field(default_factory=dict)
    """A list that is not given is empty, and what it would tell is not told."""

    @cached_property
    def lists(self) -> dict[str, tuple[WordList, ...]]:
        """Phrase to the lists that it stands in."""
        every = {phrase for phrases in self.words.values() for phrase in phrases}
        return {phrase: tuple(name for name, phrases in self.words.items() if phrase in phrases) for phrase in every}


class KnownIssue(_Frozen):
    """An issue that the team knows: fixed, answered before, or an accepted risk; and by what a report of it is known."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    title: str
    fixed_in: str | None = None
    answered: str | None = None
    accepted_risk: str | None = None
    cve: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    """Looked for when a mail is read: a phrase added later says nothing of mails that are there already."""

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
        """What became of it, in a few words."""
        if self.fixed_in:
            return f"fixed in {self.fixed_in}"
        return f"answered: {self.answered}" if self.answered else f"accepted risk: {self.accepted_risk}"
