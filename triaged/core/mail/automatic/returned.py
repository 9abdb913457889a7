"""Read a machine's mail for the mails it is about and their fate, in one pass over the raw body."""

import re
from dataclasses import replace

from triaged.core.mail.automatic.bounces import unmarked_bounce, worded_bounce
from triaged.core.mail.automatic.signs import Ours, Silence, silence
from triaged.core.mail.message import Bounce, Message

_WINDOW = 256 * 1024
_IDS = 50
_NOBODY = Ours(frozenset())
# As a field of a returned header or a delivery status, or in prose; HTML may escape the bracket, and quoted-printable too.
_MESSAGE_ID = re.compile(
    rb"^[>| \t]{0,8}(?:X-)?(?:Original-)?Message-ID[ \t]{0,8}:(?:[ \t]|\r?\n[ \t]){0,8}"
    rb"(?:<|&lt;|=3C)([!-;=?-~]{1,250}?)(?:>|&gt;|=3E)",
    re.IGNORECASE | re.MULTILINE,
)
_REFERENCES = re.compile(
    rb"^[>| \t]{0,8}(?:In-Reply-To|References)[ \t]{0,8}:((?:[^\r\n]|\r?\n[ \t]){1,4000})", re.IGNORECASE | re.MULTILINE
)
_ID = re.compile(rb"(?:<|&lt;)([!-;=?-~]{1,250}?)(?:>|&gt;)")
_SUBJECT = re.compile(
    rb"^[>| \t]{0,8}Subject[ \t]{0,8}:[ \t]{0,8}((?:[^\r\n]|\r?\n[ \t]){1,300})", re.IGNORECASE | re.MULTILINE
)
_STATUS = re.compile(
    rb"^Content-Type[ \t]{0,8}:[ \t]{0,8}message/(?:global-)?delivery-status", re.IGNORECASE | re.MULTILINE
)
_RETURNED = re.compile(
    rb"^Content-Type[ \t]{0,8}:[ \t]{0,8}(?:message/rfc822|message/global\b|text/rfc822-headers)",
    re.IGNORECASE | re.MULTILINE,
)
_ACTION = re.compile(rb"^Action[ \t]{0,8}:[ \t]{0,8}([A-Za-z]{1,20})", re.IGNORECASE | re.MULTILINE)
_DELAYED = re.compile(
    r"\bdelayed\b|warning: (?:could not|message)|still being retried|not yet been delivered", re.IGNORECASE
)
# RFC 3464 section 2.3.3. With several recipients, the outcome that matters most to the sender.
_ACTIONS: tuple[tuple[Bounce, frozenset[bytes]], ...] = (
    ("failed", frozenset({b"failed"})),
    ("delayed", frozenset({b"delayed"})),
    ("delivered", frozenset({b"delivered", b"relayed", b"expanded"})),
)


def with_returned(message: Message, body: bytes) -> Message:
    """Add to a machine's message what it returns. A person who forwards a bounce returns nothing."""
    why = silence(message, _NOBODY)
    if why is None:
        return message
    window = body[:_WINDOW]
    ids = (found.decode("ascii") for found in _MESSAGE_ID.findall(window) if b"@" in found)
    subject = _SUBJECT.search(window)
    return replace(
        message,
        returned_ids=tuple(dict.fromkeys(ids))[:_IDS],
        returned_references=_references(window),
        returned_subject=subject[1].decode("ascii", "replace") if subject else "",
        bounce=_outcome(message, window, why),
    )


def _references(window: bytes) -> tuple[str, ...]:
    said = (each for field in _REFERENCES.finditer(window) for each in _ID.findall(field[1]))
    return tuple(dict.fromkeys(each.decode("ascii") for each in said if b"@" in each))[:_IDS]


def _outcome(message: Message, window: bytes, why: Silence) -> Bounce:
    if message.content_type == "message/delivery-status":
        return _reported(window)
    if status := _STATUS.search(window):
        behind = _RETURNED.search(window, status.end())
        return _reported(window[status.end() : behind.start() if behind else len(window)])
    if why.sign == "failed-recipients" or unmarked_bounce(message, _NOBODY) or worded_bounce(message, _NOBODY):
        return "delayed" if _DELAYED.search(f"{message.subject[:200]}\n{message.text[:2000]}") else "failed"
    return ""


def _reported(status: bytes) -> Bounce:
    """The outcome that the report gives; if it gives none, the worst, which only asks for a person."""
    said = {action.lower() for action in _ACTION.findall(status)}
    return next((outcome for outcome, actions in _ACTIONS if said & actions), "failed")
