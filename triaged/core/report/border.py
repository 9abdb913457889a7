"""True if a report may be one of ours: it comes from a process that reads hostile mail, and is believed in nothing.

What a report quotes is visible, on one line and short, so that it can be stored and shown. That is checked here again.
"""

import re
from collections.abc import Iterator
from math import isfinite

from triaged.core.policy.policy import Policy
from triaged.core.report.flaws import FLAWS, MOST_FLAWS
from triaged.core.report.report import Report
from triaged.core.report.terms import LONGEST_TERM, MOST_TERMS
from triaged.core.text import is_visible

_MOST_FACTS, _MOST_REASONS, _MOST_HINTS, _MOST_PHRASES, _MOST_ISSUES = 250, 5_000, 50, 10, 99
_SIGNATURE = re.compile(r"(?:[0-9a-f]{256})?")


def is_sound(report: Report, policy: Policy) -> bool:
    """True if its sections are the policy's, its figures figures, its lists short, and its words visible."""
    names = tuple(section.name for section in policy.sections)
    reasons, facts = report.verdict.reasons, report.facts
    return (
        tuple(each.section for each in report.sections) == names
        and tuple(name for name in names if name in report.missing) == report.missing
        and len(reasons) <= _MOST_REASONS
        and len(facts.found) <= _MOST_FACTS
        and len(report.hints) <= _MOST_HINTS
        and all(len(each.phrases) <= _MOST_PHRASES for each in report.sections)
        and 1 <= facts.issues <= _MOST_ISSUES
        and all(isfinite(reason.score) for reason in reasons)
        and _SIGNATURE.fullmatch(report.signature) is not None
        and len(report.terms) <= MOST_TERMS
        and all(is_visible(term, LONGEST_TERM) for term in report.terms)
        and len(report.flaws) <= MOST_FLAWS
        and all(flaw in FLAWS for flaw in report.flaws)
        and all(map(is_visible, _words(report)))
    )


def _words(report: Report) -> Iterator[str]:
    """All that it quotes and says."""
    for evidence in report.sections:
        yield evidence.quote
        yield from evidence.phrases
    yield from report.verdict.says.split("\n")
    for reason in report.verdict.reasons:
        yield from (reason.rule, reason.part, reason.quote)
    for fact in report.facts.found:
        yield from (fact.value, fact.quote)
    for hint in report.hints:
        yield from (hint.id, hint.says, hint.quote)
