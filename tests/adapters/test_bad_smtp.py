"""SMTP servers that never come to an end, say more than memory holds, or answer what breaks a parser."""

import pytest

from tests.support.scripted_smtp import scripted
from tests.support.streams import drip, flood
from tests.support.values import NOON, REPORTER
from triaged.adapters.letters.smtp import SmtpSubmission
from triaged.adapters.letters.smtp_session import Waits
from triaged.config.settings import SmtpSettings
from triaged.core.case.outbox import Letter
from triaged.ports import Refused, TryLater

pytestmark = pytest.mark.slow

LETTER = Letter("acknowledgment", "ack-1@smallest.ai", "", (REPORTER,), "Subject: a\r\n\r\nwords\r\n", NOON, NOON)
ENDLESS = {
    "a drip": drip(b"250-x"),
    "a drip of lines": drip(b"250-\r\n" * 10_000, pause=0.01),
    "lines": flood(b"250-again\r\n"),
    "the shortest lines": flood(b"250-\n"),
    "lines without a code": flood(b"\r\n"),
    "one line": flood(b"x", b"250 "),
    "one line of no end": flood(b"x"),
    "zeros": flood(b"\0"),
}
VERBS = ("connect", "ehlo", "auth", "mail", "rcpt", "data", "dot")
ABLE = "250-hello\r\n250-STARTTLS\r\n250 AUTH PLAIN"


def submission(server, *, command=0.5, letter=1000.0, after_dot=0.5, **changes):
    settings = SmtpSettings(**{"host": "localhost", "port": server.port, "security": "none", **changes})
    return SmtpSubmission(settings, Waits(command, letter, after_dot))


@pytest.fixture
def account(monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "correct horse")
    return {"username": "bo", "password_env": "SMTP_PASSWORD"}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("what", ENDLESS)
def test_an_answer_without_end_is_left_and_the_next_letter_goes_out(account, what, verb):
    answers = {"ehlo": [ABLE] * 4, "auth": ["235 ok"] * 4}
    with scripted(**{**answers, verb: [ENDLESS[what], *answers.get(verb, [])]}) as server:
        sender = submission(server, **account)
        with pytest.raises(TryLater, match=r"^localhost:\d+") as caught:
            sender.submit(LETTER)
        assert caught.value.uncertain == (verb == "dot")
        assert not caught.value.login
        assert sender.submit(LETTER) == "250 taken"
        sender.close()


@pytest.mark.parametrize(
    ("what", "why"), [("a drip", "it did not finish its answer in time"), ("lines", "its answer does not end")]
)
def test_why_it_was_left_is_said(what, why):
    with scripted(mail=[ENDLESS[what]]) as server, pytest.raises(TryLater, match=why):
        submission(server).submit(LETTER)


def test_many_commands_that_each_end_in_time_are_one_letter_that_does_not():
    with scripted(rcpt=[drip(b"250-x")]) as server, pytest.raises(TryLater):
        # The command alone would take longer than any test may.
        submission(server, command=1000.0, letter=0.5).submit(LETTER)


@pytest.mark.parametrize("what", ["a drip", "lines", "one line"])
def test_a_farewell_without_end_is_cut_short(what):
    with scripted(quit=[ENDLESS[what]]) as server:
        sender = submission(server, command=1000.0)
        sender.submit(LETTER)
        sender.close()


@pytest.mark.parametrize("what", ["a drip", "lines", "zeros"])
def test_a_session_that_answers_rset_without_end_is_replaced(what):
    with scripted(rset=[ENDLESS[what]]) as server:
        sender = submission(server)
        sender.submit(LETTER)
        assert sender.submit(LETTER) == "250 taken"
        assert server.sessions == 2
        sender.close()


@pytest.mark.parametrize("what", ["a drip", "lines", "zeros"])
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_handshake_without_end_is_left(what, security):
    verb = "connect" if security == "tls" else "starttls"
    with scripted(ehlo=[ABLE], **{verb: [ENDLESS[what]]}) as server, pytest.raises(TryLater):
        submission(server, security=security).submit(LETTER)


def test_a_server_that_reads_nothing_of_a_long_mail_is_left():
    long = Letter("acknowledgment", "b@smallest.ai", "", (REPORTER,), "words\r\n" * 4_000_000, NOON, NOON)
    with scripted(data=["354 go"]) as server:
        server.deaf = True
        with pytest.raises(TryLater, match="no answer in time") as caught:
            submission(server).submit(long)
        assert not caught.value.uncertain


NONSENSE = [
    "",
    "999 what",
    "000",
    "-50 x",
    "25",
    "2500 four digits",
    "²50 not ASCII",
    "250",
    "abc def",
    "1 2 3",
    "250\0ok",
]


@pytest.mark.parametrize("verb", ["ehlo", "mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("said", NONSENSE)
def test_nonsense_is_one_plain_sentence_or_a_mail_taken(said, verb):
    with scripted(**{verb: [said, said]}) as server:
        sender = submission(server)
        try:
            sender.submit(LETTER)
        except (TryLater, Refused) as error:
            plain = str(error)
        else:
            plain = "localhost: taken"
        sender.close()
    assert plain.startswith("localhost:")
    assert "\n" not in plain
