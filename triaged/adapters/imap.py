r"""The mailbox over IMAP (RFC 9051): looked at, never marked. The only module that knows UIDs, folders and capabilities.

Only UID, RFC822.SIZE, INTERNALDATE and BODY.PEEK[] are asked for: servers send broken ENVELOPEs and BODYSTRUCTUREs. What is
new is found by UID and by the ledger, never by \Seen, which belongs to the people who read the mailbox.
"""

import imaplib
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from triaged.adapters.imap_batches import Waiting, body_of, chunks, groups, waiting_mail
from triaged.adapters.network import cause, verifying_context
from triaged.core.mail.arrival import Contact, Place
from triaged.core.text import visible
from triaged.ports import Fetched, Places, Refused, TryLater
from triaged.settings import MailboxSettings
from triaged.yaml_source import SettingsError

log = structlog.get_logger()

_TIMEOUT = SocketTimeout(connect=15, read=60)
_PREFIX = 256 * 1024
# Dovecot answers BAD to a command line with too many UIDs (8,000 pass, 20,000 do not).
_ASKED_AT_ONCE = 500
_COMPARE_EVERY = timedelta(hours=1)
_OF_INTEREST = frozenset({"MOVE", "UIDPLUS", "IDLE", "CONDSTORE"})


@dataclass(frozen=True, slots=True)
class Probe:
    """What `triaged check` tells about the server."""

    capabilities: frozenset[str]
    keywords_allowed: bool


@dataclass(frozen=True, slots=True)
class _Folder:
    """The folder as it was when it was selected; a session ends rather than see another UIDVALIDITY."""

    uidvalidity: int
    uidnext: int


class ImapMailbox:
    """Implements `ports.Mailbox` on one long-lived session, opened when needed and again after a failure."""

    def __init__(self, settings: MailboxSettings) -> None:
        self._settings = settings
        self._client: IMAPClient | None = None
        self._compared_at: datetime | None = None
        self._complete = True
        self._folder = _Folder(0, 0)

    def fetch_new(self, ledger: Places, now: datetime) -> Iterator[Fetched]:
        """As the port says. A quiet poll is NOOP and a search above the highest UID: its cost does not grow."""
        with self._translated():
            client = self._session()
            # New mail becomes visible to a session at NOOP (RFC 9051 section 6.1.2). STATUS would not do: of a selected
            # folder it may be as old as the selection, and of another one some servers scan the folder for it.
            client.noop()
            compare = self._compared_at is None or now - self._compared_at >= _COMPARE_EVERY
            contact = self._contact(ledger, now)
            uids = self._candidates(client, contact, ledger, whole=compare)
        self._compared_at = None if compare else self._compared_at
        self._complete = True
        for batch in chunks(uids, _ASKED_AT_ONCE):
            for group in groups(self._measured(batch, contact, now), self._settings.max_size):
                yield from self._bodies(group, contact)
        if compare and self._complete:
            self._compared_at = now

    def file(self, place: Place) -> None:
        """As the port says: the keyword first, then the move, since a moved mail has another UID."""
        settings = self._settings
        if not settings.file_to and not settings.keyword:
            return
        with self._translated():
            client = self._session()
            if place.uidvalidity != self._folder.uidvalidity:
                return
            if settings.keyword:
                client.add_flags([place.uid], [settings.keyword], silent=True)
            if settings.file_to:
                self._move(client, place.uid, settings.file_to)

    def probe(self) -> Probe:
        """Log in, open the folder, and say what the server can do; raises TryLater or Refused with the remedy."""
        with self._translated():
            client = self._session()
            able = {capability.decode("ascii", "replace").upper() for capability in client.capabilities()}
            # An EXAMINE would tell of no flags at all.
            flags = client.select_folder(self._settings.folder).get(b"PERMANENTFLAGS", ())
            self.close()
            return Probe(frozenset(able & _OF_INTEREST), keywords_allowed=b"\\*" in flags)

    def close(self) -> None:
        """As the port says."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_FAILURES):
                client.logout()

    def abort(self) -> None:
        """As the port says."""
        client = self._client
        if client is not None:
            with suppress(*_FAILURES):
                client.socket().shutdown(socket.SHUT_RDWR)

    @property
    def _server(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    def _session(self) -> IMAPClient:
        if self._client is None:
            self._client = client = self._connected()
            self._compared_at = None
            self._log_in(client)
            self._folder = self._selected(client)
        return self._client

    def _connected(self) -> IMAPClient:
        settings = self._settings
        context = None if settings.security == "none" else verifying_context(settings.ca_file)
        client = IMAPClient(
            settings.host,
            settings.port,
            ssl=settings.security == "tls",
            ssl_context=context if settings.security == "tls" else None,
            timeout=_TIMEOUT,
        )
        # imapclient sets imaplib's debug level to 5, which makes imaplib repr() every literal even when nobody logs
        # it: 2.7 times the time on small mails, 8.7 times on large ones.
        client._imap.debug = 0  # noqa: SLF001 - there is no public way
        # Otherwise INTERNALDATE comes as naive local time, wrong by an hour twice a year.
        client.normalise_times = False
        if settings.security == "starttls":
            client.starttls(context)
        return client

    def _log_in(self, client: IMAPClient) -> None:
        settings = self._settings
        try:
            client.login(settings.username, settings.password())
        except SettingsError as error:
            raise TryLater(str(error), login=True) from error
        except LoginError as error:
            raise TryLater(_login_advice(settings, str(error)), login=True) from error

    def _selected(self, client: IMAPClient) -> _Folder:
        """Open the folder: without a place to file to, read-only (EXAMINE)."""
        folder = self._settings.folder
        readonly = not (self._settings.file_to or self._settings.keyword)
        try:
            answer = client.select_folder(folder, readonly=readonly)
        except IMAPClientError as error:
            if not _is_answer(error):
                raise
            names = sorted(name for _, _, name in client.list_folders())[:20]
            there = ", ".join(visible(str(name), 60) for name in names)
            self.close()
            raise Refused(
                f"{self._server}: there is no folder {folder!r}; set mailbox.folder to one of: {there}"
            ) from error
        return _Folder(int(answer[b"UIDVALIDITY"]), int(answer[b"UIDNEXT"]))

    def _contact(self, ledger: Places, now: datetime) -> Contact:
        """First contact is remembered before anything is fetched: what is left alone is decided once."""
        folder, state = self._settings.folder, self._folder
        if contact := ledger.contact(folder, state.uidvalidity):
            return contact
        # After a change of UIDVALIDITY the window reaches back to the last mail we took in, however long ago.
        seen_at = min(now, ledger.last_taken_at() or now)
        contact = Contact(folder, state.uidvalidity, seen_at - self._settings.since, state.uidnext)
        ledger.remember(contact)
        # On a ledger that knows mail already, the server has numbered the folder anew, or the settings name another.
        tell = log.warning if ledger.last_taken_at() else log.info
        tell("first contact", folder=folder, left_alone_before=contact.cutoff_at.isoformat())
        return contact

    def _candidates(self, client: IMAPClient, contact: Contact, ledger: Places, *, whole: bool) -> list[int]:
        """UIDs worth a look: those above the highest one taken in, or in a whole comparison all that are in the window."""
        highest = max(ledger.highest_uid(contact.folder, contact.uidvalidity), contact.first_uid - 1)
        criteria: list[str] = ["UID", f"{highest + 1}:*"]
        found = {int(uid) for uid in client.search(criteria)}
        # `n:*` names the last message even when its UID is below n (RFC 9051 section 6.4.4).
        found = {uid for uid in found if uid > highest}
        if whole:
            found |= {
                int(uid) for uid in client.search(["UID", f"{contact.first_uid}:*"]) if int(uid) >= contact.first_uid
            }
            # SINCE compares dates without time or zone, so the day before the cut-off is asked for too.
            found |= {int(uid) for uid in client.search(["SINCE", (contact.cutoff_at - timedelta(days=1)).date()])}
        return sorted(uid for uid in found if not ledger.knows(Place(contact.folder, contact.uidvalidity, uid)))

    def _measured(self, uids: Sequence[int], contact: Contact, now: datetime) -> list[Waiting]:
        """Size and INTERNALDATE of each, without those that first contact leaves alone."""
        with self._translated():
            answer = self._session().fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        found = [waiting_mail(uid, items, now) for uid, items in sorted(answer.items())]
        return [mail for mail in found if mail.uid >= contact.first_uid or mail.received_at >= contact.cutoff_at]

    def _bodies(self, group: Sequence[Waiting], contact: Contact) -> Iterator[Fetched]:
        oversize = group[0].size > self._settings.max_size
        item = f"BODY.PEEK[]<0.{_PREFIX}>" if oversize else "BODY.PEEK[]"
        with self._translated():
            answer = self._session().fetch([mail.uid for mail in group], [item])
        for mail in group:
            raw = body_of(answer.get(mail.uid, {}))
            if raw is None:
                # Gone since the search, or a server that says NIL: the next poll compares the whole folder and sees.
                log.warning("mail not fetched", uid=mail.uid, folder=contact.folder)
                self._complete, self._compared_at = False, None
                continue
            place = Place(contact.folder, contact.uidvalidity, mail.uid)
            yield Fetched(place, mail.received_at, mail.size, raw)

    def _move(self, client: IMAPClient, uid: int, folder: str) -> None:
        if client.has_capability("MOVE"):
            client.move([uid], folder)
        elif client.has_capability("UIDPLUS"):
            client.copy([uid], folder)
            client.delete_messages([uid], silent=True)
            # UID EXPUNGE (RFC 4315); a bare EXPUNGE would take other people's deleted mail with it.
            client.uid_expunge([uid])
        else:
            raise Refused(
                f"{self._server} has neither MOVE nor UIDPLUS: mail cannot be filed safely and stays where it is"
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn every failure of the libraries below into ours; after one, the next call begins with a new session."""
        try:
            yield
        except TryLater:
            self._drop()
            raise
        except _FAILURES as error:
            self._drop()
            raise TryLater(f"{self._server}: {cause(error)}") from error

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_FAILURES):
                client.shutdown()


_FAILURES = (IMAPClientError, imaplib.IMAP4.error, OSError, EOFError, ValueError, KeyError, AttributeError)
"""What imapclient, imaplib, ssl and socket raise; the last three on answers that break the grammar."""


def _is_answer(error: Exception) -> bool:
    """Whether the server said no, rather than the connection breaking."""
    return not isinstance(error, imaplib.IMAP4.abort)


def _login_advice(settings: MailboxSettings, answer: str) -> str:
    # imaplib hands on the server's words as the repr of bytes.
    said = visible(answer.removeprefix("b'").removesuffix("'"), 200)
    start = f"{settings.host}:{settings.port} refused the login of {settings.username} ({said})"
    if "authenticated but not connected" in answer.lower():
        return f"{start}: the mailbox is missing or this user has no right to it, or there were too many connections"
    if settings.host.endswith(("office365.com", "outlook.com", "gmail.com", "googlemail.com")):
        return f"{start}: this provider takes no plain passwords; use an app password or a relay that speaks OAuth2"
    return f"{start}: check mailbox.username and the password, and that IMAP is allowed for this account"
