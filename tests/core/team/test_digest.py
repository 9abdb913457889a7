from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import HOUR, NOON, by, case, decide, message, opened, owed, policy, received
from triaged.core.case.events import (
    Answered,
    Assessed,
    AuthorityNotified,
    Closed,
    Deferred,
    ExploitConfirmed,
    ExploitDismissed,
    ExploitSuspected,
    Failed,
    MarkedDuplicate,
    OwnerSet,
    Reopened,
    Scanned,
    ScopeSet,
    Submitted,
    Submitting,
    Triaged,
    Waiting,
    Withheld,
)
from triaged.core.case.folding import fold
from triaged.core.clocks.deadlines import deadlines, outstanding, overdue
from triaged.core.clocks.duties import duty
from triaged.core.intake.incoming import Mail
from triaged.core.intake.triage import not_understood
from triaged.core.mail.arrival import Arrival
from triaged.core.mail.message import Attachment
from triaged.core.policy.profiles import promised
from triaged.core.policy.rules import KnownIssue
from triaged.core.report.report import Verdict
from triaged.core.team.digest import FEW, SHOWN, Health, Inputs, digest, digest_day

DAY = timedelta(days=1)
TODAY = date(2026, 11, 23)
WELL = Health(last_poll_at=NOON, problems=(), owed=0, oldest_owed_at=None, version="1")
ACK = "ack-1@smallest.ai"
SENT = (owed(), Submitted(at=NOON, message_id=ACK, answer="250"))
TRIAGED = Triaged(at=NOON, by="bo")
WITHHELD = Withheld(at=NOON, sign="no-sender", rfc="RFC 3834 section 2", reason="it is automatic")
ASSESSED = Assessed(at=NOON, report=decide(message()).report)
DANGER = Attachment("a.png\u202egpj.exe", "application/x-dosexec", "image/png", 9, "cd" * 32, ("type mismatch",))


def compose(*cases, now=NOON, set_aside=(), seen=None, health=WELL, since=NOON - DAY, ours=None):
    return digest(Inputs(cases, set_aside, seen or {}, health, since), ours or policy(), now, TODAY, UTC)


def section(composed, title):
    return next((each for each in composed.sections if each.title == title), None)


def items(composed, title):
    found = section(composed, title)
    return [] if found is None else [(item.case_id, item.what) for item in found.items]


def ids(composed, title):
    return [case_id for case_id, _ in items(composed, title)]


def named(number: int) -> str:
    return f"SEC-0000-{number:04d}"


def test_the_most_pressing_comes_first():
    cases = (
        case(*SENT, TRIAGED, Waiting(at=NOON, by="bo"), case_id=named(1)),
        case(WITHHELD, case_id=named(2)),
        case(received(received_at=NOON), case_id=named(3)),
    )
    composed = compose(*cases, now=NOON + 46 * HOUR, since=NOON - 2 * DAY)
    assert [each.title for each in composed.sections] == [
        "Due within 24 hours",
        "New",
        "Waiting for the reporter",
        "Needs a decision",
    ]
    later = compose(*cases, now=datetime(2026, 11, 28, 12, tzinfo=UTC), since=NOON - 2 * DAY)
    assert [each.title for each in later.sections] == [
        "Overdue",
        "New",
        "Waiting for the reporter",
        "Needs a decision",
    ]


def test_a_section_without_items_is_left_out_and_all_is_quiet():
    composed = compose()
    assert (composed.sections, composed.state, composed.open_cases) == ((), "all quiet", 0)
    assert compose(case(*SENT, TRIAGED), since=NOON).state == "all quiet"


def test_the_longest_overdue_comes_first():
    old, older = received(received_at=NOON - 3 * DAY), received(received_at=NOON - 4 * DAY)
    composed = compose(fold(named(1), (old,)), fold(named(2), (older,)))
    assert items(composed, "Overdue") == [
        (named(2), "acknowledge it: 2 d overdue (Sat 21 Nov 12:00)"),
        (named(1), "acknowledge it: 24 h overdue (Sun 22 Nov 12:00)"),
    ]
    assert composed.state == "2 overdue, 2 new"


@pytest.mark.parametrize(
    ("to_due", "title", "what"),
    [
        (-60 * 60 - 1, "Overdue", "60 min overdue"),
        (-1, "Overdue", "0 min overdue"),
        (0, "Due within 24 hours", "due in 0 min"),
        (2 * 60 * 60, "Due within 24 hours", "due in 2 h"),
        (24 * 60 * 60, "Due within 24 hours", "due in 24 h"),
    ],
)
def test_a_deadline_stands_in_the_section_of_its_distance(to_due, title, what):
    found = items(compose(case(), now=NOON + 47 * HOUR - timedelta(seconds=to_due)), title)
    assert found[0][1].startswith(f"acknowledge it: {what} (")


def test_what_falls_due_over_the_weekend_is_shown_on_friday():
    friday = datetime(2026, 11, 27, 9, tzinfo=UTC)
    # Triage is due on Monday at 11:00.
    composed = compose(case(*SENT, ASSESSED), now=friday, since=friday)
    assert items(composed, "Due by the next business day") == [
        ("SEC-7Q4K-2M8D", "triage it: due in 3 d (Mon 30 Nov 11:00)")
    ]
    assert composed.state == "1 due by the next business day"


ELSEWHERE = "if you wrote from elsewhere: triaged case SEC-7Q4K-2M8D answered"


def test_a_case_that_owes_several_things_stands_once_and_names_them():
    (item,) = section(compose(case(), now=datetime(2026, 11, 30, 10, tzinfo=UTC)), "Overdue").items
    assert item.what.startswith("acknowledge it: 4 d overdue")
    assert item.notes == ("and triage it: due in 60 min (Mon 30 Nov 11:00)", ELSEWHERE)


def test_each_item_says_whose_it_is_and_what_to_type():
    mine = case(OwnerSet(at=NOON, by="bo", owner="cy"))
    (item,) = section(compose(mine, now=NOON + 3 * DAY), "Overdue").items
    assert (item.owner, item.subject) == ("cy", '"Prompt injection reveals the system prompt"')
    assert (item.command, item.answer) == ("triaged reply SEC-7Q4K-2M8D", "SEC-7Q4K-2M8D reply:")
    assert item.notes == (ELSEWHERE,)
    (item,) = section(compose(case(*SENT), now=NOON + 8 * DAY), "Overdue").items
    assert (item.owner, item.command) == ("nobody", "triaged case SEC-7Q4K-2M8D triage")
    (item,) = section(compose(case(*SENT, TRIAGED), now=NOON + 15 * DAY), "Overdue").items
    assert item.what.startswith("send the reporter an update: 25 h overdue")


def test_what_came_since_the_last_digest_is_new():
    earlier, later = case(), fold(named(2), (received(at=NOON + HOUR),))
    assert ids(compose(earlier, later, since=NOON), "New") == [named(2)]
    assert ids(compose(earlier, later, since=NOON - HOUR), "New") == [earlier.id, named(2)]


UNTRIAGED = "Not yet triaged"


@pytest.mark.parametrize("event", [TRIAGED, Closed(at=NOON, by="bo", reason="spam"), Waiting(at=NOON, by="bo")])
def test_new_holds_nothing_that_a_person_has_dealt_with(event):
    composed = compose(case(*SENT, ASSESSED, event), case(ASSESSED, case_id=named(2)))
    assert (ids(composed, "New"), composed.state) == ([named(2)], "1 new")
    assert section(composed, UNTRIAGED) is None


def test_a_case_that_nobody_triages_stands_in_the_digest_of_every_day():
    for days in range(1, 40):
        composed = compose(case(*SENT, ASSESSED), now=NOON + days * DAY, since=NOON + (days - 1) * DAY)
        found = section(composed, UNTRIAGED)
        assert [each.case_id for each in found.items] == ["SEC-7Q4K-2M8D"]
        assert composed.state != "all quiet"
    for event in (TRIAGED, Closed(at=NOON, by="bo", reason="spam"), Waiting(at=NOON, by="bo")):
        assert section(compose(case(*SENT, ASSESSED, event), now=NOON + DAY, since=NOON), UNTRIAGED) is None


def test_what_is_not_yet_triaged_stands_oldest_first_with_its_date_and_command():
    ages = (3, 9, 5)
    some = [
        fold(named(days), (received(received_at=NOON - days * DAY, at=NOON - days * DAY), ASSESSED)) for days in ages
    ]
    found = section(compose(*some, since=NOON - DAY), UNTRIAGED)
    assert [(item.case_id, item.what) for item in found.items] == [
        (named(9), "came 9 d ago, triage is 12 h overdue"),
        (named(5), "came 5 d ago, to be triaged within 2 d"),
        (named(3), "came 3 d ago, to be triaged within 4 d"),
    ]
    assert (found.count, found.order, found.more_command) == (3, "oldest first", "triaged cases --state new")
    assert found.items[0].command == f"triaged case {named(9)} triage"


def test_a_new_case_shows_scope_reason_sections_sender_and_attachments():
    (item,) = section(compose(opened(message(attachments=(DANGER,)))), "New").items
    assert item.what.startswith("scope model (confidence high), because model.prompt-injection in the title")
    assert item.command == "triaged show SEC-7Q4K-2M8D"
    assert item.notes[0].startswith(
        "from ann[@]example[.]org, unverified; nothing missing; 1 attached, 1 flagged; hints: "
    )


def test_a_new_case_says_what_it_seems_to_be_the_same_as_and_its_hints():
    one, other = opened(case_id=named(1)), opened(by("eve@example.org"), case_id=named(2))
    known = KnownIssue(id="KI-1", title="a", fixed_in="2.4", endpoints=("/v1/chat",))
    ours = policy().model_copy(update={"known_issues": (known,)})
    found = {item.case_id: item.notes for item in section(compose(one, other, ours=ours), "New").items}
    assert f"seems the same as {named(1)} (strong): nearly the same text (100% alike); " in "\n".join(found[named(2)])
    assert "seems to be known issue KI-1 (weak), fixed in 2.4" in found[named(1)]
    assert found[named(1)][0].endswith("; hints: + reproducer, + place")


def test_what_cannot_wait_is_told_in_a_sentence():
    (item,) = section(
        compose(opened(message(text="It is actively exploited on the login page.\nEvil\u202e"))), "New"
    ).items
    (urgent,) = [note for note in item.notes if note.startswith("!")]
    assert urgent.startswith("! It says that attackers use it: legal clocks may run: ")
    assert "actively exploited" in urgent


def test_weak_evidence_is_no_note():
    one = opened(message(text="POST /v1/a/b is open to everybody"), case_id=named(1))
    other = opened(by("b@x.example", text="Anybody can call /v1/a/b", subject=""), case_id=named(2))
    assert not [note for item in section(compose(one, other), "New").items for note in item.notes if "same as" in note]


def test_a_new_case_says_what_is_missing_and_what_it_refers_to():
    bare = opened(message(text="hello", subject="\x1b[31mred"))
    related = replace(bare, opening=replace(bare.opening, related=named(9)))
    (item,) = section(compose(related), "New").items
    assert item.subject == r'"\x1b[31mred"'
    assert "; missing description, steps, impact" in item.notes[0]
    assert f"it refers to {named(9)}, but may not join that case" in item.notes


def test_a_case_that_nobody_could_read_is_shown_as_that():
    unread = not_understood(Mail(message(), NOON - HOUR, named(1)), "reading it failed", policy(), NOON)
    composed = compose(fold(named(1), unread.events))
    assert items(composed, "Needs a decision") == [
        (named(1), "acknowledgment withheld: reading it failed"),
        (named(1), "the rules cannot tell its scope"),
    ]
    assert section(composed, "New").items[0].notes[0].startswith("from an unknown sender, unverified")
    assert items(compose(case()), "New") == [("SEC-7Q4K-2M8D", "could not be read")]
    assert items(compose(case()), "Needs a decision") == [
        ("SEC-7Q4K-2M8D", "it could not be read: look at the mail itself, then set its scope")
    ]


def test_what_the_caps_hold_back_is_one_line_however_much_it_is():
    capped = Withheld(at=NOON, sign="cap", rfc="RFC 3834 section 6", reason="the cap is reached")
    many = [fold(named(number), (received(), ASSESSED, capped)) for number in range(40)]
    answered = fold(named(41), (received(), ASSESSED, capped, Answered(at=NOON, by="bo")))
    found = section(compose(*many, answered), "Needs a decision").items
    assert [(item.case_id, item.subject) for item in found] == [("", "40 acknowledgments withheld by the caps")]


@pytest.mark.parametrize(
    ("events", "what", "verb"),
    [
        ((WITHHELD,), "acknowledgment withheld: it is automatic", "answered"),
        (
            (owed(), Failed(at=NOON, message_id=ACK, reason="550 no")),
            "acknowledgment failed: 550 no",
            "resend acknowledgment",
        ),
        (
            (owed(), Failed(at=NOON, message_id=ACK, reason="no answer", uncertain=True)),
            "acknowledgment uncertain: no answer",
            "resend acknowledgment",
        ),
    ],
)
def test_an_acknowledgment_that_did_not_go_out_is_a_task_until_a_person_answers(events, what, verb):
    asked = section(compose(case(ASSESSED, *events)), "Needs a decision").items
    assert [(item.what, item.command) for item in asked] == [(what, f"triaged case SEC-7Q4K-2M8D {verb}")]
    assert section(compose(case(ASSESSED, *events, Answered(at=NOON, by="bo"))), "Needs a decision") is None
    assert (
        section(compose(case(ASSESSED, *events, Closed(at=NOON, by="bo", reason="spam"))), "Needs a decision") is None
    )


def test_an_acknowledgment_on_its_way_asks_for_nothing():
    on_its_way = (ASSESSED, owed(), Submitting(at=NOON, message_id=ACK))
    assert section(compose(case(*on_its_way)), "Needs a decision") is None


def test_an_unclear_scope_is_asked_about_until_a_person_says():
    vague = Assessed(at=NOON, report=replace(ASSESSED.report, verdict=Verdict("unclear", "low", ())))
    assert items(compose(case(vague)), "Needs a decision") == [("SEC-7Q4K-2M8D", "the rules cannot tell its scope")]
    for event in (ScopeSet(at=NOON, by="bo", scope="sdk"), ScopeSet(at=NOON, by="bo", scope="unclear"), TRIAGED):
        assert section(compose(case(vague, event)), "Needs a decision") is None


def test_a_dangerous_attachment_is_pointed_at_until_the_case_is_triaged():
    flagged = case(ASSESSED, received(attachments=(DANGER,)))
    ((_, what),) = items(compose(flagged), "Needs a decision")
    assert what.startswith(r'open with care: "a[.]png\u202egpj[.]exe"')
    triaged = case(ASSESSED, received(attachments=(DANGER,)), TRIAGED)
    assert section(compose(triaged), "Needs a decision") is None


INFECTED = Scanned(at=NOON, sha256="ab" * 32, verdict="infected", reason="Evil\u202e-Signature")


def test_what_the_scanner_found_is_pointed_at_until_the_case_is_triaged():
    ((_, what),) = items(compose(case(ASSESSED, INFECTED)), "Needs a decision")
    assert what == r"attachments flagged by the scanner: Evil\u202e-Signature"
    assert section(compose(case(ASSESSED, INFECTED, TRIAGED)), "Needs a decision") is None
    clean = replace(INFECTED, verdict="clean", reason="")
    assert section(compose(case(ASSESSED, clean)), "Needs a decision") is None


def test_a_new_case_says_that_it_was_not_scanned_and_why():
    unscanned = replace(INFECTED, verdict="unscanned", reason="given up after a day")
    (item,) = section(compose(opened(later=(unscanned,))), "New").items
    assert "attachments not scanned: given up after a day" in item.notes


def test_a_scan_moves_no_deadline_and_no_state():
    for before in (
        case(ASSESSED),
        case(*SENT, ASSESSED, Waiting(at=NOON, by="bo")),
        case(Closed(at=NOON, by="bo", reason="x")),
    ):
        after = fold(before.id, (*before.history, INFECTED))
        assert after.scans == (INFECTED,)
        assert replace(after, history=before.history, scans=()) == before
        assert deadlines(after, policy(), NOON) == deadlines(before, policy(), NOON)


def test_who_waits_for_whom_is_shown_and_its_paused_clocks_are_not():
    waiting = case(*SENT, ASSESSED, Waiting(at=NOON, by="bo"))
    composed = compose(waiting, now=NOON + 30 * DAY, since=NOON + DAY)
    assert items(composed, "Waiting for the reporter") == [("SEC-7Q4K-2M8D", "silent for 30 d")]
    assert [each.title for each in composed.sections] == ["Waiting for the reporter"]
    assert composed.state == "all quiet"


def test_a_clock_that_was_stopped_an_hour_before_its_end_asks_for_nothing():
    stopped = case(*SENT, ASSESSED, Waiting(at=NOON + 7 * DAY - 2 * HOUR, by="bo"))
    composed = compose(stopped, now=NOON + 20 * DAY, since=NOON + DAY)
    assert [each.title for each in composed.sections] == ["Waiting for the reporter"]


def test_the_state_counts_what_is_pressing():
    cases = [
        fold(named(1), (received(at=NOON - 2 * DAY, received_at=NOON - 3 * DAY), ASSESSED)),
        fold(named(2), (received(at=NOON - 2 * DAY, received_at=NOON - 40 * HOUR), ASSESSED)),
        *(fold(named(number), (received(), ASSESSED)) for number in (3, 4)),
    ]
    assert compose(*cases).state == "1 overdue, 1 due today, 2 new"
    assert compose(*cases[2:]).state == "2 new"


def test_what_only_waits_for_a_decision_is_not_called_quiet():
    assert compose(case(*SENT), since=NOON).state == "1 to decide"


def test_a_daemon_in_trouble_is_never_called_quiet():
    blind = replace(WELL, problems=("the mailbox has not been read since noon", "the disk is full"))
    assert compose(health=blind).state == "the daemon needs help"
    assert compose(case(), health=blind).state == "1 new, the daemon needs help"
    assert compose(health=blind).health.problems == blind.problems


def test_a_long_section_shows_some_and_counts_the_rest():
    cases = [fold(named(number), (received(), ASSESSED)) for number in range(SHOWN + 3)]
    found = section(compose(*cases, now=NOON + 3 * DAY), "Overdue")
    assert (len(found.items), found.more, found.count) == (SHOWN, 3, SHOWN + 3)
    assert found.more_command == "triaged cases --overdue"
    assert [item.case_id for item in found.items] == [named(number) for number in range(SHOWN)]
    assert found.also == tuple(named(number) for number in range(SHOWN, SHOWN + 3))
    assert section(compose(*cases[:SHOWN], now=NOON + 3 * DAY), "Overdue").more == 0


def test_what_can_wait_is_shortened_more_and_what_is_new_is_named_all_the_same():
    cases = [fold(named(number), (received(), ASSESSED)) for number in range(SHOWN)]
    found = section(compose(*cases), "New")
    assert (len(found.items), found.more) == (FEW, SHOWN - FEW)
    assert found.also == tuple(named(number) for number in range(FEW, SHOWN))
    asleep = [case(*SENT, ASSESSED, TRIAGED, Waiting(at=NOON, by="bo"), case_id=each.id) for each in cases]
    found = section(compose(*asleep), "Waiting for the reporter")
    assert (len(found.items), found.more, found.also) == (FEW, SHOWN - FEW, ())


def test_an_id_that_stands_above_is_not_named_again():
    late = [fold(named(number), (received(received_at=NOON - 9 * DAY), ASSESSED)) for number in range(2 * SHOWN)]
    composed = compose(*late)
    assert len(section(composed, "Overdue").also) == SHOWN
    assert (section(composed, "New").more, section(composed, "New").also) == (2 * SHOWN - FEW, ())


def test_exploitation_comes_first_undecided_before_known_and_with_its_hours():
    suspected = case(*SENT, ASSESSED, ExploitSuspected(at=NOON, quote="in the wild"), case_id=named(2))
    confirmed = case(*SENT, ASSESSED, ExploitConfirmed(at=NOON, by="bo", reason="our logs"), case_id=named(1))
    for ours, hours in ((LAWFUL, "send the CRA early warning, or dismiss the suspicion: due in 4 h (Tue 24 Nov 12:00)"),
                        (policy(), "no law's clock runs under your policy")):  # fmt: skip
        composed = compose(suspected, confirmed, now=NOON + 20 * HOUR, ours=ours, since=NOON)
        first = composed.sections[0]
        assert (first.title, first.tone) == ("Exploited, and what a law wants", "late")
        assert [item.case_id for item in first.items] == [named(2), named(1)]
        assert first.items[0].what == 'said to be exploited: "in the wild"'
        assert first.items[0].command == f'triaged case {named(2)} exploited confirm --reason "..."'
        assert hours in first.items[0].notes
    assert first.items[1].what == "attackers use it, and there is no fix yet"
    assert composed.state.startswith("1 said to be exploited")
    dismissed = case(*SENT, ASSESSED, *suspected.history[4:], ExploitDismissed(at=NOON, by="bo", reason="a test"))
    assert section(compose(dismissed, ours=LAWFUL), "Exploited, and what a law wants") is None


def test_a_reporter_who_wrote_again_is_shown_until_a_person_has_taken_it_up():
    again = received(at=NOON + HOUR, sha256="cd" * 32)
    composed = compose(case(*SENT, ASSESSED, again), now=NOON + 4 * HOUR)
    assert items(composed, "The reporter has answered") == [("SEC-7Q4K-2M8D", "wrote again 3 h ago")]
    for event in (Answered, Triaged, Waiting):
        taken_up = case(*SENT, ASSESSED, again, event(at=NOON + 2 * HOUR, by="bo"))
        assert section(compose(taken_up, now=NOON + 4 * HOUR), "The reporter has answered") is None
    assert section(compose(case(*SENT, ASSESSED)), "The reporter has answered") is None


def test_who_has_what_due_is_told_by_owner_nobodys_first():
    owned = [
        fold(named(number), (received(received_at=NOON - hours * HOUR), *owner))
        for number, (hours, owner) in enumerate(
            ((72, ()), (72, (OwnerSet(at=NOON, by="bo", owner="cy"),)), (40, (OwnerSet(at=NOON, by="bo", owner="cy"),)))
        )
    ]
    composed = compose(*owned)
    found = [(each.owner, each.overdue, each.today, each.later, each.first) for each in composed.workloads]
    assert found == [("nobody", 1, 0, 0, (named(0),)), ("cy", 1, 1, 0, (named(1), named(2)))]
    assert [each.command for each in composed.workloads] == [
        "triaged digest --owner nobody",
        "triaged digest --owner cy",
    ]
    assert compose(owned[0]).workloads == ()


def test_owners_are_counted_with_all_their_open_work():
    mine = OwnerSet(at=NOON, by="bo", owner="cy")
    some = (
        case(*SENT, ASSESSED, TRIAGED, mine, case_id=named(1)),  # nothing due for long
        case(*SENT, ASSESSED, TRIAGED, mine, Waiting(at=NOON, by="bo"), case_id=named(2)),  # its clocks stand still
        case(*SENT, ASSESSED, TRIAGED, mine, Closed(at=NOON, by="bo", reason="fixed"), case_id=named(3)),
        case(*SENT, ASSESSED, case_id=named(4)),
        fold(named(5), (received(received_at=NOON - 9 * DAY), mine)),
    )
    composed = compose(*some)
    found = [(each.owner, each.overdue, each.today, each.later, each.first) for each in composed.workloads]
    assert found == [("nobody", 0, 0, 1, ()), ("cy", 1, 0, 2, (named(5),))]
    assert sum(each.overdue + each.today + each.later for each in composed.workloads) == composed.open_cases


@pytest.mark.parametrize(("owner", "mine"), [("cy", [1]), ("CY", [1]), ("nobody", [0]), ("dee", []), ("", [0, 1])])
def test_one_persons_digest_shows_their_work_alone(owner, mine):
    old = received(received_at=NOON - 3 * DAY)
    both = (fold(named(0), (old,)), fold(named(1), (old, OwnerSet(at=NOON, by="bo", owner="cy"))))
    composed = digest(Inputs(both, (), {}, WELL, NOON - DAY, owner=owner), policy(), NOON, TODAY, UTC)
    assert {item.case_id for each in composed.sections for item in each.items} == {named(number) for number in mine}
    assert composed.open_cases == len(mine)


def test_what_the_daemon_did_since_the_last_digest_is_counted():
    cases = [
        case(*SENT, received(at=NOON + HOUR), case_id=named(1)),
        case(WITHHELD, case_id=named(2)),
        case(owed(), Deferred(at=NOON, message_id=ACK, cause="busy", retry_at=NOON), case_id=named(3)),
        case(owed(), Failed(at=NOON, message_id=ACK, reason="550 no"), case_id=named(4)),
        case(
            replace(owed(), purpose="update", message_id="update-1@smallest.ai"),
            Submitted(at=NOON, message_id="update-1@smallest.ai", answer="250"),
            case_id=named(5),
        ),
    ]
    assert compose(*cases).done == (
        "5 reports filed",
        "1 further mail filed with a case",
        "2 mails sent to reporters",
        "1 automatic update among these",
        "1 acknowledgment withheld",
        "1 mail refused for good",
        "1 time a mail had to be tried again",
    )
    assert compose(*cases, since=NOON + HOUR).done == ()


def test_a_poll_is_dated_only_once_it_is_old():
    at = {minutes: replace(WELL, last_poll_at=NOON - timedelta(minutes=minutes)) for minutes in (0, 5, 6)}
    assert (
        compose(health=at[0]).polled == compose(health=at[5]).polled == "the mailbox was read within the last 5 minutes"
    )
    assert compose(health=at[6]).polled == "the mailbox was last read Mon 23 Nov 11:54 UTC"
    assert compose(health=replace(WELL, last_poll_at=None)).polled == "the mailbox was never read"


def test_mail_of_the_team_that_is_no_answer_is_a_line_for_a_person_and_not_counted_as_set_aside():
    meant = Arrival("ab" * 32, NOON, NOON, 9, end="command", reason="a colleague's mail")
    composed = compose(set_aside=[meant])
    ((case_id, what),) = items(composed, "Needs a decision")
    assert (case_id, what) == ("", "a colleague's mail")
    assert composed.silent == ()
    assert composed.state == "1 to decide"


def test_a_new_case_says_who_passed_it_on_and_what_else_its_reporter_has_open():
    received_event, *more = decide(message()).events
    passed = replace(received_event, passed_on_by="kim@x.example", same_reporter=("SEC-1111-1111",))
    composed = compose(fold("SEC-2222-2222", (passed, *more)))
    (line,) = section(composed, "New").items
    assert "passed on by kim[@]x[.]example" in " ".join(line.notes)
    assert "the same reporter has SEC-1111-1111 open" in line.notes


def test_a_thanks_is_no_answer_that_waits_for_the_team():
    thanks = received(at=NOON + HOUR, received_at=NOON + HOUR, message_id="n@x", idle="a thanks")
    assert items(compose(case(thanks), now=NOON + 2 * HOUR), "The reporter has answered") == []


def test_what_was_set_aside_is_counted_by_its_reason_and_every_end_by_its_name():
    def aside(reason, number):
        return Arrival(f"{number:064x}", NOON, NOON, 9, end="set-aside", reason=reason)

    set_aside = [aside("it is a bounce", 1), aside("it comes from a mailing list", 2), aside("it is a bounce", 3)]
    composed = compose(set_aside=set_aside, seen={"opened": 4, "set-aside": 3})
    assert composed.silent == (("it is a bounce", 2), ("it comes from a mailing list", 1))
    assert composed.seen == (("opened", 4), ("joined", 0), ("command", 0), ("set-aside", 3), ("failed", 0))


EVENTS = st.one_of(
    st.builds(Answered, at=st.just(NOON), by=st.just("bo")),
    st.builds(Triaged, at=st.just(NOON), by=st.just("bo")),
    st.builds(Waiting, at=st.just(NOON), by=st.just("bo")),
    st.builds(Closed, at=st.just(NOON), by=st.just("bo"), reason=st.just("fixed")),
    st.builds(MarkedDuplicate, at=st.just(NOON), by=st.just("bo"), of=st.just(named(1))),
    st.builds(Reopened, at=st.just(NOON), by=st.just("bo")),
    st.builds(received),
    st.builds(owed),
    st.just(WITHHELD),
    st.just(ASSESSED),
    st.just(SENT[1]),
    st.just(Failed(at=NOON, message_id=ACK, reason="550 no")),
    st.just(ExploitSuspected(at=NOON, quote="in the wild")),
    st.just(ExploitConfirmed(at=NOON, by="bo", reason="our logs")),
    st.just(ExploitDismissed(at=NOON, by="bo", reason="a test")),
    st.just(AuthorityNotified(at=NOON, by="bo", duty="cra-early-warning")),
)
LAWFUL = policy().model_copy(update={"promises": promised(("policy", "eu-cra"), ())})


@st.composite
def histories(draw):
    """Any events, at any hours of five weeks, in order."""
    events = draw(st.lists(EVENTS, max_size=6))
    hours = sorted(draw(st.lists(st.integers(0, 840), min_size=len(events), max_size=len(events))))
    dated = [replace(event, at=NOON + hour * HOUR) for event, hour in zip(events, hours, strict=True)]
    return (received(received_at=NOON - draw(st.integers(0, 48)) * HOUR), *dated)


@given(st.lists(histories(), max_size=15), st.integers(0, 1000))
def test_whatever_is_overdue_is_in_the_digest_in_full_or_by_its_id(some, after):
    cases = [fold(named(number), history) for number, history in enumerate(some)]
    now = NOON + after * HOUR
    composed = compose(*cases, now=now, ours=LAWFUL)

    late = {}
    for each in cases:
        owed = [deadline for deadline in outstanding(each, LAWFUL, now) if deadline.overdue]
        late |= {each.id: {duty(deadline) for deadline in owed}} if owed else {}
    assert {each.id for each in cases if overdue(each, LAWFUL, now)} == set(late)
    shown = {item.case_id: item for item in pressing(composed)}
    assert set(late) <= {*shown, *named_only(composed)}
    for case_id in set(late) & (set(shown) - set(named_only(composed))):
        told = [(item.what, *item.notes) for item in pressing(composed) if item.case_id == case_id]
        for what in late[case_id]:
            assert any(what in line and "overdue" in line for lines in told for line in lines), (what, told)
    assert (f"{len(late)} overdue" in composed.state) == bool(late)


@given(st.lists(histories(), max_size=15), st.integers(0, 1000), st.integers(0, 1000))
def test_whatever_nobody_has_triaged_is_in_the_digest_in_full_or_by_its_id(some, after, before):
    cases = [fold(named(number), history) for number, history in enumerate(some)]
    composed = compose(*cases, now=NOON + after * HOUR, since=NOON + (after - before) * HOUR, ours=LAWFUL)
    untriaged = {each.id for each in cases if each.state == "new"}
    shown = {item.case_id for each in composed.sections for item in each.items}
    assert untriaged <= {*shown, *named_only(composed)}
    counted = [section(composed, title).count for title in ("New", UNTRIAGED) if section(composed, title)]
    assert sum(counted) == len(untriaged)


def pressing(composed):
    return [item for each in composed.sections if each.tone == "late" for item in each.items]


def named_only(composed):
    return [case_id for each in composed.sections for case_id in each.also]


@given(st.lists(histories(), max_size=8), st.integers(0, 1000), st.randoms())
def test_the_same_state_gives_the_same_digest(some, after, chance):
    cases = [fold(named(number), history) for number, history in enumerate(some)]
    composed = compose(*cases, now=NOON + after * HOUR)
    assert composed == compose(*cases, now=NOON + after * HOUR)
    # The order in which cases come decides nothing about what is due.
    shuffled = compose(*chance.sample(cases, len(cases)), now=NOON + after * HOUR)
    assert shuffled.state == composed.state
    for title in ("Exploited, and what a law wants", "Overdue", "Due within 24 hours", "Due by the next business day"):
        assert section(shuffled, title) == section(composed, title)


def test_nothing_that_a_sender_wrote_is_shown_with_its_hidden_characters():
    evil = "a\u202eb\x1b]0;x\x07\u200bc p\u0430yp\u0430l"
    composed = compose(opened(by("mallory@example.net", subject=evil, text=evil, attachments=(DANGER,))))
    shown = "".join(word for each in composed.sections for item in each.items for word in (item.subject, *item.notes))
    assert all(char.isprintable() for char in shown)
    assert r"a\u202eb" in shown
    assert r"p\u0430yp\u0430l" in shown


# Which day's digest is due.

NINE = time(9)
BERLIN = ZoneInfo("Europe/Berlin")


def local(text: str, zone=BERLIN, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("2026-11-23T08:59", "2026-11-22", None),
        ("2026-11-23T09:00", "2026-11-22", "2026-11-23"),
        ("2026-11-23T23:59", "2026-11-22", "2026-11-23"),
        ("2026-11-23T09:01", "2026-11-23", None),
        ("2026-11-24T00:01", "2026-11-23", None),
        # The daemon was down over the set time: what was due is sent as soon as it runs.
        ("2026-11-24T00:01", "2026-11-22", "2026-11-23"),
        ("2026-11-24T08:00", "2026-11-01", "2026-11-23"),
        ("2026-11-24T10:00", "2026-11-01", "2026-11-24"),
        # The clock had been ahead.
        ("2026-11-23T10:00", "2026-11-25", None),
        # A first start: yesterday nothing ran.
        ("2026-11-23T08:59", None, None),
        ("2026-11-23T09:00", None, "2026-11-23"),
        ("2026-11-23T23:00", None, "2026-11-23"),
    ],
)
def test_the_digest_due_is_that_of_the_newest_set_time_that_has_passed(now, last, due):
    found = digest_day(NINE, BERLIN, local(now), date.fromisoformat(last) if last else None)
    assert found == (date.fromisoformat(due) if due else None)


def test_three_days_down_give_one_digest():
    last, sent = date(2026, 11, 20), []
    for minutes in range(0, 60, 10):
        if day := digest_day(NINE, BERLIN, local("2026-11-23T10:00") + timedelta(minutes=minutes), last):
            sent.append(day)
            last = day
    assert sent == [date(2026, 11, 23)]


def test_a_clock_set_forward_a_day_and_back_sends_each_date_once():
    last, sent = date(2026, 11, 22), []
    # 23 November; then the clock shows the 24th for three hours, and the 23rd again.
    for now in ("2026-11-23T10:00", "2026-11-24T10:00", "2026-11-24T13:00", "2026-11-23T13:30", "2026-11-24T08:00",
                "2026-11-24T10:00", "2026-11-25T10:00"):  # fmt: skip
        if day := digest_day(NINE, BERLIN, local(now), last):
            sent.append(day)
            last = day
    assert sent == [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)]


def test_a_set_time_that_a_change_of_the_clocks_skips_moves_forward_with_the_clocks():
    last = date(2026, 3, 28)
    assert digest_day(time(2, 30), BERLIN, local("2026-03-29T03:29"), last) is None
    assert digest_day(time(2, 30), BERLIN, local("2026-03-29T03:30"), last) == date(2026, 3, 29)


def test_a_set_time_that_comes_twice_counts_the_first_time():
    last = date(2026, 10, 24)
    assert digest_day(time(2, 30), BERLIN, local("2026-10-25T02:30"), last) == date(2026, 10, 25)
    assert digest_day(time(2, 30), BERLIN, local("2026-10-25T02:30", fold=1), date(2026, 10, 25)) is None


ZONES = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Pacific/Auckland": ("2026-04-05", "2026-09-27"),
    "America/Havana": ("2026-03-08", "2026-11-01"),  # at midnight
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),  # by half an hour
    "Asia/Kolkata": ("2026-03-29", "2026-10-25"),  # not at all
}
CHANGES = [(zone, change) for zone, both in ZONES.items() for change in both]


def polled(zone: ZoneInfo, change: date, at: time) -> list[tuple[datetime, date]]:
    """What is sent from two days before a change of the clocks to two days after it, polled every ten minutes."""
    now, end = (local(f"{change + days * DAY}T00:00", zone) for days in (-2, 3))
    last, sent = change - 3 * DAY, []
    while now < end:
        if day := digest_day(at, zone, now, last):
            sent.append((now, day))
            last = day
        now += timedelta(minutes=10)
    return sent


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_every_local_date_has_its_one_digest_at_any_set_time_of_any_zone(name, change):
    zone, middle = ZoneInfo(name), date.fromisoformat(change)
    for half_hours in range(48):
        at = time(*divmod(half_hours * 30, 60))
        sent = polled(zone, middle, at)
        assert [day for _, day in sent] == [middle + days * DAY for days in range(-2, 3)], at
        for now, day in sent:
            shown = now.astimezone(zone)
            late = shown.replace(tzinfo=None) - datetime.combine(day, at)
            # At its time, but for the step of the poll and, where the time was skipped, the length of the gap.
            assert timedelta(0) <= late < timedelta(minutes=75), (at, shown)


@pytest.mark.parametrize("back", [timedelta(minutes=1), HOUR, 5 * HOUR, 20 * HOUR])
@pytest.mark.parametrize("half_hours", range(0, 48, 5))
def test_a_clock_set_back_sends_nothing_twice(back, half_hours):
    at = time(*divmod(half_hours * 30, 60))
    first = local(f"2026-10-24T{at:%H:%M}")
    day = digest_day(at, BERLIN, first, date(2026, 10, 23))
    assert day == date(2026, 10, 24)
    steps = int((back + 3 * HOUR) / timedelta(minutes=20))
    again = [digest_day(at, BERLIN, first - back + step * timedelta(minutes=20), day) for step in range(steps)]
    assert again == [None] * steps
