"""Other doors: platforms and authorities whose mail tells us that a report waits there, or that they coordinate one."""

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from triaged.core.phrases import Phrasebook
from triaged.core.policy.fields import Frozen
from triaged.core.policy.rules import Phrase

Brings = Literal["report", "exposure", "coordination"]
"""The matter that its mail is about. `report`: a report waits there. `exposure`: something of ours is exposed or was taken.
`coordination`: an authority coordinates a report; its people are acknowledged, its machines never.
"""

# The characters that `*` matches in a link, and in an id.
_IN_LINK = r"([A-Za-z0-9._~%+-]{1,100})"
_IN_ID = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}[A-Za-z0-9])?"
_SHAPE = re.compile(r"[A-Za-z0-9#._:/-]*\*?[A-Za-z0-9#._:/*-]*")
_SENDER = re.compile(r"(?:[a-z0-9._+-]{1,64}@)?(?:[a-z0-9-]{1,63}\.){1,10}[a-z]{2,63}")


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class Door(Frozen):
    """One platform or authority: the senders of its mail, and what the mail looks like."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    name: str = Field(min_length=1, max_length=60)
    brings: Brings = "report"
    senders: tuple[Annotated[str, BeforeValidator(_lower)], ...] = Field(min_length=1)
    """Domains, which include their subdomains, or whole addresses; our border has to vouch for them."""
    links: tuple[str, ...] = ()
    """Shapes of its links; `*` matches one part of a path: `https://hackerone.com/reports/*`."""
    ids: tuple[str, ...] = ()
    """Shapes of its ids; `*` matches letters, digits and dashes: `VU#*`."""
    says: tuple[Phrase, ...] = ()
    """Phrases that its notices use."""
    unless: tuple[Phrase, ...] = ()
    """Phrases that only its other mail uses."""

    @field_validator("senders")
    @classmethod
    def _are_senders(cls, senders: tuple[str, ...]) -> tuple[str, ...]:
        for sender in senders:
            if not _SENDER.fullmatch(sender):
                raise ValueError(f"{sender!r} is neither a domain nor an address; write hackerone.com")
        return senders

    @field_validator("links")
    @classmethod
    def _are_links(cls, links: tuple[str, ...]) -> tuple[str, ...]:
        for link in links:
            if not link.startswith("https://") or not _SHAPE.fullmatch(link):
                raise ValueError(f"{link!r} is no shape of a link; write https://hackerone.com/reports/*")
        return links

    @field_validator("ids")
    @classmethod
    def _are_ids(cls, ids: tuple[str, ...]) -> tuple[str, ...]:
        for shape in ids:
            if not shape.rstrip("*") or not _SHAPE.fullmatch(shape):
                raise ValueError(f"{shape!r} is no shape of an id; write VU#*")
        return ids

    @cached_property
    def link(self) -> re.Pattern[str] | None:
        """The pattern of its links."""
        shapes = (re.escape(link).replace(r"\*", _IN_LINK) for link in self.links)
        return re.compile(rf"(?<![\w.-])(?:{'|'.join(shapes)})", re.IGNORECASE) if self.links else None

    @cached_property
    def reference(self) -> re.Pattern[str] | None:
        """The pattern of its ids."""
        shapes = (re.escape(shape).replace(r"\*", _IN_ID) for shape in self.ids)
        return re.compile(rf"(?<![\w#])(?:{'|'.join(shapes)})(?!\w)", re.IGNORECASE) if self.ids else None

    @cached_property
    def words(self) -> Phrasebook:
        """The phrases of its notices."""
        return Phrasebook(self.says)

    @cached_property
    def other_words(self) -> Phrasebook:
        """The phrases of its other mail."""
        return Phrasebook(self.unless)

    def sends_from(self, address: str) -> bool:
        """True if that address is one of its senders."""
        domain = address.rpartition("@")[2]
        return any(
            sender == address if "@" in sender else f".{domain}".endswith(f".{sender}") for sender in self.senders
        )
