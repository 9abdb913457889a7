"""What the tests of the IMAP adapter work with: a scripted server, a mailbox on it, and a ledger."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.fakes import MemoryLedger
from triaged.ports import Refused, TryLater

NOW = datetime.now(UTC)


def mail(number):
    return f"From: ann@example.org\r\nSubject: report {number}\r\n\r\n{'body ' * 9}{number}\r\n".encode()


class Place:
    """A scripted server, a mailbox on it, and a ledger; `raws` is all that was ever taken in."""

    def __init__(self, server, mailbox):
        self.server, self.mailbox = server, mailbox
        self.ledger = MemoryLedger()
        self.now = NOW
        self.fetched = []

    @property
    def raws(self):
        return [each.raw for each in self.fetched]

    def poll(self, later=timedelta(minutes=1)):
        """One pass as the daemon does it: each mail is known before the next is asked for."""
        self.now += later
        came = []
        for each in self.mailbox.fetch_new(self.ledger, self.now):
            self.ledger.take([each])
            self.fetched.append(each)
            self.mailbox.file(each.place)
            came.append(each.raw)
        return came

    def fails(self, polls=1):
        for _ in range(polls):
            with pytest.raises((TryLater, Refused)) as caught:
                self.poll()
            assert_plain(str(caught.value))
        return caught.value


def assert_plain(said):
    """One sentence that a person can use: none of a library's insides."""
    assert "\n" not in said
    assert said.startswith("127.0.0.1:")
    for inside in ("Errno", "Traceback", "b'", "=>", "socket error", "command:", "Exception"):
        assert inside not in said, said
