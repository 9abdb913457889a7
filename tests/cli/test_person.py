import os
import pwd
from types import SimpleNamespace

import pytest

from triaged.cli.person import Person, at_the_keyboard

ACCOUNTS = {"root": 0, "toor": 0, "ana": 1000, "bo": 1001, "triaged": 990}


def entry(name):
    return SimpleNamespace(pw_name=name, pw_uid=ACCOUNTS[name])


def by_name(name):
    if "\0" in name:
        raise ValueError("embedded null byte")
    return entry(name)


def by_uid(uid):
    return entry(next(name for name, known in ACCOUNTS.items() if known == uid) if uid in ACCOUNTS.values() else uid)


@pytest.fixture
def running(monkeypatch):
    """This process as another account runs it, with variables of its own."""
    monkeypatch.setattr(pwd, "getpwnam", by_name)
    monkeypatch.setattr(pwd, "getpwuid", by_uid)

    def under(uid, **variables):
        monkeypatch.setattr(os, "getuid", lambda: uid)
        for name in ("SUDO_USER", "USER", "LOGNAME", "LNAME", "USERNAME"):
            monkeypatch.delenv(name, raising=False)
        # A mapping of its own: the real one takes no null byte.
        monkeypatch.setattr(os, "environ", {**os.environ, **variables})
        return at_the_keyboard()

    return under


def test_who_asked_sudo_stands_in_the_history(running):
    assert str(running(0, SUDO_USER="ana")) == "ana (sudo)"
    assert running(0, SUDO_USER="ana").name == "ana"


@pytest.mark.parametrize(
    "value", ["", "root", "toor", "nobody-here", "ana\nroot", "ana\x1b[31m", "a\0b", "../ana", "ana " * 99]
)
def test_under_root_what_is_no_account_of_a_person_is_root(running, value):
    assert running(0, SUDO_USER=value) == Person("root")


def test_without_sudo_root_is_root_and_an_account_is_itself(running):
    assert running(0) == Person("root")
    assert running(1000) == Person("ana")


@pytest.mark.parametrize("uid", [1000, 990])
def test_an_account_that_is_not_root_cannot_say_that_it_is_another(running, uid):
    lies = dict.fromkeys(("SUDO_USER", "USER", "LOGNAME"), "bo")
    assert running(uid, **lies) == running(uid)


def test_a_user_that_only_exists_while_its_service_runs_is_a_number(running):
    assert running(61234, USER="ana") == Person("uid 61234")
