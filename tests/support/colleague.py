"""A colleague at their mail program, and an office in which the team may command by mail."""

import re
from email import message_from_string, policy
from functools import partial
from itertools import count

from tests.support.office import KEY, Office, well
from tests.support.values import BORDER, fetched, house
from triaged.core.case.naming import CASE_ID_PATTERN, wrote
from triaged.core.case.outbox import Letter
from triaged.core.letters.house import Team
from triaged.core.mail.ours import Ours
from triaged.core.mail.sender import Trust
from triaged.service.morning import send_digest

KIM = "kim@smallest.ai"
HOUSE = house(
    trust=Trust(BORDER),
    team=Team(frozenset({KIM, "bo@smallest.ai"}), frozenset(), frozenset({"smallest.ai"})),
    ours=Ours(frozenset({"security@smallest.ai"}), wrote=partial(wrote, KEY), case_id=re.compile(CASE_ID_PATTERN)),
)
_UIDS = count(100)
VOUCHED = f"Authentication-Results: {BORDER}; dmarc=pass header.from=smallest.ai\r\n"


def answer(  # noqa: PLR0913 - every part of a mail that a test may want otherwise
    text: str,
    to: str,
    *,
    author: str = KIM,
    name: str = "answer-1",
    vouched: str = VOUCHED,
    subject: str = "Re: [triaged] 1 new",
    more: str = "",
) -> bytes:
    """A mail that answers the mail of that Message-ID; as the border hands it on."""
    thread = f"In-Reply-To: <{to}>\r\nReferences: <{to}>\r\n" if to else ""
    head = (
        f"Return-Path: <{author}>\r\n{vouched}From: Kim <{author}>\r\nTo: security@smallest.ai\r\nSubject: {subject}\r\n"
        f"Date: Mon, 23 Nov 2026 11:00:00 +0000\r\nMessage-ID: <{name}@laptop.example>\r\n{thread}{more}"
    )
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()


def digest_in(office: Office) -> str:
    """Send the day's digest; its Message-ID."""
    office.change(house=HOUSE)
    send_digest(office.desk, well(office))
    return next(letter.message_id for owner, letter in office.store.owed() if str(owner).startswith("digest"))


def receive(office: Office, *mails: bytes) -> None:
    """Take in further mail, each at a place of its own."""
    office.receive(*(fetched(raw, next(_UIDS)) for raw in mails))


def transcripts(office: Office) -> list:
    """Every transcript that is owed, the oldest first."""
    return [letter for _, letter in office.store.owed() if letter.purpose == "transcript"]


def kinds(office: Office) -> list[str]:
    """What happened to the only case, beside its mail and its letters."""
    return [event.kind for event in office.case.history[3:]]


def page_of(letter: Letter) -> str:
    """The HTML of a letter of ours, as a client quotes it."""
    html = message_from_string(letter.raw, policy=policy.default).get_body(("html",))
    return str(html.get_content())
