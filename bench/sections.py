"""The accuracy of questions for missing sections, by source: `python bench/sections.py` (make bench-sections).

Whole programmes (`heldout-team`) and whole sources are held out: the tables for sentences are learned from the training split
alone. The written mails are measured by tables for kinds that were learned without their own kinds.
"""

import sys
from collections import Counter
from collections.abc import Sequence

import corpus
from corpus import Row
from held_out import by_held_out_kinds
from written import ASKS, REQUIRED, ask_counts, show, told

from triaged.config.loading import load_policy
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import SectionName
from triaged.core.report.measures import Share
from triaged.core.report.prose import prose_of
from triaged.core.report.sections import missing_of, read_sections


def main() -> None:
    policy = load_policy()
    every = int(sys.argv[1]) if sys.argv[1:] else 1
    documents(policy, corpus.rows("reading/section-documents.jsonl")[::every])
    by_hand(policy)
    written()


def asked(row: Row, policy: Policy) -> tuple[SectionName, ...]:
    """The sections that the text would be asked for if it were certainly a report."""
    message = corpus.message_of(row)
    prose = prose_of(message, policy)
    return missing_of(read_sections(message, prose, policy), message, prose, policy)


def documents(policy: Policy, rows: Sequence[Row]) -> None:
    print("whole reports without headings: asked for what they hold, and for what was cut out of them")
    counts: Counter[tuple[str, str, str]] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for row in rows:
        sizes[row["source"], row["variant"]] += 1
        for name in asked(row, policy):
            counts[row["source"], row["variant"], name] += 1
    for source, variant in sorted(sizes):
        shares = {name: Share(counts[source, variant, name], sizes[source, variant]) for name in REQUIRED}
        cut = {"no-impact": "impact", "no-steps": "steps"}.get(variant)
        said = ", ".join(
            f"{'right' if name == cut else 'wrong'} {name} {told(share)}" for name, share in shares.items()
        )
        print(f"  {source[:34]:<34} {variant:<9} {said}")


def by_hand(policy: Policy) -> None:
    print("read by hand, impact: asked of those that")
    for label in ("missing", "present", "either"):
        rows = [row for row in corpus.rows("reading/impact-hand.jsonl") if row["label"] == label]
        print(f"  {label:<8} {told(Share(sum('impact' in asked(row, policy) for row in rows), len(rows)))}")


def written() -> None:
    counts: Counter[str] = Counter()
    for row, decision in by_held_out_kinds():
        counts.update(ask_counts(row, decision))
    print("written mails, by whole kinds held out of the tables for kinds")
    show(counts, ASKS)


main()
