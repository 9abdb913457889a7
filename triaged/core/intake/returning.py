"""Recognise our own letter when a forwarder sent it back with a new Message-ID and without its marks."""

import re
from collections.abc import Iterator
from email import message_from_string
from email.policy import default

from triaged.core.case.case import Case
from triaged.core.case.naming import CASE_ID_PATTERN
from triaged.core.mail.automatic.phrasing import composed
from triaged.core.mail.message import Message

_TAGGED = re.compile(
    rf"\s*(?:[\w-]{{1,12}}\s?[:：]\s{{0,3}}|\[[^\]]{{1,40}}\]\s{{0,3}}){{0,4}}?\[({CASE_ID_PATTERN})\]", re.IGNORECASE
)
_ANSWERS = re.compile(r"\s*(?:re|aw|sv|antw|odp|回复|答复|返信|답장)\s?[:：]", re.IGNORECASE)
_MOST = 20_000
_OWN_WORDS = 160
"""How many characters a forwarder may add, such as a line on top or a footer."""
_SHARE = 0.7
"""The share of our letter that must be present."""
_LINE = 12


def names_case(message: Message) -> str:
    """The case whose letter it may be: the subject is like that of our letters, without a mark of an answer."""
    found = None if _ANSWERS.match(message.subject) else _TAGGED.match(message.subject[:200])
    return found[1].upper() if found else ""


def is_our_letter(message: Message, case: Case) -> bool:
    """True if it is one of the letters of that case with almost nothing added."""
    words = _lines(f"{message.text}\n{message.quoted}")
    return any(_is_in(_lines(letter), words) for letter in _bodies(case))


def _is_in(letter: list[str], words: list[str]) -> bool:
    ours = set(letter)
    kept = sum(map(len, ours.intersection(words)))
    added = sum(len(line) for line in words if line not in ours)
    return bool(ours) and kept >= _SHARE * sum(map(len, ours)) and added <= _OWN_WORDS


def _bodies(case: Case) -> Iterator[str]:
    for letter in case.letters:
        part = message_from_string(letter.raw, policy=default).get_body(("plain",))
        yield str(part.get_content()) if part else ""


def _lines(text: str) -> list[str]:
    """The sentences of the text without quotation marks, however a client wrapped the lines."""
    plain = re.sub(r"(?m)^[>|\s]{1,20}", "", composed(text, _MOST))
    sentences = (" ".join(piece.split()) for piece in re.split(r"(?<=[.:!?])\s", " ".join(plain.split())))
    return [sentence for sentence in sentences if len(sentence) >= _LINE]
