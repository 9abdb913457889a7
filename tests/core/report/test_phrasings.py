"""What reporters say beside the finding, in fourteen languages.

phrasings.tsv was written before the words that find them; half of it was kept back while they were chosen. Its columns are
language, kind of fact, what its value holds (`-`: nothing may be told), how sure a plan is, and the sentence.
"""

from pathlib import Path

import pytest

from tests.support.values import message, policy
from triaged.core.report.declared import said
from triaged.core.report.facts import read_facts
from triaged.core.report.prose import prose_of

ROWS = [line.split("\t") for line in Path(__file__).with_name("phrasings.tsv").read_text("utf-8").splitlines()]
KINDS = ("publish", "informed", "credit", "assistance", "tested")
LEAST = 0.95


def facts(sentence, kind):
    text = f"There is a flaw in the API.\n\n{sentence}\n\nBest regards\nAda"
    prose = prose_of(message(text=text, subject="Report"), policy())
    return read_facts(prose, said(prose, policy().hints), policy()).of(kind)


def holds(row):
    _, kind, value, _, sentence = row
    found = facts(sentence, kind)
    return not found if value == "-" else any(value.lower() in f"{fact.value} {fact.quote}".lower() for fact in found)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_is_told_in_every_language(kind):
    rows = [row for row in ROWS if row[1] == kind and row[2] != "-"]
    missed = [row for row in rows if not holds(row)]
    assert len(missed) <= (1 - LEAST) * len(rows), missed


@pytest.mark.parametrize("row", [row for row in ROWS if row[2] == "-"], ids=lambda row: row[4])
def test_what_is_not_said_is_not_told(row):
    assert holds(row)


def test_a_plan_is_firm_meant_or_conditional():
    plans = [row for row in ROWS if row[1] == "publish" and row[3] != "-" and holds(row)]
    wrong = [row for row in plans if row[3] not in {fact.certainty for fact in facts(row[4], "publish")}]
    assert len(wrong) <= (1 - LEAST) * len(plans), wrong


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("The floats are described as anonymous in your specification.", "credit"),
        ("The bucket allows anonymous listing and reading.", "credit"),
        ("I booked a room under the name Ignore Previous.", "credit"),
        ("He was told that the agent sent to the address on file.", "informed"),
        ("The attack maps to MITRE ATT&CK T1059.", "informed"),
        ("J'ai vu la facture d'un autre client.", "informed"),
        ("Your AI assistant helped me to read another caller's booking.", "assistance"),
        ("The model translated the hidden sentence and obeyed it.", "assistance"),
    ],
)
def test_words_that_only_look_alike_tell_nothing(sentence, kind):
    assert not facts(sentence, kind)
