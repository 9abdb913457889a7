"""Intake by slices: what is owed goes out in between, and a slow mail waits behind all that nobody has tried."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.fakes import FakeMailbox, FakeReader, Killed
from tests.support.office import Office
from tests.support.values import fetched, mail
from triaged.config.loading import example
from triaged.daemon import Daemon
from triaged.ports import TryLater
from triaged.service.delivery import deliver
from triaged.service.intake import SLICE, SLICE_MAILS, take_in, take_slice
from triaged.service.settling import ATTEMPTS, slow


@pytest.fixture
def office(tmp_path):
    opened = Office(tmp_path)
    with opened.stack:
        yield opened


def honest(name: str) -> bytes:
    return mail(sum(name.encode()) * 1000, author=f"{name}@{name}.example")


def costly(number: int, seconds: float = 9.0) -> bytes:
    return mail(number, author=f"slow{number}@h{number}.example", more=f"X-Costs: {seconds}\r\n")


class Timed(FakeReader):
    """A reader whose every reading takes its time on the desk's clock: what the mail costs, or the whole budget."""

    def __init__(self, clock, seconds: float = 0.0) -> None:
        super().__init__()
        self.clock, self.seconds = clock, seconds

    def read(self, raw):
        self.clock.advance(timedelta(seconds=self.seconds))
        return super().read(raw)


class Arriving(FakeMailbox):
    """A mailbox into which more mail comes with each poll."""

    def __init__(self, *polls) -> None:
        super().__init__()
        self.coming = list(polls)

    def fetch_new(self, ledger, now) -> Iterator:
        self.waiting += self.coming.pop(0) if self.coming else []
        yield from super().fetch_new(ledger, now)


def lay(office: Office, *mails: bytes) -> None:
    office.change(mailbox=FakeMailbox(*(fetched(raw, uid) for uid, raw in enumerate(mails, 1))))


def answered(office: Office) -> list[str]:
    return [letter.to[0].partition("@")[0] for letter in office.outgoing.submission.letters]


def ends(part) -> list[str]:
    return [each.decision.sender.address.partition("@")[0] for each in part.settled]


def test_a_slice_ends_with_the_mail_in_hand_once_its_time_is_up(office):
    office.change(reader=Timed(office.desk.clock, SLICE.total_seconds() / 2))
    lay(office, *(honest(name) for name in "abcde"))
    parts = [take_slice(office.mailroom) for _ in range(3)]
    assert [ends(part) for part in parts] == [["a", "b"], ["c", "d"], ["e"]]
    assert [part.more for part in parts] == [True, True, False]


def test_a_slice_ends_by_number_when_the_clock_stands_still_or_is_set_back(office):
    class Backwards(Timed):
        def read(self, raw):
            self.clock.advance(timedelta(seconds=-60))
            return FakeReader.read(self, raw)

    office.change(reader=Backwards(office.desk.clock))
    lay(office, *(honest(f"p{number}") for number in range(SLICE_MAILS + 1)))
    first, second = take_slice(office.mailroom), take_slice(office.mailroom)
    assert (len(first.settled), first.more) == (SLICE_MAILS, True)
    assert (len(second.settled), second.more) == (1, False)


def test_the_letters_of_honest_mails_leave_before_a_slow_mail_is_read_in_full(office):
    lay(office, *map(costly, range(5)), honest("ann"), *map(costly, range(5, 10)), honest("bo"))
    part = take_slice(office.mailroom)
    assert sorted(ends(part)) == ["ann", "bo"]
    assert part.more
    deliver(office.outgoing)
    assert answered(office) == ["ann", "bo"]
    assert None not in office.desk.reader.budgets
    assert len(take_in(office.mailroom)) == 10
    assert office.desk.reader.budgets.count(None) == 10


def test_a_mail_that_comes_while_slow_ones_wait_is_read_before_them(office):
    slow_ones, late = [fetched(costly(n), n + 1) for n in range(3)], [fetched(honest("late"), 9)]
    office.change(mailbox=Arriving(slow_ones, late), reader=Timed(office.desk.clock, SLICE.total_seconds()))
    first = take_slice(office.mailroom)
    assert first.more
    second = take_slice(office.mailroom)
    assert ends(second) == ["late"]
    assert [end for part in (take_slice(office.mailroom), take_slice(office.mailroom)) for end in ends(part)] == [
        "slow0",
        "slow1",
    ]


def test_what_is_slow_is_read_by_what_it_costs_and_every_mail_comes_to_its_end(office):
    lay(office, costly(1), costly(2, 0.3), costly(3, 0.2), honest("ann"))
    settled = take_in(office.mailroom)
    assert [each.decision.sender.address.partition("@")[0] for each in settled] == ["ann", "slow3", "slow2", "slow1"]
    assert office.store.pending() == []
    assert sum(office.store.seen().values()) == 4
    assert all(each.arrival.attempts == 1 for each in settled)


def test_the_more_slow_mails_wait_the_less_an_untried_one_may_cost_but_never_less_than_a_tenth_of_a_second(office):
    office.change(reader=Timed(office.desk.clock, 10.0))
    lay(office, *map(costly, range(9)))
    take_slice(office.mailroom)
    budgets = office.desk.reader.budgets[:9]
    assert budgets[0] == 0.5
    assert budgets == sorted(budgets, reverse=True)
    assert budgets[-1] == 0.1


def test_an_honest_slow_mail_is_read_whole_however_often_it_is_put_back_and_the_process_killed(office):
    # A kill at every write of its way; it must never be taken for a mail that kills its reader.
    lay(office, costly(1), costly(2, 0.3))
    for number in range(1, 9):
        office.killed_at(number, after=bool(number % 2))
        try:
            take_in(office.mailroom)
        except Killed:
            office.restart()
    office.change(store=office.store)
    take_in(office.mailroom)
    assert not [
        case
        for case in office.store.cases()
        if any("begun" in defect for mail in case.mails for defect in mail.defects)
    ]
    assert len(list(office.store.cases())) == 2


def test_a_mail_put_back_has_all_its_attempts_and_waits_after_a_restart_too(office):
    lay(office, *(costly(number) for number in range(3)))
    office.change(reader=Timed(office.desk.clock, SLICE.total_seconds()))
    take_slice(office.mailroom)
    office.restart()
    waiting = slow(office.store)
    assert [each.attempts for each in waiting] == [0, 0, 0]
    assert [each.costs_over for each in waiting] == [0.5 / 3, 0.25, 0.5]
    lay(office, honest("ann"))
    office.change(mailbox=Arriving([fetched(honest("ann"), 9)]), reader=FakeReader())
    assert ends(take_slice(office.mailroom))[0] == "ann"


def test_a_mail_that_kills_its_reader_in_the_full_reading_is_given_up_after_so_many_attempts(office):
    class Deadly(FakeReader):
        def read(self, raw):
            if b"Costs" in raw:
                raise Killed
            return super().read(raw)

    lay(office, costly(1))
    office.change(reader=Deadly())
    for _ in range(ATTEMPTS):
        with pytest.raises(Killed):
            take_in(office.mailroom)
        office.restart()
    (settled,) = take_in(office.mailroom)
    assert "begun 3 times and never ended" in settled.arrival.reason


def test_a_copy_of_a_slow_mail_does_not_bring_its_turn_nearer(office):
    raw = costly(1)
    office.change(mailbox=Arriving([fetched(raw, 1), fetched(raw, 2), fetched(honest("ann"), 3)]))
    settled = take_in(office.mailroom)
    assert [each.decision.sender.address.partition("@")[0] for each in settled] == ["ann", "slow1"]
    assert office.desk.reader.budgets == [0.5, 0.25, None]


def test_slow_mails_are_read_though_the_mailbox_cannot_be(office):
    office.change(mailbox=FakeMailbox(fetched(costly(1), 1), TryLater("the server is gone")))
    with pytest.raises(TryLater):
        take_slice(office.mailroom)
    assert ends(take_slice(office.mailroom, polling=False)) == ["slow1"]


def test_a_daemon_that_stops_reads_no_further_mail(office):
    lay(office, honest("ann"), costly(1), honest("bo"))
    office.change(stopping=lambda: bool(office.store.seen()))
    part = take_slice(office.mailroom)
    assert ends(part) == ["ann"]
    assert not part.more
    assert take_slice(office.mailroom).settled == ()


def test_the_watchdog_is_told_after_every_mail_put_back_or_not(office):
    told = []
    office.change(alive=lambda: told.append(1))
    lay(office, costly(1), costly(2), honest("ann"))
    take_in(office.mailroom)
    assert len(told) == 6


def test_a_reply_owed_in_one_slice_leaves_before_the_next(office):
    office.change(reader=Timed(office.desk.clock, SLICE.total_seconds()))
    lay(office, honest("ann"), *map(costly, range(3)))
    assert take_slice(office.mailroom).more
    deliver(office.outgoing)
    assert answered(office) == ["ann"]
    assert None not in office.desk.reader.budgets


def test_the_daemon_sends_answers_and_the_digest_between_two_slices_and_reads_on_at_once(office, tmp_path):
    office.change(reader=Timed(office.desk.clock, SLICE.total_seconds()))
    lay(office, *map(costly, range(3)), honest("ann"), *map(costly, range(3, 6)))
    loaded = example()
    settings = loaded.settings.model_copy(update={"state_dir": tmp_path})
    daemon = Daemon(tmp_path / "triaged.yaml", replace(loaded, settings=settings), office.rooms)
    daemon.poll()
    daemon._courier.deliver()
    assert [letter.purpose for letter in office.outgoing.submission.letters] == ["digest", "acknowledgment"]
    assert None not in office.desk.reader.budgets
    for _ in range(7):
        daemon.poll()
    assert office.store.pending() == []
    assert office.desk.reader.budgets.count(None) == 6


def test_one_pass_of_everything_sends_between_two_slices_too(office, monkeypatch):
    office.change(reader=Timed(office.desk.clock, SLICE.total_seconds()))
    lay(office, honest("ann"), *map(costly, range(3)), honest("bo"))
    sent_before = []

    def budgets_at(letter, submit=office.outgoing.submission.submit):
        sent_before.append(None not in office.desk.reader.budgets)
        return submit(letter)

    monkeypatch.setattr(office.outgoing.submission, "submit", budgets_at)
    done = office.rooms.once()
    assert (len(done.settled), done.sent) == (5, 5)
    assert sent_before == [True, True, False, False, False][: len(sent_before)]


def test_the_daemon_reads_what_is_slow_while_the_mailbox_is_not_to_be_asked(office, tmp_path):
    refusing = FakeMailbox(fetched(costly(1), 1), TryLater("the login was refused", login=True))
    office.change(mailbox=refusing)
    loaded = example()
    settings = loaded.settings.model_copy(update={"state_dir": tmp_path})
    daemon = Daemon(tmp_path / "triaged.yaml", replace(loaded, settings=settings), office.rooms)
    for _ in range(3):
        daemon.poll()
    assert refusing.polls == 1
    assert office.store.pending() == []
