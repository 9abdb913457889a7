"""Recognise answers without news: a reaction, an absence notice, a bare thanks. They reopen and resume nothing.

Doubtful answers count as news: reopening a case needlessly costs a look, but missing "it still works" costs the fix.
"""

import re
from unicodedata import category

from triaged.core.intake.courtesies import ABSENT, COURTESIES, REACTED, folded
from triaged.core.mail.automatic.people import about_a_flaw
from triaged.core.mail.message import Attachment, Message
from triaged.core.report.report import Report

_REACTION_PART = "text/vnd.google.email-reaction+json"
_PICTURE = 40_000
"""In bytes; smaller pictures are logos in signatures."""
_BETWEEN = 6
_SHORT, _NOTICE = 25, 80
"""The most words in a bare thanks, and in an absence notice."""
_LOOKED_AT = 4000
# Includes the combining marks of Indic, Thai, Hebrew and Arabic words, which `\w` leaves out.
_WORD = re.compile(
    r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0970-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd\u1000-\u109f\u17b6-\u17d3]+"
)
_UNSPACED = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff]{2,60}")
_RUNS = sorted(
    (word for word in COURTESIES if not word.isascii() and word[0] >= "\u3000"), key=lambda word: (-len(word), word)
)
_TAG = re.compile(r"\[?SEC-|\[triaged\]")
"""The start of our own subjects: to a reporter, or to the team."""
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}|\b\d{1,2}\.? ?[^\W\d_]{3}|\d\s?[月일日]|\b20\d\d\b")


def idle(message: Message, report: Report) -> str:
    """Why this answer contains no news, in a phrase; empty if it may contain some."""
    if any(part.startswith(_REACTION_PART) for part in message.part_types):
        return "a reaction"
    text = folded(message.text)
    sealed = message.encrypted or message.degraded
    if sealed or "?" in text or "\uff1f" in text or any(_tells(part) for part in message.attachments):
        return ""
    words = _WORD.findall(text[:_LOOKED_AT])
    few, told = len(words) <= _SHORT, about_a_flaw(message) or bool(report.facts.found)
    kinds = (
        (not any(character.isalnum() for character in text), "no words"),
        (few and (any(said in text for said in REACTED) or _is_reaction(text, message)), "a reaction"),
        (len(words) <= _NOTICE and not told and _is_notice(message.subject, text), "an absence notice"),
        (few and not told and _only_courtesies(words, message), "a thanks"),
    )
    return next((kind for true, kind in kinds if true), "")


def _is_reaction(text: str, message: Message) -> bool:
    """True if a client reports that its user sent a symbol: the user's name first, the symbol last, few words in between."""
    name = folded(message.authors[0].name).strip() if message.authors else ""
    bare = text.strip(" \t\r\n.\"'\ufe0f\u200d")
    symbol = bool(bare) and category(bare[-1]) in {"So", "Sk"}
    return bool(name) and symbol and bare.startswith(name) and len(_WORD.findall(bare)) <= len(name.split()) + _BETWEEN


def _is_all_manners(run: str) -> bool:
    """True if a run of Chinese or Japanese, which has no spaces, consists entirely of polite words."""
    if not _UNSPACED.fullmatch(run):
        return False
    for manners in _RUNS:
        run = run.replace(manners, " ")
    return not run.strip()


def _tells(part: Attachment) -> bool:
    """True if an attachment may matter: it is no logo, business card or calendar."""
    if part.media_type.startswith("image/"):
        return part.size >= _PICTURE
    return not part.media_type.startswith(("text/vcard", "text/x-vcard", "text/calendar"))


def _is_notice(subject: str, text: str) -> bool:
    """True if it is an absence notice: the mail program puts its own words before our subject and names a date."""
    before = folded(_TAG.split(subject, maxsplit=1)[0]).strip(" :\uff1a-\u2013\u2014[]()")
    if not before:
        return False
    return any(said in before for said in ABSENT) or (len(before.split()) > 1 and bool(_DATE.search(text)))


def _only_courtesies(words: list[str], message: Message) -> bool:
    """True if the text consists of polite words, at least one of them, and the writer's own name."""
    author = message.authors[0] if message.authors else None
    named = set(_WORD.findall(folded(f"{author.name} {author.address.partition('@')[0]}"))) if author else set()
    polite = [word in COURTESIES or _is_all_manners(word) for word in words]
    return any(polite) and all(kind or word in named for kind, word in zip(polite, words, strict=True))
