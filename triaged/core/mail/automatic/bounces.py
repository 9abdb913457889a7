"""Recognise reports on other mail: delivery reports (RFC 3464, 8098), complaints (RFC 5965), DMARC and TLS (RFC 7489, 8460).

The standard formats come first; then notices that follow none, recognised by what many mail systems have in common.
"""

import re

from triaged.core.mail.automatic.people import about_a_flaw, passed_on
from triaged.core.mail.automatic.phrasing import any_of, begins
from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours

_HEAD = 4000
_OPENING = 400
_RECEIPT_LENGTH = 1500

_REPORT_TYPES = frozenset(
    "multipart/report message/delivery-status message/global-delivery-status message/disposition-notification "
    "message/global-disposition-notification message/feedback-report message/tracking-status".split()
)
_TLSRPT = ("application/tlsrpt+gzip", "application/tlsrpt+json")
_METHOD = re.compile(r"text/calendar; method=(?:request|reply|cancel|counter|declinecounter|refresh|add)$")

# How mail systems begin a notice, unlike anybody else: at the start of a line, near the start of the text.
_SYSTEMS_OPENING = begins(
    r"(?:^|\n)[ \t*>-]{0,20}",
    # qmail, Postfix, Exim, Sendmail
    r"(?:hi\. )?this is the (?:qmail-send program|mail system at|postfix (?:program|system)|mail delivery (?:agent|system))",
    r"this message was created automatically by (?:the )?mail",
    r"i'm (?:sorry|afraid) (?:to have to inform you|i wasn't able to deliver)",
    r"the original message was received at",
    r"the following addresses had permanent",
    r"transcript of session follows",
    # Exchange, Gmail, Yahoo, Notes, gateways
    r"this is an? (?:automatically generated|automatic|warning) (?:delivery|message from)",
    r"delivery (?:has failed to|to the following (?:recipients?|addresse?s?))",
    r"your message did not reach",
    r"address not found",
    r"message (?:not delivered|blocked)(?:\n|$)",
    r"an error occurred while trying to deliver",
    r"this (?:report|is a report) relates to a message",
    r"(?:sorry, )?we (?:are|were) unable to deliver (?:your|the) message",
    r"we're sorry\b.{0,60}\bdeliver",
    r"(?:a|the) message (?:that )?you sent (?:could|has not|was not|to\b.{0,80}\b(?:could|was not|has not|fail))",
    r"(?:your|the following) (?:e-?mail |mail )?messages?\b.{0,80}\b(?:not be|not been|wasn't|was not|couldn't be)",
    r"(?:your|the following) (?:e-?mail |mail )?messages?\b.{0,80}\b(?:fail|undeliver|delivery problem|automatically rejected)",
    r"(?:your|the|the following) (?:e-?mail|message|mail) has been returned\b",
    r"(?:a|the) message could not be delivered",
    r"(?:-----? ?)?message not delivered to the following",
    r"the following (?:recipients?|addresse?s?)\b.{0,80}\b(?:undeliver|could not be|failed|not be reached)",
    # German, French, Spanish, Italian, Portuguese
    r"(?:ihre|die folgende) (?:nachricht|e-?mail)\b.{0,60} (?:konnte|wurde) nicht (?:zugestellt|übermittelt)",
    r"fehler bei der nachrichtenzustellung",
    r"échec de la remise|votre message n'a pas pu être",
    r"(?:no se pudo|error al|no se ha podido) entregar",
    r"impossibile recapitare",
    r"não foi possível entregar",
)
_SUBJECT = begins(
    r"[\s*\[!]{0,5}(?:auto: ?)?",
    # English, by the word that starts the phrase
    r"undeliver|non-?deliver|unknown (?:user|recipient)|user unknown|bounced mail|rejected (?:mail|message)|error sending",
    r"(?:e-?mail |message |mail )?delivery (?:fail|notif|report|has failed|problem|error|delay|incomplete|unsucc|warning)",
    r"(?:e-?mail |message |mail )?delivery status\b(?! of)",
    r"mail delivery (?:sub)?system|mail system error|delayed mail|permanent delivery|notice: mail delivery",
    r"returned (?:mail|message|to sender)|postmaster notify|see transcript",
    r"(?:failure|non-?delivery|bounce) noti",
    r"message (?:status|delayed|not delivered|you sent blocked)",
    r"(?:mail|message|e-?mail) (?:could not|can ?not|was not|not|failure|error|failed|addressing|rejected|returned)",
    r"failed mail|failure deliver|automatically rejected|\[postmaster\]|warning: \S{1,200} - user unknown",
    r"warning: (?:could not|message|e-?mail)",
    r"your (?:e-?mail|message|mail)\b.{0,60}(?:not be|fail|reject|undeliver|blocked)",
    # German, French
    r"unzustellbar|nicht zustellbar|nachricht (?:nicht|konnte)|zustellung|übermittlungsfehler",
    r"non (?:remis|distribu)|échec|avis de non",
    # Spanish, Portuguese, Italian
    r"no se (?:ha podido|pudo|puede) entregar|no entregado|error de entrega",
    r"não (?:foi possível|entreg)|mensagem não",
    r"non (?:recapit|consegn)|mancato recapito",
    # Dutch, Swedish, Danish, Norwegian, Finnish
    r"onbestelbaar|niet bezorgd|olever|ej lever|ikke lever|kan ikke lever|ei voitu",
    # Polish, Czech, Hungarian, Turkish, Russian
    r"nie (?:można )?dostarcz|niedostarcz|nedoruč|kézbesíthetetlen|teslim edilemedi",
    r"недоставлен|не удалось доставить|не доставлен",
    # Chinese, Japanese, Korean
    r"无法投递|退信|系统退信|邮件退回|未送达|配信不能|配送不能|送信できません|반송",
)
# Words that Exchange and others put before the subject of the mail that they return.
_RETURNED_SUBJECT = any_of(
    r"(?:undeliver(?:able|ed)|unzustellbar|non remis|no se puede entregar|onbestelbaar|non recapitabile|недоставлено)\s?: \S"
)
_TEXT = any_of(
    r"could ?n[o']t be (?:delivered|found|sent|reached)|can(?:no|')t be delivered|not be delivered|undeliver",
    r"(?:was|were|been|is) not (?:been )?delivered|wasn't delivered|not yet been delivered|delivery (?:has |attempt )?failed",
    r"unable to (?:deliver|relay)|permanent (?:fatal )?error|automatically rejected",
    r"has been (?:postponed|returned)|not delivered",
    r"(?:user|recipient) (?:unknown|not (?:known|found))|unknown (?:user|recipient)",
    r"no such (?:user|recipient|mailbox|address)",
    r"\brecipients?\b.{0,40}(?:not|fail|reject|unknown|error)|does not exist",
    r"invalid .{0,30}(?:user|recipient|mailbox|address)|bad destination|original message follows",
    r"mailbox (?:is )?(?:full|unavailable|not found|disabled)|quota",
    # An SMTP reply, or an enhanced status code (RFC 3463)
    r"\b[45]\d\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b|\breturned (?:mail|message|to sender|for)",
    r"konnte nicht|nicht zugestellt|unbekannt",
    r"n'a pas pu|inconnu|no se (?:ha podido|pudo|puede)|desconocid|non è stato possibile|não (?:foi|pôde)",
    r"niet worden|kunde inte|не (?:удалось|может|был)|无法|不存在|できません|배달",
)
_COMPLAINT = any_of(r"complaint about message from [\d.:a-f]{3,40}", r"e-?mail feedback report for ip")
_DOMAIN_REPORT = any_of(r".{0,80}?\bReport Domain:\s{0,5}\S{1,255}\s{1,5}Submitter:")
# receiver!domain!begin!end (RFC 7489 section 7.2.1.1).
_DOMAIN_FILE = any_of(r"[\w.-]{1,255}![\w.-]{1,255}!\d{8,12}!\d{8,12}(?:!\S{1,100})?\.(?:xml|xml\.gz|gz|zip)")
_FAILURE_TEXT = any_of(r"\bauthentication[- ]failure report for an? (?:e?-?mail )?message")
_RECEIPT_SUBJECT = re.compile(
    r"(?:(?:not )?read|deleted|displayed|(?:return|read) receipt|"
    r"(?:un)?gelesen|gelöscht|lesebestätigung|empfangsbestätigung|(?:non )?lu|supprimé|confirmation de lecture|"
    r"(?:no )?leído|confirmación de lectura|(?:non )?letto|conferma di lettura|(?:não )?lida|confirmação de leitura|"
    r"(?:on)?gelezen|leesbevestiging|o?läst|læst|lest|luettu|przeczytane|přečteno|okundu|прочитано|已读|開封済み|읽음)"
    r"(?: \([^)]{0,40}\))?\s{0,2}[:：-]",
    re.IGNORECASE,
)
_RECEIPT_TEXT = any_of(
    r"\b(?:message|e-?mail|mail)\b[^\0]{0,500}\b(?:was|has been) (?:read|displayed|opened|deleted)\b",
    r"\breceipt for the (?:mail|message)",
    r"wurde .{0,80}(?:gelesen|angezeigt|geöffnet|gelöscht)",
    r"a été (?:lu|affiché|ouvert|supprimé)",
    r"(?:ha sido|fue|se ha) (?:leído|mostrado|abierto)|è stato (?:letto|visualizzato|aperto)|foi (?:lida|exibida|aberta)",
    r"(?:is|werd) .{0,80}gelezen|har lästs|blev læst|ble lest",
    r"została przeczytana|byla přečtena|было прочитано|已阅读|阅读|開封|읽었|읽음",
)


def report(message: Message, _: Ours) -> str:
    """Return a sentence if the whole mail is a report in the standard format, of any report-type."""
    if message.content_type in _REPORT_TYPES:
        return f"it is a delivery, disposition or feedback report ({message.content_type})"
    return ""


def tls_report(message: Message, _: Ours) -> str:
    """Return a sentence if it is a report on TLS between mail servers (RFC 8460), which may be no multipart/report."""
    fields = message.all("tls-report-domain") or message.all("tls-report-submitter")
    attached = any(kind in _TLSRPT for kind in message.part_types) and not passed_on(message)
    return "it is a TLS report" if fields or message.content_type in _TLSRPT or attached else ""


def failed_recipients(message: Message, _: Ours) -> str:
    """Return a sentence if Exim, Gmail or Exchange marks it as a bounce."""
    marked = message.all("x-failed-recipients") or message.all("x-ms-exchange-message-is-ndr")
    return "it is a bounce (X-Failed-Recipients)" if marked else ""


def calendar(message: Message, _: Ours) -> str:
    """Return a sentence if it is calendar mail and nothing else."""
    if message.content_type == "text/calendar":
        return "it is calendar mail"
    return "it is calendar mail" if _invites(message) and not message.text.strip() else ""


def invitation(message: Message, _: Ours) -> str:
    """Return a sentence if it is an invitation, or an answer to one, with some text; files without a method do not count."""
    return "it is an invitation, or the answer to one" if _invites(message) else ""


def domain_report(message: Message, _: Ours) -> str:
    """Return a sentence if it is a DMARC report: most are plain mail with an archive and no mark."""
    if passed_on(message):
        return ""
    if _DOMAIN_REPORT.match(message.subject.strip()[:400]):
        return "it is a report on mail in our domain's name"
    if _FAILURE_TEXT.search(message.text[:300]):
        return "it is an authentication failure report"
    named = any(_DOMAIN_FILE.fullmatch(part.filename[:900]) for part in message.attachments)
    return "it is a DMARC aggregate report" if named and not about_a_flaw(message) else ""


def complaint(message: Message, _: Ours) -> str:
    """Return a sentence if it is a mail provider's complaint in a format other than ARF (RFC 5965)."""
    return "it is a feedback loop's complaint" if _COMPLAINT.match(message.subject.strip()) else ""


def unmarked_bounce(message: Message, _: Ours) -> str:
    """Return a sentence if it is a notice from a mail system that marks its notices in no way."""
    if passed_on(message):
        return ""
    subject = message.subject.strip()[:400]
    if "message/delivery-status" in message.part_types and _SUBJECT.match(subject):
        return "it is a bounce: a delivery status is part of it"
    opening = _SYSTEMS_OPENING.search(message.text[:_OPENING])
    # People who write about such a notice begin with words of their own.
    if opening and (not message.text[: opening.start()].strip() or not about_a_flaw(message)):
        return "it is a bounce: its text begins as a mail system's notice does"
    returned = _RETURNED_SUBJECT.match(subject) and not about_a_flaw(message)
    return "it is a bounce: its subject is that of a mail that is returned" if returned else ""


def worded_bounce(message: Message, _: Ours) -> str:
    """Return a sentence if it is worded like a bounce: people may also write about mail that does not arrive."""
    if passed_on(message) or about_a_flaw(message):
        return ""
    head = f"{message.text[:_HEAD]}\n{message.quoted[:_HEAD]}"
    told = _SUBJECT.match(message.subject.strip()[:400]) and _TEXT.search(head)
    return "it is a bounce, by its subject and its text" if told else ""


def receipt(message: Message, _: Ours) -> str:
    """Return a sentence if it is a receipt in a format other than a disposition notification."""
    subject = _RECEIPT_SUBJECT.match(message.subject.strip()[:200])
    if subject and len(message.text) < _RECEIPT_LENGTH and _RECEIPT_TEXT.search(message.text):
        return "it is a receipt: somebody has opened or deleted a mail of ours"
    return ""


def _invites(message: Message) -> bool:
    return any(map(_METHOD.match, message.part_types))
