"""The folder of sent mail beside the mailbox: what the team sent from there answers, and nothing in it is touched."""

from contextlib import closing
from dataclasses import replace

import pytest

from tests.support.fakes import FakeClock, FakeDecisions, FakeMailbox, FakeReader, FakeSpool, FakeSubmission
from tests.support.values import HOUR, NOON, REPORTER, fetched, house, mail
from triaged.adapters.letters.render import JinjaRenderer
from triaged.adapters.store.store import open_store
from triaged.config.loading import example
from triaged.core.letters.house import Team
from triaged.core.mail.arrival import Place
from triaged.service.desk import Desk
from triaged.service.intake import take_in
from triaged.service.morning import missing_mail

SETTINGS = example().settings
HOUSE = house(team=Team(own_domains=frozenset({"smallest.ai"})))
ANSWER = (
    f"From: Kim <security@smallest.ai>\r\nTo: {REPORTER}\r\nSubject: Re: it\r\nMessage-ID: <k1@smallest.ai>\r\n"
    "Date: Mon, 23 Nov 2026 11:30:00 +0000\r\nIn-Reply-To: <report-1@example.org>\r\n\r\nWe work on it.\r\n"
).encode()
PRIVATE = b"From: security@smallest.ai\r\nTo: shop@example.net\r\nSubject: Chairs\r\nMessage-ID: <c@x>\r\n\r\nSix, please.\r\n"


@pytest.fixture
def desk(tmp_path):
    renderer = JinjaRenderer(SETTINGS.identity, HOUSE.policy, b"key", envelope_from="")
    with closing(open_store(tmp_path)) as store:
        yield Desk(
            mailbox=FakeMailbox(fetched(mail())),
            sent=FakeMailbox(
                *(fetched(raw, place=Place("Sent", 1, uid)) for uid, raw in enumerate((ANSWER, PRIVATE), start=1))
            ),
            sent_folder="Sent",
            submission=FakeSubmission(),
            store=store,
            spool=FakeSpool(),
            reader=FakeReader(),
            decisions=FakeDecisions(),
            renderer=renderer,
            house=HOUSE,
            digest_settings=SETTINGS.digest,
            key=b"key",
            clock=FakeClock(NOON),
        )


def test_what_was_sent_from_the_mailbox_by_hand_is_the_answer(desk):
    ends = [settled.arrival.end for settled in take_in(desk)]
    (case,) = desk.store.cases()
    assert ends == ["opened", "joined", "set-aside"]
    assert case.answered_at == (NOON - HOUR,)  # written half an hour later, but it lay there an hour ago
    assert case.words_at == (NOON - HOUR,)


def test_nothing_in_the_folder_of_sent_mail_is_moved_or_marked(desk):
    take_in(desk)
    assert [place.folder for place in desk.mailbox.filed] == ["INBOX"]
    assert desk.sent.filed == []


def test_without_such_a_folder_nothing_is_looked_for(desk):
    assert len(take_in(replace(desk, sent=None, sent_folder=None))) == 1


def test_a_sent_mail_that_the_server_fails_to_give_is_told_as_the_mailboxs_own_are(desk):
    desk.sent.missing = {"UID 7 in Sent: BAD": 3, "UID 8 in Sent: BAD": 1}
    assert missing_mail(desk) == "1 mail cannot be had from the server (UID 7 in Sent: BAD)"
    assert missing_mail(desk, times=1) == "2 mails cannot be had from the server (UID 7 in Sent: BAD)"
    desk.mailbox.missing = {"UID 1 in INBOX: BAD": 5}
    assert missing_mail(desk) == "2 mails cannot be had from the server (UID 1 in INBOX: BAD)"
    assert missing_mail(replace(desk, sent=None)) == "1 mail cannot be had from the server (UID 1 in INBOX: BAD)"
