"""A message read as a report, and two readings of one case made one."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from triaged.core.mail.message import Message
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import SCOPES_OF_REPORTS, KindName, ScopeName, SectionName
from triaged.core.report.declared import said
from triaged.core.report.details import everything, shown_in, wanted
from triaged.core.report.documents.reading import Read, evidence_in, facts_in, read_documents, without_blocks
from triaged.core.report.facts import read_facts, united, with_more
from triaged.core.report.flaws import flaws_in
from triaged.core.report.hints import read_hints, united_hints
from triaged.core.report.kinds import Heard, Kind, kind_hits, kind_of
from triaged.core.report.parts import Hit, parts_of
from triaged.core.report.prose import Prose, prose_of
from triaged.core.report.report import Evidence, Report, Shown, Verdict
from triaged.core.report.scope import classify, scope_hits
from triaged.core.report.sections import missing_of, read_sections, sent_as_a_document
from triaged.core.report.shingles import signature
from triaged.core.report.terms import terms_of
from triaged.core.report.traits import traits_of


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail taken apart, and what it says."""

    message: Message
    report: Report | None = None
    """None where nobody has looked yet: its reader has no policy to look by."""


_A_GREETING = 40
"""Words; a mail that has fewer and brings a report as data is read by what the data say."""
_NEXT_TO_NOTHING = 16
"""Words; a mail that has no more of them and speaks of a flaw is asked what it is about."""


def read_report(message: Message, policy: Policy) -> Report:
    """What the message says. What is encrypted has no section found, and none missing: it was not looked into."""
    documents = read_documents(message, policy)
    message = replace(message, text=without_blocks(message.text, documents))
    prose = prose_of(message, policy)
    # Small files of text are evidence for sections, and for nothing else: a log says little of what a mail is about.
    shown = prose_of(replace(message, text=_with_attached(message)), policy) if message.attached_text else prose
    if message.encrypted:
        return Report(read_sections(message, shown, policy), (), Verdict("unclear", "low", ()))
    sections = _filled(read_sections(message, prose, policy), evidence_in(documents, message, policy))
    if shown is not prose:
        sections = _filled(sections, read_sections(message, shown, policy))
    heard = _heard(message, documents, prose, policy)
    kind, verdict = assess(heard, policy, document=sent_as_a_document(message, prose))
    words = said(prose, policy.hints)
    facts = with_more(read_facts(prose, words, policy), facts_in(documents))
    # Nobody is asked for the steps to reproduce a letter of their lawyer, nor whoever may have written one.
    asked = kind.surely or (kind.report_words > 0 and shown.length < _NEXT_TO_NOTHING)
    missing = missing_of(sections, message, shown, policy) if asked else ()
    report = Report(
        sections,
        missing,
        verdict,
        kind.name,
        facts,
        signature=signature(prose.signed),
        terms=terms_of(prose.words.words),
        flaws=flaws_in(prose.words, facts.values("weakness")),
        surely=kind.surely,
    )
    if kind.name == "report":
        shown_details = shown_in(everything(message, documents, facts), prose, verdict, policy)
        asks = kind.surely and not documents and not sent_as_a_document(message, prose)
        helpful = wanted(shown_details, prose, verdict, policy, complete=_complete(sections, policy)) if asks else ()
        report = replace(report, details=shown_details, wanted=helpful)
    return replace(report, hints=read_hints(message, words, report, documents))


def _heard(message: Message, documents: Sequence[Read], prose: Prose, policy: Policy) -> Prose:
    """The words by which kind and scope are told: the mail's, and a document's where the mail says only "see attached"."""
    texts = [document.told.as_text for document in documents if document.told]
    if not texts or prose.length >= _A_GREETING:
        return prose
    return prose_of(replace(message, text="\n\n".join([message.text, *texts])), policy)


def _complete(sections: Sequence[Evidence], policy: Policy) -> bool:
    """True if all that the policy requires is there."""
    required = {section.name for section in policy.sections if section.required}
    return all(each.present for each in sections if each.section in required)


def _filled(sections: Sequence[Evidence], others: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The sections, with the first better evidence that there is for those that are not found, or only weakly."""
    found = {each.section: each for each in sections}
    for other in others:
        found[other.section] = _better(found[other.section], other)
    return tuple(found.values())


def unread(policy: Policy) -> Report:
    """The report on a mail that nothing could be read in: nothing found, and nothing asked for."""
    return Report(tuple(Evidence(section.name, "") for section in policy.sections), (), Verdict("unclear", "low", ()))


def _with_attached(message: Message) -> str:
    return f"{message.text}\n\n{message.attached_text}"


def assess(prose: Prose, policy: Policy, *, document: bool = False) -> tuple[Kind, Verdict]:
    """What kind of mail it is, and its scope."""
    parts = parts_of(prose, policy)
    hits = scope_hits(parts, policy.scopes)
    spoken = kind_hits(parts, policy.kinds)
    traits = traits_of(prose.title, prose.body, _rules(hits, spoken))
    heard = Heard(prose, parts, hits, spoken, traits, document)
    kind = kind_of(heard, policy)
    return kind, classify(heard, kind, policy)


def traits_in(prose: Prose, policy: Policy) -> frozenset[str]:
    """What the learned tables know a mail by."""
    parts = parts_of(prose, policy)
    heard = _rules(scope_hits(parts, policy.scopes), kind_hits(parts, policy.kinds))
    return traits_of(prose.title, prose.body, heard)


def by_rules_alone(policy: Policy) -> Policy:
    """The policy with its second reader switched off."""
    return policy.model_copy(update={"reading": policy.reading.model_copy(update={"second_reader": False})})


def by_tables_alone(message: Message, policy: Policy) -> ScopeName:
    """What the tables say of a mail with nothing beside them: `none` of a letter, else the heaviest scope."""
    traits = traits_in(prose_of(message, policy), policy)
    if policy.tables.report.sums(traits).get("report", 0.0) < policy.reading.letter_below:
        return "none"
    sums = policy.tables.scope.sums(traits)
    return next((scope for scope in SCOPES_OF_REPORTS if sums and sums.get(scope) == max(sums.values())), "unclear")


def _rules(hits: Sequence[Hit], spoken: Sequence[tuple[KindName, Hit]]) -> list[str]:
    return [*(hit.reason.rule for hit in hits), *(hit.reason.rule for _, hit in spoken)]


def merged(old: Report, new: Report, policy: Policy) -> Report:
    """The case's report after a follow-up: a section found in either is found; a verdict is only ever made surer."""
    if not new.missing and not any(evidence.present for evidence in new.sections):
        # It was not looked into (encrypted), so it says nothing about what is missing.
        return old
    sections = tuple(
        was if was.present and not was.weak else _better(was, _of(new, was.section))
        for was in (_of(old, s.name) or Evidence(s.name, "") for s in policy.sections)
    )
    surer = (
        old.kind != "report"
        or old.verdict.scope == "unclear"
        or (old.verdict.band, new.verdict.band) == ("low", "high")
    )
    # What was not asked of the first mail, long or in a language that is not covered, is not asked now.
    looked_into = bool(old.missing) or any(evidence.present for evidence in old.sections)
    asked = old.missing if old.kind == "report" and looked_into else new.missing
    found = {evidence.section for evidence in sections if evidence.present}
    told = new if surer and new.kind == "report" and new.verdict.scope in {"model", "infrastructure", "sdk"} else old
    return replace(
        old,
        sections=sections,
        missing=tuple(name for name in asked if name not in found),
        verdict=told.verdict,
        kind=told.kind,
        details=_details(told, old if told is new else new),
        wanted=tuple(name for name in old.wanted if name not in {each.name for each in new.details if each.quote}),
        facts=united(old.facts, new.facts),
        hints=united_hints(old.hints, new.hints),
        # The first text tells the finding; what follows answers questions on it.
        signature=old.signature or new.signature,
        terms=old.terms or new.terms,
        flaws=old.flaws or new.flaws,
    )


def looks_like_report(report: Report, message: Message, ours: Collection[str]) -> bool:
    """True if even a machine's mail must be filed as a report: it tells of a flaw, and of something of ours.

    `ours` are names of ours in lower case, besides those in the policy: a scanner's dump, a platform's notice and a form's mail
    name the host, the package or the address; newsletters, digests and lists name everybody's.
    """
    if report.kind not in {"report", "notice"} or message.encrypted:
        return False
    if _ROUTINE.search(message.subject[:300]):
        return False
    text = f"{message.subject}\n{message.text[:_NAMED_IN]}"
    named = _names_assets(report) or names_ours(text, ours) or (report.surely and bool(_YOURS.search(text)))
    return named or _shows_all(report)


_NAMED_IN = 64_000
# What machines send whether or not anything has happened; a platform's digest names us too.
_ROUTINE = re.compile(
    r"\b(?:daily|weekly|monthly|summary|digest|activity|uptime|statistics|no (?:new|events|findings)|"
    r"0 new|closed as|resolved|state changed|accepted:|report domain:|"
    r"read:|delivery status|undeliver\w+|tageslage|zusammenfassung|wochenbericht|unzustellbar|"
    r"hebdomadaire|résumé|semanal|resumen|resumo|settimanale|riepilogo|wekelijks\w*|overzicht|"
    r"tygodniow\w*|podsumowanie|haftalık|günlük|özeti|mingguan|ringkasan|hàng tuần|tóm tắt)(?!\w)|еженедельн|"
    r"сводка|щотижн|зведення|周报|日报|汇总|週次|日次|配信不能|주간|요약|الأسبوعي|ملخص|साप्ताहिक",
    re.IGNORECASE,
)
# To whom a platform speaks that does not name us. A receipt speaks of our message, which is nothing that has a flaw.
_YOURS = re.compile(
    r"\b(?:your (?:\w+ ){0,2}(?:website|site|organi[sz]ation|company|program|package|repositor\w+|project|"
    r"domain|host|team|product|app|inbox|careers|api|service|model|bucket|server)s?|"
    r"you maintain|(?:ihre|ihrer|ihres|ihrem) (?!nachricht|e-?mail)\w+|"
    r"votre (?!message|e-?mail)\w+|vos \w+|su (?:sitio|organización|empresa)|"
    r"sua (?:empresa|organização)|il vostro|la vostra|uw \w+)\b|"
    r"(?:ваш|вашей|вашего|ваша|вашої|вашого)\w*|贵司|贵公司|貴社|御社|귀사|귀하의",
    re.IGNORECASE,
)


def _names_assets(report: Report) -> bool:
    return any(reason.rule.startswith("asset.") for reason in report.verdict.reasons)


def _shows_all(report: Report) -> bool:
    """How, and what for: a report as people write them, whoever's software brought it."""
    in_scope = report.verdict.scope in {"model", "infrastructure", "sdk"}
    return in_scope and report.surely and report.has("steps") and report.has("impact")


def names_ours(text: str, ours: Collection[str]) -> bool:
    """True if a name of ours stands in it as one: capitalised, or as a part of an address, a package or a path."""
    return any(_as_name(name).search(text) for name in ours)


@lru_cache(maxsize=64)
def _as_name(name: str) -> re.Pattern[str]:
    """A name that may be a plain word too ("smallest") counts with a capital, or beside what joins identifiers."""
    plain = re.escape(name)
    return re.compile(
        rf"(?<![\w])(?:{plain}[-_/@.]\w|{re.escape(name.capitalize())}\b(?!\s+(?:of|in|is|and|to)\b))|"
        rf"[-_/@.]{plain}(?![a-z])"
    )


def _details(told: Report, other: Report) -> tuple[Shown, ...]:
    """The details of the scope that counts, each from the mail that shows it."""
    also = {each.name: each for each in other.details if each.quote}
    return tuple(each if each.quote else also.get(each.name, each) for each in told.details)


def _better(was: Evidence, new: Evidence | None) -> Evidence:
    return new if new and new.present and not (was.present and (new.weak or not was.weak)) else was


def _of(report: Report, name: SectionName) -> Evidence | None:
    return next((evidence for evidence in report.sections if evidence.section == name), None)
