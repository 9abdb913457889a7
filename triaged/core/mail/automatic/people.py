"""What a person does with a machine's words: pass them on, or write about them. Then they are the person's words."""

import re

from triaged.core.mail.message import Message

_LEAD = 500
# "Fwd:" as mail clients say it, also behind "Re:" and a tag in brackets.
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
    """True if somebody forwards this, going by the subject or by what their client writes above it."""
    return bool(_PASSED_ON.match(message.subject.strip()[:200]) or _FORWARDED.search(message.text[:_LEAD]))


def about_a_flaw(message: Message) -> bool:
    """True if it begins as somebody's report does: "Delivery status endpoint leaks recipients" is no delivery status."""
    return bool(_FLAW.search(message.text[:_LEAD]))
