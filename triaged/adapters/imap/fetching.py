"""Carrying out the FETCH commands that `core.mail.folder` asks for."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from imapclient import IMAPClient

from triaged.adapters.imap.answers import body_of, waiting_mail
from triaged.adapters.imap.faults import FAILURES, is_refusal, plain
from triaged.core.mail.folder import Ask, Folder, Sizes
from triaged.ports import Fetched


class Fetching:
    """The mails of one pass, as the folder asks for them. Raises one of `FAILURES` when the pass cannot go on.

    Shutting the client from another thread ends the pass.
    """

    def __init__(self, client: IMAPClient, folder: Folder, now: datetime) -> None:
        self._client, self._folder, self._now = client, folder, now
        self.broken = False
        """True if the session was lost after the pass had everything it needed."""

    def mails(self) -> Iterator[Fetched]:
        """Each mail; the one before is taken as kept when the next is asked for."""
        folder = self._folder
        while ask := folder.next_ask():
            answer = self._asked(ask)
            if answer is None:
                continue
            if isinstance(ask, Sizes):
                folder.measured([waiting_mail(uid, items, self._now) for uid, items in answer.items()])
                continue
            bodies = {uid: raw for uid, items in answer.items() if (raw := body_of(items))}
            mails = folder.gave(bodies)
            for each in [Fetched(folder.place(m.uid), m.received_at, m.size, bodies[m.uid]) for m in mails]:
                yield each
                folder.taken(each.place.uid)

    def _asked(self, ask: Ask) -> dict[int, Any] | None:
        """Do one FETCH; None if it failed and the folder has recorded the cause."""
        if isinstance(ask, Sizes):
            items = ["RFC822.SIZE", "INTERNALDATE"]
        else:
            items = ["BODY.PEEK[]" if ask.octets is None else f"BODY.PEEK[]<0.{ask.octets}>"]
        try:
            answer = self._client.fetch(ask.uids, items)
            return {uid: answer[uid] for uid in ask.uids if uid in answer}
        except FAILURES as error:
            self.broken = not is_refusal(error)
            goes_on = (self._folder.lost if self.broken else self._folder.refused)(plain(error))
            if not goes_on:
                raise
            return None
