"""What every ledger of places does: a whole store, and the one in memory that stands in for it."""

import hashlib
from contextlib import closing, nullcontext

import pytest

from tests.support.fakes import MemoryLedger
from tests.support.stores import STORES
from tests.support.values import NOON
from triaged.core.mail.arrival import Arrival, Contact, Place
from triaged.ports import Fetched

RAW = b"From: Ann <ann@example.org>\r\nSubject: a report\r\n\r\nIt is broken.\r\n"


@pytest.fixture(params=[*STORES, "fake"])
def ledger(request, tmp_path):
    opened = closing(STORES[request.param](tmp_path)) if request.param in STORES else nullcontext(MemoryLedger())
    with opened as there:
        yield there


def _take(ledger, fetched):
    if isinstance(ledger, MemoryLedger):
        ledger.take([fetched])
    else:
        digest = hashlib.sha256(fetched.raw).hexdigest()
        ledger.note(Arrival(digest, fetched.received_at, NOON, fetched.size, (fetched.place,)))


def test_a_ledger_knows_the_places_that_were_taken_in(ledger):
    assert ledger.highest_uid("INBOX", 7) == 0
    assert ledger.last_taken_at() is None
    for uid in (9, 4):
        _take(ledger, Fetched(Place("INBOX", 7, uid), NOON, len(RAW), RAW + b"%d" % uid))
    assert [ledger.knows(Place("INBOX", 7, uid)) for uid in (4, 5, 9)] == [True, False, True]
    assert not ledger.knows(Place("INBOX", 8, 4))
    assert [ledger.highest_uid("INBOX", validity) for validity in (7, 8)] == [9, 0]


def test_a_ledger_remembers_first_contact(ledger):
    contact = Contact("INBOX", 7, NOON, 10)
    assert ledger.contact("INBOX", 7) is None
    ledger.remember(contact)
    assert ledger.contact("INBOX", 7) == contact
    assert ledger.contact("INBOX", 8) is None
