from tests.support.fakes import (
    FakeMailbox,
)
from tests.support.office import NOBODY
from tests.support.values import NOON, fetched, mail
from triaged.core.mail.arrival import Contact, Place
from triaged.service.intake import preview


class CuriousMailbox(FakeMailbox):
    """A mailbox that asks the ledger everything, and keeps a first contact, as the real one does."""

    def fetch_new(self, ledger, now):
        assert ledger.contact("INBOX", 1) is None
        assert (ledger.highest_uid("INBOX", 1), ledger.last_taken_at()) == (1, NOON)
        ledger.remember(Contact("INBOX", 1, now, 1))
        return super().fetch_new(ledger, now)


def test_a_preview_decides_as_the_daemon_would_and_changes_nothing(office):
    office.receive(mail())
    files = {path: path.read_bytes() for path in office.folder.iterdir()}
    moved = fetched(mail(), 9, place=Place("INBOX", 2, 9))
    large = fetched(mail(4, author="cy@example.com"), 4, size=90_000_000)
    waiting = [fetched(mail(2, author="bo@example.com"), 2), fetched(NOBODY.encode(), 3), large, fetched(mail()), moved]
    office.change(mailbox=(mailbox := CuriousMailbox(*waiting)))
    desk = office.desk
    looked = list(preview(mailbox, desk.reader, desk.store, desk.house, desk.clock))

    assert {path: path.read_bytes() for path in office.folder.iterdir()} == files
    assert (len(desk.spool.kept), mailbox.filed, office.outgoing.submission.letters) == (1, [], [])
    assert office.store.contact("INBOX", 1) is None
    assert [each.place.uid for each, _, _ in looked] == [2, 3, 4]
    assert "of 90000000 bytes" in looked[-1][1].defects[-1]
    decided = [settled.decision for settled in office.receive(*waiting) if settled.decision]
    assert [(each.end, each.reason, each.report) for _, _, each in looked] == [
        (each.end, each.reason, each.report) for each in decided
    ]
