"""Recognise senders that are no people: mail systems, and addresses that nobody reads."""

import re

from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours

_DAEMON_NAME = re.compile(
    r"(?:(?:e-?|internet )?mail|message) delivery (?:sub)?(?:system|service|agent)$|mailer[- ]?daemon$|mail administrator$",
    re.IGNORECASE,
)
# Local parts, compared without `-`, `_` and `.`; whole words only, because groot@ and postmasterson@ are people.
_MAIL_SYSTEMS = frozenset(
    "mailerdaemon maildaemon mailsystem mailadministrator mailadmin maildeliverysystem maildeliverysubsystem mdaemon "
    "postmaster bounce bounces root daemon nobody listserv listproc majordomo sympa mailman".split()
)
_MAIL_SYSTEM_LOCAL = re.compile(
    r"(?:owner|bounces?|confirm)[-+_]|mailer-daemon|postmaster\+|.{0,200}-(?:request|bounces?|owner|errors|subscribe|unsubscribe)$|"
    r".{0,200}-confirm(?:$|[-+.])"
)
_NO_REPLY = ("noreply", "donotreply", "nichtantworten", "nepasrepondre", "noresponder", "naoresponda", "nonrispondere")
_SERVICES = frozenset(
    "notification notifications notify notifier alert alerts newsletter newsletters mailer autoreply autoresponder autoconfirm "
    "automailer cron nagios icinga zabbix munin logwatch wordpress wwwdata apache".split()
)


def daemon(message: Message, _: Ours) -> str:
    """Return a sentence if the sender is a mail system."""
    senders = _locals(message)
    # People write through services whose envelope sender is bounce+id@..., so in Return-Path only the plain names count.
    envelopes = {value.strip("<> \t").rpartition("@")[0].lower() for value in message.all("return-path")}
    envelopes = {local for local in envelopes if "+" not in local}
    named = any(_DAEMON_NAME.match(author.name.strip()) for author in message.authors)
    if named or {_plain(local) for local in senders | envelopes} & _MAIL_SYSTEMS:
        return "its sender is a mail system, not a person"
    return "its sender is a mail system, not a person" if any(map(_MAIL_SYSTEM_LOCAL.match, senders)) else ""


def no_reply(message: Message, _: Ours) -> str:
    """Return a sentence if nobody reads mail to the sender's address."""
    for local in _locals(message):
        # The tag may say so too: cert+donotreply@.
        pieces = [_plain(piece) for piece in local.split("+")]
        if any(piece.startswith(_NO_REPLY) or piece.endswith("noreply") for piece in pieces):
            return "its sender takes no replies"
        if pieces[0] in _SERVICES:
            return "its sender is a notification service"
    return ""


def _locals(message: Message) -> set[str]:
    """The local parts in any reading of From, including a bare `MAILER-DAEMON` without a domain."""
    addresses = [address for reading in message.author_readings for address in reading]
    addresses += [value.strip("<> \t") for value in message.all("from")] if not addresses else []
    return {address.rpartition("@")[0].lower() or address.lower() for address in addresses if address}


def _plain(local: str) -> str:
    return local.partition("+")[0].translate({ord(sign): None for sign in "-_."})
