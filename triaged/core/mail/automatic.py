"""RFC 3834: why this message must not be answered. An ordered table of signs, the most authoritative first.

A field that only software sets outranks an address, and an address outranks words that a person may have typed. Text alone
(a subject) never makes a message machine-made in format: what looks like a report is still filed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from triaged.core.mail.message import Message

Strength = Literal["format", "marked", "worded"]
"""`format`: no person's words by its very format (a delivery report), so no case. `marked`: software marked it; a case where it
has the shape of a report. `worded`: words alone say so, which a person may have typed; always a case."""


@dataclass(frozen=True, slots=True)
class Ours:
    """What is our own, as far as a sign has to know it."""

    addresses: frozenset[str]
    """Lower case."""
    lists: frozenset[str] = frozenset()
    """List-Ids, lower case, of lists that deliver to us: every true report comes through them."""
    wrote: Callable[[str], bool] = lambda _: False
    """Whether a Message-ID is one that we made."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A sign that a machine sent this, and the rule that forbids an answer."""

    sign: str
    """Short name of the sign: `auto-submitted`."""
    rfc: str
    """Where it is written: `RFC 3834 section 2`."""
    reason: str
    """One sentence for the team."""
    strength: Strength = "marked"


@dataclass(frozen=True, slots=True)
class _Sign:
    name: str
    rfc: str
    found: Callable[[Message, Ours], str]
    """One sentence, or an empty string where the sign is absent."""
    strength: Strength = "marked"


def silence(message: Message, ours: Ours) -> Silence | None:
    """The first sign that forbids an answer; None when a person wrote this."""
    for sign in _SIGNS:
        if reason := sign.found(message, ours):
            return Silence(sign.name, sign.rfc, reason, sign.strength)
    return None


def _report(message: Message, _ours: Ours) -> str:
    if message.content_type == "multipart/report":
        return "it is a delivery, disposition or feedback report (multipart/report)"
    if message.content_type in {"message/delivery-status", "message/disposition-notification"}:
        return f"it is a report ({message.content_type})"
    return ""


def _auto_submitted(message: Message, _ours: Ours) -> str:
    # Any value but "no" wins, in any of several fields; comments, parameters and case do not matter (section 5.2).
    for value in message.all("auto-submitted"):
        keyword = _uncommented(value).partition(";")[0].strip().lower()
        if keyword and keyword != "no":
            return "its Auto-Submitted field says that a machine sent it"
    return ""


def _null_return_path(message: Message, _ours: Ours) -> str:
    # "<#@[]>" is qmail's double bounce.
    nulls = {"<>", "<#@[]>"}
    if any(value.replace(" ", "").replace("\t", "") in nulls for value in message.all("return-path")):
        return "its return path is empty: an answer would go nowhere"
    return ""


def _failed_recipients(message: Message, _ours: Ours) -> str:
    return "it is a bounce (X-Failed-Recipients)" if message.all("x-failed-recipients") else ""


def _own_mail(message: Message, ours: Ours) -> str:
    named = {address for reading in message.author_readings for address in reading}
    if any(_untagged(address) in ours.addresses for address in named):
        return "it comes from our own address"
    return ""


def _hops(message: Message, _ours: Ours) -> str:
    return (
        "it has passed through more than 50 servers, as mail in a loop does"
        if len(message.all("received")) > _HOPS
        else ""
    )


def _list(message: Message, _ours: Ours) -> str:
    if any(message.all(name) for name in _LIST_FIELDS):
        return "it comes from a mailing list (List-* fields)"
    if message.all("mailing-list") or message.all("x-mailman-version") or message.all("x-listname"):
        return "it comes from a mailing list"
    return ""


def _precedence(message: Message, _ours: Ours) -> str:
    for value in message.all("precedence"):
        word = _uncommented(value).strip().lower().replace("-", "_")
        if word in {"bulk", "junk", "list", "auto_reply"}:
            return f"its Precedence is {word}"
    return ""


def _suppress(message: Message, _ours: Ours) -> str:
    # DR, RN and NRN ask for no receipts; they do not forbid an acknowledgment ([MS-OXCMAIL] section 2.2.3.2.14).
    for value in message.all("x-auto-response-suppress"):
        if {word.strip().lower() for word in value.split(",")} & {"all", "oof", "autoreply"}:
            return "its sender asks for no automatic replies (X-Auto-Response-Suppress)"
    return ""


def _other_marks(message: Message, _ours: Ours) -> str:
    if any(message.all(name) for name in _REPLY_FIELDS):
        return "it is an automatic reply"
    return ""


def _daemon(message: Message, _ours: Ours) -> str:
    for local in _locals(message):
        if local in _DAEMONS or local.startswith(_DAEMON_PREFIXES) or local.endswith(_DAEMON_SUFFIXES):
            return "its sender is a mail system, not a person"
    # People write through services whose envelope is bounce+id@..., so of the Return-Path only the plain names count.
    envelopes = {value.strip("<> \t").rpartition("@")[0].lower() for value in message.all("return-path")}
    if envelopes & _DAEMONS or any(_DAEMON_NAME.match(author.name.strip()) for author in message.authors):
        return "its sender is a mail system, not a person"
    return ""


def _no_reply(message: Message, _ours: Ours) -> str:
    for local in _locals(message):
        plain = local.replace("-", "").replace("_", "").replace(".", "").partition("+")[0]
        if plain.startswith(_NO_REPLY) or plain.endswith("noreply"):
            return "its sender takes no replies"
        if plain in {"notification", "notifications", "newsletter", "alerts", "autoreply", "autoresponder"}:
            return "its sender is a notification service"
    return ""


def _feedback(message: Message, _ours: Ours) -> str:
    if message.all("feedback-id") or message.all("x-campaignid") or message.all("x-csa-complaints"):
        return "it was sent in bulk (Feedback-ID or a campaign's id)"
    return ""


def _unmarked_bounce(message: Message, _ours: Ours) -> str:
    head = f"{message.text[:_HEAD]}\n{message.quoted[:_HEAD]}"
    if _QMAIL in head:
        return "it is a bounce (qmail's notice)"
    if _REPORTING.search(message.text[:_LEAD]):
        # "Delivery status endpoint leaks recipients" is somebody's report, not a delivery status.
        return ""
    if _BOUNCE_SUBJECT.match(message.subject.strip()) and _BOUNCE_TEXT.search(head):
        return "it is a bounce, by its subject and its text"
    if _BOUNCE_OPENING.search(message.text[:200]) and len(message.text) < _SHORT_NOTICE:
        return "it is a bounce: its text is a notice of non-delivery and nothing else"
    return ""


def _dmarc_report(message: Message, _ours: Ours) -> str:
    if _DMARC_SUBJECT.match(message.subject.strip()[:400]):
        return "it is a DMARC aggregate report"
    if _FAILURE_TEXT.search(message.text[:300]):
        return "it is an authentication failure report"
    return ""


def _calendar(message: Message, _ours: Ours) -> str:
    return "it is calendar mail" if message.content_type == "text/calendar" else ""


def _away(message: Message, _ours: Ours) -> str:
    return "its subject is that of an absence notice" if _AWAY_SUBJECT.match(message.subject.strip()[:200]) else ""


def _locals(message: Message) -> set[str]:
    """The local parts that any reading of From gives; `MAILER-DAEMON` alone, without a domain, is one too."""
    addresses = [address for reading in message.author_readings for address in reading]
    addresses += [value.strip("<> \t") for value in message.all("from")] if not addresses else []
    return {address.rpartition("@")[0].lower() or address.lower() for address in addresses if address}


def _uncommented(value: str) -> str:
    """The value without its comments, which nest (RFC 5322 section 3.2.2); a comment never closed stays."""
    for _ in range(_NESTED):
        shorter = _COMMENT.sub(" ", value)
        if shorter == value:
            break
        value = shorter
    return value


def _untagged(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


_COMMENT = re.compile(r"\([^()]{0,500}\)")
_NESTED = 10
_HOPS = 50
_HEAD = 4000
_LEAD = 500
_LIST_FIELDS = (
    "list-id",
    "list-help",
    "list-subscribe",
    "list-unsubscribe",
    "list-post",
    "list-owner",
    "list-archive",
)
_REPLY_FIELDS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-loop-detect-auto-reply")
_DAEMONS = frozenset(
    "mailer-daemon mailerdaemon mail-daemon maildaemon postmaster listserv majordomo mdaemon mail-administrator "
    "mailadmin bounce bounces root daemon nobody mail-delivery-subsystem".split()
)
_DAEMON_PREFIXES = ("owner-", "bounce-", "bounce+", "bounces-", "bounces+", "bounce_", "mailer-daemon", "postmaster+")
_NO_REPLY = ("noreply", "donotreply", "nichtantworten", "nepasrepondre", "noresponder", "naoresponda", "nonrispondere")
_DAEMON_SUFFIXES = ("-request", "-bounces", "-bounce", "-owner", "-errors")
_QMAIL = "This is the qmail-send program"
_BOUNCE_SUBJECT = re.compile(
    r"(?:undeliver|delivery (?:status|failure|notification|report|has failed)|mail delivery|returned mail|failure notice|"
    r"mail system error|nondeliverable|non delivery|undelivered|message status|mail could not be delivered|delivery problem|"
    r"warning: (?:could not send|message)|mail failure|rejected (?:mail|message)|unzustellbar|permanent delivery|"
    r"message delivery|auto: delivery|no se ha podido|échec de|não foi possível|e-?mail (?:not|addressing) )",
    re.IGNORECASE,
)
_BOUNCE_OPENING = re.compile(
    r"(?:^|\n)[* ]{0,100}your (?:e-?mail |mail )?message could not be delivered to", re.IGNORECASE
)
_SHORT_NOTICE = 1000
_REPORTING = re.compile(
    r"vulnerab|exploit|attacker|proof of concept|\bsecurity (?:issue|bug|flaw|hole|problem)|\b(?:xss|idor|ssrf|csrf)\b",
    re.IGNORECASE,
)
_DAEMON_NAME = re.compile(r"(?:mail delivery (?:sub)?system|mailer[- ]daemon|mail administrator)$", re.IGNORECASE)
_BOUNCE_TEXT = re.compile(
    r"(?:could ?n[o']t be (?:delivered|found)|not be delivered|undeliver|was not delivered|delivery (?:has )?failed|"
    r"unable to deliver|permanent (?:fatal )?error|user unknown|unknown user|mailbox (?:is )?(?:full|unavailable)|"
    r"no such user|recipient|does not exist|quota|550[ -]|5\.\d\.\d|konnte nicht|nicht zugestellt|returned)",
    re.IGNORECASE,
)
# Not behind "Fwd:": a person who passes one on asks something.
_DMARC_SUBJECT = re.compile(
    r"(?!(?:re|aw|sv|fwd?|wg|tr|rv)\s?:).{0,80}?\bReport Domain:\s*\S{1,255}\s+Submitter:", re.IGNORECASE
)
_FAILURE_TEXT = re.compile(r"\bauthentication[- ]failure report for an? (?:e?-?mail )?message", re.IGNORECASE)
# The notice and no more, or the notice and what it answers: "Automatic reply: Re: hello". A person may write *about* automatic
# replies ("Auto-reply endpoint leaks addresses"), and RFC 3834 section 3.1.5 warns of taking "Auto:" alone for a machine.
_AWAY_SUBJECT = re.compile(
    r"(?:auto(?:matic|mated)?[ -]?(?:reply|response|antwort)|"
    r"out of (?:the )?office(?: (?:auto[ -]?)?(?:reply|response|notice|message))?|ooo|"
    r"away from (?:the|my) (?:office|desk|mail|email)|vacation (?:reply|notice|message)|"
    r"abwesen(?:d|heits?(?:notiz|nachricht|meldung)?)|automatische (?:antwort|abwesenheitsnotiz)|"
    r"réponse automatique|absence du bureau|respuesta automática|fuera de la oficina|"
    r"risposta automatica|resposta automática|automatisch antwoord|autosvar|automatiskt svar|automaattinen vastaus|"
    r"odpowiedź automatyczna|автоответ(?:чик)?|自动回复|自動回覆|自動応答)"
    r"\s{0,3}(?:$|[:：(\[–—]|- |until\b|from\b|till\b|bis\b|vom\b)|"
    r"i am (?:currently )?(?:out of|away)\b",
    re.IGNORECASE,
)

_SIGNS: tuple[_Sign, ...] = (
    # By format, no person's words.
    _Sign("report", "RFC 6522 section 3", _report, "format"),
    _Sign("own-mail", "RFC 3834 section 2", _own_mail, "format"),
    _Sign("failed-recipients", "RFC 3834 section 2", _failed_recipients, "format"),
    _Sign("hops", "RFC 5321 section 6.3", _hops, "format"),
    _Sign("calendar", "RFC 6047 section 2", _calendar, "format"),
    # Fields that software sets; a scanner may send a true report under them.
    _Sign("auto-submitted", "RFC 3834 section 5", _auto_submitted),
    _Sign("null-return-path", "RFC 3834 section 2", _null_return_path),
    _Sign("list", "RFC 5230 section 4.6", _list),
    _Sign("precedence", "RFC 3834 section 2", _precedence),
    _Sign("suppress", "MS-OXCMAIL 2.2.3.2.14", _suppress),
    _Sign("automatic-reply", "RFC 3834 section 2", _other_marks),
    # Addresses that no person reads.
    _Sign("daemon", "RFC 5230 section 4.6", _daemon),
    _Sign("no-reply", "RFC 3834 section 2", _no_reply),
    _Sign("bulk", "RFC 3834 section 2", _feedback),
    # Words, last: a person may have typed them.
    _Sign("dmarc-report", "RFC 7489 section 7.2", _dmarc_report),
    _Sign("bounce", "RFC 3834 section 2", _unmarked_bounce),
    _Sign("away", "RFC 3834 section 3.1.5", _away, "worded"),
)
