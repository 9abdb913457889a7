from datetime import datetime

import pytest

from tests.support.fakes import (
    FakeDecisions,
    Killed,
    MortalStore,
)
from tests.support.office import DAY, MINUTE, RENDERER
from tests.support.values import NOON, mail
from triaged.core.case.events import Noted, Replied, Requeued, Triaged, Undone
from triaged.ports import HandedIn, Refused, Unwritten
from triaged.service.decisions import take_up


def test_a_decision_is_recorded_and_taken_away(office):
    office.receive(mail())
    event = Triaged(at=NOON, by="bo", severity="high")
    decisions = FakeDecisions(HandedIn("1", office.case.id, event), HandedIn("2", office.case.id, event))
    assert take_up(office.store, decisions) == 2
    assert office.case.history[-1] == event
    assert office.case.history.count(event) == 1
    assert decisions.waiting == []


def test_a_crash_before_a_decision_is_taken_away_does_not_record_it_twice(office):
    office.receive(mail())
    note = Noted(at=NOON, by="bo", text="seen")
    decisions = FakeDecisions(HandedIn("1", office.case.id, note))
    with pytest.raises(Killed):
        take_up(MortalStore(office.store, dies_at=1, after=True), decisions)
    assert len(decisions.waiting) == 1
    office.restart()
    assert take_up(office.store, decisions) == 1
    assert office.case.history.count(note) == 1
    assert decisions.waiting == []


def test_a_decision_on_an_unknown_case_is_said_and_does_not_stop_the_next(office, lines):
    office.receive(mail())
    note = Noted(at=NOON, by="bo", text="seen")
    decisions = FakeDecisions(HandedIn("1", "SEC-9999-9999", note), HandedIn("2", office.case.id, note))
    take_up(office.store, decisions)
    assert [line["case"] for line in lines if line["event"] == "decision on an unknown case"] == ["SEC-9999-9999"]
    assert office.case.history[-1] == note
    assert decisions.waiting == []


def again(message_id: str, at: datetime = NOON) -> Requeued:
    return Requeued(at=at, by="bo", message_id=message_id, expires_at=at + 2 * DAY)


def test_a_failed_acknowledgment_is_sent_again_on_a_persons_word_and_once_however_often_they_say_it(office):
    office.receive(mail())
    office.send(Refused("550 greylisted for ever"))
    letter = office.case.letters[0]
    impatient = [again(letter.message_id, NOON + number * MINUTE) for number in range(3)]
    take_up(office.store, FakeDecisions(*(HandedIn(str(e.at), office.case.id, e) for e in impatient[:2])))
    assert [each.raw for each in office.send()] == [letter.raw]
    take_up(office.store, FakeDecisions(HandedIn("late", office.case.id, impatient[2])))
    assert office.send() == []
    assert office.case.acknowledgment.state == "submitted"


def test_a_decision_on_a_letter_that_never_was_does_not_break_the_store(office):
    office.receive(mail())
    take_up(office.store, FakeDecisions(HandedIn("1", office.case.id, again("nothing@smallest.ai"))))
    office.restart()
    assert len(office.send()) == 1


def test_what_is_taken_back_before_its_letter_leaves_leaves_the_letter_unsent_also_after_a_restart(office):
    office.receive(mail())
    office.send(Refused("550 no such user"))
    before, wanted = office.case, again(office.case.letters[0].message_id)
    word = Undone(at=NOON + MINUTE, by="bo", decision="requeued", decided_at=wanted.at)
    take_up(office.store, FakeDecisions(HandedIn("1", before.id, wanted), HandedIn("2", before.id, word)))
    assert office.store.owed() == []
    office.restart()
    assert office.send() == []
    assert office.case.letters == before.letters
    assert office.case.history == (*before.history, wanted, word)


def letter(text="Thank you."):
    return Replied(at=NOON, by="bo", text=text)


def test_a_letter_is_owed_in_the_same_write_as_the_word_of_it(office):
    office.receive(mail())
    decisions = FakeDecisions(HandedIn("1", office.case.id, letter()))
    office.change(decisions=decisions)
    office.killed_at(1, after=True)
    with pytest.raises(Killed):
        office.rooms.take_up()
    office.restart()
    office.change(decisions=decisions)
    office.rooms.take_up()
    assert [event.kind for event in office.case.history][-2:] == ["replied", "owed"]
    assert decisions.waiting == []


def test_a_letter_that_cannot_be_written_waits_and_stops_nothing(office, lines):
    office.receive(mail())
    note = Noted(at=NOON, by="bo", text="seen")
    decisions = FakeDecisions(HandedIn("1", office.case.id, letter()), HandedIn("2", office.case.id, note))
    office.change(decisions=decisions, renderer=Unwritable())
    office.rooms.take_up()
    assert [each.name for each in decisions.waiting] == ["1"]
    assert office.case.history[-1] == note
    assert [line["cause"] for line in lines if line["event"] == "letter not written"] == ["reply.txt.j2:1"]
    office.change(renderer=RENDERER)
    office.rooms.take_up()
    assert office.case.letters[-1].purpose == "reply"


def test_a_letter_leaves_whatever_its_address_has_had(office):
    office.receive(mail())
    office.send()
    office.change(decisions=FakeDecisions(*(HandedIn(str(n), office.case.id, letter(str(n))) for n in range(9))))
    office.rooms.take_up()
    assert [each.purpose for each in office.send()] == ["reply"] * 9


class Unwritable:
    """Implements `ports.Renderer`: its template is torn."""

    def finished(self, draft, now):
        raise Unwritten("reply.txt.j2:1")
