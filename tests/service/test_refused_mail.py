"""What becomes of letters that the submission server refuses: each for itself, all of them together, and our login."""

from datetime import timedelta

import pytest

from tests.support.fakes import FakeClock, FakeSubmission
from tests.support.office import DAY, MINUTE, NOBODY
from tests.support.values import CAPS, fetched, house, mail
from triaged.core.case.events import Requeued
from triaged.ports import Pulse, Refused, TryLater
from triaged.service.delivery import deliver
from triaged.service.morning import health, send_digest

RELAY = "relay:25 refused the recipient: 554 5.7.1 Relay access denied"
WELL = Pulse()


def unclear():
    return Refused(RELAY, blame="unclear")


class Relay(FakeSubmission):
    """Refuses whom it is told to, and keeps the order of those who were named."""

    def __init__(self, refuses=lambda to: True, error=unclear):
        super().__init__()
        self.refuses, self.error, self.named, self.clock = refuses, error, [], None

    def submit(self, letter):
        self.named.append(letter.to[0])
        self.clock.advance(timedelta(milliseconds=1))
        if self.refuses(letter.to[0]):
            raise self.error()
        return super().submit(letter)


@pytest.fixture
def owing(office):
    """An office that owes answers to so many reporters, each at a domain of their own."""

    def make(count, domain="d{}.example"):
        office.change(house=house(caps=CAPS))
        office.receive(*(mail(number, author=f"r{number}@{domain.format(number)}") for number in range(1, count + 1)))
        assert len(office.store.owed()) == count
        return office

    return make


def states(office):
    return sorted(case.acknowledgment.state for case in office.store.cases())


def passes(office, relay, count=1, apart=timedelta(hours=1)):
    office.change(submission=relay)
    relay.clock = office.desk.clock
    for _ in range(count):
        deliver(office.outgoing)
        office.wait(apart)
    return relay


def test_a_relay_that_refuses_everybody_fails_no_letter_and_all_go_out_once_it_is_mended(owing):
    office = owing(5)
    passes(office, Relay(), 4)
    assert states(office) == ["owed"] * 5
    mended = passes(office, Relay(lambda to: False), 4)
    assert states(office) == ["submitted"] * 5
    assert len(set(mended.named)) == len(mended.named) == 5


def test_the_first_that_was_refused_is_owed_again_by_triaged_itself(owing):
    office = owing(2)
    passes(office, Relay())
    first, second = office.store.cases()
    (requeued,) = [event for event in first.history if isinstance(event, Requeued)]
    assert requeued.by == "triaged"
    assert not any(isinstance(event, Requeued) for event in second.history)
    assert requeued.expires_at == first.letters[0].expires_at


def test_refusals_on_different_days_are_in_a_row_too_and_across_restarts(office):
    office.receive(mail(1, author="a@one.example"))
    passes(office, Relay())
    assert states(office) == ["failed"]
    office.restart()
    office.receive(fetched(mail(2, author="b@two.example"), 2))
    passes(office, Relay())
    assert states(office) == ["owed", "owed"]


def test_what_expired_meanwhile_stays_a_persons(office):
    office.receive(mail(1, author="a@one.example"))
    passes(office, Relay())
    office.wait(30 * DAY)
    office.receive(fetched(mail(2, author="b@two.example"), 2))
    passes(office, Relay())
    assert states(office) == ["failed", "owed"]


def test_one_recipient_who_is_refused_among_others_is_final(owing):
    office = owing(4)
    relay = passes(office, Relay(lambda to: to == "r2@d2.example"), 5)
    assert states(office) == ["failed", "submitted", "submitted", "submitted"]
    assert relay.named.count("r2@d2.example") == 1


def test_what_is_refused_while_others_are_taken_is_final_in_the_end(owing):
    office = owing(4)
    relay = passes(office, Relay(lambda to: to in {"r1@d1.example", "r2@d2.example"}), 30)
    assert states(office) == ["failed", "failed", "submitted", "submitted"]
    assert len(relay.named) <= 8


def test_users_who_are_not_there_are_final_however_many(owing):
    office = owing(5)
    relay = passes(office, Relay(error=lambda: Refused("550 5.1.1 no such user")), 5)
    assert states(office) == ["failed"] * 5
    assert len(relay.named) == 5


def test_what_is_plainly_our_fault_is_so_at_the_first_letter(owing):
    office = owing(1)
    passes(office, Relay(error=lambda: Refused("530 5.7.0 log in first", blame="settings")), 3)
    assert states(office) == ["owed"]
    ((_, letter),) = office.store.owed()
    assert "check smtp.username, smtp.envelope_from" in letter.reason


def test_a_digest_that_is_taken_says_nothing_of_reporters_who_are_not(owing):
    office = owing(2)
    relay = Relay(lambda to: "team" not in to and "smallest" not in to)
    office.wait(DAY)
    assert send_digest(office.desk, health(office.store, WELL, office.desk.clock()))
    passes(office, relay, 2)
    assert states(office) == ["owed", "owed"]


def test_a_digest_that_is_refused_is_tried_again(office):
    assert send_digest(office.desk, health(office.store, WELL, office.desk.clock()))
    passes(office, Relay())
    ((_, letter),) = office.store.owed()
    assert letter.purpose == "digest"
    passes(office, Relay(lambda to: False))
    assert office.store.owed() == []


def test_the_health_tells_of_a_fault_of_the_settings_at_once_and_as_long_as_it_lasts(owing):
    office = owing(3)
    passes(office, Relay(), 3, apart=2 * MINUTE)
    for wait in (MINUTE, DAY):
        well = health(office.store, WELL, office.desk.clock())
        (told,) = well.warnings
        assert told.startswith("3 mails refused, to be tried again at")
        assert RELAY in told
        assert "check smtp.username" in told
        assert told in well.amiss
        assert not [problem for problem in well.problems if "not sent for over an hour" in problem]
        office.wait(wait)
    passes(office, Relay(lambda to: False), 3)
    assert health(office.store, WELL, office.desk.clock()).warnings == ()


def test_a_first_try_that_failed_is_a_note_and_a_second_one_a_warning(owing):
    office = owing(1)
    down = Relay(error=lambda: TryLater("relay:25: the connection was refused"))
    passes(office, down, apart=MINUTE)
    well = health(office.store, WELL, office.desk.clock())
    assert (len(well.notes), well.warnings) == (1, ())
    passes(office, down, apart=MINUTE)
    well = health(office.store, WELL, office.desk.clock())
    assert well.notes == ()
    assert "relay:25: the connection was refused" in well.warnings[0]


# What the log says.


def test_each_failure_is_a_warning_with_its_cause_and_its_pause(owing, lines):
    office = owing(2)
    outcomes = iter([TryLater("relay:25: no answer in time"), Refused("550 5.1.1 no such user")])
    passes(office, Relay(error=lambda: next(outcomes)))
    tried = [line for line in lines if line["event"] == "letter tried"]
    assert [(line["log_level"], line["outcome"], line["cause"]) for line in tried] == [
        ("warning", "deferred", "relay:25: no answer in time"),
        ("warning", "failed", "550 5.1.1 no such user"),
    ]
    assert tried[0]["again_in_seconds"] == 60


# Our login.


def login():
    return TryLater("relay:25 refused the login of bo (535 no)", login=True)


def test_a_refused_login_is_tried_on_the_ladder_however_many_letters_wait(owing):
    office = owing(6)
    relay, tries = Relay(error=login), []
    began = office.desk.clock()
    office.change(submission=relay)
    relay.clock = FakeClock(began)
    while office.desk.clock() < began + timedelta(hours=4):
        before = len(relay.named)
        deliver(office.outgoing)
        tries += [(office.desk.clock() - began) / MINUTE] * (len(relay.named) - before)
        office.wait(timedelta(seconds=30))
    assert tries == [0, 1, 6, 36, 96, 156, 216]
    assert states(office) == ["owed"] * 6


def test_once_the_login_is_taken_all_go_out_and_the_ladder_begins_anew(owing):
    office = owing(5)
    passes(office, Relay(error=login), 2, apart=MINUTE)
    office.wait(5 * MINUTE)
    passes(office, Relay(lambda to: False))
    assert states(office) == ["submitted"] * 5
    assert office.outgoing.patience.failures == 0


def test_a_refused_letter_shows_that_the_login_was_taken(owing):
    office = owing(2)
    outcomes = iter([login(), *[Refused("550 5.1.1 no such user")] * 2])
    passes(office, Relay(error=lambda: next(outcomes)), 2, apart=MINUTE)
    assert office.outgoing.patience.failures == 0


def test_a_clock_set_back_does_not_make_the_pause_longer(owing):
    office = owing(1)
    passes(office, Relay(error=login))
    office.wait(-3 * DAY)
    relay = passes(office, Relay(lambda to: False))
    assert relay.named == []
    office.wait(3 * DAY)
    assert passes(office, relay).named


def test_mail_that_is_answered_by_nobody_is_no_refusal(office):
    office.receive(NOBODY.encode())
    assert passes(office, Relay()).named == []
