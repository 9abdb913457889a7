import json
import os
from datetime import timedelta

import pytest

from tests.support.values import NEW_ID, NOON
from triaged.adapters.disk.decisions import DecisionBox
from triaged.core.case.events import Closed, MarkedDuplicate, Noted, Requeued, ScopeSet, Triaged, Undone

DECISIONS = (
    Triaged(at=NOON, by="bo", severity="high", owner="cy"),
    ScopeSet(at=NOON, by="bo", scope="sdk"),
    Noted(at=NOON, by="bo", text='ü "quoted"\nand\0more'),
    MarkedDuplicate(at=NOON, by="bo", of="SEC-0000-0000"),
    Closed(at=NOON, by="bo", reason="fixed"),
    Requeued(at=NOON, by="bo", message_id="a@b", expires_at=NOON),
    Undone(at=NOON, by="bo", decision="closed", decided_at=NOON),
)


@pytest.fixture
def box(tmp_path):
    before = os.umask(0)
    yield DecisionBox(tmp_path / "decisions")
    os.umask(before)


@pytest.mark.parametrize("event", DECISIONS, ids=lambda event: event.kind)
def test_a_decision_comes_out_as_it_went_in(box, event):
    name = box.hand_in(NEW_ID, event)
    (handed,) = box.handed_in()
    assert (handed.name, handed.case_id, handed.event) == (name, NEW_ID, event)


def test_it_waits_until_it_is_taken_up(box):
    name = box.hand_in(NEW_ID, DECISIONS[0])
    assert box.waits(name)
    assert len(box.handed_in()) == len(box.handed_in()) == 1
    box.taken_up(name)
    box.taken_up(name)
    assert not box.waits(name)
    assert box.handed_in() == []


def test_they_come_in_the_order_in_which_they_were_taken(box):
    for minutes in (5, -3, 0, 60 * 24 * 400):
        box.hand_in(NEW_ID, Noted(at=NOON + timedelta(minutes=minutes), by="bo", text=str(minutes)))
    assert [handed.event.text for handed in box.handed_in()] == ["-3", "0", "5", str(60 * 24 * 400)]


def test_two_at_the_same_instant_both_come(box):
    assert box.hand_in(NEW_ID, DECISIONS[0]) != box.hand_in(NEW_ID, DECISIONS[0])
    assert len(box.handed_in()) == 2


def test_no_folder_is_no_decisions(box):
    assert box.handed_in() == []
    assert not box.folder.exists()


def test_folder_and_files_are_for_their_owner_alone(box):
    name = box.hand_in(NEW_ID, DECISIONS[0])
    assert box.folder.stat().st_mode & 0o777 == 0o700
    assert (box.folder / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("root")
def test_what_root_hands_in_is_the_daemons_to_read(box):
    os.chown(box.folder.parent, 65534, 65534)
    name = box.hand_in(NEW_ID, DECISIONS[0])
    assert (box.folder.stat().st_uid, (box.folder / name).stat().st_uid) == (65534, 65534)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"case": "SEC-1"}',
        json.dumps({"case": "SEC-1", "event": {"kind": "received"}}).encode(),
        json.dumps({"case": "SEC-1", "event": {"kind": "triaged", "at": "yesterday", "by": "bo"}}).encode(),
    ],
)
def test_one_that_cannot_be_read_is_put_aside_and_the_others_come(box, content):
    box.hand_in(NEW_ID, DECISIONS[0])
    (box.folder / "20260101T000000-bad.json").write_bytes(content)
    assert [handed.event for handed in box.handed_in()] == [DECISIONS[0]]
    assert (box.folder / "20260101T000000-bad.unreadable").read_bytes() == content


def test_a_half_written_one_is_not_seen(box):
    name = box.hand_in(NEW_ID, DECISIONS[0])
    (box.folder / name).rename(box.folder / f".{name}")
    assert box.handed_in() == []
