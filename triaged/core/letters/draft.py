"""A letter before it is written: everything that decides its bytes except its words, the date and the secret key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triaged.core.case.events import TO_REPORTERS, Purpose
from triaged.core.case.owner import Owner

Facts = Mapping[str, object]
"""What a template may name, beside what every template may (`identity`, `policy`, `organization`)."""

Language = Literal["en"]
"""The languages that there are templates for."""

Fields = tuple[tuple[str, str], ...]

_NO_AUTOMATIC_ANSWER = ("X-Auto-Response-Suppress", "All")
ANSWERING: Fields = (("Auto-Submitted", "auto-replied"), _NO_AUTOMATIC_ANSWER, ("Precedence", "bulk"))
"""The header fields of a machine's answer to a mail (RFC 3834 sections 3.1.7 and 3.1.8)."""
BY_THE_CLOCK: Fields = (("Auto-Submitted", "auto-generated"), _NO_AUTOMATIC_ANSWER, ("Precedence", "bulk"))
"""Those of a machine's letter that answers no mail, though it may stand in a reporter's thread (RFC 3834 section 5.2)."""
ANSWERING_THE_TEAM: Fields = (("Auto-Submitted", "auto-replied"), _NO_AUTOMATIC_ANSWER)
"""Those of a machine's answer to a colleague."""
FOR_THE_TEAM: Fields = (("Auto-Submitted", "auto-generated"), _NO_AUTOMATIC_ANSWER)
"""Those of a machine's mail to the team: without a Precedence, by which filters sort out bulk mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A letter that can be written. Made by one small function for each purpose, here or in `team.drafts`."""

    owner: Owner
    purpose: Purpose
    key: str
    """What names its Message-ID: an equal key gives the equal id. Change none: a letter may be written again after a crash."""
    to: tuple[str, ...]
    subject: str
    """ASCII, and free of anything that a sender chose."""
    expires_at: datetime
    template: str
    """The stem of its template's name: `update` is written from update.txt.j2."""
    facts: Facts
    fields: Fields
    """The header fields that say whether a machine wrote it; none for a person's letter."""
    in_reply_to: str | None = None
    at_fault: Callable[[str], Facts] | None = None
    """From a sentence on the fault, the facts for the shipped template if the team's own fails. None: it is not written."""
    flowing: bool = True
    """True if its text is prose, whose lines are wrapped; False for a text that its template lays out."""
    html: bool = False
    """True if it has a second body, from `<template>.html.j2`."""
    calendar: str = ""
    """An iCalendar object to attach."""
    language: Language = "en"
    encrypt_to: str | None = None
    """The fingerprint of the key to encrypt it to. A letter that names one is never written in clear."""

    @property
    def to_reporter(self) -> bool:
        """True if the caps count it, and bounces of it go to the return address of such letters."""
        return self.purpose in TO_REPORTERS
