import json
import time
from datetime import timedelta
from threading import Thread

import pytest

from tests.cli.conftest import COMPLETE, mail
from tests.support.fakes import FakeReader
from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.lock import locked
from triaged.adapters.store.store import open_store
from triaged.composition import open_shelf
from triaged.config.loading import load
from triaged.core.case.events import OpenedByHand
from triaged.core.mail.arrival import Arrival
from triaged.service.decisions import take_up
from triaged.service.opening import open_by_hand

AWAY = b"Auto-Submitted: auto-replied\r\n" + mail(
    "Bo <bo@x.example>", "Automatic reply: hello", "I am away.\r\n", "away"
)
NEAR = b"Auto-Submitted: auto-replied\r\n" + mail(
    "=?utf-8?q?Eve=1B?= <eve@x.example>",
    "=?utf-8?q?=1B[31mTicket?= 7",
    "A vulnerability was logged.\r\n",
    "near",
)


def listed(triaged, *more):
    return json.loads(triaged("set-aside", "--json", *more))


def test_what_was_set_aside_is_listed_with_sender_subject_sign_and_reason(triaged, fill):
    fill(COMPLETE, AWAY)
    (row,) = listed(triaged)
    assert set(row) == {"sha256", "received_at", "sender", "subject", "sign", "reason"}
    assert (row["sender"], row["subject"], row["sign"]) == ("bo@x.example", "Automatic reply: hello", "auto-submitted")
    shown = triaged("set-aside")
    assert row["sha256"][:12] in shown
    assert "Automatic reply: hello" in shown


def test_where_nothing_was_set_aside_it_is_said(triaged, fill):
    fill(COMPLETE)
    assert triaged("set-aside") == "nothing was set aside\n"
    assert listed(triaged) == []


def test_only_what_came_since_is_listed(triaged, fill):
    fill(AWAY)
    assert len(listed(triaged, "--since", "1d")) == 1
    assert triaged("set-aside", "--since", "tomorrow", code=64, err=True)


def test_nothing_that_a_stranger_wrote_reaches_the_terminal_unescaped(triaged, fill):
    fill(NEAR)
    assert "\x1b" not in triaged("set-aside")
    assert "\x1b" not in triaged("digest")


def test_opening_one_makes_a_case_whose_clocks_run_from_when_it_came(triaged, fill):
    fill(AWAY, ago=timedelta(hours=30))
    (row,) = listed(triaged)
    said = triaged("set-aside", "open", row["sha256"][:8], "--by", "bo")
    case = said.partition(":")[0]
    shown = json.loads(triaged("show", case, "--json"))
    assert (shown["state"], shown["received_at"], shown["acknowledgment"]["state"]) == (
        "new",
        row["received_at"],
        "withheld",
    )
    assert "by bo" in triaged("show", case)
    assert listed(triaged) == []
    assert json.loads(triaged("status", "--json"))["seen"]["set-aside"] == 0


def test_opening_one_twice_says_which_case_it_is(triaged, fill):
    fill(AWAY)
    (row,) = listed(triaged)
    case = triaged("set-aside", "open", row["sha256"]).partition(":")[0]
    assert f"it is case {case} already" in triaged("set-aside", "open", row["sha256"], code=65, err=True)


@pytest.mark.parametrize(
    ("named", "code", "says"),
    [
        ("0" * 64, 66, "there is no such mail"),
        ("abc", 65, "at least 6 digits"),
        ("../../etc", 65, "at least 6 digits"),
        ("\x1b[31m", 65, "at least 6 digits"),
    ],
)
def test_an_unknown_or_too_short_hash_gets_one_sentence(triaged, fill, named, code, says):
    fill(AWAY)
    said = triaged("set-aside", "open", named, code=code, err=True)
    assert says in said
    assert "\x1b" not in said


def test_a_hash_that_two_mails_begin_with_is_asked_for_longer(triaged, fill, config):
    fill(AWAY)
    (row,) = listed(triaged)
    twin = row["sha256"][:20] + "0" * 44
    with locked(load(config).settings.state_dir):
        store = open_store(load(config).settings.state_dir)
        known = store.arrival(row["sha256"])
        store.note(Arrival(twin, known.received_at, known.taken_at, 9, end="set-aside", reason="another"))
        store.close()
    assert "2 mails begin so" in triaged("set-aside", "open", row["sha256"][:12], code=66, err=True)
    assert len(listed(triaged)) == 2


def test_beside_a_running_daemon_it_is_handed_in_and_opened_once(triaged, fill, config):
    fill(AWAY)
    (row,) = listed(triaged)
    loaded = load(config)
    with open_shelf(loaded) as shelf:
        box = DecisionBox(loaded.settings.state_dir / "decisions")
        taken = []

        def daemon():
            until = time.monotonic() + 10
            while not taken and time.monotonic() < until:
                if box.handed_in():
                    taken.append(take_up(shelf.store, box, lambda event: open_by_hand(shelf, event)))
                time.sleep(0.02)

        worker = Thread(target=daemon)
        worker.start()
        said = triaged("set-aside", "open", row["sha256"])
        worker.join()
        again = OpenedByHand(at=shelf.store.case(said.partition(":")[0]).opening.at, by="bo", sha256=row["sha256"])
        assert open_by_hand(shelf, again) is None
        assert len(list(shelf.store.cases())) == 1
    assert taken == [1]


def test_a_word_that_nobody_can_act_on_yet_is_left_waiting(config, fill):
    fill(AWAY)
    loaded = load(config)
    box = DecisionBox(loaded.settings.state_dir / "decisions")
    with open_shelf(loaded) as shelf:
        (arrival,) = shelf.store.arrivals()
        box.hand_in("", OpenedByHand(at=arrival.taken_at, by="bo", sha256=arrival.sha256))
        take_up(shelf.store, box)
        assert len(box.handed_in()) == 1


def test_a_mail_whose_raw_bytes_are_gone_is_not_opened(triaged, fill, config):
    fill(AWAY)
    (row,) = listed(triaged)
    (load(config).settings.state_dir / "spool" / row["sha256"]).unlink()
    assert "gone from the spool" in triaged("set-aside", "open", row["sha256"], code=66, err=True)
    assert len(listed(triaged)) == 1


def test_what_an_older_version_set_aside_is_read_from_the_spool(triaged, fill, config):
    fill(AWAY)
    (row,) = listed(triaged)
    with locked(load(config).settings.state_dir):
        store = open_store(load(config).settings.state_dir)
        known = store.arrival(row["sha256"])
        store.note(
            Arrival(known.sha256, known.received_at, known.taken_at, known.size, end="set-aside", reason=known.reason)
        )
        store.close()
    (old,) = listed(triaged)
    assert (old["sender"], old["subject"], old["sign"]) == ("Bo <bo@x.example>", "Automatic reply: hello", "")


def test_the_digest_names_what_came_near_to_a_report_and_is_not_quiet_above_it(triaged, fill):
    fill(AWAY)
    assert "all quiet" in triaged("digest")
    fill(NEAR)
    shown = triaged("digest")
    assert "all quiet" not in shown
    assert "1 set aside to look at" in shown
    assert "SET ASIDE, AND PERHAPS A REPORT (1)" in shown
    (near,) = (row for row in listed(triaged) if row["sender"] == "eve@x.example")
    assert f"triaged set-aside open {near['sha256'][:12]}" in shown


def test_the_reader_is_the_one_that_reads_new_mail(config, fill):
    fill(AWAY)
    loaded = load(config)
    with open_shelf(loaded) as shelf:
        (arrival,) = shelf.store.arrivals()
        raw = shelf.spool.read(arrival.sha256)
        assert shelf.reader.read(raw).message == FakeReader().read(raw).message


def test_the_teams_own_mail_is_listed_and_opened_like_what_was_set_aside(triaged, fill):
    fill(mail("Kim <team@smallest.ai>", "A thought", "What do you make of this?\r\n", "thought"))
    (row,) = listed(triaged)
    assert (row["sender"], row["sign"]) == ("team@smallest.ai", "team")
    command = f"triaged set-aside open {row['sha256'][:12]}"
    assert command in triaged("digest")
    triaged("set-aside", "open", row["sha256"][:12])
    assert listed(triaged) == []
    assert command not in triaged("digest")
