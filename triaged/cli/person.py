"""The person who runs a command, as a case's history records them."""

import os
import pwd
from dataclasses import dataclass

_ROOT = 0


@dataclass(frozen=True, slots=True)
class Person:
    """An account on this machine, and how it came to run the command."""

    name: str
    through: str = ""

    def __str__(self) -> str:
        """`ana (sudo)`, as the history has it."""
        return f"{self.name} ({self.through})" if self.through else self.name


def at_the_keyboard() -> Person:
    """The account that runs this process; under sudo, the account that called sudo.

    Only the kernel is trusted, because anybody can set $USER and $LOGNAME. $SUDO_USER counts only if nobody but sudo or root
    can have set it and if it names an existing account.
    """
    uid = os.getuid()
    asking = os.environ.get("SUDO_USER", "")
    if uid == _ROOT and (name := _account(asking)):
        return Person(name, "sudo")
    return Person(_name_of(uid))


def _account(name: str) -> str:
    """The name, if it is an account other than root."""
    try:
        found = pwd.getpwnam(name)
    except (KeyError, ValueError):
        return ""
    return found.pw_name if found.pw_uid != _ROOT else ""


def _name_of(uid: int) -> str:
    """The account's name; empty for a user that exists only while its service runs."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
