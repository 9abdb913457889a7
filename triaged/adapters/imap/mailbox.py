r"""The mailbox over IMAP (RFC 9051): looked at, never marked. With its `imap_*` neighbours it alone knows UIDs and folders.

Only UID, RFC822.SIZE, INTERNALDATE and BODY.PEEK[] are asked for: servers send broken ENVELOPEs and BODYSTRUCTUREs. What is
new is found by UID and by the ledger, never by \Seen, which belongs to the people who read the mailbox.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from imapclient import IMAPClient

from triaged.adapters.bounded import Allowance
from triaged.adapters.imap.connection import Waits, connected, shut
from triaged.adapters.imap.faults import FAILURES, is_refusal, plain
from triaged.adapters.imap.fetching import Fetching
from triaged.adapters.imap.session import Idling, folders, forget_news, log_in, move, say_goodbye, search
from triaged.adapters.imap.stragglers import TOLD_AFTER, Stragglers
from triaged.config.settings import MailboxSettings
from triaged.core.mail.arrival import Contact, Place
from triaged.core.text import visible
from triaged.crash import crash_point
from triaged.ports import Fetched, Places, Refused, TryLater

log = structlog.get_logger()

_COMPARE_EVERY = timedelta(hours=1)
_OF_INTEREST = frozenset({"MOVE", "UIDPLUS", "IDLE", "CONDSTORE"})


@dataclass(frozen=True, slots=True)
class _Folder:
    """The folder as it was when it was selected; a session ends rather than see another UIDVALIDITY."""

    uidvalidity: int
    uidnext: int


class ImapMailbox:
    """Implements `ports.Mailbox` on one long-lived session, opened when needed and again after a failure."""

    def __init__(self, settings: MailboxSettings, waits: Waits = Waits()) -> None:  # noqa: B008 - frozen
        self._settings = settings
        self._waits = waits
        self._allowance = Allowance()
        self._client: IMAPClient | None = None
        self._idling = Idling()
        self._down = False
        self._folder = _Folder(0, 0)
        self._stragglers = Stragglers()
        self._compared_at: datetime | None = None
        self._numbers_unseen = False
        # Not None while the server gives UIDs that the ledger knows already: the last one looked at since.
        self._given_anew: int | None = None

    def fetch_new(self, ledger: Places, now: datetime) -> Iterator[Fetched]:
        """As the port says. A quiet poll is NOOP and a search above the highest UID: its cost does not grow."""
        self._down = False
        self._begin()
        with self._translated():
            client = self._awake()
        contact = self._contact(ledger, now)
        highest = ledger.highest_uid(contact.folder, contact.uidvalidity)
        contact = self._watched(contact, ledger, highest, now)
        whole = self._compared_at is None or now - self._compared_at >= _COMPARE_EVERY
        above = max(highest if self._given_anew is None else self._given_anew, contact.first_uid - 1)
        with self._translated():
            found = _found(client, contact, above, whole=whole)
        uids = sorted(uid for uid in found if not self._dealt_with(uid, contact, ledger))
        fetching = Fetching(client, contact, self._stragglers, now, self._settings.max_size)
        with self._translated():
            for fetched in fetching.mails(uids):
                yield fetched
                self._begin()
        if fetching.broken:
            self._drop()
        if self._given_anew is not None:
            self._given_anew = max(self._given_anew, self._folder.uidnext - 1, *found)
        self._compared_at = now if whole else self._compared_at

    def stirred(self) -> bool:
        """As the port says, by IDLE where the server has it."""
        if not self._settings.idle or self._client is None:
            return False
        self._begin()
        try:
            return self._idling.stirred(self._client)
        except FAILURES as error:
            self._drop()
            log.info("session lost while idle", cause=plain(error))
            return True

    def unreadable(self, times: int = TOLD_AFTER) -> tuple[str, ...]:
        """As the port says."""
        folder = visible(self._settings.folder, 60)
        return tuple(f"UID {uid} in {folder}: {why}" for uid, why in self._stragglers.missing(times))

    def file(self, place: Place) -> None:
        """As the port says: the keyword first, then the move, since a moved mail has another UID."""
        settings = self._settings
        if not settings.file_to and not settings.keyword:
            return
        # A new session for each mail of a backlog would be a login loop, and could be on a folder numbered anew.
        if self._client is None and self._down:
            raise TryLater(f"{self._server}: the session is lost; the mail stays where it is")
        self._begin()
        with self._translated(of_one_mail=True):
            client = self._session()
            if place.uidvalidity != self._folder.uidvalidity:
                return
            self._idling.leave(client)
            if settings.keyword:
                client.add_flags([place.uid], [settings.keyword], silent=True)
                crash_point("mail-marked")
            if settings.file_to and not move(client, place.uid, settings.file_to):
                what = "has neither MOVE nor UIDPLUS: mail cannot be filed safely and stays where it is"
                raise Refused(f"{self._server} {what}")

    def probe(self) -> frozenset[str]:
        """Log in, open the folder, and name what the server can do; raises TryLater or Refused with the remedy."""
        self._begin()
        with self._translated():
            client = self._session()
            able = {capability.decode("ascii", "replace").upper() for capability in client.capabilities()}
            self.close()
            return frozenset(able & _OF_INTEREST)

    def close(self) -> None:
        """As the port says."""
        client, self._client = self._client, None
        if client is not None:
            say_goodbye(client, self._allowance, self._idling)
        self._idling.forget()

    def abort(self) -> None:
        """As the port says."""
        client = self._client
        if client is not None:
            with suppress(*FAILURES):
                client.socket().shutdown(socket.SHUT_RDWR)

    def _begin(self) -> None:
        self._allowance.turn(self._waits.turn)

    @property
    def _server(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    def _awake(self) -> IMAPClient:
        """The session, ready for commands and aware of new mail; one that died while nobody spoke is replaced in silence."""
        client = self._client
        if client is not None:
            try:
                self._idling.leave(client)
                # New mail becomes visible to a session at NOOP (RFC 9051 section 6.1.2). STATUS would not do: of a
                # selected folder it may be as old as the selection, and of another one some servers scan the folder.
                client.noop()
                forget_news(client)
            except FAILURES as error:
                if is_refusal(error):
                    raise
                self._drop()
                log.info("session lost between polls", cause=plain(error))
        return self._session()

    def _session(self) -> IMAPClient:
        if self._client is None:
            self._client = client = connected(self._settings, self._allowance, self._waits.command)
            log_in(client, self._settings)
            folder = self._selected(client)
            forget_news(client)
            if folder.uidvalidity != self._folder.uidvalidity:
                self._stragglers, self._compared_at, self._given_anew = Stragglers(), None, None
            self._folder, self._numbers_unseen = folder, True
        return self._client

    def _selected(self, client: IMAPClient) -> _Folder:
        """Open the folder: without a place to file to, read-only (EXAMINE)."""
        folder = self._settings.folder
        readonly = not (self._settings.file_to or self._settings.keyword)
        try:
            answer = client.select_folder(folder, readonly=readonly)
        except FAILURES as error:
            if not is_refusal(error):
                raise
            names = folders(client)
            if folder in names or folder.upper() == "INBOX":
                raise TryLater(f"{self._server}: folder {folder!r} does not open: {plain(error)}") from error
            self.close()
            there = ", ".join(visible(name, 60) for name in names[:20])
            raise Refused(
                f"{self._server}: there is no folder {folder!r}; set mailbox.folder to one of: {there}"
            ) from error
        if not answer.get(b"UIDVALIDITY") or not answer.get(b"UIDNEXT"):
            raise TryLater(
                f"{self._server}: it opens {folder!r} without UIDVALIDITY and UIDNEXT, so no mail has a name"
            )
        if self._settings.keyword and b"\\*" not in answer.get(b"PERMANENTFLAGS", (b"\\*",)):
            log.warning("the server keeps no keywords", folder=folder, keyword=self._settings.keyword)
        return _Folder(int(answer[b"UIDVALIDITY"]), int(answer[b"UIDNEXT"]))

    def _contact(self, ledger: Places, now: datetime) -> Contact:
        """First contact is remembered before anything is fetched: what is left alone is decided once."""
        folder, state = self._settings.folder, self._folder
        if contact := ledger.contact(folder, state.uidvalidity):
            return contact
        contact = Contact(folder, state.uidvalidity, self._window_begins(ledger, now), state.uidnext)
        ledger.remember(contact)
        # On a ledger that knows mail already, the server has numbered the folder anew, or the settings name another.
        tell = log.warning if ledger.last_taken_at() else log.info
        tell("first contact", folder=folder, left_alone_before=contact.cutoff_at.isoformat())
        return contact

    def _window_begins(self, ledger: Places, now: datetime) -> datetime:
        # After a change of numbers the window reaches back to the last mail we took in, however long ago.
        return min(now, ledger.last_taken_at() or now) - self._settings.since

    def _watched(self, contact: Contact, ledger: Places, highest: int, now: datetime) -> Contact:
        """The contact; its window anew where the server gives the same UIDs again, as after a restore from a backup.

        RFC 9051 section 2.3.1.1 forbids it, so the ledger's word that a UID is known is worth nothing there. What comes
        again with the same bytes is recognised by them.
        """
        unseen, self._numbers_unseen = self._numbers_unseen, False
        if unseen and self._given_anew is None and self._folder.uidnext <= highest:
            log.warning(
                "UIDs given anew; the window is read again", folder=contact.folder, uidnext=self._folder.uidnext
            )
            self._given_anew, self._compared_at = 0, None
        elif self._given_anew is not None and self._given_anew >= highest:
            self._given_anew = None
        if self._given_anew is None:
            return contact
        return replace(contact, cutoff_at=self._window_begins(ledger, now), first_uid=self._folder.uidnext)

    def _dealt_with(self, uid: int, contact: Contact, ledger: Places) -> bool:
        if self._given_anew is not None:
            return uid <= self._given_anew
        return ledger.knows(Place(contact.folder, contact.uidvalidity, uid))

    @contextmanager
    def _translated(self, *, of_one_mail: bool = False) -> Iterator[None]:
        """Turn every failure of the libraries below into ours; after one, the next poll begins with a new session.

        But for a refusal that is `of_one_mail`: the session is sound, and a new one for each mail would be a login loop.
        """
        try:
            yield
        except TryLater:
            self._drop()
            raise
        except FAILURES as error:
            if not (of_one_mail and is_refusal(error)):
                self._drop()
            raise TryLater(f"{self._server}: {plain(error)}") from error

    def _drop(self) -> None:
        client, self._client, self._down = self._client, None, True
        self._idling.forget()
        if client is not None:
            shut(client)


def _found(client: IMAPClient, contact: Contact, above: int, *, whole: bool) -> set[int]:
    """UIDs worth a look: those above the highest one taken in, or in a whole comparison all that are in the window."""
    # `n:*` names the last message even when its UID is below n (RFC 9051 section 6.4.4).
    found = {uid for uid in search(client, "UID", f"{above + 1}:*") if uid > above}
    if whole:
        found |= {uid for uid in search(client, "UID", f"{contact.first_uid}:*") if uid >= contact.first_uid}
        # SINCE compares dates without time or zone, so the day before the cut-off is asked for too.
        found |= search(client, "SINCE", f"{contact.cutoff_at - timedelta(days=1):%d-%b-%Y}")
    return found
