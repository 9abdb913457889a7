"""Machine mail that must be a case because it tells of something of ours, and machine mail that must not."""

import json
from pathlib import Path

import pytest

from tests.support.values import decide, house, message
from triaged.core.intake.telling import telling
from triaged.core.mail.ours import Ours
from triaged.core.mail.parsing.reading import read_message

OURS = house(ours=Ours(frozenset({"security@smallest.example"})))
ROWS = [
    json.loads(line) for line in (Path(__file__).parent / "machine_mail.jsonl").read_text(encoding="utf-8").splitlines()
]


def raw(row):
    fields = {"From": "x@y.example", "To": "security@smallest.example", "Subject": row["subject"], **row["headers"]}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{head}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{row['text']}\r\n".encode()


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_machine_mail_is_filed_by_what_it_tells_and_never_answered(row):
    decision = decide(read_message(raw(row)), ours=OURS)
    assert (decision.end, decision.reply) == ("opened" if row["case"] else "set-aside", None)


def test_the_rows_hold_both_sides():
    cases = [row["case"] for row in ROWS]
    assert (cases.count(True), cases.count(False)) > (20, 10)


@pytest.mark.parametrize(
    ("subject", "text", "something", "of_ours"),
    [
        ("Alert", "A vulnerability was found in app.smallest.example.", True, True),
        ("Alert", "A vulnerability was found in somebody's product.", True, False),
        ("Sent to security@smallest.example", "A vulnerability in somebody's product.", True, False),
        ("Alert", "An access key of smallest/waves is public.", False, False),
        ("Alert", "An access key was leaked in smallest/waves.", True, True),
        ("Weekly summary", "A vulnerability was found in your product.", False, False),
        ("Neue vertrauliche Meldung", "Schwachstelle in einer Anwendung.", True, True),
        ("Question", "Hi, whom can I write to about a security problem of yours?", True, False),
        ("Backup", "3 files unchanged", False, False),
    ],
)
def test_what_a_machine_tells_of_us(subject, text, something, of_ours):
    told = telling(message(subject=subject, text=text), OURS.ours, OURS.policy)
    assert (told.something, told.of_ours) == (something, of_ours)
