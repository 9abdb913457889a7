"""What the reader says of a mail is what is filed; a mail that quotes our letters is reported on again without them."""

from email import message_from_string
from email.policy import default

import pytest

from tests.support.fakes import FakeReader, Killed
from tests.support.values import fetched, mail, policy
from triaged.core.report.reading import Reading, read_report, unread
from triaged.service.intake import take_in
from triaged.service.settling import ATTEMPTS


class Reporting(FakeReader):
    """A reader that reports as the real one does, and keeps what it is asked to report on again."""

    def __init__(self, **how) -> None:
        super().__init__(**how)
        self.again = []

    def read(self, raw):
        message = super().read(raw).message
        return Reading(message, read_report(message, policy()))

    def report_on(self, message):
        self.again.append(message)
        return unread(policy()) if message.degraded else read_report(message, policy())


@pytest.fixture
def here(monkeypatch):
    """How often a mail was read where it is decided on."""
    read = []
    monkeypatch.setattr("triaged.core.intake.incoming.read_report", lambda *given: read.append(given))
    return read


def test_what_the_reader_says_is_filed_and_nobody_reads_the_mail_again(office, here):
    office.change(reader=Reporting())
    raw = mail()
    office.receive(raw)
    assert office.case.report == read_report(FakeReader().read(raw).message, policy())
    assert (here, office.desk.reader.again) == ([], [])


def test_a_follow_up_is_reported_on_without_our_letter_by_the_reader(office, here):
    office.change(reader=Reporting())
    office.receive(mail(text="A prompt injection in the chat completion API reveals the system prompt."))
    (letter,), asked = office.send(), office.case.report.missing
    ours = message_from_string(letter.raw, policy=default)
    text = f"Thank you, tomorrow more.\n\n{ours.get_body(('plain',)).get_content()}"
    answer = mail(2, text=text, more=f"In-Reply-To: {ours['message-id']}\r\n")
    (settled,) = office.receive(fetched(answer, 2))
    assert settled.arrival.end == "joined"
    (again,) = office.desk.reader.again
    assert again.text.strip() == "Thank you, tomorrow more."
    assert here == []
    assert office.case.report.missing == asked != ()


def test_a_mail_that_killed_the_process_each_time_is_not_read_by_it_once_more(office, here):
    office.change(reader=Reporting(dies_on=b"no. 1", error=Killed()))
    for _ in range(ATTEMPTS):
        with pytest.raises(Killed):
            office.receive(mail())
        office.restart()
    (settled,) = take_in(office.mailroom)
    assert settled.arrival.end == "failed"
    assert [message.degraded for message in office.desk.reader.again] == [True]
    assert (office.case.report, here) == (unread(policy()), [])
