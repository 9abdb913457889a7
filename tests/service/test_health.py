from dataclasses import replace

import pytest

from tests.support.office import MINUTE, well
from tests.support.values import HOUR, NOON, mail
from triaged.ports import Pulse, TryLater
from triaged.service.morning import health


def pulse(**changes) -> Pulse:
    return replace(Pulse(last_poll_at=NOON, poll_every_seconds=60), **changes)


@pytest.mark.parametrize(
    ("now", "beat", "problems"),
    [
        (NOON, pulse(), ()),
        (NOON + 5 * MINUTE, pulse(), ()),
        (NOON + 6 * MINUTE, pulse(), ("no poll since 2026-11-23 12:00 UTC; is the daemon running?",)),
        (NOON + 25 * MINUTE, pulse(poll_every_seconds=600), ()),
        (
            NOON + 31 * MINUTE,
            pulse(poll_every_seconds=600),
            ("no poll since 2026-11-23 12:00 UTC; is the daemon running?",),
        ),
        (NOON, pulse(last_poll_at=None), ("the mailbox has never been read; is the daemon running?",)),
        (
            NOON + HOUR,
            pulse(trouble="login refused", trouble_since=NOON + MINUTE),
            ("the mailbox has not been read since 2026-11-23 12:01 UTC: login refused",),
        ),
    ],
)
def test_polling_is_well_or_its_trouble_is_one_sentence(office, now, beat, problems):
    found = health(office.store, beat, now)
    assert found.problems == problems
    assert (found.last_poll_at, found.owed, found.oldest_owed_at) == (beat.last_poll_at, 0, None)


def test_mail_that_waits_long_to_be_sent_is_a_problem(office):
    office.receive(mail(1), mail(2))
    assert (well(office).owed, well(office).oldest_owed_at, well(office).problems) == (2, NOON, ())
    office.wait(HOUR)
    assert well(office).problems == ()
    office.wait(MINUTE)
    assert well(office).problems == ("2 mails not sent for over an hour: not tried yet",)
    office.send(TryLater("451 greylisted"))
    assert well(office).problems == ("1 mail not sent for over an hour: 451 greylisted",)
