"""The passes on a real store, spool, key and decision box, with a mailbox and a server that are lists."""

from contextlib import ExitStack, closing, contextmanager

from tests.support.fakes import FakeClock, FakeMailbox
from tests.support.rooms import furnished
from tests.support.values import NOON, fetched, mail
from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.lock import locked
from triaged.adapters.disk.spool import FileSpool
from triaged.adapters.disk.state_dir import secret_key
from triaged.adapters.store.store import open_store
from triaged.core.case.events import Noted
from triaged.service.delivery import deliver
from triaged.service.intake import orphans, take_in
from triaged.service.round import Round

AUTOMATIC = b"From: a@example.org\r\nAuto-Submitted: auto-replied\r\nSubject: away\r\n\r\nI am away."
MAILS = (
    mail(1),
    AUTOMATIC,
    mail(2, more="In-Reply-To: <report-1@example.org>\r\n"),
    mail(3, author="bo@example.com"),
)
ENDS = {"opened": 2, "joined": 1, "set-aside": 1}
NOTE = Noted(at=NOON, by="bo", text="seen")


class Teller:
    """A store that tells `mark` of each write that has returned, and of those in a group at the group's end."""

    def __init__(self, store, mark) -> None:
        self._store, self._tell = store, mark
        self._grouped = None

    def __getattr__(self, name: str):
        return getattr(self._store, name)

    @contextmanager
    def group(self):
        self._grouped = []
        try:
            with self._store.group():
                yield
            for words in self._grouped:
                self._tell(*words)
        finally:
            self._grouped = None

    def _mark(self, *words) -> None:
        if self._grouped is None:
            self._tell(*words)
        else:
            self._grouped.append(words)

    def note(self, arrival) -> None:
        self._store.note(arrival)
        self._mark("noted", arrival)

    def record(self, case_id, events, arrival=None):
        case = self._store.record(case_id, events, arrival)
        if arrival:
            self._mark("noted", arrival)
        for event in events:
            self._mark("recorded", case_id, event)
        return case

    def letter_event(self, owner, event) -> None:
        self._store.letter_event(owner, event)
        self._mark("recorded", owner, event)


class Server:
    """Implements `ports.Submission`: a server that takes everything, and keeps it over restarts of the daemon."""

    def __init__(self, mark) -> None:
        self.letters, self._mark = [], mark

    def submit(self, letter) -> str:
        self._mark("left", letter)
        self.letters.append(letter)
        return "250 taken"


class Workshop:
    """What lies outside of the disk; `works` is one life of the daemon, from its start to its end."""

    def __init__(self, folder, mark=lambda *_: None) -> None:
        self.folder, self.mark = folder, mark
        self.server = Server(mark)
        self.clock = FakeClock(NOON)
        self.rooms = None

    def open(self, stack: ExitStack) -> Round:
        """As `composition.open_round` does."""
        stack.enter_context(locked(self.folder))
        store = Teller(stack.enter_context(closing(open_store(self.folder))), self.mark)
        spool, key = FileSpool(self.folder / "spool"), secret_key(self.folder)
        self.rooms = furnished(
            store,
            spool=spool,
            key=key,
            decisions=DecisionBox(self.folder / "decisions"),
            mailbox=FakeMailbox(*(fetched(raw, uid) for uid, raw in enumerate(MAILS, 1))),
            submission=self.server,
            clock=self.clock,
            orphans=orphans(store, spool),
        )
        return self.rooms

    def passes(self) -> None:
        """What the daemon's ticks do."""
        self.rooms.take_up()
        take_in(self.rooms.mailrooms[0])
        deliver(self.rooms.outgoing)

    @property
    def store(self):
        return self.rooms.under_way.store

    def decide(self) -> None:
        """Somebody of the team hands a note in, once."""
        case = next(iter(self.store.cases()))
        if NOTE not in case.history:
            self.rooms.under_way.decisions.hand_in(case.id, NOTE)
            self.mark("handed in", case.id)

    def works(self) -> None:
        with ExitStack() as stack:
            self.open(stack)
            self.passes()
            self.decide()
            self.passes()
