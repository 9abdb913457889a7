"""What is put into a store by its tests, and everything that its port shows."""

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from tests.support.plain_store import PlainStore
from tests.support.values import HOUR, NEW_ID, NOON, owed
from triaged.adapters.store.store import TinyStore, open_store
from triaged.core.case.outbox import Transcript
from triaged.core.case.owner import ToTeam
from triaged.core.mail.arrival import Arrival, Place

DAY = date(2026, 11, 23)
ACK = "ack-1@smallest.ai"


def arrival(number=1, **changes):
    taken_at = NOON + number * timedelta(minutes=1)
    whole = Arrival(f"{number:064x}", taken_at - HOUR, taken_at, 1234, (Place("INBOX", 7, number),), 1)
    return replace(whole, **changes)


def digest_owed(**changes):
    return owed(**{"purpose": "digest", "message_id": "digest-1@smallest.ai", "to": ("team@smallest.ai",), **changes})


def transcript(**changes):
    mail = digest_owed(purpose="transcript", message_id="transcript-1@smallest.ai", to=("Kim@smallest.ai",))
    return replace(Transcript(ToTeam("transcript", "k1"), mail, (NEW_ID,), ("k1", "k2")), **changes)


def visible(store):
    """Everything that the port shows of a store that tests write to."""
    return {
        "cases": sorted(store.cases(), key=lambda case: case.id),
        "owed": store.owed(),
        "pending": store.pending(),
        "seen": store.seen(),
        "set aside": [store.set_aside_since(NOON + minutes * timedelta(minutes=1)) for minutes in (-1000, 2, 5, 1000)],
        "replies": sorted(store.replies_since(NOON - timedelta(days=1)), key=lambda each: each.owed_at),
        "arrivals": [store.arrival(f"{number:064x}") for number in range(12)],
        "places": [store.knows(Place("INBOX", 7, uid)) for uid in range(30)],
        "highest": [store.highest_uid("INBOX", validity) for validity in (7, 8)],
        "contacts": [store.contact("INBOX", validity) for validity in (7, 8)],
        "last taken": store.last_taken_at(),
        "perhaps answered": [store.perhaps_answered(NOON + hours * HOUR) for hours in range(-3, 3)],
        "opened": [store.opened_since(NOON + hours * HOUR) for hours in (-24, 0, 1)],
        "alarms": [store.letter_to_team(ToTeam.dated("alarm", DAY + timedelta(days=days))) for days in range(2)],
        "told": (store.told(), store.last_alert(), store.unpaged()),
        "threads": [store.by_message_id(f"{name}@example.org") for name in "abcdef"] + [store.by_message_id(ACK)],
        "to team": [
            store.team_letter(f"{name}@smallest.ai") for name in ("digest-1", "alert-1", "transcript-1", "ack-1")
        ],
        "relayed": store.team_letter("0100018f00000000-relayed-000000@email.example"),
        "acted on": [store.acted_on(name) for name in ("", "k1", "k2", "k3")],
        "transcripts": [
            store.transcripts_since(NOON + hours * HOUR, to)
            for hours in (-1, 0, 1)
            for to in ("kim@smallest.ai", "KIM@smallest.ai", "bo@smallest.ai")
        ],
        "copies": [store.by_fingerprint(name) for name in ("", "f1", "f2")],
        "reporters": [store.by_reporter(address) for address in ("ann@example.org", "nobody@example.org")],
        "digests": [store.letter_to_team(ToTeam.dated("digest", DAY + timedelta(days=days))) for days in range(4)],
        "last digest": [store.last_digest(DAY + timedelta(days=days)) for days in range(4)],
    }


def _plain(folder: Path, *, read_only: bool = False) -> PlainStore:
    folder.mkdir(exist_ok=True)
    return PlainStore(folder / "writes", read_only=read_only)


STORES = {"journal": open_store, "plain": _plain}
"""How each store is opened on a folder: to write, or `read_only`."""
_OPENERS = {TinyStore: open_store, PlainStore: _plain}


def opener(store):
    """How that store was opened."""
    return _OPENERS[type(store)]


def assert_the_same_after_opening_again(folder, store):
    with closing(opener(store)(folder, read_only=True)) as reader:
        assert visible(reader) == visible(store)
    store.close()
    with closing(opener(store)(folder)) as again:
        assert visible(again) == visible(store)
