from collections import deque

import pytest

from tests.support.fakes import (
    Killed,
    MortalStore,
)
from tests.support.values import HOUR, NOON, mail
from triaged.core.mail.arrival import Arrival, Place
from triaged.ports import TryLater
from triaged.service.intake import MOST_ORPHANS, orphans


def orphaned(office, raw: bytes) -> str:
    """Kept by a process that was killed before it could note it; the next one has begun."""
    name = office.desk.spool.keep(raw)
    office.desk.spool.now = NOON - 2 * HOUR
    office.change(orphans=orphans(office.store, office.desk.spool))
    return name


def test_an_orphan_that_the_server_no_longer_has_becomes_a_case_once(office):
    name = orphaned(office, mail())
    (settled,) = office.receive()
    assert settled.arrival == Arrival(
        name,
        NOON - 2 * HOUR,
        NOON,
        len(mail()),
        attempts=1,
        end="opened",
        reason="a new report",
        case_id=office.case.id,
    )
    assert office.receive() == []
    office.restart()
    assert orphans(office.store, office.desk.spool) == deque()
    assert len(office.send()) == 1


def test_an_orphan_that_the_server_still_has_is_taken_in_with_its_true_date(office):
    orphaned(office, mail())
    (settled,) = office.receive(mail())
    assert (settled.arrival.received_at, settled.arrival.places) == (NOON - HOUR, (Place("INBOX", 1, 1),))
    assert office.receive(mail()) == []
    assert office.store.seen() == {"opened": 1}


def test_an_orphan_that_was_adopted_is_known_when_the_server_gives_it_after_all(office):
    orphaned(office, mail())
    office.receive()
    (again,) = office.receive(mail())
    assert (again.decision, again.arrival.places) == (None, (Place("INBOX", 1, 1),))
    assert office.store.seen() == {"opened": 1}
    assert len(office.send()) == 1


def test_an_orphan_waits_until_the_mailbox_has_been_read(office):
    orphaned(office, mail())
    with pytest.raises(TryLater):
        office.receive(TryLater("no route"))
    assert office.store.seen() == {}
    office.receive()
    assert office.store.seen() == {"opened": 1}


def test_an_orphan_from_the_future_counts_from_now(office):
    orphaned(office, mail())
    office.desk.spool.now = NOON + HOUR
    assert office.receive()[0].arrival.received_at == NOON


def test_an_orphan_that_is_not_what_its_name_says_is_left_alone(office, lines):
    name = orphaned(office, mail())
    office.desk.spool.kept[name] += b"x"
    assert office.receive() == []
    assert office.store.seen() == {}
    assert [line["sha256"] for line in lines if line["log_level"] == "error"] == [name]


def test_a_whole_spool_that_the_store_does_not_know_is_not_the_doing_of_a_kill_and_nobody_is_answered(office, lines):
    for number in range(MOST_ORPHANS):
        orphaned(office, mail(number))
    assert len(orphans(office.store, office.desk.spool)) == MOST_ORPHANS
    orphaned(office, mail(MOST_ORPHANS))
    assert office.receive() == []
    assert office.send() == []
    assert [line["count"] for line in lines if line["log_level"] == "error"] == [MOST_ORPHANS + 1]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2])
def test_a_kill_while_an_orphan_is_adopted_leads_to_one_case_and_one_acknowledgment(office, write, after):
    orphaned(office, mail())
    office.killed_at(write, after=after)
    with pytest.raises(Killed):
        office.receive()
    office.restart()
    office.change(orphans=orphans(office.store, office.desk.spool))
    office.receive()
    assert office.store.seen() == {"opened": 1}
    assert len(office.send()) == 1


def test_a_mail_that_a_full_disk_kept_from_being_noted_is_adopted_by_the_same_process(office):
    class Full(MortalStore):
        def note(self, arrival):
            raise TryLater("the disk is full")

    office.change(store=Full(office.store))
    with pytest.raises(TryLater):
        office.receive(mail())
    office.change(store=office.store)
    assert [each.arrival.end for each in office.receive()] == ["opened"]


"""The writes of one whole pass: two a mail, two a letter."""
