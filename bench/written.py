"""The counts for mails that were written for the project, whichever tables read them."""

from collections import Counter
from collections.abc import Iterable

import corpus
from corpus import Row

from triaged.core.intake.decision import Decision
from triaged.core.report.measures import Share

REQUIRED = ("description", "steps", "impact")

VERDICTS = (
    ("real reports lost", "lost", "reports"),
    ("reports on models read as such", "model read", "model"),
    ("reports on infrastructure read as such", "infrastructure read", "infrastructure"),
    ("reports on libraries read as such", "sdk read", "sdk"),
    ("sure verdicts right", "high right", "high"),
    ("reports with a sure verdict", "high", "reports"),
    ("letters and offers taken for reports", "letters as reports", "letters"),
    ("letters told that they are out of scope", "letters told", "letters"),
    ("notices filed", "notices filed", "notices"),
    ("other machines' mail filed", "machines filed", "machines"),
)
ASKS = (
    ("asks that are right", "right asks", "asks"),
    ("of what lacks, asked for", "right asks", "missing"),
    ("complete reports asked", "complete asked", "complete"),
    ("letters and offers asked", "letters asked", "others"),
)


def verdict_counts(row: Row, decision: Decision) -> list[str]:
    """The counts that the mail's kind and scope add to."""
    verdict, kind, label = decision.report.verdict, decision.report.kind, str(row["label"])
    if corpus.is_machine(row):
        name = "notices" if row["kind"] in corpus.NOTICES else "machines"
        return [name, *([f"{name} filed"] if decision.case_id else [])]
    if not corpus.is_report(row):
        if label == "out-of-scope":
            return []
        told_so = decision.reply is not None and decision.reply.variant == "out-of-scope"
        return [
            "letters",
            *(["letters as reports"] if kind == "report" else []),
            *(["letters told"] if told_so else []),
        ]
    counted = ["reports", label, *([f"{label} read"] if verdict.scope == label else [])]
    if kind != "report" or verdict.scope == "out-of-scope" or decision.end == "set-aside":
        counted.append("lost")
    if verdict.band == "high" and kind == "report":
        counted += ["high", *(["high right"] if verdict.scope == label else [])]
    return counted


def ask_counts(row: Row, decision: Decision) -> list[str]:
    """The counts of what the mail was asked for and what it lacks."""
    names = [section.name for section in decision.reply.missing] if decision.reply else []
    if corpus.is_machine(row):
        return []
    if not corpus.is_report(row):
        return ["others", *(["letters asked"] if names else [])]
    truth = row["sections"]
    counted = ["asks"] * len(names) + ["right asks"] * sum(truth[name] == "m" for name in names)
    counted += ["missing"] * sum(truth[name] == "m" for name in REQUIRED)
    if all(truth[name] == "p" for name in REQUIRED):
        counted += ["complete", *(["complete asked"] if names else [])]
    return counted


def show(counts: Counter[str], figures: Iterable[tuple[str, str, str]]) -> None:
    """Print each figure with its interval."""
    for name, part, whole in figures:
        print(f"  {name:<40} {told(Share(counts[part], counts[whole]))}")


def told(share: Share) -> str:
    """A share with its count and interval."""
    if share.value is None:
        return "none"
    low, high = share.interval
    return f"{share.count}/{share.of} = {share.value:.1%} ({low:.1%} to {high:.1%})"
