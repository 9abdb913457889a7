"""What became of each mail in a month of 500 mixed ones: `python bench/month_of_mail.py [COUNT] [SEED]` (default 500, 14).

Every mail goes through the passes of the service, and some mails answer the letters that really went out. Prints a line for
each mail: date, sender, subject, end, case, and who was answered with what or why nobody was. The sums come last.
"""

import json
import logging
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.rooms import furnished
from tests.support.unseen import ROWS, raw, stands_for
from tests.support.values import BORDER
from triaged.adapters.log import set_up_logging
from triaged.adapters.store.store import TinyStore, open_store
from triaged.cli.verdicts import KEY
from triaged.composition import house, renderer
from triaged.config.loading import Loaded, example
from triaged.core.case.case import Case
from triaged.core.case.events import Withheld
from triaged.core.case.outbox import Letter
from triaged.core.letters.house import House, Team
from triaged.core.mail.arrival import Place
from triaged.core.mail.sender import Trust
from triaged.core.text import visible
from triaged.ports import Fetched
from triaged.service.delivery import deliver
from triaged.service.intake import take_in
from triaged.service.round import Round
from triaged.service.settling import Settled

OURS, TEAM = "security@smallest.ai", "kim@smallest.ai"
PEOPLE = "ann ben chloe dev elif farid grace hugo ines jun kofi lena mira noor olga pavel quim rosa sven tara".split()
PLACES = "lab.example gmail.com proton.me uni.example firm.example qq.com web.de outlook.com".split()
NO_LETTER = stands_for("Subject: s\r\nMessage-ID: <none@smallest.ai>\r\n\r\nnothing\r\n")
Row = dict[str, Any]
Written = tuple[str, bytes]
THINGS = "keys voices invoices agents transcripts exports projects".split()
OTHERS = [json.loads(line) for line in Path(__file__).with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()]
"""The texts of strangers and colleagues, by kind; `{thing}` stands for one of THINGS."""
STRANGE = sorted(
    {row["kind"] for row in OTHERS} - {"report", "more", "nudge", "team answer", "team note", "team forward"}
)
VOUCHED_FOR = 0.9
"""The share of mail that our border vouches for."""


def settled_house(loaded: Loaded) -> House:
    team = Team(frozenset({TEAM}), own_domains=frozenset({"smallest.ai"}))
    return replace(house(loaded, KEY), trust=Trust(BORDER), team=team)


@dataclass
class Month:
    """The mailbox, and the people who write to it."""

    dice: random.Random
    store: TinyStore
    rooms: Round
    number: int = 0
    before: list[bytes] = field(default_factory=list)

    def letters(self) -> list[tuple[Case, Letter]]:
        """The acknowledgments that left, with the case of each, latest last."""
        return [(case, each) for case in self.store.cases() for each in case.letters if each.state == "submitted"][-40:]

    def report(self) -> Written:
        return self._by_a_stranger("report")

    def abroad(self) -> Written:
        row = self.dice.choice(
            [each for each in ROWS if each["kind"] in {"client", "gateway", "forward", "group", "door"}]
        )
        return f"{row['kind']} {row['id']}", raw({**row, "vouch": True}, NO_LETTER, f"m{self.number}")

    def other(self) -> Written:
        return self._by_a_stranger(self.dice.choice(STRANGE))

    def colleague(self) -> Written:
        return self._by_a_stranger(self.dice.choice(("team note", "team forward")))

    def _by_a_stranger(self, kind: str) -> Written:
        row, thing = self.dice.choice([row for row in OTHERS if row["kind"] == kind]), self.dice.choice(THINGS)
        subject, text = (row[part].replace("{thing}", thing) for part in ("subject", "text"))
        return kind, self._written(subject, text, row["sender"] or self._somebody(), row["headers"])

    def thread(self) -> Written:
        kinds = {"own-words", "absence", "bounce", "desk", "courtesy", "challenge", "receipt"}
        row = self.dice.choice([each for each in ROWS if each["kind"] in kinds])
        answered = self.letters()
        if not answered:
            return self.report()
        case, letter = self.dice.choice(answered)
        sender = row["sender"].replace("ann@example.org", letter.to[0])
        words = stands_for(letter.raw)
        return f"{row['kind']} {row['id']} on {case.id}", raw(
            {**row, "sender": sender, "vouch": row["kind"] in {"own-words", "courtesy"}}, words, f"m{self.number}"
        )

    def follow_up(self) -> Written:
        answered = self.letters()
        if not answered:
            return self.report()
        case, letter = self.dice.choice(answered)
        words = stands_for(letter.raw)
        row = self.dice.choice([row for row in OTHERS if row["kind"] in {"more", "team answer"}])
        text = f"{row['text']}\n\nOn Monday, Security <{OURS}> wrote:\n{words['@MARKED@']}"
        headers = {"In-Reply-To": f"<{words['@LETTERID@']}>", "To": letter.to[0] if row["sender"] else OURS, "Cc": OURS}
        written = self._written(words["@SUBJECT@"], text, row["sender"] or letter.to[0], headers)
        return f"{row['kind']} on {case.id}", written

    def nudge(self) -> Written:
        answered = self.letters()
        row = next(row for row in OTHERS if row["kind"] == "nudge")
        if not answered:
            return self.report()
        return "nudge", self._written(row["subject"], row["text"], self.dice.choice(answered)[1].to[0])

    def copy(self) -> Written:
        if not self.before:
            return self.report()
        return "copy", b"Received: from list.example by mx.smallest.ai\r\n" + self.dice.choice(self.before[-30:])

    def _somebody(self) -> str:
        return f"{self.dice.choice(PEOPLE)}{self.dice.randrange(30)}@{self.dice.choice(PLACES)}"

    def _written(self, subject: str, text: str, sender: str, headers: dict[str, str] | None = None) -> bytes:
        fields = {
            **({"Authentication-Results": f"{BORDER}; dmarc=pass"} if self.dice.random() < VOUCHED_FOR else {}),
            "From": sender,
            "To": OURS,
            "Subject": subject,
            "Date": "Mon, 23 Nov 2026 12:00:00 +0000",
            "Message-ID": f"<m{self.number}@mail.example>",
            "Content-Type": "text/plain; charset=utf-8",
            **(headers or {}),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"{head}\r\n{text}".encode()

    def mails(self, count: int) -> Iterator[Written]:
        writers: list[tuple[Callable[[], Written], int]] = [
            (self.report, 20), (self.abroad, 18), (self.other, 24), (self.thread, 20), (self.follow_up, 8),
            (self.nudge, 3), (self.copy, 3), (self.colleague, 4),
        ]  # fmt: skip
        for self.number in range(1, count + 1):
            (write,) = self.dice.choices([each for each, _ in writers], [weight for _, weight in writers])
            kind, octets = write()
            self.before.append(octets)
            yield kind, octets

    def arrives(self, octets: bytes) -> list[Settled]:
        (room,) = self.rooms.mailrooms
        room.clock.advance(timedelta(minutes=86))
        room.mailbox.waiting = [
            Fetched(Place("INBOX", 1, self.number), room.clock() - timedelta(minutes=1), len(octets), octets)
        ]
        settled = list(take_in(room))
        deliver(self.rooms.outgoing)
        return settled


def why(settled: Settled) -> str:
    """Who was answered with what, or why nobody was."""
    decision = settled.decision
    if decision is None:
        return "the very same bytes"
    if decision.reply:
        return f"{decision.reply.variant} to {decision.reply.to}" + (" (waits for room)" if decision.hold else "")
    silent = next((event for event in decision.events if isinstance(event, Withheld)), None)
    return f"withheld, {silent.sign}: {silent.reason}" if silent else decision.reason


def line(month: Month, kind: str, settled: Settled) -> str:
    arrival, decision = settled.arrival, settled.decision
    received = next((event for event in decision.events if event.kind == "received"), None) if decision else None
    subject = received.subject if received else arrival.aside.subject if arrival.aside else ""
    about = f"{decision.report.kind} {decision.report.verdict.scope}" if decision else ""
    sender = decision.sender.address if decision else ""
    end, at = f"{arrival.end} {arrival.case_id or ''}", month.rooms.under_way.clock()
    return (
        f"{month.number:>3} {at:%d %H:%M} {kind:<34} {sender:<28} {visible(subject, 50):<50} {end:<24} "
        f"{about:<22} {visible(why(settled), 140)}"
    )


def a_round(store: TinyStore, loaded: Loaded) -> Round:
    return furnished(store, key=KEY, renderer=renderer(loaded, KEY), house=settled_house(loaded))


def main() -> None:
    logging.disable(logging.ERROR)
    set_up_logging("json", level="error")
    count, seed = (int(each) for each in (*sys.argv[1:3], *("500", "14")[len(sys.argv) - 1 :]))
    sums: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="tm") as state, closing(open_store(Path(state))) as store:
        month = Month(random.Random(seed), store, a_round(store, example()))  # noqa: S311 - the seed makes runs repeatable
        for kind, octets in month.mails(count):
            for settled in month.arrives(octets):
                answered = "answered" if settled.decision and settled.decision.reply else ""
                sums[f"{kind.partition(' ')[0]:<12} {settled.arrival.end:<10} {answered}"] += 1
                print(line(month, kind, settled))
    print()
    for summed, number in sorted(sums.items()):
        print(f"{number:>4}  {summed}")


main()
