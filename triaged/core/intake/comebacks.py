"""Recognise our own mail when it bounces or is answered: by our id, a relay's id, the mail it answers, or the subject."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.case.events import Failed
from triaged.core.case.naming import CASE_ID_PATTERN
from triaged.core.case.outbox import Letter
from triaged.core.case.relayed import bare, relay_ids
from triaged.core.intake.correlate import Known, by_any_id
from triaged.core.letters.spoken import in_reply_to, subject_of
from triaged.core.mail.message import Message

_CASE_ID = re.compile(CASE_ID_PATTERN)


def as_bounce(message: Message, sign: str) -> Message:
    """Read the message as a bounce if a mail system returns somebody's mail in words that no rule knows.

    It counts as one only if the returned mail turns out to be ours, and then it only asks for a person.
    """
    shows = sign in {"daemon", "null-return-path"} and not message.bounce and bool(message.returned_ids)
    return replace(message, bounce="failed") if shows else message


def returned_to(message: Message, known: Known) -> Case | None:
    """The case whose letter this bounce, of any kind, returns."""
    if not message.bounce:
        return None
    ids = (*_returned(message), *message.returned_references)
    tags = _CASE_ID.findall(f"{message.returned_subject}\n{message.subject}")[:2]
    found = (*(by_any_id(known, each) for each in ids), *map(known.by_id, tags))
    return next((case for case in found if case), None)


def failures(message: Message, case: Case, now: datetime) -> Iterator[Failed]:
    """The events for the letters of the case that the bounce reports as failed."""
    if message.bounce != "failed":
        return
    why = f"it came back undelivered; the bounce is in the spool as {message.sha256}"
    out = [letter for letter in case.letters if letter.state in {"submitted", "uncertain"}]
    for letter in [each for each in out if _has_id(each, _returned(message))] or _by_header(message, case, out):
        yield Failed(at=now, message_id=letter.message_id, reason=why)


def answers_letter(message: Message, case: Case) -> bool:
    """True if the mail answers a letter of the case: by our id, a relay's id, or our subject after `Re:`."""
    return any(
        _has_id(letter, message.references) or subject_of(letter) in message.subject
        for letter in case.letters
        if letter.raw
    )


def _returned(message: Message) -> tuple[str, ...]:
    """The ids of the mail that a bounce may return: enclosed or, by Exchange and Gmail, only referred to as in a reply."""
    return (*message.returned_ids, *message.references)


def _has_id(letter: Letter, ids: Iterable[str]) -> bool:
    named = set(ids)
    relayed = relay_ids(letter.reason) if letter.state == "submitted" else ()
    return letter.message_id in named or bool(set(relayed).intersection(map(bare, named)))


def _by_header(message: Message, case: Case, out: Sequence[Letter]) -> list[Letter]:
    """The latest letter that the returned header matches by In-Reply-To or Subject; empty for a reporter's mail."""
    if {mail.message_id for mail in case.mails}.intersection(message.returned_ids):
        return []
    said = " ".join(f"{message.returned_subject}\n{message.subject}".split())
    told = [
        letter for letter in out if in_reply_to(letter) in message.returned_references or _titled(letter, case, said)
    ]
    return told[-1:]


def _titled(letter: Letter, case: Case, said: str) -> bool:
    """True if the text contains the letter's subject, which names the case, so that no other mail has it by chance."""
    subject = subject_of(letter)
    return case.id in subject and subject in said
