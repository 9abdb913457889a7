"""The password or token of a login: read where it lies, or printed by a program of the team's.

A program begins as from a fresh login, and no shell starts it. What it says is never shown, for it may be the secret.
"""

import os
import select
import signal
import time
from contextlib import suppress

from triaged.config.login import Login
from triaged.config.yaml_source import SettingsError
from triaged.core.oauth import TokenRefusedError, checked_token

_WITHIN = 20.0
_LONGEST = 65_536
_LOOK_EVERY = 0.02
_INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "GNUPGHOME")
"""All that a program is given of our environment, which may hold passwords (`password_env`)."""


def password_of(settings: Login, *, within: float = _WITHIN) -> str:
    """The password, asked for anew at each login; raises SettingsError."""
    command = settings.password_command
    return printed("password_command", command, within=within) if command else settings.password()


def token_of(settings: Login, *, within: float = _WITHIN) -> str | None:
    """The access token, asked for anew at each login; None where the login is by password; raises SettingsError."""
    if settings.auth is None:
        return None
    try:
        return checked_token(printed("token_command", settings.auth.token_command, within=within))
    except TokenRefusedError as error:
        raise SettingsError((f"token_command for {settings.host}: {error}",)) from error


def printed(key: str, command: tuple[str, ...], *, within: float = _WITHIN) -> str:
    """What the program wrote on its standard output, without the line's end; raises SettingsError, one sentence."""
    start = f"{key} ({command[0]})"
    reading, writing = os.pipe()
    try:
        running = _started(command, writing)
    except OSError as error:
        os.close(reading)
        raise SettingsError((f"{start} could not be run: {error.strerror}",)) from error
    finally:
        os.close(writing)
    deadline = time.monotonic() + within
    try:
        said = _read(reading, deadline)
    finally:
        os.close(reading)
        code = _ended(running, deadline)
    return _secret(start, said, code, within)


def _secret(start: str, said: bytes | None, code: int | None, within: float) -> str:
    if said is not None and len(said) > _LONGEST:
        raise SettingsError((f"{start} prints far more than a secret",))
    if said is None or code is None:
        raise SettingsError((f"{start} did not end within {within:g} s",))
    if code:
        raise SettingsError((f"{start} ended with {code}",))
    try:
        secret = said.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise SettingsError((f"{start} prints what is not UTF-8 text",)) from error
    if not secret.isprintable() or not secret:
        raise SettingsError((f"{start} must print the secret in one line and nothing else",))
    return secret


def _started(command: tuple[str, ...], output: int) -> int:
    # Not `subprocess`, which hands on the signals that this thread blocks.
    return os.posix_spawnp(
        command[0],
        command,
        {"PATH": os.defpath} | {name: os.environ[name] for name in _INHERITED if name in os.environ},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
        setsid=True,
        setsigmask=(),
        setsigdef=signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP},
    )


def _read(stream: int, deadline: float) -> bytes | None:
    """All it wrote, or a little more than any secret holds; None where it did not come to an end."""
    said = b""
    while len(said) <= _LONGEST:
        if not select.select([stream], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return None
        if not (more := os.read(stream, 4096)):
            break
        said += more
    return said


def _ended(running: int, deadline: float) -> int | None:
    """What it ended with; None where it had to be ended, with all that it started."""
    while True:
        ended, status = os.waitpid(running, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            break
        time.sleep(_LOOK_EVERY)
    with suppress(ProcessLookupError):
        os.killpg(running, signal.SIGKILL)
    os.waitpid(running, 0)
    return None
