"""Failures of an IMAP connection: which kind they are, and one plain sentence for each."""

import imaplib
import re

from imapclient.exceptions import CapabilityError, LoginError

from triaged.adapters.network import cause
from triaged.config.settings import MailboxSettings
from triaged.core.text import defanged
from triaged.ports import TryLater

FAILURES = (
    imaplib.IMAP4.error,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    ArithmeticError,
    AttributeError,
    TypeError,
    RuntimeError,
    MemoryError,
)
"""What imapclient, imaplib, ssl and socket raise. All but the first three come from answers that break the grammar.

ArithmeticError covers the OverflowError of a date in the year 99999; RuntimeError the RecursionError of 50,000 parentheses.
"""

TOO_LONG = "too long an answer"
"""The first words of the abort that we raise ourselves."""

_REFUSAL = re.compile(r"(?:command: \S+ => )?(?P<verb>\S+) (?:failed: |command error: BAD )(?P<words>.*)", re.DOTALL)
# RFC 5530 response codes that do not concern the password, and the words of servers that give no code.
_PASSING = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b|too many|temporar|try again|connections", re.IGNORECASE
)


def is_refusal(error: BaseException) -> bool:
    """True if the server answered one command with NO or BAD and the session can go on."""
    return type(error) is imaplib.IMAP4.error and _REFUSAL.match(str(error)) is not None


def plain(error: BaseException) -> str:
    """Why it failed, in one phrase for an operator."""
    if isinstance(error, OSError):
        return cause(error)
    if isinstance(error, imaplib.IMAP4.abort):
        return _hung_up(error)
    if error.args and isinstance(error.args[0], bytes):
        return f"it turned us away: {_words(error.args[0].decode('ascii', 'replace').removeprefix('* '))}"
    if type(error) is imaplib.IMAP4.error and (refused := _REFUSAL.match(str(error))):
        return f"it refused {refused['verb'].upper()}: {_words(refused['words'])}"
    if isinstance(error, CapabilityError) or "TLS" in str(error):
        return "it does not start TLS; check port and security"
    # The library's own message would quote the answer, which may be a mail.
    return f"its answer breaks the rules of IMAP ({type(error).__name__})"


def login_fault(settings: MailboxSettings, error: LoginError) -> TryLater:
    """The fault for a failed login. `login` is set only for a real refusal, because trying again locks accounts."""
    start = f"{settings.host}:{settings.port}"
    broken = error.__context__
    if isinstance(broken, imaplib.IMAP4.abort):
        return TryLater(f"{start}: {plain(broken)}")
    refused = _REFUSAL.match(str(error))
    said = _words(refused["words"] if refused else str(error))
    start = f"{start} refused the login of {settings.username} ({said})"
    if "authenticated but not connected" in said.lower():
        advice = "the mailbox is missing or this user has no right to it, or there were too many connections"
        return TryLater(f"{start}: {advice}", login=True)
    if _PASSING.search(said):
        return TryLater(f"{start}: too many connections, or a fault of the server's that passes")
    if settings.host.endswith(("office365.com", "outlook.com", "gmail.com", "googlemail.com")):
        advice = "this provider takes no plain passwords; set mailbox.auth, or check what its token command prints"
        return TryLater(f"{start}: {advice}", login=True)
    return TryLater(
        f"{start}: check mailbox.username and the password, and that IMAP is allowed for this account", login=True
    )


def _hung_up(error: imaplib.IMAP4.abort) -> str:
    words = str(error).rsplit(" => ", 1)[-1]
    if isinstance(error, imaplib.IMAP4.readonly):
        return "the folder is read-only; file_to and keyword need write access"
    if words.startswith("socket error"):
        return "the connection was lost"
    if words.startswith(TOO_LONG):
        return "its answer does not end; the connection was closed"
    if words.startswith("unexpected"):
        return "its answer is not IMAP"
    return f"it hung up: {_words(words)}"


def _words(said: str) -> str:
    # imaplib passes on the server's words as the repr of bytes, alone or in a list.
    said = said.removeprefix("[").removesuffix("]") if said.startswith("[b") else said
    return defanged(said.removeprefix("b'").removesuffix("'"), 200) or "without giving a reason"
