"""Rooms on a store of their own, with fakes in them: where the tests of the passes work."""

from collections import deque
from contextlib import ExitStack, closing
from datetime import date, timedelta

from tests.support.fakes import FakeMailbox, FakeSubmission, MortalStore
from tests.support.rooms import EXAMPLE, KEY, changed, furnished
from tests.support.values import REPORT, fetched
from triaged.adapters.store.store import open_store
from triaged.composition import renderer
from triaged.ports import Pulse, Unwritten
from triaged.service.delivery import deliver
from triaged.service.intake import take_in
from triaged.service.morning import compose_digest, health

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DIGESTS, RENDERER = EXAMPLE.settings.digest, renderer(EXAMPLE, KEY)
MONDAY = date(2026, 11, 23)
NOBODY = "From: a@example.org\r\nAuto-Submitted: auto-replied\r\nSubject: away\r\n\r\nI am away."


class BrokenRenderer:
    """Implements `ports.Renderer` as far as mails to reporters go: its templates fail until they are mended."""

    def __init__(self, *, mended=lambda draft: False) -> None:
        self.mended, self.asked = mended, []

    def finished(self, draft, now):
        if draft.purpose == "update":
            raise Unwritten("update.txt.j2:1: UndefinedError")
        self.asked.append(draft.owner)
        if self.mended(draft):
            return RENDERER.finished(draft, now)
        raise ValueError("the words of " + draft.to[0])


class Office:
    """Rooms on a store of their own, which can be left at once, as by a kill, and opened again on what is on disk."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.stack = ExitStack()
        self.store = self.stack.enter_context(closing(open_store(folder)))
        self.rooms = furnished(self.store)

    def restart(self) -> None:
        self.stack.close()
        self.store = self.stack.enter_context(closing(open_store(self.folder)))
        self.change(store=self.store, unwritten=deque())

    def killed_at(self, write: int, *, after: bool = False) -> None:
        """From here on the process does not survive its nth write."""
        self.change(store=MortalStore(self.store, dies_at=write, after=after))

    def change(self, **parts) -> None:
        self.rooms = changed(self.rooms, **parts)

    @property
    def mailroom(self):
        (only,) = self.rooms.mailrooms
        return only

    @property
    def desk(self):
        return self.rooms.desk

    @property
    def outgoing(self):
        return self.rooms.outgoing

    @property
    def pageroom(self):
        return self.rooms.pageroom

    def receive(self, *mails, **how):
        """Take in what lies in the mailbox: raw bytes, or what a server gives."""
        there = [fetched(each, uid) if isinstance(each, bytes) else each for uid, each in enumerate(mails, 1)]
        self.change(mailbox=FakeMailbox(*there, **how))
        return take_in(self.mailroom)

    def send(self, *outcomes: Exception) -> list:
        """Deliver what is due; the letters that the server was given."""
        self.change(submission=FakeSubmission(*outcomes))
        deliver(self.outgoing)
        return self.outgoing.submission.letters

    def wait(self, span: timedelta) -> None:
        self.desk.clock.advance(span)

    @property
    def case(self):
        (only,) = self.store.cases()
        return only


def well(office, **changes):
    return health(office.store, Pulse(last_poll_at=office.desk.clock.now, **changes), office.desk.clock.now)


def digest_of(office):
    now = office.desk.clock()
    return compose_digest(office.store, office.desk.house.policy, well(office), now, now.date(), DIGESTS)


EXPLOITED = REPORT + "\nThis is being exploited in the wild.\n"
