"""What the settings say is what the parts that are made of them do."""

from collections.abc import Collection, MutableMapping, MutableSequence, MutableSet
from dataclasses import fields, replace

import pytest

from tests.support.rooms import furnished
from tests.support.values import BORDER, HOUR, NOON, REPORT, mail
from triaged import composition
from triaged.composition import house as house_of
from triaged.config.loading import example
from triaged.config.settings import AlertsSettings, TrustSettings
from triaged.core.intake.incoming import Mail, Past
from triaged.core.intake.triage import triage
from triaged.core.mail.parsing.reading import read_message
from triaged.service.rooms import UnderWay
from triaged.service.round import Round

EXAMPLE = example()


def decided(raw, **trust):
    """What becomes of a mail under settings of trust."""
    settings = EXAMPLE.settings.model_copy(update={"trust": TrustSettings(**trust)})
    ours = house_of(replace(EXAMPLE, settings=settings), b"key")
    return triage(Mail(read_message(raw), NOON - HOUR, "SEC-7Q4K-2M8D"), ours, Past(), NOON)


HOPS = "Received: from mx by store; Mon, 23 Nov 2026 10:00:00 +0000\r\n"


@pytest.mark.parametrize(("behind", "hops", "verdict"), [(0, 0, "verified"), (1, 0, "unverified"), (1, 1, "verified")])
def test_the_hops_of_our_own_that_the_settings_name_stand_above_the_borders_word(behind, hops, verdict):
    raw = (HOPS * behind).encode() + f"Authentication-Results: {BORDER}; dmarc=pass\r\n".encode() + mail()
    assert decided(raw, authserv_id=BORDER, inner_hops=hops).sender.verdict == verdict


@pytest.mark.parametrize(
    ("own", "answered"), [((), False), (("reports.smallest.ai",), True), (("other.smallest.ai",), False)]
)
def test_a_list_of_our_own_that_the_settings_name_keeps_nobody_from_an_answer(own, answered):
    decision = decided(mail(more="List-Id: Security <reports.smallest.ai>\r\n", text=REPORT), own_lists=own)
    assert decision.end == "opened"
    assert (decision.reply is not None) == answered


def under_way() -> UnderWay:
    return furnished(object()).under_way


def rooms_of(rooms: Round) -> tuple:
    return (rooms, *rooms.mailrooms, rooms.desk, rooms.outgoing, rooms.scanroom, rooms.pageroom)


def test_a_reload_makes_every_part_of_the_settings_anew_and_touches_nothing_under_way():
    kept = under_way()
    before = {field.name: getattr(kept, field.name) for field in fields(kept)}
    old, new = (composition.furnished(EXAMPLE, kept) for _ in range(2))
    assert {name: getattr(kept, name) for name in before} == before
    assert all(getattr(kept, name) is part for name, part in before.items())
    assert all(room.under_way is kept for room in rooms_of(new))
    for part in ("mailbox", "sent"):
        assert getattr(new.mailrooms[0], part) is None or getattr(new.mailrooms[0], part) is not getattr(
            old.mailrooms[0], part
        )
    for room, part in (("outgoing", "submission"), ("outgoing", "patience"), ("desk", "renderer"), ("desk", "house")):
        assert getattr(getattr(new, room), part) is not getattr(getattr(old, room), part), part


def test_no_room_that_a_reload_replaces_can_hold_anything_that_is_under_way():
    """Whatever a pass collects is a container: each of them is a field of `UnderWay`."""
    for room in rooms_of(composition.furnished(EXAMPLE, under_way())):
        held = {field.name: getattr(room, field.name) for field in fields(room) if field.name != "under_way"}
        assert not [
            name for name, part in held.items() if isinstance(part, MutableSequence | MutableMapping | MutableSet)
        ]
    collected = {field.name for field in fields(UnderWay) if isinstance(getattr(under_way(), field.name), Collection)}
    assert {"orphans", "unwritten", "rewrites", "scans_begun", "rhythms"} <= collected


def test_the_rooms_do_what_the_settings_say():
    settings = EXAMPLE.settings.model_copy(
        update={
            "mailbox": EXAMPLE.settings.mailbox.model_copy(update={"sent_folder": "Sent"}),
            "replies": EXAMPLE.settings.replies.model_copy(update={"on_uncertain": "hold"}),
            "alerts": AlertsSettings(command=("/bin/true",)),
        }
    )
    rooms = composition.furnished(replace(EXAMPLE, settings=settings), under_way())
    assert (rooms.mailrooms[0].sent_folder, rooms.mailrooms[0].sent is None) == ("Sent", False)
    assert rooms.outgoing.on_uncertain == "hold"
    assert (rooms.desk.paged, rooms.pageroom.pager is None, rooms.scanroom.scanner) == (True, False, None)


def test_a_reload_gives_the_reader_the_new_policy():
    kept = under_way()
    composition.furnished(EXAMPLE, kept)
    assert kept.reader.policy is EXAMPLE.policy
    changed = EXAMPLE.policy.model_copy(update={"url": "https://smallest.ai/security"})
    composition.furnished(replace(EXAMPLE, policy=changed), kept)
    assert kept.reader.policy is changed
