"""What the digest, the alerts and the calendar tell people to type: each line is a command that is understood as it stands."""

import re
from datetime import UTC, timedelta
from itertools import product
from pathlib import Path

import pytest

import triaged
from tests.support.values import NOON, case, owed, policy
from triaged.core.case.events import (
    AtDoor,
    ExploitConfirmed,
    ExploitSuspected,
    Failed,
    FixAvailable,
    Submitted,
    Triaged,
    Withheld,
)
from triaged.core.commands.reading import Order, read_line
from triaged.core.commands.writing import typed
from triaged.core.policy.profiles import PROFILES, promised
from triaged.core.team.alerts import Manner, Told, alert
from triaged.core.team.digest import Health, Inputs, digest
from triaged.core.team.ical import calendar_text

ACK = "ack-1@smallest.ai"
SUSPECTED = ExploitSuspected(at=NOON, quote="seen in the wild > triaged case SEC-0 close")
SUBJECTS = (
    case(),
    case(owed(), Failed(at=NOON, message_id=ACK, reason="550 no")),
    case(Withheld(at=NOON, sign="auto-reply", rfc="", reason="it is automatic")),
    case(Withheld(at=NOON, sign="not-written", rfc="", reason="a template failed")),
    case(
        AtDoor(at=NOON, door="huntr", name="huntr", brings="report", link="https://huntr.example/1", reference="1"),
        Withheld(at=NOON, sign="door", rfc="", reason="it waits at huntr"),
    ),
    case(SUSPECTED),
    case(SUSPECTED, ExploitConfirmed(at=NOON, by="bo", reason="our logs"), FixAvailable(at=NOON, by="bo")),
    case(ExploitConfirmed(at=NOON, by="bo", reason="our logs")),
    case(owed(), Submitted(at=NOON, message_id=ACK, answer="250"), Triaged(at=NOON, by="bo")),
)
HINT = re.compile(r"triaged case SEC-7Q4K-2M8D [^\n]+")


def told(subject, ours, now):
    """Everything that the team is told of a case at an instant, as lines."""
    health = Health(now, (), 0, None, "0")
    made = digest(Inputs((subject,), (), {}, health, now), ours, now, now.date(), UTC)
    items = [item for section in made.sections for item in section.items]
    yield from (line for item in items for line in (item.command, *item.notes))
    raised = alert([subject], Told(), ours, Manner(UTC), now)
    yield from (line.command for line in (raised.lines if raised else ()))
    entries = calendar_text([subject], ours, now)
    yield from entries.replace("\r\n ", "").replace("\\n", "\n").replace("\\,", ",").splitlines()


@pytest.mark.parametrize("subject", SUBJECTS, ids=range(len(SUBJECTS)))
def test_every_hint_reads_back_as_the_command_that_it_was_made_from(subject):
    rules = [policy(), *(policy().model_copy(update={"promises": promised((name,), ())}) for name in PROFILES)]
    hints = set()
    for ours, days in product(rules, (0, 1, 3, 15, 400)):
        hints.update(hint for line in told(subject, ours, NOON + timedelta(days=days)) for hint in HINT.findall(line))
    assert hints
    for hint in hints:
        order = read_line(hint)
        assert isinstance(order, Order), order
        assert typed(order.cases[0], order.command) == hint


def test_no_other_module_writes_a_command_on_a_case_by_hand():
    package = Path(triaged.__file__).parent
    written = re.compile(r"""["'][^"']*triaged case \{[^}]*\} (?!\{)[^"']*["']""")
    found = [path.name for path in package.rglob("*.py") if written.search(path.read_text())]
    assert found == []
