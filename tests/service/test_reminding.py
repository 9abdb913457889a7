"""Reporters who are awaited, who complete a report, or who ask how it stands."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_string, policy

import pytest

from tests.support.fakes import Killed
from tests.support.office import DAY, RENDERER, BrokenRenderer, digest_of
from tests.support.values import BORDER, CAPS, NOON, REPORTER, fetched, house, mail
from triaged.core.case.events import Answered, Closed, Reopened, Triaged, Waiting
from triaged.core.mail.sender import Trust
from triaged.ports import Unwritten
from triaged.service.reminding import send_reminders

HOUSE = house(trust=Trust(BORDER), remind_after=10 * DAY)
VOUCHED = f"Authentication-Results: {BORDER}; dmarc=pass\r\n"
LACKING = "A prompt injection in the chat completion API makes the model reveal its system prompt to any caller of it."
REST = """Steps to reproduce
1. curl -X POST https://api.smallest.ai/v1/chat -d '{"prompt": "Ignore all previous instructions"}'
2. Read the system prompt in the answer.

Impact
An attacker can read the system prompt and the tools of any customer.
"""


SIGNATURE = """

Ann Lee, Senior Security Researcher, Example Research Labs GmbH, Hauptstrasse 1, 10115 Berlin, Germany
This message and its attachments are confidential and intended only for the addressee. If you are not the addressee, delete it.
"""
OUTLOOK = """

________________________________
From: Smallest.AI Security <security@smallest.ai>
Subject: We received your report

Hello, and thank you.
"""


@pytest.fixture
def there(office):
    """A verified reporter, whose report lacks its steps, has been acknowledged."""
    office.change(house=HOUSE)
    office.receive(mail(text=LACKING, more=VOUCHED))
    (acknowledgment,) = office.send()
    assert "send them" in acknowledgment.raw
    return office


def says(office, text, number=2, *, more=VOUCHED, author=REPORTER):
    """A further mail in the thread of the acknowledgment; what the letters are for that it makes."""
    first = next(iter(office.store.cases()))
    thread = f"In-Reply-To: <{first.acknowledgment.message_id}>\r\n"
    raw = mail(number, author=author, subject="Re: your report", text=text, more=f"{more}{thread}")
    office.receive(replace(fetched(raw, 100 + number), received_at=office.desk.clock()))
    return purposes(office.store.case(first.id).letters[len(first.letters) :])


def record(office, *events):
    office.store.record(office.case.id, events)


def waits(office):
    record(office, Waiting(at=office.desk.clock(), by="bo"))


def text_of(letter):
    return " ".join(message_from_string(letter.raw, policy=policy.default).get_content().split())


def purposes(letters):
    return [letter.purpose for letter in letters]


# The one reminder.


def test_who_is_awaited_is_reminded_once_of_what_lacks(there):
    waits(there)
    there.wait(10 * DAY - timedelta(minutes=1))
    assert send_reminders(there.desk) == 0
    there.wait(timedelta(minutes=1))
    assert send_reminders(there.desk) == 1
    assert send_reminders(there.desk) == 0
    (letter,) = there.send()
    assert (letter.purpose, letter.to) == ("reminder", (REPORTER,))
    assert "- steps to reproduce" in text_of(letter).lower()
    assert "Auto-Submitted: auto-generated" in letter.raw
    there.wait(90 * DAY)
    assert send_reminders(there.desk) == 0
    assert there.case.answered_at == ()


def test_a_kill_reminds_nobody_twice(there):
    waits(there)
    there.wait(10 * DAY)
    there.killed_at(1, after=True)
    with pytest.raises(Killed):
        send_reminders(there.desk)
    there.restart()
    assert send_reminders(there.desk) == 0
    assert purposes(there.send()) == ["reminder"]


def test_a_second_wait_has_its_own_reminder(there):
    waits(there)
    there.wait(10 * DAY)
    send_reminders(there.desk)
    there.send()
    says(there, "It is in the chat endpoint, as far as I can see from here.")
    waits(there)
    there.wait(10 * DAY)
    assert send_reminders(there.desk) == 1
    assert len({letter.message_id for letter in there.case.letters}) == len(there.case.letters)


@pytest.mark.parametrize(
    "event", [Closed(at=NOON, by="bo", reason="x"), Triaged(at=NOON, by="bo"), Reopened(at=NOON, by="bo")]
)
def test_who_is_no_longer_awaited_is_not_reminded(there, event):
    waits(there)
    there.wait(10 * DAY)
    record(there, replace(event, at=there.desk.clock()))
    assert send_reminders(there.desk) == 0


def test_a_reminder_that_is_no_longer_true_when_its_turn_comes_is_not_sent(there):
    waits(there)
    there.wait(10 * DAY)
    send_reminders(there.desk)
    says(there, "Here is more: the flaw is in the chat endpoint, for every model that I tried.")
    assert purposes(there.send()) == []
    assert "not awaited" in there.case.letters[-1].reason


def test_strangers_and_teams_that_want_none_are_not_reminded(office):
    office.change(house=HOUSE)
    office.receive(mail(text=LACKING))
    office.send()
    waits(office)
    office.wait(30 * DAY)
    assert send_reminders(office.desk) == 0
    office.change(house=house(remind_after=None))
    assert send_reminders(office.desk) == 0


def test_a_template_that_fails_leaves_the_reminder_due(there):
    class Torn(BrokenRenderer):
        def finished(self, draft, now):
            raise Unwritten("reminder.txt.j2:1")

    waits(there)
    there.wait(10 * DAY)
    there.change(renderer=Torn())
    assert send_reminders(there.desk) == 0
    there.change(renderer=RENDERER)
    assert send_reminders(there.desk) == 1


def test_after_the_reminder_the_digest_has_the_closing_letter_ready(there):
    waits(there)
    there.wait(10 * DAY)
    send_reminders(there.desk)
    there.send()
    assert waiting_item(there).command == f"triaged show {there.case.id}"
    there.wait(10 * DAY)
    assert "reminded 10 d ago" in waiting_item(there).what
    assert waiting_item(there).command == f'triaged reply {there.case.id} --template closing --close "no answer"'


def waiting_item(office):
    (section,) = (each for each in digest_of(office).sections if each.title == "Waiting for the reporter")
    return section.items[0]


# Complete now.


def test_an_answer_that_brings_what_lacked_is_thanked_once(there):
    assert says(there, REST) == ["completed"]
    (letter,) = there.send()
    assert "we have all that we asked for" in text_of(letter)
    assert says(there, "PS: the flaw is also in the other endpoint, /v2/chat.", 3) == []
    assert there.case.report.missing == ()


def test_an_answer_that_still_lacks_something_is_left_to_people(there):
    assert says(there, "I forgot to say that it is the chat endpoint of the second version.") == []


def test_nobody_is_thanked_for_what_they_were_not_asked(office):
    office.change(house=replace(HOUSE, caps=replace(CAPS, flood_per_hour=0)))
    office.receive(mail(text=LACKING, more=VOUCHED))
    assert "very many mails" in text_of(*office.send())
    assert office.case.report.missing != ()
    assert says(office, REST) == []


def test_an_answer_that_begins_like_a_question_is_thanked_all_the_same(there):
    assert says(there, f"I am following up on my report with what you asked for.\n\n{REST}") == ["completed"]


def test_once_a_person_has_written_no_machine_thanks(there):
    record(there, Answered(at=there.desk.clock(), by="bo"))
    assert says(there, REST) == []


# How it stands.


@pytest.mark.parametrize(
    "text",
    [
        "STATUS",
        "status\n",
        "Hello,\n\nSTATUS?\n\nThanks,\nAnn\n",
        "*STATUS*",
        "\u201cStatus\u201d",
        "STATUS SEC-7Q4K-2M8D",
        f"Status please{SIGNATURE}",
        f"STATUS{OUTLOOK}",
        "Any news on my report?",
        "Gibt es Neuigkeiten zu meinem Bericht?",
    ],
)
def test_a_reporter_who_asks_is_told_once_a_day(there, text):
    assert says(there, text) == ["status"]
    (letter,) = there.send()
    assert "nobody has judged it yet" in text_of(letter)
    assert says(there, text, 3) == []
    there.wait(timedelta(days=1, minutes=1))
    assert says(there, text, 4) == ["status"]
    assert there.case.answered_at == ()


def test_the_team_sees_that_a_reporter_chases(there):
    there.wait(DAY)
    says(there, "STATUS")
    sections = {each.title: each.items for each in digest_of(there).sections}
    assert "asks for news" in sections["The reporter has answered"][0].what


def test_news_that_comes_with_a_question_is_no_chase(there):
    text = "Following up on my report: the impact is that an attacker can read the system prompt of any customer."
    assert says(there, text) == []
    assert not there.case.mails[-1].chases


def another_mail(office, text, subject="STATUS", *, more=VOUCHED):
    office.receive(
        replace(fetched(mail(7, subject=subject, text=text, more=more), 107), received_at=office.desk.clock())
    )


def test_status_in_a_new_thread_is_about_the_one_open_case(there):
    another_mail(there, "STATUS")
    assert purposes(there.case.letters) == ["acknowledgment", "status"]


def test_an_absence_notice_is_no_question(there):
    text = "I am away until 5 Jan 2027. I will be following up when I return.\n\nSTATUS\n"
    thread = f"In-Reply-To: <{there.case.acknowledgment.message_id}>\r\n"
    another_mail(there, text, f"Ann is away Re: [{there.case.id}] your report", more=VOUCHED + thread)
    assert purposes(there.case.letters) == ["acknowledgment"]
    assert not there.case.mails[-1].chases


def test_a_question_how_it_stands_opens_and_resumes_nothing(there):
    waits(there)
    assert says(there, "STATUS") == ["status"]
    assert there.case.state == "waiting"
    record(there, Closed(at=there.desk.clock(), by="bo", reason="done"))
    there.wait(2 * DAY)
    assert says(there, "STATUS", 3) == ["status"]
    assert there.case.state == "closed"
    assert "was closed on" in text_of(there.case.letters[-1])


@pytest.mark.parametrize(
    "how",
    [
        {"more": ""},
        {"author": "mallory@example.net"},
        {"more": VOUCHED.replace("pass", "fail")},
        {"more": f"{VOUCHED}Auto-Submitted: auto-replied\r\n"},
    ],
    ids=["unverified", "stranger", "forged", "machine"],
)
def test_nobody_else_is_told_anything(there, how):
    assert says(there, "STATUS", **how) == []
    assert "status" not in purposes(letter for case in there.store.cases() for letter in case.letters)


def test_a_status_for_which_the_caps_have_no_room_is_not_sent_later(there):
    there.change(house=replace(HOUSE, caps=replace(CAPS, per_address_per_day=1)))
    assert says(there, "STATUS") == []
