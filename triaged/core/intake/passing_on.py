"""Forwarded reports: find the author, and decide whether we may answer them directly."""

import re

from triaged.core.intake.incoming import Seen
from triaged.core.letters.house import House
from triaged.core.mail.lists import hides_author, original_authors
from triaged.core.mail.message import Message, Original
from triaged.core.mail.parsing.headers import strict_authors
from triaged.core.mail.sender import Sender, is_safe, sender

_NO_PERSON = re.compile(r"(?:mailer-daemon|postmaster|no-?_?reply|do-?_?not-?_?reply|bounces?)[@+.=-]", re.IGNORECASE)


def author(seen: Seen, house: House) -> Sender | None:
    """The author that the mail names for what it forwards; None if it forwards nothing or names nobody else.

    Our own people and addresses never count as the author: then the sender is taken for the author.
    """
    message, original = seen.mail.message, seen.mail.message.original
    if seen.door:
        # A door passes on reports that were made there; the report and its reporter wait at the door.
        return None
    if hides_author(message):
        return _behind_a_list(message, house)
    if original is None or not _may_be(original.address, house):
        return None
    if original.address.lower() == seen.sender.address.lower():
        return None
    return _vouched_for(original, seen, house) or Sender(
        original.name,
        original.address,
        "unverified",
        "named in a mail that somebody passed on, and nobody vouches for that",
    )


def passed_on_by(seen: Seen, house: House) -> str:
    """The address of the person who forwarded the mail; empty if nobody did."""
    original = seen.mail.message.original
    if original is not None and original.how == "resent":
        return original.by if is_safe(original.by) else ""
    return seen.sender.address if author(seen, house) else ""


def _may_be(address: str, house: House) -> bool:
    ours = address.lower() in house.ours.addresses or house.team.is_colleague(address)
    return is_safe(address) and not ours and not _NO_PERSON.match(address)


def _behind_a_list(message: Message, house: House) -> Sender | None:
    """The author whom a mailing list names after it replaced From with its own address."""
    values = original_authors(message)
    named = strict_authors((("from", values[0]),)) if len(values) == 1 else ()
    if not named or not _may_be(named[0], house):
        return None
    return Sender("", named[0], "unverified", "a mailing list names them as the author, and nobody vouches for that")


def _vouched_for(original: Original, seen: Seen, house: House) -> Sender | None:
    """The author as our border verified them, from the header of a mail that a verified colleague attached."""
    colleague = seen.sender.verdict == "verified" and house.team.is_colleague(seen.sender.address)
    if original.how != "attached" or not colleague:
        return None
    strict = strict_authors(original.headers)
    inner = Message(
        sha256="",
        size=0,
        headers=original.headers,
        message_id=None,
        references=(),
        subject="",
        authors=(),
        author_readings=(strict,),
        content_type="",
        text="",
    )
    found = sender(inner, house.trust)
    return found if found.verdict == "verified" else None
