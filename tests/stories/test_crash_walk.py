"""Killed at every named place between two effects, nothing is lost and nothing double.

Once at each name in `make test`; in every scenario, each time the place is passed, in `make prove`.

What is judged is what the servers have: the sink's mails, the mailbox, and the state directory read from outside.
"""

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.stories.mails import COMPLETE, INCOMPLETE, NEWSLETTER, mail
from tests.support import servers
from tests.support.crashing import KILLED, REPORTER, Copy, Zygote
from tests.support.scripted_clamd import scripted_clamd
from tests.support.traces import traces
from triaged.adapters.store.verify import verify
from triaged.crash import POINTS

pytestmark = pytest.mark.slow

# The one window that nobody can close (RFC 1047): the server may have the mail, and we do not know it.
UNCERTAIN = {"smtp-dot-sent", "smtp-answer-read"}
NOW = datetime.now(UTC) + timedelta(minutes=1)
LATER = NOW + timedelta(minutes=30)
MISSED = NOW + timedelta(days=9)
REMINDED = NOW + timedelta(days=14, hours=1)
UPDATED = NOW + timedelta(days=12, hours=20)
"""When the update is due to be written and the team is not warned of it yet."""
BORDER = "trust: {authserv_id: mx.smallest.ai}\n"
UPDATING = "trust: {authserv_id: mx.smallest.ai}\nreplies: {updates: {enabled: true}}\n"
ONCE = ("run", "--once")
NUMBERS = itertools.count()
"""Of the users of one dovecot, which two walks may share."""


@dataclass(frozen=True)
class Scenario:
    """What lies there before, the command in which the kill falls, and what must be so in the end."""

    name: str
    prepared: Callable[[Copy, Zygote], None]
    ends: dict[str, int]
    letters: int | None
    arguments: tuple[str, ...] = ONCE
    settings: str = ""
    mailbox: str = ""
    at: datetime = NOW
    compact_above: int = 1 << 22
    also: Callable[[Copy], None] = field(default=lambda house: None)
    """What else must be so in the end."""


def new_mail(house: Copy, zygote: Zygote) -> None:
    house.receive(COMPLETE, INCOMPLETE, NEWSLETTER)


def one_report(house: Copy, zygote: Zygote) -> None:
    house.receive(COMPLETE)


def acknowledged(house: Copy, zygote: Zygote) -> bytes:
    house.receive(INCOMPLETE)
    assert zygote.run(house, now=NOW) == 0, house.log()
    ((acknowledgment,),) = house.outgoing().values()
    return acknowledgment


def follow_up(house: Copy, zygote: Zygote) -> None:
    answered = message_from_bytes(acknowledged(house, zygote))
    fields = f"In-Reply-To: {answered['Message-ID']}"
    text = "Impact: an attacker can read the invoices of every other customer.\n"
    house.receive(mail("grace@hopper.example", f"Re: {answered['Subject']}", text, "second@hopper.example", fields))


def refused_once(house: Copy, zygote: Zygote) -> None:
    house.receive(COMPLETE)
    house.sink.script["DATA"] = ["451 4.7.1 greylisted"]
    assert zygote.run(house, now=NOW) == 0, house.log()
    assert house.outgoing() == {}


def decided(house: Copy, zygote: Zygote) -> None:
    acknowledged(house, zygote)
    assert zygote.run(house, "hand-in", now=NOW) == 0, house.log()


def noted_once(house: Copy) -> None:
    with house.store() as store:
        (case,) = store.cases()
    assert [event.kind for event in case.history].count("noted") == 1
    assert list((house.state / "decisions").glob("[0-9]*")) == []


def written(house: Copy, zygote: Zygote) -> None:
    """A person has written to the reporter while a daemon held the store."""
    acknowledged(house, zygote)
    assert zygote.run(house, "write", now=NOW) == 0, house.log()


def replied_once(house: Copy) -> None:
    with house.store() as store:
        (case,) = store.cases()
    assert [event.kind for event in case.history].count("replied") == 1
    assert [letter.state for letter in case.letters if letter.purpose == "reply"] == ["submitted"]
    assert case.state == "closed"
    assert list((house.state / "decisions").glob("[0-9]*")) == []


def answered_by_mail(house: Copy, zygote: Zygote) -> None:
    """A digest went out, and a colleague answers it with a command and words for the reporter."""
    commanded(house, zygote, "note once\n{0} reply:\nThank you.\n")


def told_once(house: Copy) -> None:
    noted_once(house)
    with house.store() as store:
        (case,) = store.cases()
    assert [letter.state for letter in case.letters if letter.purpose == "reply"] == ["submitted"]


def in_one_place(house: Copy) -> None:
    """Filing is a courtesy, and may not have happened; but the mail is in exactly one folder."""
    inbox, done = (house.dovecot.count(house.user, folder) for folder in ("INBOX", "Done"))
    assert inbox + done == 1


def held(house: Copy) -> None:
    """With `hold` a letter in doubt is a person's, and no letter comes twice."""
    with house.store() as store:
        (case,) = store.cases()
    assert case.acknowledgment.state in {"submitted", "uncertain"}
    came = len(house.sink.mails)
    assert came == 1 or (came, case.acknowledgment.state) == (0, "uncertain")


def filing(house: Copy, zygote: Zygote) -> None:
    house.receive(COMPLETE)
    house.dovecot.create(house.user, "Done")


def attached(house: Copy, zygote: Zygote) -> None:
    file = "Content-Disposition: attachment; filename=poc.txt"
    house.receive(mail("ada@research.example", "SSRF in the webhook", "GET /v1/hooks", "file@x.example", file))


def scanned_once(house: Copy) -> None:
    with house.store() as store:
        (case,) = store.cases()
    assert [scan.verdict for scan in case.scans] == ["clean"]


def orphaned(house: Copy, zygote: Zygote) -> None:
    """A mail that was kept, a kill, and then somebody deleted it from the mailbox."""
    house.receive(COMPLETE)
    assert zygote.run(house, crash_at="mail-folder-fsynced:1", now=NOW) == KILLED, house.log()
    for name in ("new", "cur"):
        for file in (house.maildir / "Maildir" / name).iterdir():
            file.unlink()
    assert len(verify(house.state).orphans) == 1
    assert house.dovecot.count(house.user, "INBOX") == 0


def worked_on(house: Copy, zygote: Zygote) -> None:
    """A verified reporter was acknowledged, and a person has taken the case up."""
    house.receive(b"Authentication-Results: mx.smallest.ai; dmarc=pass header.from=research.example\r\n" + COMPLETE)
    assert zygote.run(house, now=NOW) == 0, house.log()
    with house.store() as store:
        (case,) = store.cases()
    assert zygote.run(house, "case", case.id, "triage", now=NOW) == 0, house.log()


def updated_once(house: Copy) -> None:
    with house.store() as store:
        (case,) = store.cases()
    assert [(letter.state, letter.owed_at) for letter in case.updates] == [("submitted", UPDATED)]


def awaited(house: Copy, zygote: Zygote) -> None:
    """A verified reporter was acknowledged, and is awaited."""
    worked_on(house, zygote)
    with house.store() as store:
        (case,) = store.cases()
    assert zygote.run(house, "case", case.id, "waiting", now=NOW) == 0, house.log()


def reminded_once(house: Copy) -> None:
    with house.store() as store:
        (case,) = store.cases()
    assert [letter.state for letter in case.letters if letter.purpose == "reminder"] == ["submitted"]


def commanded(house: Copy, zygote: Zygote, words: str = "note once\n") -> None:
    """A digest went out, and a colleague answers it with a command."""
    acknowledged(house, zygote)
    assert zygote.run(house, "day", now=NOW) == 0, house.log()
    with house.store() as store:
        (case,) = store.cases()
    (digest,) = (message_from_bytes(raw) for _, _, raw in house.sink.mails if b"Subject: [triaged]" in raw)
    fields = f"In-Reply-To: {digest['Message-ID']}"
    said, team = f"{case.id} {words.format(case.id)}", f"team@{servers.DOMAIN}"
    vouched = f"Authentication-Results: mx.smallest.ai; dmarc=pass header.from={servers.DOMAIN}\r\n"
    house.receive(vouched.encode() + mail(team, f"Re: {digest['Subject']}", said, "k1@laptop.example", fields))


def unsent(house: Copy, zygote: Zygote) -> None:
    """A reporter whose acknowledgment is still owed."""
    house.receive(INCOMPLETE)
    house.sink.script["DATA"] = ["451 4.7.1 greylisted"]
    assert zygote.run(house, now=NOW) == 0, house.log()
    assert house.outgoing() == {}


def nobody_left(house: Copy) -> None:
    """Neither the reporter nor the order to erase them can be found any more."""
    assert traces(house.state, REPORTER, "hopper.example") == []
    with house.store() as store:
        (case,) = store.cases()
    assert case.erased_at
    assert len(store.erasures()) == 1


def backed_up(house: Copy, zygote: Zygote) -> None:
    acknowledged(house, zygote)
    assert zygote.run(house, "backup", str(house.config.parent / "backup"), now=NOW) == 0, house.log()
    assert zygote.run(house, "hand-in", now=NOW) == 0, house.log()
    assert zygote.run(house, now=NOW) == 0, house.log()


def as_backed_up(house: Copy) -> None:
    """What happened after the backup is not there; what lay there before the restore is beside it."""
    with house.store() as store:
        (case,) = store.cases()
    assert "noted" not in [event.kind for event in case.history]
    assert not (house.state / "restoring").exists()
    assert any((each / "journal.jsonl").exists() for each in house.state.glob("before-restore-*"))


SCENARIOS = (
    Scenario("new reports", new_mail, {"opened": 2, "set-aside": 1}, 2),
    Scenario("snapshots", one_report, {"opened": 1}, 1, compact_above=1500),
    Scenario("follow-up", follow_up, {"opened": 1, "joined": 1}, 1),
    Scenario("digest", acknowledged, {"opened": 1}, 2, arguments=("day",)),
    Scenario("alert", acknowledged, {"opened": 1}, 2, at=MISSED),
    Scenario("update", worked_on, {"opened": 1}, 2, at=UPDATED, settings=UPDATING, also=updated_once),
    Scenario("reminder", awaited, {"opened": 1}, 2, at=REMINDED, settings=BORDER, also=reminded_once),
    Scenario("flood", one_report, {"opened": 1}, 2, settings="replies: {flood_per_hour: 1}\n"),
    Scenario("retry", refused_once, {"opened": 1}, 1, at=LATER),
    Scenario("filing", filing, {"opened": 1}, 1, mailbox=", file_to: Done, keyword: Seen-by-us", also=in_one_place),
    Scenario("decision", decided, {"opened": 1}, 1, also=noted_once),
    Scenario("decision handed in", acknowledged, {"opened": 1}, 1, arguments=("hand-in",), also=noted_once),
    Scenario("commands", commanded, {"opened": 1, "command": 1}, 3, settings=BORDER, also=noted_once),
    Scenario("reply", written, {"opened": 1}, 2, also=replied_once),
    Scenario("reply handed in", acknowledged, {"opened": 1}, 2, arguments=("write",), also=replied_once),
    Scenario("reply by mail", answered_by_mail, {"opened": 1, "command": 1}, 4, settings=BORDER, also=told_once),
    Scenario("scan", attached, {"opened": 1}, 1, settings="attachments: {clamd: 'CLAMD'}\n", also=scanned_once),
    Scenario("erasure", acknowledged, {"opened": 1}, 1, arguments=("erase-reporter",), also=nobody_left),
    Scenario("erasure of what is owed", unsent, {"opened": 1}, 0, arguments=("erase-reporter",), also=nobody_left),
    Scenario("restore", backed_up, {"opened": 1}, 1, arguments=("restore-backup",), also=as_backed_up),
    Scenario("orphan", orphaned, {"opened": 1}, 1),
    Scenario("held", one_report, {"opened": 1}, None, settings="replies: {on_uncertain: hold}\n", also=held),
)


@dataclass
class Figures:
    """What a walk came to."""

    kills: int = 0
    doubled: int = 0


class Walk:
    """Houses, each in a folder and with a mailbox and a sink of its own; one zygote a thread."""

    def __init__(self, folder: Path, dovecot, clamd: str) -> None:
        self.folder, self.dovecot, self.clamd = folder, dovecot, clamd
        self.numbers = NUMBERS
        self.mine = threading.local()
        self.zygotes: list[Zygote] = []
        self.reached: Counter[str] = Counter()

    @property
    def zygote(self) -> Zygote:
        if not hasattr(self.mine, "zygote"):
            self.mine.zygote = Zygote()
            self.zygotes.append(self.mine.zygote)
        return self.mine.zygote

    def house(self, scenario: Scenario, sink) -> Copy:
        number = next(self.numbers)
        settings = scenario.settings.replace("CLAMD", self.clamd)
        there = Copy(self.folder / str(number), self.dovecot, f"w{number}", sink, settings, scenario.mailbox)
        scenario.prepared(there, self.zygote)
        return there

    def all(self, chosen: Callable[[list[str]], list[str]] = list) -> "Figures":
        """Kill at the chosen ones of every scenario's places."""
        figures = Figures()
        with ThreadPoolExecutor(4) as pool:
            for scenario, base, places in pool.map(self.begun, SCENARIOS):
                results = list(pool.map(lambda place, s=scenario, b=base: self.killed(s, b, place), chosen(places)))
                figures.kills += len(results)
                figures.doubled += sum(results)
        print(
            f"{figures.kills} kills, {figures.doubled} letters came twice, each with equal bytes; "
            f"{len(self.reached)} places"
        )
        return figures

    def begun(self, scenario: Scenario) -> tuple[Scenario, Copy, list[str]]:
        with servers.smtp_sink() as sink:
            base = self.house(scenario, sink)
        return scenario, base, self.places(scenario, base)

    def again(self, house: Copy, sink) -> Copy:
        number = next(self.numbers)
        return house.copy(self.folder / str(number), f"w{number}", sink)

    def places(self, scenario: Scenario, base: Copy) -> list[str]:
        """Every place that the scenario passes, with its number; without a kill it must come out right."""
        with servers.smtp_sink() as sink:
            house = self.again(base, sink)
            reached = self.zygote.reached(house, *scenario.arguments, **self.how(scenario))
            self.finished(scenario, house)
            judge(scenario, house, doubles=0)
        self.reached += reached
        return [f"{name}:{k}" for name, times in reached.items() for k in range(1, times + 1)]

    def how(self, scenario: Scenario) -> dict[str, object]:
        return {"now": scenario.at, "compact_above": scenario.compact_above}

    def finished(self, scenario: Scenario, house: Copy) -> None:
        """The same command once more, and a pass: what a restart does."""
        for arguments in dict.fromkeys((scenario.arguments, ONCE)):
            assert self.zygote.run(house, *arguments, **self.how(scenario)) == 0, f"{scenario.name}\n{house.log()}"

    def killed(self, scenario: Scenario, base: Copy, place: str) -> int:
        """Kill one copy there and start it again; how many letters came twice."""
        with servers.smtp_sink() as sink:
            house = self.again(base, sink)
            code = self.zygote.run(house, *scenario.arguments, crash_at=place, **self.how(scenario))
            assert code == KILLED, f"{place} in {scenario.name}: {code}\n{house.log()}"
            self.finished(scenario, house)
            try:
                return judge(scenario, house, doubles=place.partition(":")[0] in UNCERTAIN)
            except AssertionError as error:
                raise AssertionError(f"killed at {place} in {scenario.name!r}: {error}") from error


def judge(scenario: Scenario, house: Copy, doubles: int) -> int:
    scenario.also(house)
    letters = len(house.outgoing()) if scenario.letters is None else scenario.letters
    return house.judge(ends=scenario.ends, letters=letters, twice=bool(doubles), sign=b"Message-ID")


@pytest.fixture
def walk(tmp_path, dovecot):
    with scripted_clamd() as clamd:
        walking = Walk(tmp_path, dovecot, clamd.address)
        yield walking
        for zygote in walking.zygotes:
            zygote.close()


@pytest.mark.timeout(600)
def test_killed_once_at_every_name_nothing_is_lost_and_nobody_is_answered_twice(walk):
    """Each in the first scenario that comes by it."""
    met: set[str] = set()

    def unmet(places: list[str]) -> list[str]:
        new = [place for place in places if place.partition(":")[0] not in met and place.endswith(":1")]
        met.update(place.partition(":")[0] for place in new)
        return new

    figures = walk.all(unmet)
    assert met == set(POINTS)
    assert figures.kills == len(POINTS)


@pytest.mark.prove
def test_killed_at_every_place_nothing_is_lost_and_nobody_is_answered_twice(walk):
    figures = walk.all()
    assert figures.kills > 200
    # After the 250 was read and before it was written down the same mail goes out again: that window is real.
    assert figures.doubled > 0
    assert set(POINTS) - walk.reached.keys() == set()


def test_the_variable_kills_a_real_process_there_and_nothing_else_does(house):
    house.append(COMPLETE)
    place = {"TRIAGED_CRASH_AT": "submitting-recorded:1"}
    house.run("run", "--once", code=KILLED, env=place)
    (case,) = house.cases()
    assert (case["acknowledgment"]["state"], house.acknowledgments()) == ("owed", [])
    house.run("run", "--once", env={"TRIAGED_CRASH_AT": "submitting-recorded:2"})
    assert len(house.acknowledgments()) == 1
