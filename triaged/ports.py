"""What the service needs of the world outside, as small Protocols, and the two ways in which the outside fails.

Adapters translate their libraries' exceptions into these; no other exception of theirs crosses this line.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from triaged.core.case.blame import Blame
from triaged.core.case.case import Case
from triaged.core.case.events import Event, Owed, TeamDecision
from triaged.core.case.outbox import Letter
from triaged.core.case.owner import Owner, ToTeam
from triaged.core.letters.caps import Sent
from triaged.core.letters.draft import Draft
from triaged.core.mail.arrival import MAIN, Arrival, Contact, End, Place
from triaged.core.mail.message import Message
from triaged.core.team.alerts import Mark, Told

Clock = Callable[[], datetime]
"""The current instant, aware, UTC."""


class TryLater(Exception):  # noqa: N818 - it says what to do, which is what a caller reads
    """A passing fault outside: the same call may succeed later. The message is one sentence for an operator.

    `uncertain` is true when a mail may have gone out all the same: the final dot was sent and no answer came
    (RFC 5321 section 4.5.3.2.6). `login` is true when the server refused the login: asking again soon locks accounts.
    """

    def __init__(self, cause: str, *, uncertain: bool = False, login: bool = False) -> None:
        super().__init__(cause)
        self.uncertain = uncertain
        self.login = login


class Refused(Exception):  # noqa: N818 - the server's word
    """A lasting refusal of this mail or this request. The message is one sentence for an operator.

    `blame` says who is to mend it, as far as one refusal of a letter tells.
    """

    def __init__(self, cause: str, *, blame: Blame = "letter") -> None:
        super().__init__(cause)
        self.blame: Blame = blame


class Unwritten(TryLater):
    """A mail could not be written from its template. One sentence that names the place, and none of the mail's facts."""


class StateFault(Exception):  # noqa: N818 - a fault of the state directory
    """The state directory cannot be used, or not safely: the process must not go on. One sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail as it came from the server, or its first part if it is over the size limit."""

    place: Place
    received_at: datetime
    """INTERNALDATE, UTC."""
    size: int
    """RFC822.SIZE; larger than `raw` when only a prefix was fetched."""
    raw: bytes


@dataclass(frozen=True, slots=True)
class Pulse:
    """How polling goes, as the daemon last wrote it down for `triaged status` and the digest."""

    last_poll_at: datetime | None = None
    """When a poll last succeeded."""
    poll_every_seconds: float = 60
    trouble: str = ""
    """What has gone wrong with every poll since, one sentence."""
    trouble_since: datetime | None = None
    pid: int = 0
    unreadable: str = ""
    """Which mails the server fails to give, one sentence."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the pager is to be told of an alert."""

    alert: ToTeam
    at: datetime
    body: str
    """JSON; its bytes were fixed when the alert was owed."""
    message_id: str
    """Of the mail that tells the same."""


class Places(Protocol):
    """Which places on the server have been dealt with. Every write is durable on return."""

    def knows(self, place: Place) -> bool:
        """Whether the mail at that place was taken in."""

    def highest_uid(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> int:
        """The highest UID taken in there; 0 for none."""

    def contact(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> Contact | None:
        """How first contact with that folder went, if there was one."""

    def remember(self, contact: Contact) -> None:
        """Keep a first contact."""

    def last_taken_at(self) -> datetime | None:
        """When a mail was last taken in; None for never."""


class Ledger(Places, Protocol):
    """Which mails have been seen, by place and by content. Every write is durable on return."""

    def arrival(self, sha256: str) -> Arrival | None:
        """The mail with that content, if it was ever taken in."""

    def note(self, arrival: Arrival) -> None:
        """Keep this as the state of the mail with that content."""

    def pending(self) -> Sequence[Arrival]:
        """Mails taken in that have come to no end yet, oldest first."""

    def seen(self) -> dict[End, int]:
        """How many mails came to which end."""

    def set_aside_since(self, at: datetime) -> Sequence[Arrival]:
        """Mails that became no case, set aside or the team's (`command`), taken in at or after `at`, oldest first."""


class Cases(Protocol):
    """The cases. `record` is the commit point: one durable write, all or nothing."""

    def case(self, case_id: Owner) -> Case | None:
        """The case of that id, if there is one; None for the owner of a mail to the team."""

    def cases(self) -> Iterable[Case]:
        """Every case, oldest first."""

    def by_message_id(self, message_id: str) -> Case | None:
        """The case that one of these ids belongs to: of a mail received, or of one that we owe or sent."""

    def by_reference(self, door: str, reference: str) -> Case | None:
        """The case of the report that another door knows by this id."""

    def by_fingerprint(self, fingerprint: str) -> Case | None:
        """The case that has a mail of which this is the fingerprint."""

    def by_reporter(self, address: str) -> Sequence[Case]:
        """The cases whose reporter writes from that address, in whatever case of letters, oldest first."""

    def record(self, case_id: str, events: Sequence[Event], arrival: Arrival | None = None) -> Case:
        """Append events to a case (the first ones open it), with the arrival's new state in the same write."""

    def replies_since(self, at: datetime) -> Sequence[Sent]:
        """Mails to reporters that left at or after `at`, at most a week back, and all that are owed: for the caps."""

    def opened_since(self, at: datetime) -> int:
        """How many cases were opened at or after `at`; at most a day back."""


class Outbox(Protocol):
    """Mails owed, of cases and of digests alike."""

    def owed(self) -> Sequence[tuple[Owner, Letter]]:
        """Every letter neither submitted nor failed, with its owner, oldest first."""

    def letter_event(self, owner: Owner, event: Event) -> None:
        """Append what happened to a letter of that owner, durably; `Owed` makes a mail to the team owed."""

    def letter_to_team(self, mail: ToTeam) -> Letter | None:
        """That mail to the team, if it was ever owed."""

    def next_alert(self) -> ToTeam:
        """The owner of the next alert. By number and not by its instant, which a clock set back may bring again."""

    def record_alert(self, alert: ToTeam, marks: Sequence[Mark], owed: Owed, page: str = "") -> None:
        """Owe an alert and keep what it tells, in one durable write; `page`: what the pager is to be told of it."""

    def unpaged(self) -> Sequence[Page]:
        """What the pager has not been told yet, oldest first."""

    def record_paged(self, alert: ToTeam, outcome: str) -> None:
        """Keep, durably, what became of that alert's page: it is settled."""

    def told(self) -> Told:
        """What alerts have told."""

    def last_alert(self) -> Letter | None:
        """The alert that was recorded last, if there was one."""

    def last_digest(self, until: date) -> tuple[date, Letter] | None:
        """The newest digest of that local date or before; one that a wrong clock dated ahead does not count."""


class Store(Ledger, Cases, Outbox, Protocol):
    """All three, in one place with one durable write."""


class Mailbox(Protocol):
    """The mailbox, which belongs to the people who read it: looked at, never marked."""

    def fetch_new(self, ledger: Places, now: datetime) -> Iterator[Fetched]:
        """Yield every mail that the ledger does not know, in small batches; raises TryLater."""

    def stirred(self) -> bool:
        """Between two calls of `fetch_new`: whether it should be called soon. Does not wait for news, and never raises."""

    def unreadable(self, times: int = 3) -> Sequence[str]:
        """Mails that the server has failed to give so many times, a phrase each; they are asked for again."""

    def file(self, place: Place) -> None:
        """Move or mark one mail as the settings say, if they do; idempotent, a courtesy; raises TryLater or Refused."""

    def close(self) -> None:
        """Log out, as far as that goes."""

    def abort(self) -> None:
        """From another thread: shut the connection, so that a call that waits on it ends at once."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One decision of the team that waits to be recorded."""

    name: str
    case_id: str
    event: TeamDecision


class Decisions(Protocol):
    """Where the team's decisions wait while the daemon holds the store."""

    def handed_in(self) -> Sequence[HandedIn]:
        """Those waiting, oldest first."""

    def taken_up(self, name: str) -> None:
        """Take one away: it is recorded, or can never be."""


class Submission(Protocol):
    """Where mail is handed in (RFC 6409)."""

    def submit(self, letter: Letter) -> str:
        """Hand one letter in and return the server's answer; raises TryLater, or Refused with the blame."""

    def close(self) -> None:
        """End the session, as far as that goes."""

    def abort(self) -> None:
        """From another thread: shut the connection, so that a call that waits on it ends at once."""


class Spool(Protocol):
    """Raw mail by the SHA-256 of its bytes."""

    def keep(self, raw: bytes) -> str:
        """Keep the bytes, durable on return, and return their name."""

    def read(self, sha256: str) -> bytes:
        """The bytes of that name; raises FileNotFoundError."""

    def names(self) -> Sequence[str]:
        """The names of all that is kept, in no order."""

    def kept_at(self, sha256: str) -> datetime | None:
        """When those bytes were written; their name is durable on return. None where they are gone, or not what it says."""


class Scanner(Protocol):
    """A virus scanner. What it says is shown and decides nothing, so nothing ever waits for it."""

    def scan(self, raw: bytes) -> str:
        """What was found in a raw mail, in the scanner's words; empty for nothing. Raises TryLater, or Refused: never."""

    def abort(self) -> None:
        """From another thread: end a scan under way at once, and every later one."""


class Pager(Protocol):
    """A program or a receiver of the team's that is told of alerts beside the mail. Nothing ever waits for it."""

    def page(self, page: Page) -> None:
        """Tell it; raises TryLater."""

    def abort(self) -> None:
        """From another thread: end a call under way at once, and every later one."""


class Reader(Protocol):
    """Hostile bytes to a Message, whatever they are and however long they take."""

    def read(self, raw: bytes) -> Message:
        """Read one message; degraded to its headers when it breaks a limit. Never raises."""

    def read_within(self, raw: bytes, seconds: float) -> Message | None:
        """As `read`, but None as soon as it has cost so many seconds of processor time."""


class Renderer(Protocol):
    """Drafts to finished mails."""

    def finished(self, draft: Draft, now: datetime) -> Owed:
        """Write the mail of that draft, dated `now`; raises Unwritten. A template at fault holds back no mail to the team."""
