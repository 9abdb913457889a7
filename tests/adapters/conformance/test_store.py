"""What every store does that stands behind the port: each test runs on each row of `STORES`, another store is another row."""

import tempfile
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.stores import (
    ACK,
    DAY,
    STORES,
    arrival,
    assert_the_same_after_opening_again,
    digest_owed,
    opener,
    transcript,
    visible,
)
from tests.support.values import HOUR, NEW_ID, NOON, owed, received
from triaged.core.case.events import Deferred, Failed, Noted, Requeued, Submitted, Submitting, Triaged
from triaged.core.case.owner import ToTeam
from triaged.core.mail.arrival import Contact, Place
from triaged.core.team.alerts import Mark, Told
from triaged.ports import Page, StateFault


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    with closing(STORES[request.param](tmp_path)) as opened:
        yield opened


def test_a_new_store_is_empty(store):
    assert list(store.cases()) == list(store.owed()) == list(store.pending()) == []
    assert (store.seen(), store.last_taken_at(), store.last_digest(DAY)) == ({}, None, None)
    assert (store.arrival("ab" * 32), store.case(NEW_ID), store.by_message_id("a@b")) == (None, None, None)
    assert (store.highest_uid("INBOX", 7), store.contact("INBOX", 7)) == (0, None)


def test_a_case_its_letter_and_the_end_of_its_mail_come_together(store, tmp_path):
    case = store.record(NEW_ID, (received(), owed()), arrival(1, end="opened", case_id=NEW_ID))
    assert store.case(NEW_ID) == case
    assert [(owner, letter.message_id) for owner, letter in store.owed()] == [(NEW_ID, ACK)]
    assert store.seen() == {"opened": 1}
    assert_the_same_after_opening_again(tmp_path, store)


def _grouped(store):
    store.record(NEW_ID, (received(), owed()), arrival(1, end="opened", case_id=NEW_ID))
    store.record(NEW_ID, (Noted(at=NOON, by="bo", text="it grows in the group that opened it"),))
    store.note(arrival(2))
    store.letter_event(NEW_ID, Submitting(at=NOON, message_id=ACK))


def test_a_group_of_writes_is_seen_inside_and_kept_at_its_end(store, tmp_path):
    with store.group():
        _grouped(store)
        assert len(store.case(NEW_ID).history) == 4
    assert [letter.state for _, letter in store.owed()] == ["submitting"]
    assert_the_same_after_opening_again(tmp_path, store)


def test_a_fault_in_a_group_leaves_the_store_as_it_was(store, tmp_path):
    store.note(arrival(3))
    before = visible(store)
    with suppress(KeyError), store.group():
        _grouped(store)
        raise KeyError
    assert visible(store) == before
    assert (store.case(NEW_ID), list(store.owed()), len(store.pending())) == (None, [], 1)
    _grouped(store)
    assert_the_same_after_opening_again(tmp_path, store)


def test_events_are_appended_to_the_history(store, tmp_path):
    store.record(NEW_ID, (received(),))
    note = Noted(at=NOON, by="bo", text="a remark, with ü, \0 and \u2028")
    assert store.record(NEW_ID, (note,)).history == (received(), note)
    assert_the_same_after_opening_again(tmp_path, store)


def test_a_case_that_does_not_begin_with_its_mail_is_not_written(store, tmp_path):
    before = visible(store)
    with pytest.raises(ValueError, match="begins with the mail that opens it"):
        store.record(NEW_ID, (owed(),), arrival(1, end="opened"))
    assert visible(store) == before
    assert store.case(NEW_ID) is None
    assert_the_same_after_opening_again(tmp_path, store)


def test_cases_come_oldest_first(store):
    for name in ("SEC-9", "SEC-1", "SEC-5"):
        store.record(name, (received(),))
    store.record("SEC-9", (Triaged(at=NOON, by="bo"),))
    assert [case.id for case in store.cases()] == ["SEC-9", "SEC-1", "SEC-5"]


@pytest.mark.parametrize(
    ("events", "waits"),
    [
        ((), True),
        ((Submitting(at=NOON, message_id=ACK),), True),
        ((Submitting(at=NOON, message_id=ACK), Submitted(at=NOON, message_id=ACK, answer="250 ok")), False),
        ((Submitting(at=NOON, message_id=ACK), Deferred(at=NOON, message_id=ACK, cause="4", retry_at=NOON)), True),
        ((Failed(at=NOON, message_id=ACK, reason="550 no"),), False),
        (
            (
                Failed(at=NOON, message_id=ACK, reason="550 no"),
                Requeued(at=NOON, by="bo", message_id=ACK, expires_at=NOON + HOUR),
            ),
            True,
        ),
    ],
)
def test_a_letter_is_owed_until_it_is_submitted_or_has_failed(store, tmp_path, events, waits):
    store.record(NEW_ID, (received(), owed()))
    for event in events:
        store.letter_event(NEW_ID, event)
    assert [owner for owner, _ in store.owed()] == [NEW_ID] * waits
    assert store.case(NEW_ID).history == (received(), owed(), *events)
    assert_the_same_after_opening_again(tmp_path, store)


def test_letters_of_cases_and_of_digests_wait_in_one_line_the_oldest_first(store, tmp_path):
    store.record("SEC-1", (received(), owed()))
    store.letter_event(ToTeam.dated("digest", DAY), digest_owed(at=NOON + HOUR))
    store.record("SEC-2", (received(at=NOON + 2 * HOUR), owed(at=NOON + 2 * HOUR, message_id="ack-2@smallest.ai")))
    store.letter_event("SEC-1", Failed(at=NOON + 3 * HOUR, message_id=ACK, reason="550 no"))
    store.letter_event("SEC-1", Requeued(at=NOON + 4 * HOUR, by="bo", message_id=ACK, expires_at=NOON + 9 * HOUR))
    assert [owner for owner, _ in store.owed()] == ["SEC-1", ToTeam("digest", "2026-11-23"), "SEC-2"]
    assert_the_same_after_opening_again(tmp_path, store)


def test_an_alarm_has_its_day_beside_the_digest_of_that_day(store, tmp_path):
    store.letter_event(ToTeam.dated("digest", DAY), digest_owed())
    store.letter_event(ToTeam.dated("alarm", DAY), digest_owed(purpose="alarm", message_id="alarm-1@smallest.ai"))
    assert [owner for owner, _ in store.owed()] == [ToTeam("digest", "2026-11-23"), ToTeam("alarm", "2026-11-23")]
    store.letter_event(ToTeam("alarm", "2026-11-23"), Submitting(at=NOON, message_id="alarm-1@smallest.ai"))
    store.letter_event(
        ToTeam("alarm", "2026-11-23"), Submitted(at=NOON, message_id="alarm-1@smallest.ai", answer="250 ok")
    )
    assert (
        store.letter_to_team(ToTeam.dated("alarm", DAY)).state,
        store.letter_to_team(ToTeam.dated("digest", DAY)).state,
    ) == ("submitted", "owed")
    assert store.letter_to_team(ToTeam.dated("alarm", DAY - timedelta(days=1))) is None
    assert_the_same_after_opening_again(tmp_path, store)


def test_an_alert_keeps_what_it_told_whatever_becomes_of_its_letter(store, tmp_path):
    missed = Mark(NEW_ID, "triage", NOON, "missed")
    suspected = Mark(NEW_ID, "exploitation", NOON, "suspected")
    store.record_alert(store.next_alert(), [missed], digest_owed(purpose="alert", message_id="alert-1@smallest.ai"))
    # The clock was set back in between: what was recorded last is the last.
    store.record_alert(
        store.next_alert(), [suspected], digest_owed(at=NOON - HOUR, purpose="alert", message_id="alert-2@smallest.ai")
    )
    for event in (Submitting, lambda **how: Failed(reason="554 no", **how)):
        store.letter_event(ToTeam("alert", "000002"), event(at=NOON, message_id="alert-2@smallest.ai"))
    assert store.told() == Told({missed, suspected}, ordinary_at=NOON, suspicion_at=NOON - HOUR)
    assert (store.last_alert().message_id, store.last_alert().state) == ("alert-2@smallest.ai", "failed")
    assert [owner for owner, _ in store.owed()] == [ToTeam("alert", "000001")]
    assert store.unpaged() == []
    assert_the_same_after_opening_again(tmp_path, store)


def test_a_page_waits_until_it_is_settled(store, tmp_path):
    for number in (1, 2):
        letter = digest_owed(purpose="alert", message_id=f"alert-{number}@smallest.ai")
        store.record_alert(
            store.next_alert(), [Mark(NEW_ID, "triage", NOON, f"{number} hours before")], letter, f'{{"id": {number}}}'
        )
    store.record_paged(ToTeam("alert", "000001"), "told")
    store.letter_event(ToTeam("alert", "000001"), Submitting(at=NOON, message_id="alert-1@smallest.ai"))
    assert store.unpaged() == [Page(ToTeam("alert", "000002"), NOON, '{"id": 2}', "alert-2@smallest.ai")]
    assert_the_same_after_opening_again(tmp_path, store)


def test_cases_opened_are_counted_by_when_they_were(store):
    for number, hours in enumerate((-3, -2, 0)):
        opening = received(at=NOON + hours * HOUR, sha256=f"{number:064x}", message_id=f"{number}@x")
        store.record(f"SEC-0000-000{number}", (opening,))
        store.record(f"SEC-0000-000{number}", (received(at=NOON + HOUR, message_id=f"again-{number}@x"),))
    assert [store.opened_since(NOON + hours * HOUR) for hours in (-4, -2, -1, 1)] == [3, 2, 1, 0]


def test_a_digest_has_its_day_and_its_own_letter_events(store, tmp_path):
    store.letter_event(ToTeam.dated("digest", DAY), digest_owed())
    store.letter_event(ToTeam.dated("digest", DAY + timedelta(days=1)), digest_owed(message_id="digest-2@smallest.ai"))
    store.letter_event(ToTeam("digest", "2026-11-23"), Submitting(at=NOON, message_id="digest-1@smallest.ai"))
    store.letter_event(
        ToTeam("digest", "2026-11-23"), Submitted(at=NOON, message_id="digest-1@smallest.ai", answer="250 ok")
    )
    assert store.letter_to_team(ToTeam.dated("digest", DAY)).state == "submitted"
    assert store.last_digest(DAY)[0] == DAY
    assert store.last_digest(DAY - timedelta(days=1)) is None
    day, letter = store.last_digest(DAY + timedelta(days=9))
    assert (day, letter.message_id, letter.state) == (DAY + timedelta(days=1), "digest-2@smallest.ai", "owed")
    assert store.replies_since(NOON - HOUR) == []
    assert_the_same_after_opening_again(tmp_path, store)


def test_a_thread_belongs_to_who_used_its_message_id_first_also_after_opening_again(store, tmp_path):
    store.record("SEC-1", (received(at=NOON, message_id="a@example.org"),))
    store.record("SEC-2", (received(at=NOON + HOUR, message_id="b@example.org"), owed(at=NOON + HOUR)))
    # The reporter of the older case takes the message id of the newer one.
    store.record("SEC-1", (received(at=NOON + 2 * HOUR, message_id="b@example.org"),))
    store.record("SEC-1", (received(at=NOON + 2 * HOUR, message_id=ACK),))
    assert store.by_message_id("a@example.org").id == "SEC-1"
    assert store.by_message_id("b@example.org").id == "SEC-2"
    assert store.by_message_id(ACK).id == "SEC-2"
    assert_the_same_after_opening_again(tmp_path, store)


def test_copies_and_the_cases_of_a_reporter_are_known_also_after_opening_again(store, tmp_path):
    store.record("SEC-1", (received(at=NOON, message_id="a@example.org", fingerprint="f1"),))
    store.record("SEC-2", (received(at=NOON + HOUR, message_id="b@example.org", fingerprint="f1"),))
    store.record("SEC-1", (received(at=NOON + 2 * HOUR, message_id="c@example.org", fingerprint="f2"),))
    assert [store.by_fingerprint(each).id for each in ("f1", "f2")] == ["SEC-1", "SEC-1"]
    assert [each.id for each in store.by_reporter("ANN@example.org")] == ["SEC-1", "SEC-2"]
    assert (store.by_fingerprint(""), store.by_reporter("")) == (None, [])
    assert_the_same_after_opening_again(tmp_path, store)


def test_a_mail_without_a_message_id_starts_no_thread(store, tmp_path):
    store.record(NEW_ID, (received(message_id=None),))
    assert store.by_message_id("") is None
    assert_the_same_after_opening_again(tmp_path, store)


def test_places_are_known_under_their_uidvalidity(store, tmp_path):
    store.note(arrival(1, places=(Place("INBOX", 7, 9), Place("INBOX", 7, 4), Place("INBOX", 8, 2))))
    store.note(arrival(2, places=(Place("Other", 7, 20),)))
    assert store.knows(Place("INBOX", 7, 4))
    assert not store.knows(Place("INBOX", 8, 4))
    assert not store.knows(Place("Other", 7, 4))
    assert [store.highest_uid(*box) for box in (("INBOX", 7), ("INBOX", 8), ("Other", 7))] == [9, 2, 20]
    assert_the_same_after_opening_again(tmp_path, store)


def test_first_contact_is_kept_for_each_uidvalidity(store, tmp_path):
    first, second = Contact("INBOX", 7, NOON - 48 * HOUR, 100), Contact("INBOX", 8, NOON, 1)
    store.remember(first)
    store.remember(second)
    assert (store.contact("INBOX", 7), store.contact("INBOX", 8)) == (first, second)
    assert store.contact("Other", 7) is None
    assert_the_same_after_opening_again(tmp_path, store)


def test_mails_without_an_end_are_pending_the_first_taken_first(store, tmp_path):
    for number in (3, 1, 2):
        store.note(arrival(number))
    store.note(arrival(2, end="set-aside", reason="a list mail"))
    assert [mail.sha256 for mail in store.pending()] == [f"{1:064x}", f"{3:064x}"]
    assert store.arrival(f"{2:064x}").reason == "a list mail"
    assert store.last_taken_at() == arrival(3).taken_at
    assert_the_same_after_opening_again(tmp_path, store)


def test_every_mail_is_counted_once_under_its_end(store, tmp_path):
    ends = ("opened", "joined", "command", "set-aside", "failed", "opened")
    for number, end in enumerate(ends):
        store.note(arrival(number))
        store.note(arrival(number, end=end))
        # Seen again at another place.
        store.note(arrival(number, end=end, places=(*arrival(number).places, Place("INBOX", 8, number))))
    assert store.seen() == {"opened": 2, "joined": 1, "command": 1, "set-aside": 1, "failed": 1}
    assert_the_same_after_opening_again(tmp_path, store)


def test_mail_set_aside_is_listed_by_when_it_was_taken_in_and_as_it_is_now(store, tmp_path):
    store.note(arrival(1))
    for number in (4, 2):
        store.note(arrival(number, end="set-aside", reason="a list mail"))
    store.note(arrival(1, end="set-aside", reason="a bounce"))
    places = (*arrival(2).places, Place("INBOX", 8, 1))
    moved = arrival(2, end="set-aside", reason="a list mail", places=places)
    store.note(moved)
    assert [mail.sha256[-1] for mail in store.set_aside_since(NOON)] == ["1", "2", "4"]
    assert store.set_aside_since(moved.taken_at) == [moved, arrival(4, end="set-aside", reason="a list mail")]
    assert_the_same_after_opening_again(tmp_path, store)


def test_replies_count_from_when_they_left_and_all_that_are_owed_count(store, tmp_path):
    for number in range(4):
        at, message_id = NOON + number * HOUR, f"{number}@smallest.ai"
        store.record(f"SEC-{number}", (received(at=NOON), owed(at=NOON, message_id=message_id)))
        store.letter_event(f"SEC-{number}", Submitting(at=at, message_id=message_id))
        store.letter_event(f"SEC-{number}", Submitted(at=at, message_id=message_id, answer="250 ok"))
    store.record("SEC-9", (received(at=NOON), owed(at=NOON, message_id="9@smallest.ai")))
    left = [reply.left_at for reply in store.replies_since(NOON + 2 * HOUR)]
    assert left == [NOON + 2 * HOUR, NOON + 3 * HOUR, None]
    assert_the_same_after_opening_again(tmp_path, store)


def test_every_mail_to_a_reporter_counts_for_the_caps_and_no_mail_to_the_team(store, tmp_path):
    purposes = ("acknowledgment", "notice", "update")
    letters = [owed(purpose=purpose, message_id=f"{purpose}@smallest.ai") for purpose in purposes]
    store.record("SEC-1", (received(), *letters))
    store.letter_event(ToTeam.dated("digest", DAY), digest_owed())
    assert len(store.replies_since(NOON)) == len(purposes)
    assert_the_same_after_opening_again(tmp_path, store)


_NUMBERS = st.integers(1, 6)
_NAMES = st.sampled_from("abcdef")
_STEPS = st.one_of(
    st.tuples(st.just("note"), _NUMBERS, _NUMBERS),
    st.tuples(st.just("set aside"), _NUMBERS, _NUMBERS),
    st.tuples(st.just("record"), _NUMBERS, _NAMES),
    st.tuples(st.just("try"), _NUMBERS, st.booleans()),
    st.tuples(st.just("digest"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("contact"), st.sampled_from((7, 8)), _NUMBERS),
    st.tuples(st.just("alert"), _NUMBERS, st.sampled_from(("", '{"id": 1}'))),
    st.tuples(st.just("paged"), _NUMBERS, st.just("told")),
)


def _take_step(store, at, step):
    kind, which, how = step
    match kind:
        case "note" | "set aside":
            _note(store, which, how, aside=kind == "set aside")
        case "record":
            _record(store, f"SEC-{which}", received(at=at, message_id=f"{how}@example.org"), which)
        case "try":
            _try(store, f"SEC-{which}", f"ack-{which}@smallest.ai", at, taken=how)
        case "digest":
            _digest(store, DAY + timedelta(days=which), at, taken=how)
        case "contact":
            store.remember(Contact("INBOX", which, at, how))
        case "alert":
            mark = Mark(f"SEC-{which}", "exploitation" if which > 4 else "triage", at, "missed")
            letter = digest_owed(at=at, purpose="alert", message_id=f"alert-{at:%M}@smallest.ai")
            store.record_alert(store.next_alert(), [mark], letter, how)
        case "paged":
            _page(store, which, how)


def _page(store, which, outcome):
    if waiting := store.unpaged():
        store.record_paged(waiting[which % len(waiting)].alert, outcome)


def _note(store, which, how, *, aside):
    known = store.arrival(f"{which:064x}")
    if known is None and not aside:
        store.note(arrival(which, places=(Place("INBOX", 7, how),)))
    elif known and known.end is None and aside:
        store.note(replace(known, end="set-aside", reason=f"reason {how}"))


def _digest(store, day, at, *, taken):
    if store.letter_to_team(ToTeam.dated("digest", day)) is None:
        store.letter_event(ToTeam.dated("digest", day), digest_owed(at=at))
    else:
        _try(store, ToTeam.dated("digest", day), "digest-1@smallest.ai", at, taken=taken)


def _record(store, case_id, mail, number):
    if store.case(case_id):
        store.record(case_id, (mail,))
    else:
        opening = (mail, owed(at=mail.at, message_id=f"ack-{number}@smallest.ai"))
        store.record(case_id, opening, arrival(number + 6, end="opened", case_id=case_id))


def _try(store, owner, message_id, at, *, taken):
    if owner not in {name for name, _ in store.owed()}:
        return
    store.letter_event(owner, Submitting(at=at, message_id=message_id))
    if taken:
        store.letter_event(owner, Submitted(at=at, message_id=message_id, answer="250 ok"))


@given(st.lists(_STEPS, max_size=20))
def test_whatever_happened_every_store_shows_alike_also_after_opening_again(steps):
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        folders = {name: Path(folder) / name for name in STORES}
        stores = {name: stack.enter_context(closing(STORES[name](folders[name]))) for name in STORES}
        for (number, step), store in product(enumerate(steps), stores.values()):
            _take_step(store, NOON + number * timedelta(minutes=1), step)
        first, *others = (visible(store) for store in stores.values())
        assert all(other == first for other in others)
        for name, store in stores.items():
            assert_the_same_after_opening_again(folders[name], store)


def test_a_reader_sees_what_was_there_when_it_opened(store, tmp_path):
    store.record(NEW_ID, (received(),))
    with closing(opener(store)(tmp_path, read_only=True)) as reader:
        store.record("SEC-2", (received(),))
        assert [case.id for case in reader.cases()] == [NEW_ID]
        with pytest.raises(StateFault):
            reader.record(NEW_ID, (Noted(at=NOON, by="bo", text="no"),))
        assert reader.case(NEW_ID).history == (received(),)


# What the team answers.


def test_what_a_mails_commands_do_comes_with_its_transcript_and_its_end(store, tmp_path):
    store.record(NEW_ID, (received(),))
    store.record("SEC-2", (received(message_id="b@example.org"),))
    store.note(arrival(3))
    noted = Noted(at=NOON, by="kim@smallest.ai", text="a remark")
    happened = {NEW_ID: (noted,), "SEC-2": (noted, Triaged(at=NOON, by="kim@smallest.ai"))}
    store.record_answer(arrival(3, end="command"), happened, transcript())
    assert [case.history[-1].kind for case in store.cases()] == ["noted", "triaged"]
    assert [owner for owner, _ in store.owed()] == [ToTeam("transcript", "k1")]
    assert (store.seen(), store.pending()) == ({"command": 1}, [])
    assert [store.acted_on(each) for each in ("k1", "k2", "k3")] == [True, True, False]
    assert store.transcripts_since(NOON, "kim@SMALLEST.ai") == 1
    assert store.transcripts_since(NOON + HOUR, "kim@smallest.ai") == store.transcripts_since(NOON, "bo@x") == 0
    found = store.team_letter("transcript-1@anywhere.example")
    assert (found.mail, found.cases, found.letter.state) == (ToTeam("transcript", "k1"), (NEW_ID,), "owed")
    assert_the_same_after_opening_again(tmp_path, store)


def test_a_mail_whose_commands_did_nothing_has_its_transcript_all_the_same(store, tmp_path):
    store.record_answer(arrival(3, end="command"), {}, transcript(cases=()))
    assert store.team_letter("transcript-1").cases == ()
    assert store.seen() == {"command": 1}
    assert_the_same_after_opening_again(tmp_path, store)


def test_a_mail_to_the_team_is_known_by_its_id_and_by_a_relays(store, tmp_path):
    digest = ToTeam.dated("digest", DAY)
    store.letter_event(digest, digest_owed())
    store.letter_event(digest, Submitting(at=NOON, message_id="digest-1@smallest.ai"))
    answer = "250 Ok 0100018f00000000-relayed-000000"
    store.letter_event(digest, Submitted(at=NOON, message_id="digest-1@smallest.ai", answer=answer))
    mark = Mark(NEW_ID, "triage", NOON, "missed")
    alert = digest_owed(purpose="alert", message_id="alert-1@smallest.ai")
    store.record_alert(store.next_alert(), (mark, replace(mark, mark="4 hours before")), alert)
    for name in ("digest-1", "0100018f00000000-relayed-000000"):
        assert (store.team_letter(f"{name}@smallest.ai").mail, store.team_letter(name).cases) == (digest, ())
    assert store.team_letter("alert-1@smallest.ai").cases == (NEW_ID,)
    assert store.team_letter(ACK) is None
    assert_the_same_after_opening_again(tmp_path, store)


def test_mail_between_a_backup_and_its_restore_was_perhaps_answered(store, tmp_path):
    store.record_restore(NOON - HOUR, NOON + HOUR)
    asked = [store.perhaps_answered(NOON + hours * HOUR) for hours in (-2, -1, 0, 1, 2)]
    assert asked == [False, False, True, True, False]
    assert_the_same_after_opening_again(tmp_path, store)
