r"""The mailbox over IMAP (RFC 9051), which is read and never marked.

Only UID, RFC822.SIZE, INTERNALDATE and BODY.PEEK[] are asked for, because servers send broken ENVELOPEs and BODYSTRUCTUREs.
`core.mail.folder` decides what to search and fetch. It finds new mail by UID and by the ledger, never by \Seen: that flag
belongs to the people who read the mailbox.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import structlog
from imapclient import IMAPClient

from triaged.adapters.bounded import Allowance
from triaged.adapters.imap.connection import Waits, connected, shut
from triaged.adapters.imap.faults import FAILURES, is_refusal, plain
from triaged.adapters.imap.fetching import Fetching
from triaged.adapters.imap.session import Idling, folders, forget_news, log_in, move, say_goodbye, search
from triaged.config.settings import MailboxSettings
from triaged.core.mail.arrival import Place
from triaged.core.mail.folder import TOLD_AFTER, Folder, Known, Search
from triaged.core.text import visible
from triaged.crash import crash_point
from triaged.ports import Fetched, Places, Refused, TryLater

log = structlog.get_logger()

_OF_INTEREST = frozenset({"MOVE", "UIDPLUS", "IDLE", "CONDSTORE"})


class ImapMailbox:
    """`ports.Mailbox` on one long-lived session, opened when first needed and again after a failure."""

    def __init__(self, settings: MailboxSettings, waits: Waits = Waits()) -> None:  # noqa: B008 - frozen
        self._settings = settings
        self._waits = waits
        self._allowance = Allowance()
        self._client: IMAPClient | None = None
        self._idling = Idling()
        self._down = False
        self._folder = Folder(settings.folder, settings.since, settings.max_size)

    def fetch_new(self, ledger: Places, now: datetime) -> Iterator[Fetched]:
        """Do one pass. If nothing is new it costs a NOOP and a SEARCH above the highest UID, whatever the folder's size."""
        self._down = False
        self._begin()
        with self._translated():
            client = self._awake()
        asked = self._folder.search(self._known(ledger), now)
        if asked.remember:
            ledger.remember(asked.remember)
        self._log_news()
        with self._translated():
            self._folder.found(_found(client, asked), ledger.knows)
        fetching = Fetching(client, self._folder, now)
        try:
            with self._translated():
                for fetched in fetching.mails():
                    yield fetched
                    self._begin()
        finally:
            self._log_news()
        if fetching.broken:
            self._drop()

    def stirred(self) -> bool:
        """Check, without waiting, whether the server has announced new mail; uses IDLE if the server offers it."""
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
        """Name the mails that the server failed to give at least `times` times."""
        folder = visible(self._settings.folder, 60)
        return tuple(f"UID {uid} in {folder}: {why}" for uid, why in self._folder.unreadable(times))

    def file(self, place: Place) -> None:
        """Set the keyword, then move the mail: in this order, because a moved mail has another UID."""
        settings = self._settings
        if not settings.file_to and not settings.keyword:
            return
        # Opening a session for each mail of a backlog would be a login loop, and the folder might have a new UIDVALIDITY.
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
        """Log in, open the folder, and return the capabilities that we use; raises TryLater or Refused with the remedy."""
        self._begin()
        with self._translated():
            client = self._session()
            able = {capability.decode("ascii", "replace").upper() for capability in client.capabilities()}
            self.close()
            return frozenset(able & _OF_INTEREST)

    def close(self) -> None:
        """Log out if the server answers at once, and close the connection."""
        client, self._client = self._client, None
        if client is not None:
            say_goodbye(client, self._allowance, self._idling)
        self._idling.forget()

    def abort(self) -> None:
        """Shut the socket, so that a call waiting on it fails at once."""
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
        """The session, ready for commands and aware of new mail. One that died between polls is replaced without a fault."""
        client = self._client
        if client is not None:
            try:
                self._idling.leave(client)
                # New mail becomes visible to a session at NOOP (RFC 9051 section 6.1.2). STATUS is no substitute: for a
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
            self._select(client)
            forget_news(client)
        return self._client

    def _select(self, client: IMAPClient) -> None:
        """Open the folder: read-only (EXAMINE) unless mail is to be moved or marked."""
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
                f"{self._server}: it opens {folder!r} without UIDVALIDITY and UIDNEXT, so mails cannot be told apart"
            )
        if self._settings.keyword and b"\\*" not in answer.get(b"PERMANENTFLAGS", (b"\\*",)):
            log.warning("the server keeps no keywords", folder=folder, keyword=self._settings.keyword)
        self._folder.selected(int(answer[b"UIDVALIDITY"]), int(answer[b"UIDNEXT"]))

    def _known(self, ledger: Places) -> Known:
        where = self._settings.folder, self._folder.uidvalidity
        return Known(ledger.contact(*where), ledger.highest_uid(*where), ledger.last_taken_at())

    def _log_news(self) -> None:
        for news in self._folder.news():
            tell = log.warning if news.grave else log.info
            tell(news.words, folder=self._settings.folder, **news.facts)

    @contextmanager
    def _translated(self, *, of_one_mail: bool = False) -> Iterator[None]:
        """Translate every failure of the libraries into ours, and drop the session, so that the next poll opens another.

        With `of_one_mail` a refusal keeps the session: opening one for each mail would be a login loop.
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


def _found(client: IMAPClient, asked: Search) -> set[int]:
    # `n:*` names the last message even when its UID is below n (RFC 9051 section 6.4.4).
    found = {uid for uid in search(client, "UID", f"{asked.first}:*") if uid >= asked.first}
    return found | search(client, "SINCE", f"{asked.since:%d-%b-%Y}") if asked.since else found
