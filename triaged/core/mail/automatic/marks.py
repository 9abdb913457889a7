"""What software writes into a header and people's clients do not: marks of automatic mail, and addresses of machines."""

import re

from triaged.core.mail.lists import came_through, mailing_list_fields
from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_NESTED = 10
_HOPS = 50
_NOT_SAID = frozenset({"", "no", "none", "false", "0"})

_REPLY_FIELD = re.compile(r"x-(?:mail-)?auto-?(?:reply|respon(?:d|der|se))(?:$|-(?!suppress))")
# Exchange's own agents, and FirstClass.
_GENERATED_FIELDS = ("x-ms-exchange-generated-message-source", "x-fc-machinegenerated")
_RESPONDER = re.compile(r"auto-?respon|auto-?repl|\bvacation\b", re.IGNORECASE)
# What ticket systems, trackers and monitors put into every mail they send.
_SOFTWARE_FIELDS = (
    "x-zendesk- x-otrs- x-znuny- x-zammad- x-freescout- x-freshdesk- x-freshservice- x-osticket x-helpscout- x-kayako x-glpi "
    "x-rt- rt-ticket rt-originator x-servicenow- x-intercom- x-hubspot- x-jira- x-atlassian- x-github- x-gitlab- x-gitea- "
    "x-bugzilla- x-redmine- x-trac- x-mantis x-roundup- x-gerrit- x-launchpad- x-phabricator- x-debian-pr- x-discourse- "
    "x-sentry- x-jenkins- x-cron-env x-nagios x-icinga x-zabbix x-pagerduty-"
).split()
_SOFTWARE_NAME = re.compile(
    r"\b(?:otrs|znuny|zammad|osticket|kayako|request tracker|redmine|bugzilla)\b|^RT\b(?= \d|$)", re.IGNORECASE
)
_CAMPAIGN_FIELDS = ("x-campaign", "x-campaignid", "x-campaign-id", "x-csa-complaints", "x-mc-user")

_DAEMON_NAME = re.compile(
    r"(?:(?:e-?|internet )?mail|message) delivery (?:sub)?(?:system|service|agent)$|mailer[- ]?daemon$|mail administrator$",
    re.IGNORECASE,
)
# Local parts, compared without `-`, `_` and `.`; exact, because groot@ and postmasterson@ are people.
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


def auto_submitted(message: Message, _: Ours) -> str:
    """Whether any of its Auto-Submitted fields says anything but "no"; comments, parameters and case do not matter."""
    for value in message.all("auto-submitted"):
        keyword = _uncommented(value).partition(";")[0].strip().lower()
        if keyword and keyword != "no":
            return "its Auto-Submitted field says that a machine sent it"
    return ""


def null_return_path(message: Message, _: Ours) -> str:
    """Whether an answer would have nowhere to go; "<#@[]>" is qmail's double bounce."""
    nulls = {"<>", "<#@[]>"}
    if any("".join(value.split()) in nulls for value in message.all("return-path")):
        return "its return path is empty: an answer would go nowhere"
    return ""


def hops(message: Message, _: Ours) -> str:
    """Whether it goes in circles."""
    many = len(message.all("received")) > _HOPS
    return "it has passed through more than 50 servers, as mail in a loop does" if many else ""


def mailing_list(message: Message, ours: Ours) -> str:
    """Whether a list brought it that is not one of ours."""
    return "" if came_through(message, ours.lists) else mailing_list_fields(message)


def precedence(message: Message, ours: Ours) -> str:
    """Whether it is bulk mail by its Precedence; "first-class" is anybody's, and "list" is how our own list marks a report."""
    for value in (*message.all("precedence"), *message.all("x-precedence")):
        word = _uncommented(value).strip().lower().replace("-", "_")
        if word == "list" and came_through(message, ours.lists):
            continue
        if word in {"bulk", "junk", "list", "auto_reply"}:
            return f"its Precedence is {word}"
    return ""


def suppress(message: Message, _: Ours) -> str:
    """Whether its sender wants no automatic replies. DR, RN and NRN ask for no receipts, which an acknowledgment is not."""
    for value in message.all("x-auto-response-suppress"):
        if {word.strip().lower() for word in value.split(",")} & {"all", "oof", "autoreply"}:
            return "its sender asks for no automatic replies (X-Auto-Response-Suppress)"
    return ""


def automatic_reply(message: Message, _: Ours) -> str:
    """Whether an autoresponder says so in a field of its own."""
    if any(value.strip().lower() not in _NOT_SAID for name, value in message.headers if _names_a_responder(name)):
        return "it is an automatic reply"
    names = (*message.all("x-mailer"), *message.all("user-agent"), *message.all("x-post-messageclass"))
    # CommuniGate writes "Reply" where it answers, and "Mirror" on a person's mail that it passes on.
    names = (*names, *(f"auto-{value}" for value in message.all("x-autogenerated")))
    if any(_RESPONDER.search(name[:200]) for name in (*names, *message.all("delivered-to"))):
        return "it is an automatic reply"
    return ""


def software(message: Message, _: Ours) -> str:
    """Whether a ticket system, a tracker or a monitor sent it."""
    if any(name.startswith(tuple(_SOFTWARE_FIELDS)) for name, _value in message.headers):
        return "a ticket system, a tracker or a monitor sent it"
    names = (
        *message.all("x-mailer"),
        *message.all("x-powered-by"),
        *message.all("x-managed-by"),
        *message.all("managed-by"),
    )
    if any(_SOFTWARE_NAME.search(name[:200]) for name in names):
        return "a ticket system sent it"
    return ""


def daemon(message: Message, _: Ours) -> str:
    """Whether its sender is a mail system."""
    senders = _locals(message)
    # People write through services whose envelope is bounce+id@..., so of the Return-Path only the plain names count.
    envelopes = {value.strip("<> \t").rpartition("@")[0].lower() for value in message.all("return-path")}
    envelopes = {local for local in envelopes if "+" not in local}
    named = any(_DAEMON_NAME.match(author.name.strip()) for author in message.authors)
    if named or {_plain(local) for local in senders | envelopes} & _MAIL_SYSTEMS:
        return "its sender is a mail system, not a person"
    return "its sender is a mail system, not a person" if any(map(_MAIL_SYSTEM_LOCAL.match, senders)) else ""


def no_reply(message: Message, _: Ours) -> str:
    """Whether its sender is an address that nobody reads."""
    for local in _locals(message):
        plain = _plain(local)
        if plain.startswith(_NO_REPLY) or plain.endswith("noreply"):
            return "its sender takes no replies"
        if plain in _SERVICES:
            return "its sender is a notification service"
    return ""


def campaign(message: Message, _: Ours) -> str:
    """Whether it is part of a mailing. Feedback-ID says nothing: some providers put it on every person's mail."""
    return "it was sent in bulk (a campaign's id)" if any(map(message.all, _CAMPAIGN_FIELDS)) else ""


def _names_a_responder(name: str) -> bool:
    return bool(_REPLY_FIELD.match(name)) or name in _GENERATED_FIELDS


def _locals(message: Message) -> set[str]:
    """The local parts that any reading of From gives; `MAILER-DAEMON` alone, without a domain, is one too."""
    addresses = [address for reading in message.author_readings for address in reading]
    addresses += [value.strip("<> \t") for value in message.all("from")] if not addresses else []
    return {address.rpartition("@")[0].lower() or address.lower() for address in addresses if address}


def _plain(local: str) -> str:
    return local.partition("+")[0].translate({ord(sign): None for sign in "-_."})


def _uncommented(value: str) -> str:
    """The value without its comments, which nest (RFC 5322 section 3.2.2); a comment never closed stays."""
    for _ in range(_NESTED):
        shorter = _COMMENT.sub(" ", value)
        if shorter == value:
            break
        value = shorter
    return value
