import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from tests.support.values import HOUR, NOON, case, owed, policy, received
from triaged.core.case.events import (
    Closed,
    ExploitConfirmed,
    ExploitSuspected,
    OwnerSet,
    SeveritySet,
    Submitted,
    Waiting,
)
from triaged.core.case.folding import fold
from triaged.core.policy.profiles import promised
from triaged.core.policy.promises import Promise
from triaged.core.team.ical import MOST, calendar_text, folded, week_text
from triaged.core.team.listing import standing

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
SENT = (owed(), Submitted(at=NOON, message_id="ack-1@smallest.ai", answer="250"))
BREAKS = st.text(st.sampled_from('a\\;,:"\r\n\t\x00\u2028\u202e漏é😀 '))


def events(*cases, now=NOON, ours=None, **asked):
    """The events as another program reads them."""
    return Calendar.from_ical(calendar_text(cases, ours or policy(), now, **asked)).walk("VEVENT")


def by_severity(**lengths):
    return policy().model_copy(update={"promises": (Promise.model_validate({"name": "fix", "within": lengths}),)})


def test_a_deadline_is_an_event_at_its_due_instant_that_says_what_to_do():
    subject = case(*SENT, OwnerSet(at=NOON, by="bo", owner="Ann, Bo; C\\D"))
    (triage, update) = events(subject)
    assert str(triage["SUMMARY"]) == f"[{subject.id}] triage due"
    assert triage["DTSTART"].dt == standing(subject, policy(), NOON).owed[0].due
    assert triage["DTSTART"].dt.utcoffset() == timedelta(0)
    assert str(triage["DESCRIPTION"]).split("\n") == [
        "triage it",
        "owner: Ann, Bo; C\\D",
        "rule: 5 business days from 2026-11-23 11:00 UTC",
        f"triaged case {subject.id} triage",
    ]
    assert str(update["UID"]) == f"{subject.id.lower()}.update@triaged"
    assert triage.get("PRIORITY") is None


def names(found):
    return [str(each["UID"]).partition(".")[2].removesuffix("@triaged") for each in found]


def test_what_is_met_over_waiting_or_further_ahead_is_left_out():
    assert names(events(case())) == ["acknowledge", "triage", "update"]
    assert names(events(case(*SENT))) == ["triage", "update"]
    assert names(events(case(Closed(at=NOON, by="bo", reason="done")))) == []
    assert names(events(case(Waiting(at=NOON, by="bo")))) == ["acknowledge"]
    assert names(events(case(*SENT), ahead=timedelta(0))) == []
    assert names(events(case(*SENT), ahead=timedelta(0), now=NOON + 60 * DAY)) == ["triage", "update"]


def of_the_week(*cases, now=NOON):
    text = week_text([standing(each, policy(), now) for each in cases], now)
    return Calendar.from_ical(text).walk("VEVENT") if text else []


@pytest.mark.parametrize(
    ("now", "due"),
    [(NOON, ["triage"]), (NOON + 8 * DAY, ["update"]), (NOON + 60 * DAY, [])],
)
def test_the_week_has_what_falls_due_within_seven_days(now, due):
    assert names(of_the_week(case(*SENT), now=now)) == due


def test_a_mail_carries_the_first_of_many_and_not_a_megabyte():
    later = fold("SEC-0000-0000", (received(received_at=NOON - HOUR / 2), *SENT))
    many = [case(*SENT, case_id=f"SEC-1111-{number:04d}") for number in range(MOST)]
    found = of_the_week(later, *many)
    assert len(found) == MOST
    assert later.id not in {str(each["SUMMARY"])[1:14] for each in found}
    assert len(of_the_week(later)) == 1
    assert len(week_text([standing(each, policy(), NOON) for each in many], NOON)) < 120_000


def test_one_owner_has_their_own_calendar():
    anns, nobodys = case(*SENT, OwnerSet(at=NOON, by="bo", owner="Ann")), case(*SENT, case_id="SEC-0000-0000")
    assert {str(each["SUMMARY"])[1:14] for each in events(anns, nobodys)} == {anns.id, nobodys.id}
    assert {str(each["SUMMARY"])[1:14] for each in events(anns, nobodys, owner="ann")} == {anns.id}
    assert {str(each["SUMMARY"])[1:14] for each in events(anns, nobodys, owner="nobody")} == {nobodys.id}
    named = Calendar.from_ical(calendar_text([anns], policy(), NOON, owner="Ann"))
    assert str(named["X-WR-CALNAME"]) == "Deadlines of Ann"


def test_what_is_overdue_or_statutory_is_marked():
    subject = case(*SENT, ExploitSuspected(at=NOON, quote="in the wild"))
    ours = policy().model_copy(update={"promises": promised(("eu-cra",), ())})
    found = events(subject, now=NOON + 25 * HOUR, ours=ours)
    marks = dict(zip(names(found), found, strict=True))
    early, later = marks["cra-early-warning"], marks["cra-notification"]
    assert (early["PRIORITY"], later["PRIORITY"]) == (1, 3)
    assert str(early["DESCRIPTION"]).startswith("OVERDUE: send the CRA early warning, or dismiss the suspicion\n")
    assert str(early["STATUS"]) == "TENTATIVE"
    assert "wild" not in calendar_text([subject], ours, NOON)
    confirmed = case(*SENT, ExploitConfirmed(at=NOON, by="bo", reason="logs"))
    assert {str(each["STATUS"]) for each in events(confirmed, ours=ours)} == {"CONFIRMED"}


@given(st.integers(1, 10_000), st.sampled_from(["critical", "high", "low"]))
def test_a_moved_deadline_keeps_its_uid_and_has_a_later_revision(seconds, severity):
    ours = by_severity(critical="1d", high="5d", default="20d")
    before = case(*SENT)
    (was,) = events(before, ours=ours)
    moved_at = NOON + seconds * SECOND
    after = fold(before.id, (*before.history, SeveritySet(at=moved_at, by="bo", severity=severity)))
    (now,) = events(after, ours=ours)
    assert (now["DTSTART"].dt == was["DTSTART"].dt) == (severity == "low")
    assert now["UID"] == was["UID"]
    assert now["SEQUENCE"] > was["SEQUENCE"]
    assert now["LAST-MODIFIED"].dt == now["DTSTAMP"].dt == moved_at


def test_the_same_state_gives_the_same_text_until_something_is_overdue():
    subject = case(*SENT)
    assert calendar_text([subject], policy(), NOON) == calendar_text([subject], policy(), NOON + HOUR)
    due = standing(subject, policy(), NOON).owed[0].due
    (late, _) = events(subject, now=due + HOUR)
    assert late["LAST-MODIFIED"].dt == due


def test_a_changed_policy_gives_every_event_a_later_revision():
    (was, _), (now, _) = events(case(*SENT)), events(case(*SENT), policy_changed_at=NOON + DAY)
    assert now["SEQUENCE"] - was["SEQUENCE"] == 24 * 3600
    assert now["LAST-MODIFIED"].dt == NOON + DAY


def test_nothing_that_a_sender_wrote_is_in_it():
    mail = received(subject="VEVIL", message_id="vevil@x")
    mail = replace(mail, sender=replace(mail.sender, name="VEVIL", address="vevil@example.org"))
    subject = fold("SEC-7Q4K-2M8D", (mail, *SENT, ExploitSuspected(at=NOON, quote="vevil")))
    ours = policy().model_copy(update={"promises": promised(("disclosure-90", "eu-cra"), ())})
    assert "vevil" not in calendar_text([subject], ours, NOON, ahead=400 * DAY).lower()


@given(BREAKS | st.text(max_size=300))
def test_any_owner_leaves_a_calendar_that_reads_back(owner):
    text = calendar_text([case(*SENT, OwnerSet(at=NOON, by="bo", owner=owner))], policy(), NOON, owner=owner or None)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert not re.search(r"(?<!\r)\n|\r(?!\n)|[\x00-\x09\x0b\x0c\x0e-\x1f]", text)
    found = Calendar.from_ical(text).walk("VEVENT")
    assert [str(each["SUMMARY"])[16:] for each in found] == ["triage due", "update due"]
    assert all(len(str(each["DESCRIPTION"]).split("\n")) == 4 for each in found)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=400))
def test_what_is_folded_unfolds_to_itself_and_cuts_no_character(line):
    pieces = folded(line).split("\r\n")
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line
    assert all(piece[0] == " " for piece in pieces[1:])


@pytest.mark.parametrize("cases", [[], [case(Closed(at=NOON, by="bo", reason="done"))]])
def test_no_deadlines_are_a_calendar_without_events(cases):
    text = calendar_text(cases, policy(), NOON)
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert Calendar.from_ical(text).walk("VEVENT") == []


def test_every_case_has_its_own_uids():
    several = [case(*SENT, case_id=f"SEC-0000-000{number}") for number in range(3)]
    uids = [str(each["UID"]) for each in events(*reversed(several))]
    assert len(set(uids)) == 6
    assert uids == sorted(uids)
