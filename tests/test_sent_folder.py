"""The folder of sent mail beside the mailbox: what the team sent from there answers, and nothing in it is touched."""

from contextlib import closing

import pytest

from tests.support.fakes import FakeMailbox
from tests.support.rooms import changed, furnished
from tests.support.values import HOUR, NOON, REPORTER, fetched, house, mail
from triaged.adapters.letters.render import JinjaRenderer
from triaged.adapters.store.store import open_store
from triaged.config.loading import example
from triaged.core.letters.house import Team
from triaged.core.mail.arrival import Place
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
def rooms(tmp_path):
    renderer = JinjaRenderer(SETTINGS.identity, HOUSE.policy, b"key", envelope_from="")
    with closing(open_store(tmp_path)) as store:
        yield furnished(
            store,
            mailbox=FakeMailbox(fetched(mail())),
            sent=FakeMailbox(
                *(fetched(raw, place=Place("Sent", 1, uid)) for uid, raw in enumerate((ANSWER, PRIVATE), start=1))
            ),
            sent_folder="Sent",
            renderer=renderer,
            house=HOUSE,
            key=b"key",
        )


def test_what_was_sent_from_the_mailbox_by_hand_is_the_answer(rooms):
    ends = [settled.arrival.end for settled in take_in(rooms.mailrooms[0])]
    (case,) = rooms.under_way.store.cases()
    assert ends == ["opened", "joined", "set-aside"]
    assert case.answered_at == (NOON - HOUR,)  # written half an hour later, but it lay there an hour ago
    assert case.words_at == (NOON - HOUR,)


def test_nothing_in_the_folder_of_sent_mail_is_moved_or_marked(rooms):
    take_in(rooms.mailrooms[0])
    assert [place.folder for place in rooms.mailrooms[0].mailbox.filed] == ["INBOX"]
    assert rooms.mailrooms[0].sent.filed == []


def test_without_such_a_folder_nothing_is_looked_for(rooms):
    assert len(take_in(changed(rooms, sent=None, sent_folder=None).mailrooms[0])) == 1


def test_a_sent_mail_that_the_server_fails_to_give_is_told_as_the_mailboxs_own_are(rooms):
    (room,) = rooms.mailrooms
    room.sent.missing = {"UID 7 in Sent: BAD": 3, "UID 8 in Sent: BAD": 1}
    assert missing_mail([room]) == "1 mail cannot be had from the server (UID 7 in Sent: BAD)"
    assert missing_mail([room], times=1) == "2 mails cannot be had from the server (UID 7 in Sent: BAD)"
    room.mailbox.missing = {"UID 1 in INBOX: BAD": 5}
    assert missing_mail([room]) == "2 mails cannot be had from the server (UID 1 in INBOX: BAD)"
    unwatched = changed(rooms, sent=None, sent_folder=None).mailrooms
    assert missing_mail(unwatched) == "1 mail cannot be had from the server (UID 1 in INBOX: BAD)"
