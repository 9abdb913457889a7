"""Recognise a door's mail: a platform's notice that a report waits there, or an authority that coordinates one.

A door is recognised by its sender, whom our border must vouch for, and by the shape of its mail. Forged senders, and the
newsletters and summaries from the same domains, are told apart.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triaged.core.intake.telling import marketing, routine
from triaged.core.mail.automatic.phrasing import composed
from triaged.core.mail.automatic.signs import Silence
from triaged.core.mail.message import Message
from triaged.core.mail.sender import Sender, Trust, vouched_for
from triaged.core.phrases import words_of
from triaged.core.policy.doors import Door
from triaged.core.text import unlinked, visible

_HEAD = 16_000
_SUBJECT = 1000


@dataclass(frozen=True, slots=True)
class Knock:
    """A mail from a door, or from somebody who claims to be one."""

    door: Door
    link: str
    """The page where the report waits; empty if the mail has no link."""
    reference: str
    """The door's id of the report; empty if the mail names none."""
    vouched: bool
    """True if our border vouches for the sender."""

    @property
    def waits_at(self) -> str:
        """The door and its link: `GitHub: hxxps://github[.]com/...`."""
        where = self.link or self.reference
        return f"{self.door.name}: {unlinked(visible(where, 160))}" if where else self.door.name

    @property
    def says(self) -> str:
        """A sentence without its full stop that says what arrived."""
        what = {"report": "a report waits at", "exposure": "a notice of", "coordination": "coordination by"}
        return f"{what[self.door.brings]} {self.waits_at}"


def knock(message: Message, sender: Sender, why: Silence | None, doors: tuple[Door, ...], trust: Trust) -> Knock | None:
    """The door that sent the mail; None if no door did or no border checks senders."""
    address = sender.address.lower()
    if not address or trust.authserv_id is None or (why and why.strength in {"format", "replied"}):
        return None
    # An authority's bulletins go to many readers and cover everybody's flaws.
    bulletin = why is not None and why.strength == "mass"
    theirs = [door for door in doors if door.sends_from(address) and not (bulletin and door.brings == "coordination")]
    return next(_knocks(message, address, theirs, trust), None) if theirs else None


def _knocks(message: Message, address: str, doors: Sequence[Door], trust: Trust) -> Iterator[Knock]:
    subject, text = composed(message.subject, _SUBJECT), composed(message.text, _HEAD)
    for door in doors:
        if found := _shaped(door, subject, text):
            yield Knock(door, *found, vouched=vouched_for(message, address, trust))


def _shaped(door: Door, subject: str, text: str) -> tuple[str, str] | None:
    """The link and the id, if the mail is shaped like this door's notices about reports."""
    whole = f"{subject}\n{text}"
    words = words_of(whole)
    if any(door.other_words.found(words)) or marketing(whole):
        return None
    coordinates = door.brings == "coordination"
    if not coordinates and routine(whole):
        return None
    link, named = _found(door.link, whole), _found(door.reference, whole)
    # A platform's id without a link may name an advisory on somebody else's library.
    if not (link or (named and coordinates) or any(door.words.found(words))):
        return None
    return (link[0] if link else "", named[0] if named else _numbered(link))


def _found(pattern: re.Pattern[str] | None, text: str) -> re.Match[str] | None:
    return pattern.search(text) if pattern else None


def _numbered(link: re.Match[str] | None) -> str:
    """The last part of a link if it is an id: a number, or hexadecimal digits."""
    pieces = [piece for piece in link.groups() if piece] if link else []
    last = pieces[-1].rstrip(".") if pieces else ""
    return f"#{last}" if re.fullmatch(r"\d{1,12}", last) else last if re.fullmatch(r"[0-9A-Fa-f-]{8,36}", last) else ""
