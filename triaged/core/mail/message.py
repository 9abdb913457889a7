"""A message as values: what `reading.read_message` makes of any bytes, and what everything else decides on."""

from dataclasses import dataclass, field
from typing import Literal

Bounce = Literal["", "failed", "delayed", "delivered"]
Seal = Literal["", "openpgp", "smime", "tnef", "rights", "age"]
"""In what a text is sealed that we cannot look into: OpenPGP, S/MIME, rights management, age. `tnef`: Outlook's, an
.msg file or a winmail.dat that cannot be read."""
Passing = Literal["attached", "inline", "resent"]


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of RFC 5322 section 3.4. Both parts are the sender's: show them escaped, answer only `Sender.to`."""

    name: str
    address: str
    """An addr-spec, as written (the domain lower-cased)."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is no body text (RFC 2183), as facts about its bytes. The bytes themselves stay in the raw mail."""

    filename: str
    """For display only: one visible line, never a path on our disk."""
    media_type: str
    """What the first bytes say it is; `application/octet-stream` where they say nothing."""
    claimed_type: str
    """What its Content-Type says it is, lower case."""
    size: int
    """Bytes, decoded."""
    sha256: str
    warnings: tuple[str, ...] = ()
    """What a person should know before opening it: `type mismatch: says image/png, is application/x-dosexec`."""


@dataclass(frozen=True, slots=True)
class Document:
    """An attached text that may be a report as data (JSON) or in Markdown, to be read for what it says."""

    filename: str
    """For display only, as in `Attachment`."""
    text: str
    """Empty where its octets are no text in UTF-8."""
    is_data: bool = True
    """True if it calls itself JSON; else it is a file in which a person writes."""


@dataclass(frozen=True, slots=True)
class Original:
    """The mail that a message passes on, as the message says. Anybody can type that."""

    name: str
    address: str
    """Of its author; empty where the message itself is it (`resent`)."""
    how: Passing
    headers: tuple[tuple[str, str], ...] = ()
    """Of an attached one, as in `Message.headers`."""
    by: str = ""
    """Of a `resent` one: who sent it on."""


@dataclass(frozen=True, slots=True)
class Message:
    """One received message, read. Every text field is valid Unicode without lone surrogates."""

    sha256: str
    """Of the raw bytes; the name of the mail in the spool."""
    size: int
    headers: tuple[tuple[str, str], ...]
    """Every field in order: name in lower case, value unfolded and not decoded; long values cut."""
    message_id: str | None
    """Without angle brackets; None where there is none or it is not a msg-id."""
    references: tuple[str, ...]
    """The ids of In-Reply-To, then of References, without angle brackets, each once; at most 10,000."""
    subject: str
    authors: tuple[Address, ...]
    """The mailboxes of all From fields as the main parser reads them."""
    author_readings: tuple[tuple[str, ...], ...]
    """The addr-specs of From as each independent parser reads them; where these differ, nobody is answered (RFC 3834)."""
    content_type: str
    """Of the root, lower case: `multipart/report`."""
    text: str
    """What the reporter wrote: plain text, or HTML as text where there is no plain part; quoted text left out."""
    quoted: str = ""
    """What they quoted or forwarded."""
    attachments: tuple[Attachment, ...] = ()
    encrypted: bool = False
    """True if what matters is sealed: sections are unknown, not missing."""
    defects: tuple[str, ...] = field(default=())
    """What is wrong with it, one sentence each; a degraded message says here why it was not read whole."""
    degraded: bool = False
    """True if only its headers (and what text a linear pass gives) were read: its case ends as `failed`."""
    part_types: tuple[str, ...] = ()
    """The types of its leaf parts in order, lower case; of calendar parts with the method: `text/calendar; method=reply`.
    At most 100, and nothing of what is inside a forwarded message (message/rfc822)."""
    returned_ids: tuple[str, ...] = ()
    """Of a machine's mail: the Message-IDs in what it returns, without angle brackets, at most 50. Anybody can write them."""
    returned_references: tuple[str, ...] = ()
    """Of a machine's mail: what the mail that it returns refers to (In-Reply-To, References), at most 50."""
    returned_subject: str = ""
    """And its subject, not decoded, at most 300 characters."""
    bounce: Bounce = ""
    """What it says became of the mail it returns; empty where it is no delivery report."""
    whole: str = ""
    """The text as it stood, before anything quoted was taken out of it; empty where it was not taken apart."""
    enclosed: tuple[str, ...] = ()
    """Texts that are read beside it, as they stood: of the mails that it encloses, and of a report that is only attached."""
    fingerprint: str = ""
    """The same in all copies of one mail (`parsing/fingerprint`); empty where it has no Message-ID, From or Date."""
    original: Original | None = None
    """What it passes on, if it does."""
    hidden: str = ""
    """What its HTML holds and does not show, comments among it; no part of `text`. At most 2,000 characters."""
    attached_text: str = ""
    """What small attached files of text say: evidence for sections, and no part of `text`. At most 256 KiB."""
    documents: tuple[Document, ...] = ()
    """Attached texts with their names, for `core/report/documents`: at most eight, of a million octets each, two in all."""
    seal: Seal = ""
    """In what it is sealed, where it is `encrypted`."""
    alternatives_differ: bool = False
    """True if its plain text and its HTML are two texts: mail clients show one of them, and `text` holds both."""

    def all(self, name: str) -> tuple[str, ...]:
        """The values of every field of that name (lower case), topmost first."""
        return tuple(value for key, value in self.headers if key == name)

    def first(self, name: str) -> str:
        """The value of the topmost field of that name, or an empty string."""
        return next(iter(self.all(name)), "")
