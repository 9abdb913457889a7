"""Recognise what mail filters send to senders, and mail programs to readers: challenges, holds, refusals and recalls."""

import re

from triaged.core.mail.automatic.absence import could_be_a_notice
from triaged.core.mail.automatic.people import passed_on
from triaged.core.mail.automatic.phrasing import any_of, bare_subject, composed
from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours

_OPENING = 300
_SHORT = 2500
_MAIL = r"(?:e-?mails?|messages?|mail)"
_CHALLENGE_NAME = any_of(
    r"spam ?arrest|\bboxbe\b|mail ?in ?black|spamenmoins",
    r"\btmda\b|active spam killer|\bchoicemail\b|\bmailblocks\b|\bbluebottle\b|\bqurb\b|\bboxtrapper\b",
    r"challenge[/-]response|anti-?spam (?:uol|challenge)|sender (?:verification|confirmation|authentication)",
)
# The subjects by which these systems recognise answers: BoxTrapper, Active Spam Killer, TMDA, UOL.
_CHALLENGE_SUBJECT = any_of(
    r"\bverify#\S|\(conf#[0-9a-f]{6,64}\)|^unverified e-?mail to |\bconfirm(?:ation)? required for (?:your )?message|"
    r"^(?:your )?(?:e-?mail|message) requires (?:verification|confirmation)|^please confirm your (?:message|e-?mail)"
)
_ASKS = any_of(
    r"\b(?:confirm|verify|validate|prove|authenticate|identify)\b.{0,120}\b(?:you are|yourself)",
    rf"\b(?:confirm|verify|validate|prove|authenticate|identify)\b.{{0,120}}\byour (?:identity|address|{_MAIL})",
    rf"\b(?:confirm|verify|authorize|release)\b.{{0,60}}\b(?:the|this) {_MAIL}",
    rf"\b(?:click|follow|visit|reply to this|simply reply|just reply)\b.{{0,200}}\b(?:deliver|release|your {_MAIL}|intact)",
)
_WAITS = any_of(
    rf"\b{_MAIL}\b.{{0,120}}\b(?:will|can|to|may) (?:then |not )?be (?:delivered|released)\b",
    rf"\b{_MAIL}\b.{{0,80}}\b(?:been|is|are) (?:being )?(?:held|quarantined|placed|queued|pending|waiting)\b",
    rf"\bdeliver(?:y|ed)? (?:of )?(?:this|your|the) {_MAIL}|\bhave (?:this|your|the) {_MAIL} delivered",
    r"\breach(?:es)? (?:my|the|his|her|their) (?:inbox|mailbox)|\b(?:approved|allowed|authorized|guest|white) ?list",
    r"\bawaiting (?:your )?(?:verification|confirmation)|\breal live human",
)
_MODERATED = any_of(
    rf"\b(?:post|{_MAIL})\b.{{0,200}}\b(?:awaits? (?:moderator )?approval|is being held)",
    rf"\b(?:post|{_MAIL})\b.{{0,200}}\b(?:held for|(?:waiting|pending|awaiting)(?: for)?) (?:moderat|approval|review)",
    rf"\b(?:your|the) {_MAIL}\b.{{0,80}}\b(?:was|has been) (?:rejected|blocked|quarantined)",
    rf"\b(?:virus|malware|prohibited|banned)\b.{{0,60}}\b(?:found|detected|in)\b.{{0,40}}\byour {_MAIL}",
    r"\bnachricht\b.{0,80}\b(?:zurückgehalten|blockiert|abgewiesen|in quarantäne|nicht zugestellt)",
    r"\bmessage\b.{0,80}\b(?:bloqué|mis en quarantaine|retenu|rejeté)",
    r"\bmensaje\b.{0,80}\b(?:bloqueado|retenido|en cuarentena|rechazado)",
    r"\bmensagem\b.{0,80}\b(?:bloqueada|retida|em quarentena|rejeitada)",
    r"\bmessaggio\b.{0,80}\b(?:bloccato|trattenuto|in quarantena|respinto)",
    r"\bbericht\b.{0,80}\b(?:geblokkeerd|tegengehouden|in quarantaine)",
    r"\bwiadomość\b.{0,80}\b(?:zablokowan|zatrzyman|odrzucon|kwarantann)",
    r"\b(?:сообщение|письмо)\b.{0,80}(?:заблокирован|задержан|отклонен|карантин)",
    r"\b(?:iletiniz|mesajınız)\b.{0,80}(?:engellen|karantina)",
    r"(?:邮件|郵件).{0,40}(?:隔离|隔離|拦截|攔截|被拒)|メッセージ.{0,40}(?:隔離|ブロック|保留)|메시지.{0,40}(?:차단|격리)",
    r"تم (?:حظر|حجز) .{0,20}رسالت|ההודעה .{0,20}(?:נחסמה|הוסגרה)",
)
_RECALLED = any_of(
    r"\bwould like to recall the message\b|\bmöchte die nachricht\b.{0,300}\bzurückrufen|\bsouhaite rappeler le message\b",
    r"\bdesea recuperar el mensaje\b|\bdesidera richiamare il messaggio\b|\bwil het bericht\b.{0,300}\bintrekken",
    r"\bgostaria de (?:recolher|cancelar|recuperar) a mensagem\b|\bchce odwołać wiadomość\b|\bхочет отозвать сообщение\b",
    r"\bvill återkalla meddelandet\b|\bvil tilbagekalde meddelelsen\b|\bønsker å (?:trekke tilbake|tilbakekalle) meldingen\b",
    r"\bhaluaa peruuttaa viestin|\b(?:iletisini|iletiyi) geri çağırmak istiyor|メッセージを取り消|希望撤回|"
    r"要撤回邮件|회수하려고",
)
# The old subject after a word and a colon, and again in quotation marks in the text.
_PREFIXED = re.compile(r"([^:：]{1,40})\s?[:：]\s?(.{3,200})")
_ROUND = 160


def challenge(message: Message, _: Ours) -> str:
    """Return a sentence if it asks its recipient to prove something before delivery; answering would confirm."""
    if not could_be_a_notice(message):
        return ""
    subject = composed(message.subject, 200)
    words = f"{subject}\n{composed(message.text, _SHORT)}"
    asks = _ASKS.search(words)
    named = _CHALLENGE_NAME.search(words) or any(_CHALLENGE_NAME.search(value[:400]) for value in message.all("from"))
    if (_WAITS.search(words) and (asks or named)) or (asks and _CHALLENGE_SUBJECT.search(subject)):
        return "it asks for a confirmation before it delivers a mail"
    return ""


def moderated(message: Message, _: Ours) -> str:
    """Return a sentence if it says that a mail waits for a moderator or was refused by a filter."""
    words = f"{composed(message.subject, 200)}\n{composed(message.text, _OPENING)}"
    found = could_be_a_notice(message) and _MODERATED.search(words)
    return "it says that a mail is held or was refused by a filter" if found else ""


def recalled(message: Message, _: Ours) -> str:
    """Return a sentence if Outlook recalls a mail. Few words surround the old subject, which may well name a flaw."""
    if passed_on(message):
        return ""
    subject = _PREFIXED.match(bare_subject(message.subject))
    # French separates its quotation marks from the quoted text.
    text = " ".join(composed(message.text, _SHORT).split()).replace("« ", "«")
    if not subject or len(text) > len(subject[2]) + _ROUND:
        return ""
    quotes = any(f"{mark}{subject[2].strip()}" in text for mark in "\"“”„«'‘「")
    return "its sender asks for a mail back (Outlook's recall)" if quotes and _RECALLED.search(text) else ""
