"""A message as values: `reading.read_message` makes it from any bytes, and every decision is based on it."""

from dataclasses import dataclass, field
from typing import Literal

Bounce = Literal["", "failed", "delayed", "delivered"]
Seal = Literal["", "openpgp", "smime", "tnef", "rights", "age"]
"""The encryption or packing that we cannot open: OpenPGP, S/MIME, rights management, age. `tnef`: an .msg file or a winmail.dat
of Outlook's that cannot be read.
"""
Passing = Literal["attached", "inline", "resent"]


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of RFC 5322 section 3.4. The sender chose both parts: show them escaped, and answer only `Sender.address`."""

    name: str
    address: str
    """An addr-spec as written, with the domain in lower case."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not body text (RFC 2183), as facts about its bytes. The bytes stay in the raw mail."""

    filename: str
    """For display only: one visible line, never a path on our disk."""
    media_type: str
    """The type according to the first bytes; `application/octet-stream` if they are not recognised."""
    claimed_type: str
    """The type according to its Content-Type, in lower case."""
    size: int
    """Bytes, decoded."""
    sha256: str
    warnings: tuple[str, ...] = ()
    """Warnings for a person who wants to open it: `type mismatch: says image/png, is application/x-dosexec`."""


@dataclass(frozen=True, slots=True)
class Document:
    """An attached text that may contain a report, as data (JSON) or in Markdown."""

    filename: str
    """For display only, as in `Attachment`."""
    text: str
    """Empty if its octets are not UTF-8 text."""
    is_data: bool = True
    """True if it claims to be JSON; False for a file in which people write."""


@dataclass(frozen=True, slots=True)
class Original:
    """The forwarded mail, according to the message. Anybody can type that."""

    name: str
    address: str
    """The author's address; empty if the message itself is the forwarded mail (`resent`)."""
    how: Passing
    headers: tuple[tuple[str, str], ...] = ()
    """The header of an attached mail, as in `Message.headers`."""
    by: str = ""
    """The address of the person who resent a `resent` mail."""


@dataclass(frozen=True, slots=True)
class Message:
    """One received message after reading. Every text field is valid Unicode without lone surrogates."""

    sha256: str
    """Of the raw bytes; also the mail's name in the spool."""
    size: int
    headers: tuple[tuple[str, str], ...]
    """Every field in order: name in lower case, value unfolded and not decoded; long values are cut."""
    message_id: str | None
    """Without angle brackets; None if it is missing or is no msg-id."""
    references: tuple[str, ...]
    """The ids of In-Reply-To, then of References, without angle brackets, each once; at most 10,000."""
    subject: str
    authors: tuple[Address, ...]
    """The mailboxes of all From fields according to the main parser."""
    author_readings: tuple[tuple[str, ...], ...]
    """The addr-specs of From according to each independent parser; if they differ, nobody is answered (RFC 3834)."""
    content_type: str
    """The type of the root part, lower case: `multipart/report`."""
    text: str
    """The reporter's own text, from plain text, or from HTML if there is no plain part; without quotations."""
    quoted: str = ""
    """The text that they quoted or forwarded."""
    attachments: tuple[Attachment, ...] = ()
    encrypted: bool = False
    """True if the essential part is sealed: sections are then unknown, not missing."""
    defects: tuple[str, ...] = field(default=())
    """The defects of the mail, one sentence each; a degraded message gives the reason why it was not read whole."""
    degraded: bool = False
    """True if only the headers (and some text, in a linear pass) were read: the mail ends as `failed`."""
    part_types: tuple[str, ...] = ()
    """The types of its leaf parts in order, lower case; calendar parts with their method: `text/calendar; method=reply`.
    At most 100; parts inside a forwarded message (message/rfc822) are not included.
    """
    returned_ids: tuple[str, ...] = ()
    """For a machine's mail: the Message-IDs in what it returns, without angle brackets, at most 50. Anybody can forge them."""
    returned_references: tuple[str, ...] = ()
    """For a machine's mail: the references of the returned mail (In-Reply-To, References), at most 50."""
    returned_subject: str = ""
    """For a machine's mail: the subject of the returned mail, not decoded, at most 300 characters."""
    bounce: Bounce = ""
    """The fate of the returned mail; empty if the message is no delivery report."""
    whole: str = ""
    """The text before quotations were removed; empty if there was nothing to remove."""
    enclosed: tuple[str, ...] = ()
    """Other texts to read, unmodified: those of enclosed mails, and a report that is only attached."""
    fingerprint: str = ""
    """The same in all copies of one mail (`parsing/fingerprint`); empty if Message-ID, From or Date is missing."""
    original: Original | None = None
    """The mail that it forwards, if any."""
    hidden: str = ""
    """Hidden content of its HTML, including comments; not in `text`. At most 2,000 characters."""
    attached_text: str = ""
    """The text of small attached files: evidence for sections, but not in `text`. At most 256 KiB."""
    documents: tuple[Document, ...] = ()
    """Attached texts with their names, for `core/report/documents`: at most eight, of a million octets each, two in all."""
    seal: Seal = ""
    """How it is sealed, if `encrypted`."""
    alternatives_differ: bool = False
    """True if its plain text and its HTML differ: mail clients show one of them, and `text` contains both."""

    def all(self, name: str) -> tuple[str, ...]:
        """The values of every field with that name (lower case), topmost first."""
        return tuple(value for key, value in self.headers if key == name)

    def first(self, name: str) -> str:
        """The value of the topmost field with that name, or an empty string."""
        return next(iter(self.all(name)), "")
