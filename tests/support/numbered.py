"""A numbered folder as a simple model, a ledger, and a pass of `core.mail.folder.Folder` over both, with no server at all."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from triaged.core.mail.folder import Folder, Known, Sizes, Waiting

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
REACH = 48 * HOUR
LARGEST = 1024 * 1024


@dataclass
class Mail:
    name: int
    received_at: datetime
    size: int = 1000


@dataclass
class Numbered:
    """The server's side. `broken` maps a UID to `refuse`, `nil` or `hang`; `dies_in` counts requests until the session ends."""

    uidvalidity: int = 7
    uidnext: int = 1
    mails: dict = field(default_factory=dict)
    broken: dict = field(default_factory=dict)
    dies_in: int | None = None

    def deliver(self, name, received_at, size=1000):
        self.mails[self.uidnext] = Mail(name, received_at, size)
        self.uidnext += 1
        return self.uidnext - 1

    def renumber(self):
        """The same mails under a new UIDVALIDITY."""
        self.uidvalidity += 1
        self.broken = {}
        self.mails = dict(enumerate(self.mails.values(), 1))
        self.uidnext = len(self.mails) + 1

    def restore(self, uidnext):
        """The folder as it was before those UIDs were given, which will be given once more."""
        self.uidnext = uidnext
        self.mails = {uid: mail for uid, mail in self.mails.items() if uid < uidnext}
        self.broken = {uid: fault for uid, fault in self.broken.items() if uid < uidnext}

    def matching(self, search):
        found = {uid for uid in self.mails if uid >= search.first}
        if search.since:
            found |= {uid for uid, mail in self.mails.items() if mail.received_at.date() >= search.since}
        return found

    def fault(self, ask):
        """`refuse` or `hang` if one of these mails provokes it."""
        faults = {self.broken.get(uid) for uid in ask.uids if uid in self.mails}
        return next((fault for fault in ("refuse", "hang") if fault in faults), None)


class Watch:
    """A folder watched: the model, the ledger and the machine, and what was asked and taken."""

    def __init__(self, server=None):
        self.server = server or Numbered()
        self.now = NOW
        self.places, self.contacts, self.last_taken_at = set(), {}, None
        self.taken = []
        self.asked = []
        self.searches = []
        self.news = []
        self.session = 0
        self.restart()

    def restart(self):
        """The process begins anew with the ledger that it left."""
        self.folder = Folder("INBOX", REACH, LARGEST)
        self.connected = False

    def connect(self):
        self.folder.selected(self.server.uidvalidity, self.server.uidnext)
        self.connected = True
        self.session += 1

    @property
    def known(self):
        uidvalidity = self.folder.uidvalidity
        uids = [place.uid for place in self.places if place.uidvalidity == uidvalidity]
        return Known(self.contacts.get(uidvalidity), max(uids, default=0), self.last_taken_at)

    def poll(self, later=MINUTE, most=None, *, kept=True):
        """One pass; return the names of what came. It is left with the `most`th mail in hand, which is `kept` or not."""
        self.now += later
        begun = len(self.taken)
        if not self.connected:
            self.connect()
        search = self.folder.search(self.known, self.now)
        self.searches.append(search)
        if search.remember:
            self.contacts[search.remember.uidvalidity] = search.remember
        if self._survives():
            self.folder.found(self.server.matching(search), self.places.__contains__)
            self._fetch(most, kept=kept)
        self.news += [news.words for news in self.folder.news()]
        return [mail.name for *_, mail in self.taken[begun:]]

    def _fetch(self, most, *, kept):
        while ask := self.folder.next_ask():
            self.asked.append(ask)
            fault = self.server.fault(ask) if self._survives() else "hang"
            if fault:
                goes_on = (self.folder.lost if fault == "hang" else self.folder.refused)(fault)
                self.connected &= goes_on and fault == "refuse"
                if not goes_on:
                    return
            elif isinstance(ask, Sizes):
                self.folder.measured(self._waiting(ask))
            else:
                for mail in self._given(ask):
                    most = None if most is None else most - 1
                    if most != 0 or kept:
                        self._take(mail.uid)
                    if most == 0:
                        return
                    self.folder.taken(mail.uid)

    def _given(self, ask):
        return self.folder.gave(
            {uid for uid in ask.uids if uid in self.server.mails and self.server.broken.get(uid) != "nil"}
        )

    def _waiting(self, ask):
        mails = self.server.mails
        return [
            Waiting(uid, mails[uid].size, min(mails[uid].received_at, self.now)) for uid in ask.uids if uid in mails
        ]

    def _take(self, uid):
        self.places.add(self.folder.place(uid))
        self.last_taken_at = self.now
        self.taken.append((self.session, uid, self.server.mails[uid]))

    def _survives(self):
        if self.server.dies_in is None:
            return True
        self.server.dies_in -= 1
        if self.server.dies_in > 0:
            return True
        self.server.dies_in, self.connected = None, False
        return False


def watching(*ages, **changes):
    """A watched folder that has mails of these ages before first contact, named by their UIDs."""
    server = Numbered()
    for name, age in enumerate(ages, 1):
        server.deliver(name, NOW - age, **changes)
    return Watch(server)


def deliver(watch, *names, age=timedelta(), size=1000):
    for name in names:
        watch.server.deliver(name, watch.now - age, size)
