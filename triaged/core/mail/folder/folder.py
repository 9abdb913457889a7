"""Fetch a folder one pass at a time: sizes first, then bodies, stragglers last, so that no mail blocks another."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from triaged.core.mail.arrival import MAIN, Place
from triaged.core.mail.folder.asking import Ask, Bodies, Sizes, Waiting, groups, sizes
from triaged.core.mail.folder.numbers import Known, Numbers, Search
from triaged.core.mail.folder.stragglers import TOLD_AFTER, Stragglers

_BEGINNING = 256 * 1024
# More refusals than this within a pass mean trouble with the server, not with a mail.
_MOST_REFUSALS = 20


@dataclass(frozen=True, slots=True)
class News:
    """An event to log."""

    words: str
    facts: Mapping[str, object]
    grave: bool = False
    """True for a warning; False for information."""


@dataclass(slots=True)
class _Pass:
    now: datetime
    whole: bool
    asks: deque[Ask] = field(default_factory=deque)
    alone: deque[int] = field(default_factory=deque)
    """The stragglers that are due, in order."""
    refusals: int = 0
    is_alone: bool = False
    """True if the current request is for a straggler."""


class Folder:
    """The state of a folder during the life of the process. Each method reports one event to it.

    A pass is `search`, `found`, and then an answer to each `next_ask` until that is None. It may be abandoned at any point: the
    next `search` starts a new one.
    """

    def __init__(self, name: str, reach: timedelta, max_size: int, mailbox: str = MAIN) -> None:
        self._numbers = Numbers(name, reach, mailbox)
        self._max_size = max_size
        self._stragglers = Stragglers()
        self._pass = _Pass(datetime.min.replace(tzinfo=UTC), whole=False)
        self._news: list[News] = []

    @property
    def uidvalidity(self) -> int:
        """The UIDVALIDITY of the folder when it was last opened; 0 before."""
        return self._numbers.uidvalidity

    def place(self, uid: int) -> Place:
        """The place of the mail with that UID."""
        return self._numbers.place(uid)

    def news(self) -> list[News]:
        """The events since the last call."""
        news, self._news = self._news, []
        return news

    def unreadable(self, times: int) -> Sequence[tuple[int, str]]:
        """The mails that were asked for at least this often without success, by UID, with the last cause."""
        return self._stragglers.missing(times)

    def selected(self, uidvalidity: int, uidnext: int) -> None:
        """A session opened the folder. If the UIDVALIDITY changes, the session must end."""
        if self._numbers.selected(uidvalidity, uidnext):
            self._stragglers = Stragglers()

    def search(self, known: Known, now: datetime) -> Search:
        """Start a pass; return what to search for."""
        search = self._numbers.search(known, now)
        self._pass = _Pass(now, whole=search.since is not None)
        if search.remember:
            # Mail was taken in before, so the server renumbered the folder, or the settings name another one.
            facts = {"left_alone_before": search.remember.cutoff_at.isoformat()}
            self._tell("first contact", facts, grave=known.last_taken_at is not None)
        if search.given_anew:
            self._stragglers.renumbered()
            self._tell("UIDs given anew; the window is read again", {"uidnext": self._numbers.uidnext}, grave=True)
        return search

    def found(self, uids: Iterable[int], knows: Callable[[Place], bool]) -> None:
        """The search returned these UIDs; `knows` asks the ledger about a place."""
        for uid in self._stragglers:
            if self._numbers.dealt_with(uid, knows):
                self._settle(uid)
        dealt_with = self._numbers.dealt_with
        wanted = sorted(uid for uid in set(uids) if uid not in self._stragglers and not dealt_with(uid, knows))
        self._pass.asks.extend(sizes(wanted))
        self._pass.alone.extend(self._stragglers.due(self._pass.now))

    def next_ask(self) -> Ask | None:
        """The next request to the server; None at the end of the pass. Earlier results must already be taken in."""
        now = self._pass
        if not now.asks and not now.is_alone:
            self._stragglers.acquit()
        if not now.asks and now.alone:
            now.is_alone = True
            now.asks.append(Sizes((now.alone.popleft(),)))
        if not now.asks and now.whole:
            self._numbers.compared(now.now)
        return now.asks[0] if now.asks else None

    def measured(self, mails: Iterable[Waiting]) -> None:
        """The server returned these sizes. Mail that it left out is gone."""
        ask = self._pass.asks.popleft()
        there = {mail.uid: mail for mail in mails if mail.uid in ask.uids}
        for uid in ask.uids:
            if uid in self._stragglers and uid not in there:
                self._stragglers.settled(uid)
                self._tell("mail gone before it was fetched", {"uid": uid})
        wanted = []
        for uid, mail in sorted(there.items()):
            if self._numbers.wanted(uid, mail.received_at):
                wanted.append(mail)
            else:
                self._stragglers.settled(uid)
        self._pass.asks.extendleft(reversed([self._bodies(group) for group in groups(wanted, self._max_size)]))

    def gave(self, uids: Collection[int]) -> list[Waiting]:
        """The server returned bytes; return those that were requested, in the order in which to take them in."""
        ask = self._pass.asks.popleft()
        mails = ask.mails if isinstance(ask, Bodies) else ()
        for mail in mails:
            if mail.uid not in uids:
                # NIL, no bytes, or gone since the search: this must never become an empty report.
                self._miss(mail.uid, "the server gave no bytes of it")
        return [mail for mail in mails if mail.uid in uids]

    def taken(self, uid: int) -> None:
        """That mail is in the ledger."""
        self._numbers.taken(uid)
        self._settle(uid)

    def refused(self, why: str) -> bool:
        """The server refused the request; return whether the pass goes on. Halving finds the mail at fault."""
        self._pass.refusals += 1
        if self._pass.refusals > _MOST_REFUSALS:
            return False
        ask = self._pass.asks.popleft()
        if len(ask.uids) == 1:
            self._miss(ask.uids[0], why)
        else:
            self._pass.asks.extendleft(reversed(ask.halves()))
        return True

    def lost(self, why: str) -> bool:
        """The connection broke during the request; return whether the pass is complete all the same."""
        ask = self._pass.asks.popleft()
        if not self._pass.is_alone:
            self._stragglers.broke(ask.uids)
            return False
        self._miss(ask.uids[0], why)
        return not self._pass.alone

    def _bodies(self, group: Sequence[Waiting]) -> Bodies:
        # For a mail that repeatedly fails to arrive whole, its beginning is better than nothing.
        most = _BEGINNING if self._stragglers.hopeless(group[0].uid) else self._max_size
        return Bodies(tuple(group), _BEGINNING if group[0].size > most else None)

    def _miss(self, uid: int, why: str) -> None:
        times = self._stragglers.missed(uid, why, self._pass.now)
        words = "mail unreadable on the server" if times >= TOLD_AFTER else "mail not fetched"
        self._tell(words, {"uid": uid, "tries": times, "cause": why}, grave=True)

    def _settle(self, uid: int) -> None:
        if self._stragglers.settled(uid):
            self._tell("mail readable again", {"uid": uid})

    def _tell(self, words: str, facts: Mapping[str, object], *, grave: bool = False) -> None:
        self._news.append(News(words, facts, grave))
