"""The outbox: every mail that is owed, and the documents of mail to the team (digests, alarms, alerts)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from pydantic import TypeAdapter

from triaged.adapters.store.documents import Json, body_of
from triaged.adapters.store.indexes import AlertIndex, TeamIndex
from triaged.adapters.store.journal import JournalStorage
from triaged.adapters.store.owners import TABLES, doc_id, mails
from triaged.adapters.store.table import JournalTable
from triaged.adapters.store.tables import EVENTS, Tables
from triaged.core.case.events import Event, Owed
from triaged.core.case.outbox import Letter, TeamLetter, Transcript, letters
from triaged.core.case.owner import Owner, ToTeam
from triaged.core.case.relayed import bare
from triaged.core.team.alerts import Mark, Told
from triaged.ports import Page

_MARKS: TypeAdapter[tuple[Mark, ...]] = TypeAdapter(tuple[Mark, ...])


class StoredOutbox(Tables):
    """`ports.Outbox`, except for what happens to the letters of a case: `TinyStore` records that as an event of the case."""

    def __init__(self, storage: JournalStorage) -> None:
        super().__init__(storage)
        self._team_tables = {kind: self._table(name) for kind, name in TABLES.items()}

    def _forget_letters(self) -> None:
        """Begin the indexes anew; `_build_team_indexes` and the cases' own letters fill them."""
        self._owed: dict[tuple[Owner, str], Letter] = {}
        self._alerted = AlertIndex()
        self._to_team = TeamIndex()

    def owed(self) -> Sequence[tuple[Owner, Letter]]:
        """Every letter that is neither submitted nor failed, with its owner, oldest first."""
        waiting = [(owner, letter) for (owner, _), letter in self._owed.items()]
        since = [letter.owed_at for _, letter in waiting]
        # Looked up by position: thousands of letters may be held back, and every pass asks.
        return [waiting[at] for at in sorted(range(len(waiting)), key=since.__getitem__)]

    def letter_to_team(self, mail: ToTeam) -> Letter | None:
        """The letter of that mail to the team; None if it was never owed."""
        return next(reversed(letters(self._team_events(mail))), None)

    def last_digest(self, until: date) -> tuple[date, Letter] | None:
        """The newest digest dated `until` or earlier (local dates); None if there is none."""
        days = (mail.key for mail in mails("digest", self._storage.read()))
        newest = date.fromisoformat(max((day for day in days if day <= until.isoformat()), default="0001-01-01"))
        letter = self.letter_to_team(ToTeam.dated("digest", newest))
        return (newest, letter) if letter else None

    def next_alert(self) -> ToTeam:
        """The owner of the next alert, one number above the highest."""
        return ToTeam("alert", f"{int(self._newest_alert().key) + 1:06}")

    def record_alert(self, alert: ToTeam, marks: Sequence[Mark], owed: Owed, page: str = "") -> None:
        """Write an alert, the marks it tells and its page as one line."""
        told = _MARKS.dump_python(tuple(marks), mode="json")
        self._append_to_team(alert, owed, {"told": told, "page": page, "paged": ""})
        self._alerted.add(marks, owed.at)
        self._index_page(alert)

    def last_alert(self) -> Letter | None:
        """The alert with the highest number; None if there is none."""
        return self.letter_to_team(self._newest_alert())

    def told(self) -> Told:
        """The marks that alerts have told, and when the last alert of each kind was owed."""
        return self._alerted.told

    def unpaged(self) -> Sequence[Page]:
        """Pages whose outcome is not recorded, oldest first."""
        return list(self._alerted.unpaged.values())

    def record_paged(self, alert: ToTeam, outcome: str) -> None:
        """Write the outcome of an alert's page, durably; nothing if the alert was erased meanwhile, to be written anew."""
        document = self._team_document(alert)
        if document is None:
            return
        body = body_of(document)
        self._put(self._team_table(alert), doc_id(alert), {**body, "paged": outcome})
        self._index_page(alert)

    def team_letter(self, message_id: str) -> TeamLetter | None:
        """The mail to the team with this id. If one day has several mails, the one that the id names, else the latest."""
        mail = self._to_team.mails.get(bare(message_id))
        if mail is None:
            return None
        box = letters(self._team_events(mail))
        meant = next((each for each in box if bare(each.message_id) == bare(message_id)), box[-1])
        document = self._team_document(mail) or {}
        told = (each["case_id"] for each in document.get("told", ()))
        return TeamLetter(mail, meant, tuple(dict.fromkeys((*told, *document.get("about", ())))))

    def acted_on(self, known_by: str) -> bool:
        """True if a transcript was recorded for a mail with this identity."""
        return known_by in self._to_team.acted_on

    def transcripts_since(self, at: datetime, to: str) -> int:
        """How many transcripts were owed to that address at or after `at`."""
        return self._to_team.transcripts_since(at, to)

    def _append_transcript(self, transcript: Transcript) -> None:
        about = {"about": list(transcript.cases), "known_by": list(transcript.known_by)}
        self._append(self._team_table(transcript.mail), doc_id(transcript.mail), (transcript.owed,), about)

    def _index_transcript(self, transcript: Transcript) -> None:
        events = (transcript.owed,)
        self._index_owed(transcript.mail, letters(events))
        self._to_team.add(transcript.mail, events)
        self._to_team.add_transcript(events, transcript.known_by)

    def _newest_alert(self) -> ToTeam:
        known = mails("alert", self._storage.read())
        return max(known, key=lambda mail: mail.key, default=ToTeam("alert", "000000"))

    def _append_to_team(self, mail: ToTeam, event: Event, first: Json) -> None:
        """Append an event to a mail to the team; `first` holds the other fields of its document if it is new."""
        self._append(self._team_table(mail), doc_id(mail), (event,), first)
        self._index_owed(mail, letters(self._team_events(mail)))
        self._to_team.add(mail, (event,))

    def _team_events(self, mail: ToTeam) -> tuple[Event, ...]:
        document = self._team_document(mail)
        return EVENTS.validate_python(document["events"]) if document else ()

    def _team_document(self, mail: ToTeam) -> Json | None:
        return self._team_table(mail).find(doc_id(mail))

    def _team_table(self, mail: ToTeam) -> JournalTable:
        return self._team_tables[mail.kind]

    def _build_team_indexes(self) -> None:
        """Index mail to the team after the mail of cases, so that it comes second if both were owed at one instant."""
        tables = self._storage.read()
        for mail in (mail for kind in TABLES for mail in mails(kind, tables)):
            self._index_owed(mail, letters(self._team_events(mail)))
            self._to_team.add(mail, self._team_events(mail))
        for transcript in mails("transcript", tables):
            known_by = (self._team_document(transcript) or {})["known_by"]
            self._to_team.add_transcript(self._team_events(transcript), known_by)
        for alert in sorted(mails("alert", tables), key=lambda mail: mail.key):
            told = _MARKS.validate_python((self._team_document(alert) or {})["told"])
            self._alerted.add(told, self._team_events(alert)[0].at)
            self._index_page(alert)

    def _index_page(self, alert: ToTeam) -> None:
        document = self._team_document(alert)
        self._alerted.unpaged.pop(alert, None)
        if document and document["page"] and not document["paged"] and (letter := self.letter_to_team(alert)):
            self._alerted.unpaged[alert] = Page(alert, letter.owed_at, document["page"], letter.message_id)

    def _index_owed(self, owner: Owner, box: Iterable[Letter]) -> None:
        for letter in box:
            if letter.state in {"owed", "submitting"}:
                self._owed[owner, letter.message_id] = letter
            else:
                self._owed.pop((owner, letter.message_id), None)
