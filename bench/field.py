"""How many field reports are read correctly: `python bench/field.py [FOLDER] [ID ...]` (default $TRIAGED_DATA/field/mail).

Every folder in it holds an `expected.json` and its mails. A `single` mail is decided on as `triaged explain` does; a
`sequence` goes through the passes of the service, its placeholders filled in from the acknowledgment that really went out.
Prints each failed expectation with what was found instead, and counts of held and failed ones for each kind.
"""

import html
import json
import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.fakes import FakeClock, FakeDecisions, FakeMailbox, FakeReader, FakeSpool, FakeSubmission
from triaged.adapters.log import set_up_logging
from triaged.adapters.store.store import TinyStore, open_store
from triaged.cli.shapes import Json, explanation_shape, full_shape
from triaged.cli.verdicts import KEY, decided
from triaged.composition import house, renderer
from triaged.config.loading import Loaded, example
from triaged.core.case.events import Closed, TeamDecision
from triaged.core.mail.arrival import Place
from triaged.core.mail.parsing.reading import read_message
from triaged.ports import Fetched, HandedIn
from triaged.service.decisions import take_up
from triaged.service.delivery import deliver
from triaged.service.intake import take_in
from triaged.service.rooms import Mailroom, Outgoing, Pageroom, Scanroom, UnderWay, WritingDesk
from triaged.service.round import Round

ADDRESS, TEAM = "security@smallest.test", "team@smallest.test"
MORNING = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
VERBS: dict[str, Callable[..., TeamDecision]] = {
    "close": lambda at, reason: Closed(at=at, by="team", reason=reason),
}


def settings() -> Loaded:
    """The shipped settings under the address that the mails are written to."""
    loaded = example()
    identity = loaded.settings.identity.model_copy(update={"address": ADDRESS})
    digest = loaded.settings.digest.model_copy(update={"to": (TEAM,)})
    return Loaded(loaded.settings.model_copy(update={"identity": identity, "digest": digest}), loaded.policy)


LOADED = settings()


@dataclass
class Sequence:
    """One conversation: rooms with their own store, and the letters that left them."""

    store: TinyStore
    rooms: Round
    mailbox: FakeMailbox

    def play(self, folder: Path, steps: list[Json]) -> None:
        for step in steps:
            for name in step.get("mails", ()):
                self._arrives((folder / name).read_bytes())
            if command := step.get("command"):
                self._decided(command)
            take_in(self.rooms.mailrooms[0])
            deliver(self.rooms.outgoing)
            self.rooms.under_way.clock.advance(5 * MINUTE)

    def _arrives(self, raw: bytes) -> None:
        text = raw.decode("utf-8", "surrogateescape")
        page = "text/html" in text.lower()
        for name, value in self._placeholders().items():
            text = text.replace(f"@@{name}@@", html.escape(value) if page and name == "ACK_BODY" else value)
        if "@@" in text:
            raise SystemExit("a placeholder has nothing to stand for")
        filled = text.encode("utf-8", "surrogateescape")
        uid = len(self.mailbox.waiting) + 1
        self.mailbox.waiting.append(
            Fetched(Place("INBOX", 1, uid), self.rooms.under_way.clock() - MINUTE, len(filled), filled)
        )

    def _placeholders(self) -> dict[str, str]:
        letters = self.letters
        if not letters:
            return {}
        sent = message_from_string(letters[0].raw, policy=policy.default)
        body = sent.get_body(("plain",)).get_content()
        return {
            "ACK_ID": str(sent["message-id"]).strip().strip("<>"),
            "ACK_SUBJECT": str(sent["subject"]),
            "ACK_BODY": body,
            "ACK_QUOTED": "\n".join(f"> {line}".rstrip() for line in body.splitlines()),
        }

    def _decided(self, command: list[str]) -> None:
        (case,) = self.store.cases()
        named, verb, *words = command[1:]
        if named != "@@CASE@@":
            raise SystemExit(f"unknown case in a command: {named}")
        event = VERBS[verb](self.rooms.under_way.clock(), " ".join(words))
        take_up(self.store, FakeDecisions(HandedIn("1", case.id, event)))

    @property
    def letters(self) -> list[Any]:
        """The letters to reporters."""
        return [letter for letter in self.rooms.outgoing.submission.letters if TEAM not in letter.to]

    def outcome(self) -> Json:
        cases = sorted(self.store.cases(), key=lambda case: case.received_at)
        shapes = [full_shape(case, LOADED.policy, self.rooms.under_way.clock()) for case in cases]
        first = shapes[0] if shapes else {"acknowledgment": None, "messages": [], "missing": [], "state": ""}
        return {
            "cases": len(shapes),
            "sent": len(self.letters),
            "state": first["state"],
            "ack": (first["acknowledgment"] or {}).get("state"),
            "messages": [each["direction"] for each in first["messages"]],
            "missing": first["missing"],
            "related": any(shape["related"] for shape in shapes),
        }


def furnished(store: TinyStore, mailbox: FakeMailbox) -> Round:
    kept = UnderWay(store, FakeSpool(), FakeReader(), FakeDecisions(), KEY, FakeClock(MORNING))
    ours = house(LOADED, KEY)
    desk = WritingDesk(kept, ours, renderer(LOADED, KEY), LOADED.settings.digest)
    outgoing = Outgoing(kept, ours, FakeSubmission())
    return Round(kept, (Mailroom(kept, desk, mailbox),), desk, outgoing, Scanroom(kept), Pageroom(kept))


def single(folder: Path) -> Json:
    """The daemon's decision on a mail, in the words that expectations use."""
    message = read_message((folder / "mail.eml").read_bytes())
    decision = decided(message, house(LOADED, KEY))
    shape = explanation_shape("", message, decision)
    reply = shape["reply"]
    sent = reply["action"] == "send"
    variant = reply["reason"] if sent else ""
    return {**shape, "answered": sent, "to": reply["to"], "variant": variant, "subject": message.subject}


def sequence(folder: Path, steps: list[Json]) -> Json:
    with tempfile.TemporaryDirectory(prefix="tf") as state, closing(open_store(Path(state))) as store:
        mailbox = FakeMailbox()
        played = Sequence(store, furnished(store, mailbox), mailbox)
        played.play(folder, steps)
        return played.outcome()


def shown(wanted: Json, found: Json, *, there: bool) -> bool:
    """True if these words stand in the evidence of these sections, or do not."""
    evidence = found.get("evidence", {})
    return all((words in evidence.get(section, "")) == there for section, words in wanted.items())


HOLDS: dict[str, Callable[[Any, Json], bool]] = {
    "evidence": lambda wanted, found: shown(wanted, found, there=True),
    "evidence_not": lambda wanted, found: shown(wanted, found, there=False),
    "sections": lambda wanted, found: wanted.items() <= found["sections"].items(),
    "variant": lambda wanted, found: found["variant"] in wanted,
    "missing": lambda wanted, found: sorted(wanted) == sorted(found["missing"]),
}
"""How to compare expectations that need not be equal to the findings."""


def breaches(expect: Json, found: Json) -> Iterator[str]:
    """Each expectation that does not hold, with what was found."""
    for key, wanted in expect.items():
        holds = HOLDS[key](wanted, found) if key in HOLDS else wanted == found[key]
        if not holds:
            yield f"{key}: expected {wanted!r}, found {found.get(key.removesuffix('_not'))!r}"


def tried(folder: Path) -> tuple[str, list[str]]:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    alone = expected["type"] == "single"
    found = single(folder) if alone else sequence(folder, expected["steps"])
    return expected["kind"], list(breaches(expected["expect"], found))


def main() -> None:
    logging.disable(logging.ERROR)
    set_up_logging("json", level="error")
    named = [argument for argument in sys.argv[1:] if not Path(argument).is_dir()]
    given = next((Path(argument) for argument in sys.argv[1:] if Path(argument).is_dir()), None)
    root = given or Path(os.environ["TRIAGED_DATA"]) / "field" / "mail"
    held: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for folder in sorted(path.parent for path in root.glob("*/expected.json")):
        if named and folder.name not in named:
            continue
        kind, wrong = tried(folder)
        (failed if wrong else held)[kind] += 1
        for line in wrong:
            print(f"FAILED {folder.name}: {line}")
    for kind in sorted(held | failed):
        print(f"{kind:<20} held {held[kind]:>3}  failed {failed[kind]:>3}")
    print(f"{'all':<20} held {held.total():>3}  failed {failed.total():>3}")


main()
