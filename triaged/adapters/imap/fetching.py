"""One pass over the mails found in a folder: sizes first, then bodies, so that no mail stands in the way of another."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import structlog
from imapclient import IMAPClient

from triaged.adapters.imap.batches import Waiting, body_of, chunks, groups, waiting_mail
from triaged.adapters.imap.faults import FAILURES, is_refusal, plain
from triaged.adapters.imap.stragglers import TOLD_AFTER, Stragglers
from triaged.core.mail.arrival import Contact, Place
from triaged.ports import Fetched

log = structlog.get_logger()

_PREFIX = 256 * 1024
# Dovecot answers BAD to a command line with too many UIDs (8,000 pass, 20,000 do not).
_ASKED_AT_ONCE = 500
# So many refusals within a pass are the server's trouble and not a mail's.
_MOST_REFUSALS = 20


class Fetching:
    """The mails of one pass. Raises what `FAILURES` lists; whoever shuts the client meanwhile ends the pass."""

    def __init__(
        self, client: IMAPClient, contact: Contact, stragglers: Stragglers, now: datetime, max_size: int
    ) -> None:
        self._client = client
        self._contact = contact
        self._stragglers = stragglers
        self._now = now
        self._max_size = max_size
        self._refusals = 0
        self._refused: set[int] = set()
        self.broken = False
        """Whether the session broke over the very last mail: everything else was had."""

    def mails(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """Those of these UIDs that are there, by groups; then each straggler that is due, alone."""
        due = self._stragglers.due(self._now)
        for batch in chunks([uid for uid in uids if uid not in self._stragglers], _ASKED_AT_ONCE):
            yield from self._group(batch)
        self._stragglers.broke(())
        for uid in due:
            try:
                yield from self._group([uid])
            except FAILURES as error:
                if is_refusal(error):
                    raise
                self._missed(uid, plain(error))
                self.broken = uid == due[-1]
                if not self.broken:
                    raise

    def _group(self, uids: Sequence[int]) -> Iterator[Fetched]:
        for group in groups(self._measured(uids), self._max_size):
            yield from self._bodies(group)

    def _measured(self, uids: Sequence[int]) -> list[Waiting]:
        """Size and INTERNALDATE of each, without those that first contact leaves alone."""
        answer = self._asked(uids, ["RFC822.SIZE", "INTERNALDATE"])
        for uid in uids:
            if uid in self._stragglers and uid not in answer and uid not in self._refused:
                self._stragglers.settled(uid)
                log.info("mail gone before it was fetched", uid=uid, folder=self._contact.folder)
        found = [waiting_mail(uid, items, self._now) for uid, items in sorted(answer.items())]
        first, cutoff_at = self._contact.first_uid, self._contact.cutoff_at
        return [mail for mail in found if mail.uid >= first or mail.received_at >= cutoff_at]

    def _bodies(self, group: Sequence[Waiting]) -> Iterator[Fetched]:
        # A mail that does not come whole, time and again, is better had by its beginning than not at all.
        most = _PREFIX if self._stragglers.hopeless(group[0].uid) else self._max_size
        oversize = group[0].size > most
        item = f"BODY.PEEK[]<0.{_PREFIX}>" if oversize else "BODY.PEEK[]"
        answer = self._asked([mail.uid for mail in group], [item])
        for mail in group:
            raw = body_of(answer.get(mail.uid, {}))
            if not raw:
                # NIL, no bytes, or gone since the search: never an empty report.
                if mail.uid not in self._refused:
                    self._missed(mail.uid, "the server gave no bytes of it")
                continue
            if self._stragglers.settled(mail.uid):
                log.info("mail readable again", uid=mail.uid, folder=self._contact.folder)
            place = Place(self._contact.folder, self._contact.uidvalidity, mail.uid)
            yield Fetched(place, mail.received_at, mail.size, raw)

    def _asked(self, uids: Sequence[int], items: Sequence[str]) -> dict[int, Any]:
        """What a FETCH gives. What the server refuses is asked for by halves, until the mail to blame stands alone."""
        try:
            answer = self._client.fetch(uids, items)
            return {uid: answer[uid] for uid in uids if uid in answer}
        except FAILURES as error:
            if not is_refusal(error):
                if not any(uid in self._stragglers for uid in uids):
                    self._stragglers.broke(uids)
                raise
            self._refusals += 1
            if self._refusals > _MOST_REFUSALS:
                raise
            if len(uids) == 1:
                self._refused.add(uids[0])
                self._missed(uids[0], plain(error))
                return {}
        middle = len(uids) // 2
        return self._asked(uids[:middle], items) | self._asked(uids[middle:], items)

    def _missed(self, uid: int, why: str) -> None:
        times = self._stragglers.missed(uid, why, self._now)
        words = "mail unreadable on the server" if times >= TOLD_AFTER else "mail not fetched"
        log.warning(words, uid=uid, folder=self._contact.folder, tries=times, cause=why)
