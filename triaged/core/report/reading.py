"""A message read as a report, and two readings of one case made one."""

from dataclasses import replace

from triaged.core.mail.message import Message
from triaged.core.phrases import Phrasebook, words_of
from triaged.core.policy import Policy, SectionName
from triaged.core.report.report import Evidence, Report, Verdict
from triaged.core.report.scope import classify
from triaged.core.report.sections import read_sections

_SECURITY = Phrasebook(
    ("vulnerability", "vulnerabilities", "vulnerable", "exploit", "attacker", "cve", "security issue", "security flaw")
)


def read_report(message: Message, policy: Policy) -> Report:
    """What the message says. What is encrypted has no section found, and none missing: it was not looked into."""
    sections = read_sections(message, policy)
    if message.encrypted:
        return Report(sections, (), Verdict("unclear", "low", ()))
    return Report(sections, _missing(sections, policy), classify(message, policy))


def merged(old: Report, new: Report, policy: Policy) -> Report:
    """The case's report after a follow-up: a section found in either is found; a verdict is only ever made surer."""
    if not new.missing and not any(evidence.present for evidence in new.sections):
        # It was not looked into (encrypted), so it says nothing about what is missing.
        return old
    sections = tuple(
        was if was.present else _of(new, was.section) or was
        for was in (_of(old, s.name) or Evidence(s.name, "") for s in policy.sections)
    )
    verdict = old.verdict
    if verdict.scope == "unclear" or (verdict.band == "low" and new.verdict.band == "high"):
        verdict = new.verdict if new.verdict.scope not in {"unclear", "out-of-scope"} else verdict
    return replace(old, sections=sections, missing=_missing(sections, policy), verdict=verdict)


def looks_like_report(report: Report, message: Message) -> bool:
    """Whether even a machine's mail must be filed as a report (a scanner's): it shows how, or what for, and on what."""
    in_scope = report.verdict.scope in {"model", "infrastructure", "sdk"}
    shown = report.has("steps") and (report.has("impact") or report.verdict.band == "high")
    return in_scope and shown and not message.encrypted and any(_SECURITY.found(words_of(message.text[:64_000])))


def _missing(sections: tuple[Evidence, ...], policy: Policy) -> tuple[SectionName, ...]:
    required = {section.name for section in policy.sections if section.required}
    return tuple(evidence.section for evidence in sections if evidence.section in required and not evidence.present)


def _of(report: Report, name: SectionName) -> Evidence | None:
    return next((evidence for evidence in report.sections if evidence.section == name), None)
