"""Each fake passes the tests of the adapter that it stands in for."""

import hashlib
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.fakes import (
    FakeDecisions,
    FakeMailbox,
    FakePager,
    FakeReader,
    FakeScanner,
    FakeSubmission,
    MemoryLedger,
)
from tests.support.receiver import SECRET, receiver
from tests.support.scripted_clamd import scripted_clamd
from tests.support.servers import smtp_sink
from tests.support.values import NEW_ID, NOON
from triaged.adapters.clamd import Clamd
from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.imap.mailbox import ImapMailbox
from triaged.adapters.letters.smtp import SmtpSubmission
from triaged.adapters.paging.program import CommandPager
from triaged.adapters.paging.webhook import WebhookPager
from triaged.adapters.reader.reader import ChildReader
from triaged.config.settings import MailboxSettings, SmtpSettings, WebhookSettings
from triaged.core.case.events import Noted
from triaged.core.case.outbox import Letter
from triaged.core.case.owner import ToTeam
from triaged.core.mail.arrival import Place
from triaged.ports import Fetched, HandedIn, Page, Refused, TryLater

RAW = b"From: Ann <ann@example.org>\r\nSubject: a report\r\n\r\nIt is broken.\r\n"


# Scanner.


@pytest.fixture(params=["fake", "real"])
def scanner(request):
    """A scanner that finds something, then nothing, puts the third mail off, and refuses those after it."""
    if request.param == "fake":
        yield FakeScanner("Eicar", "", TryLater("not now"), Refused("too large"))
        return
    limit = b"INSTREAM size limit exceeded. ERROR\0"
    with scripted_clamd(b"stream: Eicar FOUND\0", None, b"stream: not now ERROR\0", limit) as clamd:
        yield Clamd(clamd.address)


def test_a_scanner_finds_something_or_nothing_puts_off_or_refuses(scanner):
    assert scanner.scan(RAW) == "Eicar"
    assert scanner.scan(RAW) == ""
    with pytest.raises(TryLater, match="not now"):
        scanner.scan(RAW)
    with pytest.raises(Refused):
        scanner.scan(RAW)
    scanner.abort()
    with pytest.raises(TryLater):
        scanner.scan(RAW)


# Pager.


@pytest.fixture(params=["fake", "command", "webhook"])
def pager(request, tmp_path, monkeypatch):
    """A pager that takes the first alert, fails with the second, and takes it then; and what it was told."""
    if request.param == "fake":
        fake = FakePager(None, TryLater("not now"))
        yield fake, lambda: fake.told
    elif request.param == "command":
        file = tmp_path / "told"
        file.touch()
        full = f"test -e {tmp_path}/failed || test ! -s {file} || {{ touch {tmp_path}/failed; exit 1; }}"
        yield (
            CommandPager(["/bin/sh", "-c", f"{full}; cat >> {file}; echo >> {file}"]),
            lambda: file.read_text().split(),
        )
    else:
        monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
        with receiver(200, 503, 200) as server:
            settings = WebhookSettings(url=f"{server.url}/page", secret_env="WEBHOOK_SECRET")
            yield (
                WebhookPager(settings, lambda: NOON),
                lambda: [post.body.decode() for number, post in enumerate(server.posts) if number != 1],
            )


def test_a_pager_takes_an_alert_or_puts_it_off_until_it_is_aborted(pager):
    pager, told = pager
    first, second = (
        Page(ToTeam("alert", f"00000{number}"), NOON, f'{{"id":{number}}}', f"{number}@x.example") for number in (1, 2)
    )
    pager.page(first)
    assert told() == ['{"id":1}']
    with pytest.raises(TryLater):
        pager.page(second)
    pager.page(second)
    assert told() == ['{"id":1}', '{"id":2}']
    pager.abort()
    with pytest.raises(TryLater):
        pager.page(second)
    assert told() == ['{"id":1}', '{"id":2}']


# Reader.


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.slow)])
def reader(request):
    if request.param == "fake":
        yield FakeReader()
    else:
        with closing(ChildReader()) as real:
            yield real


@pytest.mark.parametrize("raw", [RAW, b"", b"\0\xff", b"no header", RAW + b"\xff" * 1000])
def test_a_reader_reads_any_bytes(reader, raw):
    message = reader.read(raw).message
    assert (message.sha256, message.size) == (hashlib.sha256(raw).hexdigest(), len(raw))
    if raw.startswith(b"From"):
        assert (message.subject, message.author_readings[-1]) == ("a report", ("ann@example.org",))


# Decisions.


@pytest.fixture(params=["fake", "real"])
def decisions(request, tmp_path):
    events = [Noted(at=NOON + number * timedelta(minutes=1), by="bo", text=str(number)) for number in range(3)]
    if request.param == "fake":
        return FakeDecisions(*(HandedIn(event.text, NEW_ID, event) for event in events))
    box = DecisionBox(tmp_path / "decisions")
    for event in events:
        box.hand_in(NEW_ID, event)
    return box


def test_decisions_wait_in_their_order_until_they_are_taken_up(decisions):
    first, second, third = decisions.handed_in()
    assert [handed.event.text for handed in (first, second, third)] == ["0", "1", "2"]
    assert second.case_id == NEW_ID
    decisions.taken_up(second.name)
    decisions.taken_up(second.name)
    assert list(decisions.handed_in()) == [first, third]


# Submission.


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.slow)])
def submission(request):
    """A submission that puts the first mail off, refuses the second, is cut off after the third, and takes the rest."""
    if request.param == "fake":
        outcomes = (TryLater("450 later"), Refused("550 no"), TryLater("it may have gone out", uncertain=True))
        fake = FakeSubmission(*outcomes)
        yield fake, lambda: [letter.raw for letter in fake.letters]
        return
    with smtp_sink({"DATA": ["450 later", "550 no", "taken, then hung up"]}) as sink:
        settings = SmtpSettings(host="localhost", port=sink.port, security="none")
        with closing(SmtpSubmission(settings)) as real:
            yield real, lambda: [raw.decode() for _, _, raw in sink.mails]


def test_a_submission_takes_puts_off_refuses_or_does_not_know(submission):
    submitting, taken = submission
    first, second, third, fourth = (
        Letter("acknowledgment", f"{n}@smallest.ai", "", ("ann@example.org",), f"Subject: {n}\r\n\r\n\r\n", NOON, NOON)
        for n in range(4)
    )
    with pytest.raises(TryLater, match="450 later") as put_off:
        submitting.submit(first)
    with pytest.raises(Refused, match="550 no"):
        submitting.submit(second)
    with pytest.raises(TryLater, match="it may have gone out") as unknown:
        submitting.submit(third)
    assert (put_off.value.uncertain, unknown.value.uncertain) == (False, True)
    assert submitting.submit(fourth) == "250 taken"
    submitting.close()
    submitting.close()
    submitting.abort()
    assert taken() == [third.raw, fourth.raw]


# Mailbox.


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.slow)])
def mailbox(request, monkeypatch):
    """A mailbox in which two mails lie."""
    raws = [RAW + b"%d\r\n" % number for number in range(2)]
    if request.param == "fake":
        arrived_at = datetime.now(UTC)
        yield FakeMailbox(*(Fetched(Place("INBOX", 1, uid), arrived_at, len(raw), raw) for uid, raw in enumerate(raws)))
        return
    dovecot, user = request.getfixturevalue("dovecot"), request.getfixturevalue("user")
    for raw in raws:
        dovecot.append(user, raw)
    monkeypatch.setenv("IMAP_PASSWORD", dovecot.password)
    settings = MailboxSettings(
        host="localhost", port=dovecot.port, security="none", username=user, password_env="IMAP_PASSWORD"
    )
    with closing(ImapMailbox(settings)) as real:
        yield real


def test_a_mailbox_gives_what_the_ledger_does_not_know(mailbox):
    ledger = MemoryLedger()
    first, second = mailbox.fetch_new(ledger, datetime.now(UTC))
    assert [fetched.raw for fetched in (first, second)] == [RAW + b"0\r\n", RAW + b"1\r\n"]
    assert first.size == len(first.raw)
    assert first.place.folder == "INBOX"
    assert first.place.uid < second.place.uid
    assert first.received_at.tzinfo is not None
    ledger.take([first])
    assert list(mailbox.fetch_new(ledger, datetime.now(UTC) + timedelta(hours=2))) == [second]
    ledger.take([second])
    assert list(mailbox.fetch_new(ledger, datetime.now(UTC) + timedelta(hours=4))) == []
    mailbox.file(first.place)
    mailbox.file(first.place)
    mailbox.close()
    mailbox.close()
    mailbox.abort()
