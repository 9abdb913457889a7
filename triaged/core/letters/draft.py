"""A letter before it is rendered: everything that decides its bytes except the words, the date and the secret key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triaged.core.case.events import TO_REPORTERS, Purpose
from triaged.core.case.owner import Owner

Facts = Mapping[str, object]
"""The names that a template may use, besides those available to all (`identity`, `policy`, `organization`)."""

Language = Literal["en"]
"""The languages that have templates."""

Fields = tuple[tuple[str, str], ...]

_NO_AUTOMATIC_ANSWER = ("X-Auto-Response-Suppress", "All")
ANSWERING: Fields = (("Auto-Submitted", "auto-replied"), _NO_AUTOMATIC_ANSWER, ("Precedence", "bulk"))
"""Header fields of an automatic answer to a mail (RFC 3834 sections 3.1.7 and 3.1.8)."""
BY_THE_CLOCK: Fields = (("Auto-Submitted", "auto-generated"), _NO_AUTOMATIC_ANSWER, ("Precedence", "bulk"))
"""Header fields of an automatic letter that answers no mail, though it may be in a reporter's thread (RFC 3834 section 5.2)."""
ANSWERING_THE_TEAM: Fields = (("Auto-Submitted", "auto-replied"), _NO_AUTOMATIC_ANSWER)
"""Header fields of an automatic answer to a colleague."""
FOR_THE_TEAM: Fields = (("Auto-Submitted", "auto-generated"), _NO_AUTOMATIC_ANSWER)
"""Header fields of automatic mail to the team: without Precedence, which filters use to sort out bulk mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A letter that can be rendered. One small function for each purpose makes it, here or in `team.drafts`."""

    owner: Owner
    purpose: Purpose
    key: str
    """Determines the Message-ID: equal keys give equal ids. Never change one: a letter may be rendered again after a crash."""
    to: tuple[str, ...]
    subject: str
    """ASCII, and free of anything that a sender chose."""
    expires_at: datetime
    template: str
    """The stem of the template's name: `update` is rendered from update.txt.j2."""
    facts: Facts
    fields: Fields
    """The header fields that mark it as automatic; empty for a person's letter."""
    in_reply_to: str | None = None
    at_fault: Callable[[str], Facts] | None = None
    """Turns a sentence about a failed template into facts for the shipped one. None: the letter is then not written."""
    flowing: bool = True
    """True if its text is prose whose lines are wrapped; False if its template lays it out."""
    html: bool = False
    """True if it has a second body, from `<template>.html.j2`."""
    calendar: str = ""
    """An iCalendar object to attach."""
    language: Language = "en"
    encrypt_to: str | None = None
    """The fingerprint of the key to encrypt it to. A letter that names one is never sent in clear."""

    @property
    def to_reporter(self) -> bool:
        """True if the caps count it and its bounces go to the return address for letters to reporters."""
        return self.purpose in TO_REPORTERS
