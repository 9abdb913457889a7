"""Learns the second reader's tables from the texts in $TRIAGED_DATA and writes them: `python bench/train.py` (make train).

The same texts give the same bytes. Each table holds the hash of its texts, and none of the texts.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import corpus
from corpus import IN_SCOPE, Row
from learning import Example, corpus_hash, learned

from triaged.config.loading import load_policy
from triaged.core.phrases import words_of
from triaged.core.policy.policy import Policy
from triaged.core.report.prose import prose_of
from triaged.core.report.reading import traits_in
from triaged.core.report.traits import phrases_of
from triaged.core.tables import Table, Tables

TARGET = Path(__file__).parents[1] / "config" / "reading"
_SENTENCE_PHRASES = 1_200
_SCOPE_TRAITS = 8_000
_KIND_TRAITS = 5_000
_MOST_OF_A_LABEL = 450
_MOST_OF_OTHERS = 350
_OF_OTHERS = 0.4
_SENTENCE_WORDS = 60


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    policy = load_policy()
    for name, table in tables(policy, corpus.letters()).items():
        shape = table.shape()
        weights = shape.pop("weights")
        lines = [json.dumps(shape, ensure_ascii=False)[:-1] + ', "weights": {']
        lines += [
            f"{json.dumps(trait, ensure_ascii=False)}: {json.dumps(each)}," for trait, each in sorted(weights.items())
        ]
        text = "\n".join(lines).removesuffix(",") + "\n}}\n"
        (TARGET / f"{name}.json").write_text(text, encoding="utf-8")
        print(f"{name}: {len(weights)} phrases, {len(text) // 1000} kB, corpus {table.corpus[:12]}")


def tables(policy: Policy, letters: Sequence[Row], left_out: str = "") -> dict[str, Table]:
    """Every table, learned from these written mails and all other texts except those of the source `left_out`."""
    return {
        "report": report_table(policy, letters),
        "letter": letter_table(policy, letters),
        "scope": scope_table(policy, letters, left_out),
        "impact": sentence_table("impact"),
        "steps": sentence_table("steps"),
    }


@cache
def sentence_table(label: str) -> Table:
    """The table that tells sentences of impact, or of steps, from others, learned from the programmes of the training split."""
    rows = [row for row in corpus.rows("reading/sentences.jsonl") if row["split"] == "train"]
    first = learned(_sentences(rows, label), _hash(rows), most=_SENTENCE_PHRASES, cost=0.02, rounds=5, only=label)
    if label != "impact":
        return first
    # Descriptions also mention impacts. Those that read like impacts are left out of the second pass.
    kept = [row for row in rows if row["label"] == label or first.sums(_phrases(row)).get(label, 0.0) < 0]
    return learned(_sentences(kept, label), _hash(rows), most=_SENTENCE_PHRASES, cost=0.02, rounds=5, only=label)


def _sentences(rows: Iterable[Row], label: str) -> list[Example]:
    return [Example(_phrases(row), label if row["label"] == label else "else") for row in rows]


def _phrases(row: Row) -> frozenset[str]:
    return phrases_of(words_of(row["text"]).words[:_SENTENCE_WORDS])


def report_table(policy: Policy, letters: Sequence[Row], left_out: str = "") -> Table:
    """The table that tells reports from letters. Texts of others keep it from taking every style but ours for a letter."""
    others = [row for row in _others() if not left_out or not str(row["source"]).startswith(left_out)]
    examples = [Example(traits(row, policy), "report" if corpus.is_report(row) else "letter") for row in letters]
    examples += [
        Example(traits(row, policy), "report" if row["label"] in IN_SCOPE else "letter", _OF_OTHERS) for row in others
    ]
    return learned(examples, _hash((*letters, *others)), most=_KIND_TRAITS, cost=0.05, only="report")


@cache
def _others() -> tuple[Row, ...]:
    """Some reports and some letters from elsewhere, drawn by the hash of their text."""
    letters = [row for row in scope_texts() if row["label"] not in IN_SCOPE and _is_letter(row)]
    reports = [row for row in scope_texts() if row["label"] in IN_SCOPE]
    return tuple(
        row for rows in (letters, reports) for row in rows if _share(row) < _MOST_OF_OTHERS / max(len(rows), 1)
    )


def _is_letter(row: Row) -> bool:
    return row.get("kind") == "support" or row["reason"] in {"spam", "support", "legal"}


# Kinds that have other names in the written mails.
KINDS = {
    "beg-bounty": "beg-bounty", "privacy-request": "privacy", "billing": "billing", "newsletter": "newsletter",
    "security-sales": "sales", "press-inquiry": "press", "bug-report": "bug", "conference-invite": "sales",
    "bulk-offer": "sales", "cert-coordination": "coordinator", "account-support": "support",
    "law-enforcement": "law-enforcement", "recruiting": "recruiting", "status-question": "coordinator",
    "machine:digest": "newsletter", "seo-spam": "sales", "audit-evidence": "questionnaire",
    "cve-question": "questionnaire", "legal-demand": "legal", "feature-request": "bug",
    "account-compromise": "support", "machine:newsletter": "newsletter", "vendor-incident-notice": "other",
    "extortion": "extortion", "research-survey": "questionnaire", "misdirected": "support",
    "customer-key-leak": "support", "partnership": "sales", "breach-rumour": "other",
    "wrong-answer-complaint": "wrong-answer",
}  # fmt: skip


def letter_table(policy: Policy, letters: Sequence[Row]) -> Table:
    """The table that tells kinds of letters apart."""
    rows = [row for row in letters if row["kind"] in KINDS]
    return learned(
        [Example(traits(row, policy), KINDS[row["kind"]]) for row in rows], _hash(rows), most=_KIND_TRAITS, cost=0.05
    )


def scope_table(policy: Policy, letters: Sequence[Row], left_out: str = "") -> Table:
    """The table that tells scopes apart; the texts of the source `left_out` are held back."""
    written = [row for row in letters if row["label"] in (*IN_SCOPE, "out-of-scope") and not corpus.is_machine(row)]
    others = [row for row in scope_texts() if not left_out or not str(row["source"]).startswith(left_out)]
    rows = [*written, *others]
    examples = [Example(traits(row, policy), row["label"], 1.0 if "source" in row else 2.0) for row in rows]
    return learned(examples, _hash(rows), most=_SCOPE_TRAITS, cost=0.05, rounds=6)


@cache
def scope_texts() -> tuple[Row, ...]:
    """The labelled texts of others, with a limit for each label and source."""
    kept: list[Row] = []
    counts: dict[tuple[str, str], int] = {}
    for row in (*corpus.rows("scope-dev.jsonl"), *corpus.rows("reading/scope.jsonl")):
        place = (str(row["source"]), str(row["label"]))
        counts[place] = counts.get(place, 0) + 1
        if row.get("reason") != "no-impact" and row.get("kind", "report") in {"report", "support"}:
            kept.append(row)
    return tuple(row for row in kept if _drawn(row, counts[str(row["source"]), str(row["label"])]))


def _drawn(row: Row, count: int) -> bool:
    """True if a row is among the few of its source and label, drawn by the hash of its text."""
    return _share(row) < _MOST_OF_A_LABEL / count


def _share(row: Row) -> float:
    """A number from 0 to 1 that depends on the text alone."""
    return int(corpus_hash([row["text"]])[:8], 16) / 0x100000000


_TRAITS: dict[str, frozenset[str]] = {}


def traits(row: Row, policy: Policy) -> frozenset[str]:
    key = f"{row['title']}\n{row['text']}"
    if key not in _TRAITS:
        _TRAITS[key] = traits_in(prose_of(corpus.message_of(row), policy), policy)
    return _TRAITS[key]


def _hash(rows: Iterable[Row]) -> str:
    return corpus_hash(f"{row.get('label')}\n{row.get('title', '')}\n{row['text']}" for row in rows)


def as_tables(learnt: dict[str, Table]) -> Tables:
    return Tables(**learnt)


if __name__ == "__main__":
    main()
