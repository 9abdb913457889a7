"""The accuracy of kinds and scopes, with whole sources and whole kinds held out: `python bench/scope.py` (make bench-scope).

Each source of $TRIAGED_DATA/scope-dev.jsonl is read by tables learned without it, each written mail (data/train) by tables
learned without its kind; data/field/reports by the shipped tables, which learned from none of its mails. Rows with the
reason `no-impact` (such as a missing header, which some programmes accept and others refuse) cannot be told by their text.
It takes some minutes.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import corpus
import train
from corpus import IN_SCOPE, SCOPES
from held_out import by_held_out_kinds
from written import VERDICTS, show, told, verdict_counts

from triaged.config.loading import load_policy, shipped_tables
from triaged.core.report.measures import Share, calibration, confusion
from triaged.core.report.prose import prose_of
from triaged.core.report.reading import assess

SOURCES = ("Gh0stSpy", "OWASP/www", "wiz", "pypa", "bugcrowd", "giuven", "SpamAss", "datenanfragen", "PolyAI")


@dataclass(frozen=True)
class Said:
    """A labelled text and its verdict."""

    source: str
    label: str
    reason: str
    said: str
    band: str
    kind: str

    @property
    def right(self) -> bool:
        return self.label == self.said


def main() -> None:
    rows = list(by_source())
    for source in sorted({row.source for row in rows}):
        figures(source, [row for row in rows if row.source == source], brief=True)
    figures("all sources, each by tables learned without it", rows)
    written()
    field()


def by_source() -> Iterable[Said]:
    policy, shipped = load_policy(), shipped_tables()
    dev = [row for row in corpus.rows("scope-dev.jsonl") if row["reason"] != "no-impact"]
    for source in SOURCES:
        tables = replace(
            shipped,
            report=train.report_table(policy, corpus.letters(), source),
            scope=train.scope_table(policy, corpus.letters(), source),
        )
        reading = policy.read_with(tables)
        for row in dev:
            if row["source"].startswith(source):
                kind, verdict = assess(prose_of(corpus.message_of(row), reading), reading)
                # Spam, letters and questions have no scope; the label calls them out of scope.
                said = "out-of-scope" if verdict.scope == "none" else verdict.scope
                yield Said(row["source"], row["label"], row["reason"], said, verdict.band, kind.name)


def figures(name: str, rows: Sequence[Said], *, brief: bool = False) -> None:
    counts = confusion((row.label, row.said) for row in rows)
    costly = counts.taken_for(["out-of-scope"], IN_SCOPE)
    print(f"{name}: {len(rows)} texts, accuracy {told(counts.accuracy)}, costly {costly.count} of {costly.of}")
    if brief:
        return
    print(f"  macro-F1 {counts.macro_f1(SCOPES):.3f}, costly {told(costly)}")
    for label in SCOPES:
        score = counts.score(label)
        said = ", ".join(f"{answer} {counts.pairs[label, answer]}" for answer in (*SCOPES, "unclear"))
        print(f"  {label:<15} precision {told(score.precision)}, recall {told(score.recall)}: {said}")
    reports = [row for row in rows if row.kind == "report"]
    for band, held in calibration(((row.band, row.right) for row in reports), ("high", "low")).items():
        print(f"  band {band:<5} right {told(held.right)}, covers {told(held.coverage)} of what reads as a report")
    reasons = Counter((row.reason, row.right) for row in rows if row.label == "out-of-scope")
    for reason in sorted({reason for reason, _ in reasons}):
        print(f"  {reason:<18} {told(Share(reasons[reason, True], reasons[reason, True] + reasons[reason, False]))}")


def written() -> None:
    counts: Counter[str] = Counter()
    for row, decision in by_held_out_kinds(scopes=True):
        counts.update(verdict_counts(row, decision))
    print("written mails, each by tables learned without its kind")
    show(counts, VERDICTS)


def field() -> None:
    ours = corpus.our_house(load_policy())
    counts: Counter[str] = Counter()
    for mail in corpus.field_reports():
        decision, expected = corpus.decided(mail.raw, ours), mail.expected
        variant = decision.reply.variant if decision.reply else "none"
        costly = decision.report.verdict.scope in expected["must_not"] or decision.end in expected["must_not"]
        asked = decision.reply.missing if decision.reply else ()
        names = ("description", "steps", "impact", "media")
        wrote = {name for name, said in zip(names, expected["sec"], strict=True) if said == "p"}
        counts.update(
            {
                "mails": 1,
                "costly": costly,
                "kind": decision.report.kind in expected["kind"],
                "expected": expected["ack"] is not None,
                "right": expected["ack"] is not None and variant in expected["ack"],
                "asked": bool(wrote.intersection(section.name for section in asked)),
                "facts": len(expected["facts"]),
                "found": sum(
                    any(value in fact.value for fact in decision.report.facts.of(kind))
                    for kind, value in expected["facts"]
                ),
            }
        )
    print("data/field/reports, by the shipped tables")
    show(
        counts,
        (
            ("costly errors", "costly", "mails"),
            ("kinds right", "kind", "mails"),
            ("acknowledgments right", "right", "expected"),
            ("asked for what they wrote", "asked", "mails"),
            ("facts found", "found", "facts"),
        ),
    )


main()
