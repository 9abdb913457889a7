"""Tell apart people who forward a machine's words or write about them: the words then count as the person's."""

import re

from triaged.core.mail.message import Message

_LEAD = 500
# "Fwd:" in the languages of mail clients, also after "Re:" and a tag in brackets.
_PASSED_ON = re.compile(
    r"(?:\[[^\]]{0,60}\]\s{0,3}|(?:re|aw|sv|antw|回复|答复)\s?[:：]\s{0,3}){0,4}"
    r"(?:fwd?|wg|tr|rv|enc|pd|vs|vb|vl|doorst|i|转发|轉寄|転送)\s?[:：]",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"forwarded (?:message|by)|begin forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|"
    r"messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht|пересылаемое сообщение|转发的邮件|転送メッセージ",
    re.IGNORECASE,
)
_FLAW = re.compile(
    r"vulnerab|exploit|attacker|proof of concept|\bsecurity (?:issue|bug|flaw|hole|problem|report)|"
    r"\b(?:xss|idor|ssrf|csrf|rce|poc|bug bounty|responsible disclosure|endpoint)\b|bypass|\bleak|\binject|misconfigur|"
    r"\bi (?:have )?(?:found|discovered|noticed|was able to)\b|"
    r"schwachstelle|sicherheitslücke|vulnérab|faille|уязвимост|漏洞|脆弱性",
    re.IGNORECASE,
)


def passed_on(message: Message) -> bool:
    """True if somebody forwards the mail, by its subject or by the heading of their client."""
    return bool(_PASSED_ON.match(message.subject.strip()[:200]) or _FORWARDED.search(message.text[:_LEAD]))


def about_a_flaw(message: Message) -> bool:
    """True if it starts like a person's report: "Delivery status endpoint leaks recipients" is no delivery status."""
    return bool(_FLAW.search(message.text[:_LEAD]))
