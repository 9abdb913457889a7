from contextlib import suppress

import pytest

from tests.support.fakes import (
    FakeMailbox,
    Killed,
)
from tests.support.office import NOBODY
from tests.support.values import HOUR, NOON, fetched, mail
from triaged.ports import TryLater
from triaged.service.delivery import deliver
from triaged.service.intake import take_in


def test_what_a_crash_left_half_done_is_settled_first_under_the_same_names(office, other_office):
    other_office.receive(mail())
    office.killed_at(2)
    with pytest.raises(Killed):
        office.receive(mail())
    office.restart()
    assert (office.store.cases(), office.store.owed(), len(office.store.pending())) == ([], [], 1)

    office.wait(3 * HOUR)
    with pytest.raises(TryLater):
        office.receive(TryLater("the mailbox is away"))
    assert office.case.id == other_office.case.id
    assert office.case.received_at == NOON - HOUR
    assert office.case.acknowledgment.message_id == other_office.case.acknowledgment.message_id
    assert office.store.pending() == []


def test_told_to_stop_it_does_not_begin_with_what_is_pending(office):
    office.killed_at(2)
    with suppress(Killed):
        office.receive(mail())
    office.restart()
    office.change(stopping=lambda: True)
    assert take_in(office.mailroom) == []
    assert len(office.store.pending()) == 1


MAILS = (
    mail(1),
    NOBODY.encode(),
    mail(2, more="In-Reply-To: <report-1@example.org>\r\n"),
    mail(3, author="bo@example.com"),
)
PASSES = 2 * len(MAILS) + 2 * 2


def work(office) -> None:
    take_in(office.mailroom)
    deliver(office.outgoing)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", range(1, PASSES + 1))
def test_a_kill_at_any_write_loses_no_mail_and_leads_to_no_second_acknowledgment(office, write, after):
    office.change(mailbox=FakeMailbox(*(fetched(raw, uid) for uid, raw in enumerate(MAILS, 1))))
    office.killed_at(write, after=after)
    with pytest.raises(Killed):
        work(office)
    office.restart()
    work(office)
    work(office)

    assert office.store.seen() == {"opened": 2, "joined": 1, "set-aside": 1}
    assert sorted(len(case.mails) for case in office.store.cases()) == [1, 2]
    assert (office.store.pending(), office.store.owed()) == ([], [])
    assert {case.acknowledgment.state for case in office.store.cases()} == {"submitted"}
    # At most once more, and then the very same mail: that is the one moment which cannot be closed (RFC 1047).
    handed_in = office.outgoing.submission.letters
    assert len({(letter.message_id, letter.raw) for letter in handed_in}) == 2
    assert len(handed_in) <= 3


def test_without_a_kill_that_pass_makes_as_many_writes(office):
    office.change(mailbox=FakeMailbox(*(fetched(raw, uid) for uid, raw in enumerate(MAILS, 1))))
    office.killed_at(0)
    work(office)
    assert len(office.desk.store.writes) == PASSES
