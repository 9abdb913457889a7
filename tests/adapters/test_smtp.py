import socket
import ssl
import threading
import time

import pytest

from tests.support import servers
from tests.support.scripted_smtp import scripted
from tests.support.values import NOON, REPORTER
from triaged.adapters.letters import smtp
from triaged.adapters.letters.smtp import SmtpSubmission
from triaged.config.settings import SmtpSettings
from triaged.core.case.outbox import Letter
from triaged.ports import Refused, TryLater

RAW = "Subject: a\r\n\r\nwords\r\n"
UNCERTAIN = "it may have gone out"


def letter(**changes):
    return Letter(
        **{
            "purpose": "acknowledgment",
            "message_id": "ack-1@smallest.ai",
            "envelope_from": "",
            "to": (REPORTER,),
            "raw": RAW,
            "owed_at": NOON,
            "expires_at": NOON,
            **changes,
        }
    )


@pytest.fixture
def submission_to():
    """Make submissions to a server; closed at the end."""
    made = []

    def make(server, **changes):
        settings = {"host": "localhost", "port": server.port, "security": "none"}
        made.append(SmtpSubmission(SmtpSettings(**{**settings, **changes})))
        return made[-1]

    yield make
    for submission in made:
        submission.close()


def test_a_mail_arrives_as_it_was_written_with_its_envelope(sink, submission_to):
    raw = "Subject: a\r\n\r\n.\r\n..\r\n.hidden\r\nwords.\r\n\r\n.\r\n"
    answer = submission_to(sink).submit(letter(raw=raw, envelope_from="security@smallest.ai"))
    assert answer == "250 taken"
    assert sink.mails == [("security@smallest.ai", [REPORTER], raw.encode())]


def test_leading_dots_are_doubled_on_the_wire(submission_to):
    with scripted() as server:
        submission_to(server).submit(letter(raw="Subject: a\r\n\r\n.\r\n.b\r\nc.\r\n"))
        assert server.contents == [b"Subject: a\r\n\r\n..\r\n..b\r\nc.\r\n"]


def test_a_mail_that_does_not_end_its_last_line_gets_a_line_end(sink, submission_to):
    submission_to(sink).submit(letter(raw="Subject: a\r\n\r\nb"))
    assert sink.mails[0][2] == b"Subject: a\r\n\r\nb\r\n"


def test_an_acknowledgment_goes_out_with_the_null_sender_and_one_recipient(submission_to):
    with scripted() as server:
        submission_to(server).submit(letter())
        assert [line for line in server.commands if line[:4].upper() in {"MAIL", "RCPT"}] == [
            "mail FROM:<>",
            f"rcpt TO:<{REPORTER}>",
        ]


def test_many_mails_go_over_one_connection(submission_to):
    with scripted() as server:
        submission = submission_to(server)
        for number in range(20):
            submission.submit(letter(raw=f"Subject: {number}\r\n\r\nb\r\n"))
        assert server.sessions == 1
        assert [content.split(b"\r\n")[0] for content in server.contents] == [
            f"Subject: {number}".encode() for number in range(20)
        ]
        submission.close()
        submission.submit(letter())
        assert server.sessions == 2


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
def test_a_temporary_refusal_is_for_later_and_certain(submission_to, stage):
    with scripted(**{stage: ["451 4.7.1 greylisted"]}) as server:
        submission = submission_to(server)
        with pytest.raises(TryLater, match=r"refused .*: 451 4\.7\.1 greylisted") as caught:
            submission.submit(letter())
        assert not caught.value.uncertain
        assert not caught.value.login
        assert submission.submit(letter()) == "250 taken"


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
def test_a_lasting_refusal_is_final_and_the_session_goes_on(submission_to, stage):
    with scripted(**{stage: ["550 5.1.1 no such user"]}) as server:
        submission = submission_to(server)
        with pytest.raises(Refused, match=r"refused .*: 550 5\.1\.1 no such user"):
            submission.submit(letter())
        assert submission.submit(letter(raw="Subject: next\r\n\r\nb\r\n")) == "250 taken"
        assert server.sessions == 1
        assert server.contents[-1] == b"Subject: next\r\n\r\nb\r\n"


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data"])
def test_who_hangs_up_before_the_content_has_taken_nothing(submission_to, stage):
    # EHLO is followed by HELO where it is refused.
    with scripted(**{stage: ["", ""], "helo": ["", ""]}) as server:
        submission = submission_to(server)
        with pytest.raises(TryLater) as caught:
            submission.submit(letter())
        assert not caught.value.uncertain
        assert server.contents == []


@pytest.mark.parametrize("answer", ["", "what?", "354 go on"])
def test_after_the_final_dot_only_an_answer_that_is_one_makes_it_certain(submission_to, answer):
    with scripted(dot=[answer]) as server:
        submission = submission_to(server)
        with pytest.raises(TryLater, match=UNCERTAIN) as caught:
            submission.submit(letter())
        assert caught.value.uncertain
        assert server.contents == [RAW.encode()]
        assert submission.submit(letter()) == "250 taken"
        assert server.sessions == 2


def test_the_sink_that_takes_the_mail_and_hangs_up_leaves_it_uncertain(submission_to):
    with servers.smtp_sink({"DATA": ["taken, then hung up"]}) as sink:
        with pytest.raises(TryLater, match=UNCERTAIN) as caught:
            submission_to(sink).submit(letter())
        assert caught.value.uncertain
        assert len(sink.mails) == 1


def test_any_answer_of_the_second_hundred_is_a_mail_taken(submission_to):
    with scripted(dot=["252 queued somewhere"]) as server:
        assert submission_to(server).submit(letter()) == "252 queued somewhere"


def test_a_server_that_hung_up_while_idle_is_called_again(submission_to):
    with scripted() as server:
        submission = submission_to(server)
        submission.submit(letter())
        server.connection.shutdown(socket.SHUT_RDWR)
        assert submission.submit(letter()) == "250 taken"
        assert (server.sessions, len(server.contents)) == (2, 2)


def test_a_server_that_says_goodbye_while_idle_is_called_again(submission_to):
    with servers.smtp_sink(timeout=0.1) as sink:
        submission = submission_to(sink)
        submission.submit(letter())
        time.sleep(0.3)
        submission.submit(letter())
        assert len(sink.mails) == 2


def test_a_session_that_was_idle_for_long_is_left_before_the_server_leaves_it(submission_to, monkeypatch):
    monkeypatch.setattr(smtp, "_IDLE", 0.05)
    with scripted() as server:
        submission = submission_to(server)
        submission.submit(letter())
        time.sleep(0.1)
        submission.submit(letter())
        assert server.sessions == 2
        assert "quit" in [line.lower() for line in server.commands]


def test_of_several_recipients_those_refused_are_named_and_the_others_get_it(submission_to):
    with servers.smtp_sink({"RCPT": ["", "550 5.1.1 no such user"]}) as sink:
        answer = submission_to(sink).submit(letter(to=("bo@smallest.ai", "gone@smallest.ai", "cy@smallest.ai")))
        assert answer == "250 taken; refused: 550 5.1.1 no such user"
        assert sink.mails[0][1] == ["bo@smallest.ai", "cy@smallest.ai"]


def test_with_all_recipients_refused_one_who_may_be_taken_later_decides(submission_to):
    with scripted(rcpt=["550 no", "450 later", "550 no", "551 no"]) as server:
        submission = submission_to(server)
        to = ("bo@smallest.ai", "cy@smallest.ai")
        with pytest.raises(TryLater, match="450 later"):
            submission.submit(letter(to=to))
        with pytest.raises(Refused, match="550 no"):
            submission.submit(letter(to=to))
        assert server.contents == []


def test_what_a_server_says_is_shown_safe_and_short(submission_to):
    with scripted(rcpt=[f"550 \x1b[31m{'x' * 500}"]) as server:
        with pytest.raises(Refused) as caught:
            submission_to(server).submit(letter())
        said = str(caught.value)
        assert "550 \\x1b[31mxxx" in said
        assert len(said) < 300


def test_nobody_there_is_for_later(submission_to):
    with scripted() as server:
        pass
    with pytest.raises(TryLater, match="the connection was refused; check port, and whether the server runs"):
        submission_to(server).submit(letter())


# Logging in.


@pytest.fixture
def account(monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "correct horse")
    return {"username": "bo", "password_env": "SMTP_PASSWORD"}


@pytest.fixture
def guarded():
    authenticator = servers.accept_only("bo", "correct horse")
    with servers.smtp_sink(authenticator=authenticator, auth_require_tls=False) as sink:
        yield sink


def test_it_logs_in_where_the_settings_say_so(guarded, submission_to, account):
    submission = submission_to(guarded, **account)
    submission.probe("", REPORTER)
    submission.submit(letter())
    assert len(guarded.mails) == 1


def test_a_refused_login_is_told_apart_and_nothing_is_sent(guarded, submission_to, account, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "wrong")
    submission = submission_to(guarded, **account)
    for attempt in (lambda: submission.probe("", REPORTER), lambda: submission.submit(letter())):
        with pytest.raises(TryLater, match=r"refused the login of bo \(535 .*check smtp.username and") as caught:
            attempt()
        assert caught.value.login
        assert "wrong" not in str(caught.value)
    monkeypatch.setenv("SMTP_PASSWORD", "correct horse")
    submission.submit(letter())
    assert len(guarded.mails) == 1


def test_a_login_that_fails_for_now_is_no_wrong_password(submission_to, account):
    # Two answers: the client may try two mechanisms.
    with scripted(ehlo=["250-hello\r\n250 AUTH PLAIN LOGIN"], auth=["454 4.7.0 later", "454 4.7.0 later"]) as server:
        with pytest.raises(TryLater, match="454") as caught:
            submission_to(server, **account).submit(letter())
        assert not caught.value.login


def test_a_tenant_that_switched_login_off_is_told_so(submission_to, account):
    refusal = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled"
    with (
        scripted(ehlo=["250-hello\r\n250 AUTH PLAIN LOGIN"], auth=[refusal, refusal]) as server,
        pytest.raises(TryLater, match="SMTP AUTH is switched off for this tenant") as caught,
    ):
        submission_to(server, **account).submit(letter())
    assert caught.value.login


def test_a_server_without_logins_is_not_sent_a_password(sink, submission_to, account):
    with pytest.raises(TryLater, match="does not offer STARTTLS or a login"):
        submission_to(sink, **account).submit(letter())
    assert sink.mails == []


# TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    servers.need("openssl")
    folder = tmp_path_factory.mktemp("tls")
    servers._self_signed(folder / "key.pem", folder / "cert.pem")
    return folder


@pytest.fixture
def encrypted(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with servers.smtp_sink(tls_context=context, require_starttls=True) as sink:
        yield sink


def test_starttls_is_verified_against_the_authority_that_is_named(encrypted, submission_to, certificate):
    submission_to(encrypted, security="starttls", ca_file=certificate / "cert.pem").submit(letter())
    assert len(encrypted.mails) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(encrypted, submission_to):
    with pytest.raises(TryLater, match=r"its certificate cannot be trusted .* name its authority in ca_file"):
        submission_to(encrypted, security="starttls").submit(letter())
    assert encrypted.mails == []


def test_a_certificate_for_another_host_is_refused(encrypted, submission_to, certificate):
    with pytest.raises(TryLater, match="use the host name that the certificate is for"):
        submission_to(encrypted, host="127.0.0.1", security="starttls", ca_file=certificate / "cert.pem").submit(
            letter()
        )
    assert encrypted.mails == []


def test_without_starttls_on_offer_nothing_is_said_in_clear(sink, submission_to, account):
    with pytest.raises(TryLater, match="does not offer STARTTLS or a login"):
        submission_to(sink, security="starttls", **account).submit(letter())
    assert sink.mails == []


def test_tls_to_a_server_that_speaks_none_says_what_to_check(sink, submission_to):
    with pytest.raises(TryLater, match=r"TLS failed .*; check port and security"):
        submission_to(sink, security="tls").submit(letter())


def test_a_ca_file_that_is_not_there_says_so(encrypted, submission_to, tmp_path):
    with pytest.raises(TryLater, match="ca_file is not there"):
        submission_to(encrypted, security="starttls", ca_file=tmp_path / "none.pem").submit(letter())


def test_abort_ends_a_submission_that_waits(submission_to):
    release = threading.Event()
    with scripted() as server:
        submission = submission_to(server)
        submission.submit(letter())
        real = server._say

        def silent(stream, verb, otherwise):
            if verb == "dot":
                release.set()
                time.sleep(5)
            return real(stream, verb, otherwise)

        server._say = silent
        threading.Thread(target=lambda: (release.wait(5), submission.abort())).start()
        with pytest.raises(TryLater) as caught:
            submission.submit(letter())
        assert caught.value.uncertain


ABROAD = "josé@example.es"
IN_UTF8 = f"To: {ABROAD}\r\nSubject: a\r\n\r\nwords\r\n"


def test_a_letter_to_an_address_beyond_ascii_goes_out_by_smtputf8(submission_to):
    with servers.smtp_sink(enable_SMTPUTF8=True) as server:
        submission_to(server).submit(letter(to=(ABROAD,), raw=IN_UTF8))
        assert server.mails == [("", [ABROAD], IN_UTF8.encode())]


def test_mail_from_announces_utf8_for_that_letter_alone(submission_to):
    with scripted(ehlo=["250-here\r\n250-8BITMIME\r\n250 SMTPUTF8"]) as server:
        submission = submission_to(server)
        submission.submit(letter(to=(ABROAD,), raw=IN_UTF8))
        submission.submit(letter())
        assert [line for line in server.commands if line[:4].upper() in {"MAIL", "RCPT"}] == [
            "mail FROM:<> SMTPUTF8 BODY=8BITMIME",
            f"rcpt TO:<{ABROAD}>",
            "mail FROM:<>",
            f"rcpt TO:<{REPORTER}>",
        ]


@pytest.mark.parametrize("offered", ["250 here", "250-here\r\n250 8BITMIME", "250-here\r\n250 SMTPUTF8"])
def test_a_server_without_smtputf8_makes_it_a_persons_task_and_takes_the_next_letter(submission_to, offered):
    with scripted(ehlo=[offered]) as server:
        submission = submission_to(server)
        with pytest.raises(Refused, match=r"does not offer SMTPUTF8 .*; write to its owner") as refused:
            submission.submit(letter(to=(ABROAD,), raw=IN_UTF8))
        assert refused.value.blame == "letter"
        assert not [line for line in server.commands if line.upper().startswith("MAIL")]
        submission.submit(letter())
        assert len(server.contents) == 1
