"""What a login by token says to a submission server, and what it makes of a refusal."""

import base64
import sys

import pytest

from tests.support.scripted_smtp import scripted
from triaged.adapters.bounded import Allowance
from triaged.adapters.letters.smtp_session import opened
from triaged.config.login import Auth
from triaged.config.settings import SmtpSettings
from triaged.ports import TryLater


def _settings(port: int) -> SmtpSettings:
    auth = Auth(token_command=(sys.executable, "-c", "print('tok.en')"))
    return SmtpSettings(host="localhost", port=port, security="none", username="a@example.org", auth=auth)


def _allowance() -> Allowance:
    allowance = Allowance()
    allowance.turn(30)
    return allowance


@pytest.mark.parametrize(
    ("offered", "used"), [("PLAIN XOAUTH2 OAUTHBEARER", "XOAUTH2"), ("OAUTHBEARER", "OAUTHBEARER")]
)
def test_the_token_is_sent_by_a_mechanism_that_the_server_offers(offered: str, used: str) -> None:
    with scripted(ehlo=[f"250-hello\r\n250 AUTH {offered}"], auth=["235 2.7.0 welcome"]) as server:
        opened(_settings(server.port), _allowance(), 10).close()
    verb, mechanism, first = next(each for each in server.commands if each.startswith("AUTH")).split(" ")
    assert (verb, mechanism) == ("AUTH", used)
    assert b"\x01auth=Bearer tok.en\x01\x01" in base64.b64decode(first)


def test_a_refused_token_is_a_refused_login_with_the_servers_code() -> None:
    refusal = "535 5.7.3 Authentication unsuccessful"
    with (
        scripted(ehlo=["250-hello\r\n250 AUTH XOAUTH2"], auth=[refusal]) as server,
        pytest.raises(TryLater, match=refusal.replace(".", r"\.")) as refused,
    ):
        opened(_settings(server.port), _allowance(), 10)
    assert refused.value.login
    assert "tok.en" not in str(refused.value)
