"""A message read as a report, and two readings of one case made one."""

from dataclasses import replace

from triaged.core.mail.message import Message
from triaged.core.phrases import Phrasebook, words_of
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import KindName, SectionName
from triaged.core.report.facts import read_facts, united, words_in
from triaged.core.report.hints import read_hints, united_hints
from triaged.core.report.kinds import kind_of
from triaged.core.report.parts import parts_of
from triaged.core.report.report import Evidence, Report, Verdict
from triaged.core.report.scope import classify, scope_hits
from triaged.core.report.sections import read_sections
from triaged.core.report.shingles import signature

_SECURITY = Phrasebook(
    ("vulnerability", "vulnerabilities", "vulnerable", "exploit", "attacker", "cve", "security issue", "security flaw")
)


def read_report(message: Message, policy: Policy) -> Report:
    """What the message says. What is encrypted has no section found, and none missing: it was not looked into."""
    sections = read_sections(message, policy)
    if message.encrypted:
        return Report(sections, (), Verdict("unclear", "low", ()))
    kind, verdict = assess(message, policy)
    words = words_in(message, policy)
    facts = read_facts(words, policy)
    # Nobody is asked for the steps to reproduce a letter of their lawyer.
    missing = () if kind != "report" and verdict.band == "high" else _missing(sections, policy)
    report = Report(sections, missing, verdict, kind, facts, signature=signature(message.text))
    return replace(report, hints=read_hints(message, words, report))


def assess(message: Message, policy: Policy) -> tuple[KindName, Verdict]:
    """What kind of mail it is, and its scope."""
    parts = parts_of(message, policy)
    hits = scope_hits(parts, policy.scopes)
    kind = kind_of(parts, hits, policy.kinds)
    return kind.name, classify(hits, kind)


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
    told = new if surer and new.kind == "report" and new.verdict.scope not in {"unclear", "out-of-scope"} else old
    return replace(
        old,
        sections=sections,
        missing=_missing(sections, policy),
        verdict=told.verdict,
        kind=told.kind,
        facts=united(old.facts, new.facts),
        hints=united_hints(old.hints, new.hints),
        # The first text tells the finding; what follows answers questions on it.
        signature=old.signature or new.signature,
    )


def looks_like_report(report: Report, message: Message) -> bool:
    """Whether even a machine's mail must be filed as a report (a scanner's): it shows how, or what for, and on what."""
    in_scope = report.verdict.scope in {"model", "infrastructure", "sdk"}
    shown = report.has("steps") and (report.has("impact") or report.verdict.band == "high")
    return in_scope and shown and not message.encrypted and any(_SECURITY.found(words_of(message.text[:64_000])))


def _missing(sections: tuple[Evidence, ...], policy: Policy) -> tuple[SectionName, ...]:
    required = {section.name for section in policy.sections if section.required}
    return tuple(evidence.section for evidence in sections if evidence.section in required and not evidence.present)


def _better(was: Evidence, new: Evidence | None) -> Evidence:
    return new if new and new.present and not (was.present and new.weak) else was


def _of(report: Report, name: SectionName) -> Evidence | None:
    return next((evidence for evidence in report.sections if evidence.section == name), None)
