"""What stands in a mail and nobody wrote for us: banners, signatures, disclaimers, footers of lists, clients' own lines.

Each is known by its place as well as by its words: a banner stands at the top, all else at the end.
"""

import re
from collections.abc import Iterable, Sequence
from unicodedata import normalize

from triaged.core.mail.parsing.furniture_words import (
    BANNERS,
    CARE,
    CLIENTS,
    CONFIDENTIAL,
    DISCLAIMERS,
    FOOTERS,
    HEADINGS,
    LINKS,
    MAIL,
    OPENERS,
    RECEIVED_IT,
    SCANNERS,
    SENT,
    SENT_ANYWHERE,
    SENT_FROM,
    THIS_MAIL,
    VIRUSES,
)

_TOP = 3
"""Paragraphs among which a banner may stand."""
_LONGEST = 90
"""Words of a banner, and of a line that names a device."""
_SIGNATURE, _FOOTER = 12, 20
"""Lines that a signature or a list's footer may have; more are a text behind a dividing line."""
_SHORTEST = 6
"""Words of a line that advertises a client."""
_NAME = 4
"""Words of one that names a client that we do not know."""
_LINES = 6
"""Over which a banner's first sentence may be wrapped."""
_OPENING = 24
"""Characters in which a banner says that it is one: a report speaks of such mails too."""
_STOPS = (".", "!", "?", "]", ")", "*", "\u3002", "\uff01")
_TAG = re.compile(
    r"^[\W_]{0,6}(?:external|extern|externe|externo|esterno|ext)(?: (?:e-?mail|message|sender|mail))?[\W_]{0,6}$"
)
_BREAK = re.compile(r"\n[ \t\u00a0]{0,40}\n")
_RULE = re.compile(r"^[-_=*~]{5,}$")


# Proofpoint puts hidden marks around its banner, and Exchange Online links to one page in every language.
_MARKS = ("BannerStart", "BannerEnd")
_MARK = re.compile(r"\w{0,40}$")
_MARKED = 2000
"""Characters between the marks, at most, and from the top of the text to the first one."""
_FIRST_CONTACT = "aka.ms/learnaboutsenderidentification"


def without_furniture(text: str) -> str:
    """What a person wrote of it. Linear."""
    paragraphs = _BREAK.split(_without_end(_without_marked_banner(text)))
    top = [_without_banner(paragraph) for paragraph in paragraphs[:_TOP]]
    rest = (paragraph for paragraph in paragraphs[_TOP:])
    body = [paragraph for paragraph in (*top, *rest) if paragraph is not None]
    return "\n\n".join(each for number, each in enumerate(body) if not (number and _disclaims(body, number))).strip()


def _without_marked_banner(text: str) -> str:
    begins, ends = _MARKS
    start = text.find(begins, 0, _MARKED)
    end = text.find(ends, start, start + _MARKED) if start >= 0 else -1
    if end < 0:
        return text
    return _MARK.sub("", text[:start]) + text[end + len(ends) :]


def _without_banner(paragraph: str) -> str | None:
    """The paragraph, or its lines below the banner; None where it is one. Some gateways leave no blank line below theirs."""
    lines = paragraph.strip().split("\n")
    end = next((number for number in range(1, _LINES + 1) if _is_banner("\n".join(lines[:number]))), 0)
    if not end:
        return paragraph
    while end < len(lines) and _goes_on(lines[end - 1], lines[end]):
        end += 1
    return "\n".join(lines[end:]) or None


def _goes_on(above: str, line: str) -> bool:
    """True if a banner goes on with this line: by its words, or because its sentence was wrapped."""
    said = _folded(line[:400])
    wrapped = not above.rstrip().endswith(_STOPS) and line.strip()[:1].islower()
    return wrapped or _says(said, BANNERS) or (_says(said, CARE) and _says(said, (*MAIL, *LINKS)))


def _is_banner(text: str) -> bool:
    said = _folded(text[:2000])
    if _TAG.match(said.strip()):
        return True
    if len(said.split()) > _LONGEST:
        return False
    if _FIRST_CONTACT in said:
        return True
    outside = sum(phrase in said for phrase in BANNERS)
    marked = said.startswith(("[", "*", "!", "(", "\u3010"))
    opens = marked or _says(said[:_OPENING], OPENERS)
    return bool(outside) and opens and _says(said, MAIL) and (marked or outside > 1 or _says(said, CARE))


def _disclaims(paragraphs: Sequence[str], number: int) -> bool:
    """True if this paragraph is a company's about its mail, a scanner's about its work, or the heading of one."""
    if _folded(paragraphs[number][:100]).strip(" :*_-") in HEADINGS:
        return number + 1 < len(paragraphs) and _is_disclaimer(paragraphs[number + 1])
    if _is_disclaimer(paragraphs[number]):
        return True
    return _names_scanner(paragraphs[number]) and _is_disclaimer(paragraphs[number - 1])


def _is_disclaimer(paragraph: str) -> bool:
    said = _folded(paragraph[:1500])
    about_the_mail = all(_says(said, words) for words in (CONFIDENTIAL, RECEIVED_IT, (*THIS_MAIL, *HEADINGS)))
    scanned = _says(said, VIRUSES) and _names_scanner(paragraph)
    return about_the_mail or scanned or _says(said[:600], DISCLAIMERS)


def _names_scanner(paragraph: str) -> bool:
    said = _folded(paragraph[:1500])
    return len(said.split()) <= _LONGEST and _says(said, SCANNERS) and _says(said, MAIL)


def _without_end(text: str) -> str:
    """The text above its signature, its list's footer and what a client adds of itself."""
    lines = text.rstrip().split("\n")
    for number in range(len(lines) - 1, max(-1, len(lines) - _FOOTER), -1):
        bare = lines[number].strip()
        below = len(lines) - number - 1
        signs = bare == "--" and below <= _SIGNATURE
        if signs or (_RULE.match(bare) and _says(_folded(" ".join(lines[number + 1 : number + 5])[:600]), FOOTERS)):
            lines = lines[:number]
    while lines and (not lines[-1].strip() or _is_added(lines[-1])):
        lines.pop()
    return "\n".join(lines)


def _is_added(line: str) -> bool:
    said = _folded(line[:300]).strip(" \t*_<>|.")
    if len(said.split()) > _SIGNATURE:
        return False
    if "outlook" in said and _says(said, ("ios", "android")):
        # "Get Outlook for iOS", in whatever language.
        return len(said.split()) <= _SHORTEST
    if said.startswith(("sent from ", "sent with ")) and len(said.split()) <= _NAME:
        return True
    by_a_client = said.startswith(SENT) or said.endswith(SENT) or _says(said, SENT_ANYWHERE)
    return said.startswith(SENT_FROM) or (by_a_client and _says(said, CLIENTS))


def _says(said: str, phrases: Iterable[str]) -> bool:
    return any(each in said for each in phrases)


def _folded(text: str) -> str:
    return " ".join(normalize("NFC", text).casefold().replace("\u2019", "'").split())
