"""A folder's numbers: which mail first contact ignores, whether UIDs were reused, and what to search for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from triaged.core.mail.arrival import MAIN, Contact, Place

_COMPARE_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows about a folder under its present UIDVALIDITY."""

    contact: Contact | None = None
    """The first contact; None if there was none."""
    highest: int = 0
    """The highest UID taken in; 0 if none was."""
    last_taken_at: datetime | None = None
    """When a mail was last taken in from any folder."""


@dataclass(frozen=True, slots=True)
class Search:
    """The criteria of a search."""

    first: int
    """All UIDs from this one on."""
    since: date | None = None
    """Also all mail received on this day or later, whatever its UID; None for no such mail."""
    remember: Contact | None = None
    """A first contact to store before anything is fetched, so that the ignored mail is decided once."""
    given_anew: bool = False
    """True if this search first revealed that the server reuses UIDs."""


@dataclass(frozen=True, slots=True)
class _Anew:
    """The server reuses UIDs, so a UID in the ledger proves nothing (RFC 9051 section 2.3.1.1)."""

    contact: Contact
    taken: set[int] = field(default_factory=set)
    """The UIDs taken in since then."""


class Numbers:
    """The numbers of one folder; `reach` is how far before the last mail taken in a first contact looks for mail."""

    def __init__(self, folder: str, reach: timedelta, mailbox: str = MAIN) -> None:
        self._folder, self._reach, self._mailbox = folder, reach, mailbox
        self._uidvalidity, self._uidnext = 0, 0
        self._compared_at: datetime | None = None
        self._anew: _Anew | None = None
        self._contact = Contact(folder, 0, datetime.min.replace(tzinfo=UTC), 0, mailbox)
        # Since the last search: whether the folder was opened, and whether UIDNEXT had gone down since the time before.
        self._unseen, self._went_back = False, False

    def selected(self, uidvalidity: int, uidnext: int) -> bool:
        """The folder was opened; return whether all its numbers are new."""
        renumbered = uidvalidity != self._uidvalidity
        if renumbered:
            self._uidvalidity, self._compared_at, self._anew, self._went_back = uidvalidity, None, None, False
        else:
            self._went_back |= uidnext < self._uidnext
        self._uidnext, self._unseen = uidnext, True
        return renumbered

    @property
    def uidvalidity(self) -> int:
        """The UIDVALIDITY of the folder when it was last opened; 0 before."""
        return self._uidvalidity

    @property
    def uidnext(self) -> int:
        """The UIDNEXT of the folder when it was last opened; 0 before."""
        return self._uidnext

    def place(self, uid: int) -> Place:
        """The place of the mail with that UID."""
        return Place(self._folder, self._uidvalidity, uid, self._mailbox)

    def search(self, known: Known, now: datetime) -> Search:
        """The search for a pass that starts now."""
        window = min(now, known.last_taken_at or now) - self._reach
        contact = Contact(self._folder, self._uidvalidity, window, self._uidnext, self._mailbox)
        if given_anew := known.contact is not None and self._is_given_anew(known):
            self._anew, self._compared_at = _Anew(contact), None
        self._unseen, self._went_back = False, False
        # Keep the window of an `_Anew`: `last_taken_at` moves as mail is taken in.
        self._contact = self._anew.contact if self._anew else known.contact or contact
        # SINCE ignores time and zone, so start from the day before.
        since = (self._contact.cutoff_at - timedelta(days=1)).date() if self._is_due(now) else None
        return Search(
            first=self._contact.first_uid if since else self._highest(known) + 1,
            since=since,
            remember=None if known.contact else contact,
            given_anew=given_anew,
        )

    def wanted(self, uid: int, received_at: datetime) -> bool:
        """True if a mail is taken in: one that arrived after first contact, or before it but within the window."""
        return uid >= self._contact.first_uid or received_at >= self._contact.cutoff_at

    def dealt_with(self, uid: int, knows: Callable[[Place], bool]) -> bool:
        """True if the mail that now has this UID was taken in."""
        return uid in self._anew.taken if self._anew else knows(self.place(uid))

    def taken(self, uid: int) -> None:
        """The mail was taken in."""
        if self._anew:
            self._anew.taken.add(uid)

    def compared(self, at: datetime) -> None:
        """A pass over all UIDs, started at that instant, is complete."""
        self._compared_at = at

    def _is_given_anew(self, known: Known) -> bool:
        return self._went_back or (self._unseen and self._uidnext <= self._highest(known))

    def _highest(self, known: Known) -> int:
        """The highest known UID, from the mails taken in and from UIDNEXT at first contact."""
        if self._anew:
            return max((self._anew.contact.first_uid - 1, *self._anew.taken))
        return max(known.contact.first_uid - 1 if known.contact else self._uidnext - 1, known.highest)

    def _is_due(self, now: datetime) -> bool:
        """True if it is time to compare all UIDs."""
        # A clock that was set back must not delay this.
        return self._compared_at is None or not timedelta() <= now - self._compared_at < _COMPARE_EVERY
