"""Who types a command: what stands in a case's history beside each decision."""

import os
import pwd
from dataclasses import dataclass

_ROOT = 0


@dataclass(frozen=True, slots=True)
class Person:
    """An account of this machine, and how it came to run the command."""

    name: str
    through: str = ""

    def __str__(self) -> str:
        """`ana (sudo)`, as the history has it."""
        return f"{self.name} ({self.through})" if self.through else self.name


def at_the_keyboard() -> Person:
    """The account that runs this process; under root by sudo, the one that asked sudo.

    Only the kernel's word counts: $USER and $LOGNAME say what anybody likes. sudo's $SUDO_USER is believed where only sudo
    or root itself can have set it, and where it is an account that there is.
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
    """The account's name; a user that only exists while its service runs has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
