"""What the settings say is what the parts that are made of them do."""

from collections import deque
from dataclasses import replace

import pytest

from tests.support.fakes import FakeClock, FakeDecisions, FakeMailbox, FakeReader, FakeSpool, FakeSubmission
from tests.support.values import BORDER, HOUR, NOON, REPORT, house, mail
from triaged.composition import house as house_of
from triaged.composition import reequipped, renderer
from triaged.config.loading import example
from triaged.config.settings import TrustSettings
from triaged.core.case.events import Submitted
from triaged.core.intake.incoming import Mail, Past
from triaged.core.intake.triage import triage
from triaged.core.mail.parsing.reading import read_message
from triaged.service.desk import Desk

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


def test_a_reload_forgets_nothing_that_is_under_way():
    old = Desk(
        mailbox=FakeMailbox(),
        submission=FakeSubmission(),
        store=object(),
        spool=FakeSpool(),
        reader=FakeReader(),
        decisions=FakeDecisions(),
        renderer=renderer(EXAMPLE, b"key"),
        house=house(),
        digest_settings=EXAMPLE.settings.digest,
        key=b"key",
        clock=FakeClock(NOON),
        orphans=deque(["ab" * 32]),
        unwritten=deque([("SEC-7Q4K-2M8D", Submitted(at=NOON, message_id="a@b.example", answer="250"))]),
        stopping=lambda: True,
        alive=lambda: None,
    )
    old.scans_begun["ab" * 32] = 2
    new = reequipped(old, EXAMPLE)
    for part in (
        "store",
        "spool",
        "reader",
        "decisions",
        "key",
        "orphans",
        "unwritten",
        "scans_begun",
        "stopping",
        "alive",
    ):
        assert getattr(new, part) is getattr(old, part), part
    for part in ("mailbox", "submission", "renderer", "house"):
        assert getattr(new, part) is not getattr(old, part), part
