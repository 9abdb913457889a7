"""Mail of clients, gateways, desks and mail systems that no other test has, each with what should become of it.

The rows were decided on by the policy before they were run.
"""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.support.unseen import ROWS, filled, raw, stands_for
from tests.support.values import BORDER, NOON, house, knowing, message, opened, owed, second
from triaged.core.case.events import Submitted
from triaged.core.case.naming import CASE_ID_PATTERN
from triaged.core.intake.incoming import Mail, look_at
from triaged.core.letters.house import Team
from triaged.core.mail.ours import Ours
from triaged.core.mail.parsing.reading import read_message
from triaged.core.mail.sender import Trust

GOLDEN = (Path(__file__).parents[2] / "adapters/golden/needs-info.txt").read_text(encoding="utf-8")
LETTER_ID = "letter@smallest.ai"
LETTER = re.sub(r"(?m)^Message-ID: .*$", f"Message-ID: <{LETTER_ID}>", GOLDEN).replace("\n", "\r\n")
WORDS = stands_for(LETTER)
OURS = house(
    ours=Ours(frozenset({"security@smallest.ai"}), wrote=LETTER_ID.__eq__, case_id=re.compile(CASE_ID_PATTERN)),
    team=Team(frozenset({"kim@smallest.ai"}), own_domains=frozenset({"smallest.ai"})),
)
CASE = opened(
    message(
        text="A prompt injection in the chat completion API makes the model reveal its system prompt to any caller of it."
    ),
    later=[
        owed(message_id=LETTER_ID, raw=LETTER),
        Submitted(at=NOON, message_id=LETTER_ID, answer="250 Ok"),
    ],
)


def became(decision):
    """In one word: what it is to whoever wrote it, and to the case."""
    if decision.end == "joined":
        kinds = {event.kind for event in decision.events}
        if "failed" in kinds:
            return "failed-letter"
        if "team-wrote" in kinds:
            return "team-joined"
        return "idle" if any(getattr(event, "idle", "") for event in decision.events) else "joined"
    if decision.end != "opened":
        return decision.end
    door = any(event.kind == "at-door" for event in decision.events)
    return "answered" if decision.reply else "door" if door else "withheld"


@cache
def found(number):
    """What becomes of a row's mail, what is read of it, and who is its reporter."""
    row = ROWS[number]
    ours = replace(OURS, trust=Trust(BORDER)) if row["vouch"] or row["kind"] in {"team", "door"} else OURS
    read = read_message(raw(row, WORDS))
    decision = second(read, CASE, ours=ours)
    text = look_at(Mail(read, NOON, "SEC-3333-3333"), ours, knowing(CASE)).mail.message.text
    reporter = next((event.sender.address for event in decision.events if event.kind == "received"), "")
    return became(decision), text, reporter, decision


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row["id"] for row in ROWS])
def test_it_becomes_what_the_policy_wants_and_its_own_words_are_read(number):
    row = ROWS[number]
    became_of_it, text, reporter, _ = found(number)
    assert became_of_it == row["becomes"]
    lacking = [words for words in row["read"] if words not in text]
    others = [words for each in row["unread"] if (words := filled(each, WORDS)) in text]
    assert (lacking, others) == ([], [])
    assert row["author"] in {"", reporter}
