"""A reporter asks about a report in a new thread: find which of their open cases they mean."""

import re
from collections.abc import Sequence

from triaged.core.case.case import Case
from triaged.core.case.naming import CASE_ID_PATTERN
from triaged.core.intake.courtesies import ASKED, folded
from triaged.core.mail.message import Message
from triaged.core.report.report import Report

_WORDS = 80
_SENTENCES = 2000
_LEAST = 3
_WORD = re.compile(r"\w{2,40}")
_CASE_ID = re.compile(CASE_ID_PATTERN)
_PREFIX = re.compile(r"^(?:\s{0,3}[^\W\d_]{1,12}\s?[:\uff1a]\s{0,3}){1,4}")
_COMMON = frozenset(
    """
    the and for you your our any news update updates status report reported issue bug about this that with have has
    had been from just wanted ask was are can could would please hello hi dear team security regards thanks thank
    vulnerability finding email mail sent days weeks ago last following follow check checking know there still
    """.split()
)


_MARKS = r"[*_\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb]{0,3}"
"""What clients set around a word that is bold, or that was copied with its quotation marks; never the `>` of a quotation."""
_ASKS = re.compile(
    rf"{_MARKS}(?:current )?status(?: (?:update|please|request))?(?: (?:of |on |for )?{CASE_ID_PATTERN})?{_MARKS}\W{{0,5}}",
    re.IGNORECASE,
)
_SHORT = 25


def asks_status(message: Message) -> bool:
    """True if the mail is the word STATUS, on a line of its own among a few words of greeting; the case's id may follow it."""
    if message.attachments or message.encrypted or message.degraded or len(message.text.split()) > _SHORT:
        return False
    return any(_ASKS.fullmatch(line.strip()) for line in message.text[:_SENTENCES].splitlines())


def asks_after(message: Message, report: Report) -> bool:
    """True if the mail only asks about a report: few words, a question of that kind, and no report of its own."""
    shown = any(each.section == "steps" and each.present and not each.weak for each in report.sections)
    if message.attachments or message.encrypted or message.degraded or shown:
        return False
    if len(message.text.split()) > _WORDS:
        return False
    said = folded(f"{message.subject[:300]}\n{message.text[:_SENTENCES]}")
    return any(words in said for words in ASKED)


def meant(message: Message, cases: Sequence[Case]) -> Case | None:
    """The one open case, among all of a reporter's, that the mail clearly means; None if that is unclear."""
    said = f"{message.subject[:300]}\n{message.text[:_SENTENCES]}"
    named = [case for case in cases if case.id in _CASE_ID.findall(said)]
    title = _title(message.subject)
    titled = [case for case in cases if title and _title(case.opening.subject) == title]
    for few in (named, titled, _nearest(said, cases)):
        if few:
            return few[0] if len(few) == 1 and few[0].closed_at is None else None
    still_open = [case for case in cases if case.closed_at is None]
    return still_open[0] if len(still_open) == 1 else None


def _nearest(said: str, cases: Sequence[Case]) -> list[Case]:
    """The cases that share the most words with the text; none if no case shares any."""
    own = [(_telling(_words_of(case)), case) for case in cases]
    # Words that every case contains do not tell the cases apart.
    common = frozenset.intersection(*(words for words, _ in own)) if len(own) > 1 else frozenset[str]()
    words = _telling(said) - common
    shared = [(len(words & theirs), case) for theirs, case in own]
    most = max((count for count, _ in shared), default=0)
    return [case for count, case in shared if most and count == most]


def _words_of(case: Case) -> str:
    evidence = case.report.sections if case.report else ()
    return " ".join([case.opening.subject, *(each.quote for each in evidence)])


def _telling(text: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(folded(text)) if len(word) >= _LEAST and word not in _COMMON)


def _title(subject: str) -> str:
    return " ".join(folded(_PREFIX.sub("", subject)).split())
