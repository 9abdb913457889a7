"""Standard header fields that forbid an answer, and what each says about the author."""

import re

from triaged.core.mail.lists import came_through, mailing_list_fields
from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_NESTED = 10
_HOPS = 50
_FORWARDED = "auto-forwarded"


def auto_replied(message: Message, _: Ours) -> str:
    """Return a sentence if the mail says that a machine answers another mail with it (RFC 3834 section 5)."""
    return (
        "its Auto-Submitted field says that a machine answers with it" if "auto-replied" in _submitted(message) else ""
    )


def auto_submitted(message: Message, _: Ours) -> str:
    """Return a sentence if any Auto-Submitted field has a value other than "no"; comments, parameters and case are ignored."""
    told = _submitted(message) - {_FORWARDED}
    return "its Auto-Submitted field says that a machine sent it" if told else ""


def auto_forwarded(message: Message, _: Ours) -> str:
    """Return a sentence if a machine only passed it on. RFC 3834 lacks `auto-forwarded`; relays of forms and reports use it."""
    return "its Auto-Submitted field says that a machine passed it on" if _FORWARDED in _submitted(message) else ""


def null_return_path(message: Message, _: Ours) -> str:
    """Return a sentence if an answer would have nowhere to go; "<#@[]>" is qmail's double bounce."""
    nulls = {"<>", "<#@[]>"}
    if any("".join(value.split()) in nulls for value in message.all("return-path")):
        return "its return path is empty: an answer would go nowhere"
    return ""


def hops(message: Message, _: Ours) -> str:
    """Return a sentence if the mail is in a loop."""
    many = len(message.all("received")) > _HOPS
    return "it has passed through more than 50 servers, as mail in a loop does" if many else ""


def mailing_list(message: Message, ours: Ours) -> str:
    """Return a sentence if it came through a list that is not one of ours."""
    return "" if came_through(message, ours.own_lists) else mailing_list_fields(message)


def list_precedence(message: Message, ours: Ours) -> str:
    """Return a sentence if its Precedence is `list`, unless our own list set that."""
    lists = "list" in _precedences(message) and not came_through(message, ours.own_lists)
    return "its Precedence is list" if lists else ""


def reply_precedence(message: Message, _: Ours) -> str:
    """Return a sentence if its Precedence says that a machine answers with it."""
    return "its Precedence is auto_reply" if "auto_reply" in _precedences(message) else ""


def precedence(message: Message, _: Ours) -> str:
    """Return a sentence if its Precedence says bulk mail; "first-class" says nothing."""
    found = sorted(_precedences(message) & {"bulk", "junk", "spam"})
    return f"its Precedence is {found[0]}" if found else ""


def suppress(message: Message, _: Ours) -> str:
    """Return a sentence if the sender wants no automatic replies. DR, RN and NRN suppress receipts only."""
    for value in message.all("x-auto-response-suppress"):
        if {word.strip().lower() for word in value.split(",")} & {"all", "oof", "autoreply"}:
            return "its sender asks for no automatic replies (X-Auto-Response-Suppress)"
    return ""


def _submitted(message: Message) -> set[str]:
    keywords = {_uncommented(value).partition(";")[0].strip().lower() for value in message.all("auto-submitted")}
    return keywords - {"", "no"}


def _precedences(message: Message) -> set[str]:
    values = (*message.all("precedence"), *message.all("x-precedence"))
    return {_uncommented(value).strip().lower().replace("-", "_") for value in values}


def _uncommented(value: str) -> str:
    """The value without its comments, which nest (RFC 5322 section 3.2.2); an unclosed comment stays."""
    for _ in range(_NESTED):
        shorter = _COMMENT.sub(" ", value)
        if shorter == value:
            break
        value = shorter
    return value
