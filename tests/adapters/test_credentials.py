"""Passwords and tokens that a program prints."""

import sys

import pytest

from triaged.adapters.credentials import password_of, token_of
from triaged.config.login import Auth
from triaged.config.settings import SmtpSettings
from triaged.config.yaml_source import SettingsError


def _says(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def _password(code: str, *, within: float = 20.0) -> str:
    return password_of(SmtpSettings(host="localhost", username="u", password_command=_says(code)), within=within)


def test_a_password_is_what_the_program_prints() -> None:
    assert _password("print('hunter 2')") == "hunter 2"


def test_a_token_is_what_the_program_prints() -> None:
    auth = Auth(token_command=_says("print('abc.def')"))
    assert token_of(SmtpSettings(host="localhost", username="u", auth=auth)) == "abc.def"


def test_html_instead_of_a_token_is_refused_and_not_shown() -> None:
    auth = Auth(token_command=_says("print('<html>hunter2</html>')"))
    with pytest.raises(SettingsError, match="token_command for localhost") as refused:
        token_of(SmtpSettings(host="localhost", username="u", auth=auth))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print('hunter2'); raise SystemExit(3)", "ended with 3"),
        ("print('hunter2\\nhunter2')", "in one line"),
        ("pass", "in one line"),
        ("import sys; sys.stdout.buffer.write(b'\\xff')", "not UTF-8"),
        ("while True: print('hunter2' * 1000)", "far more than a secret"),
    ],
)
def test_a_program_that_misbehaves_is_one_sentence_without_what_it_printed(code: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        _password(code)
    assert "hunter2" not in str(refused.value)


def test_a_program_that_hangs_is_ended() -> None:
    with pytest.raises(SettingsError, match="did not end within"):
        _password("import time; time.sleep(3600)", within=0.2)


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(SettingsError, match="could not be run"):
        password_of(SmtpSettings(host="localhost", username="u", password_command=("/nonexistent",)))
