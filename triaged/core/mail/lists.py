"""Mailing lists: recognise list mail, find the list, and tell whether it hides the author."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from triaged.core.mail.message import Message

# RFC 2369 and RFC 2919; the fields that RFC 5230 section 4.6 names.
# List-Unsubscribe-Post, the one-click unsubscribe of RFC 8058, is set by mail services on mailings.
_LIST_FIELDS = tuple(
    f"list-{name}" for name in "id help subscribe unsubscribe unsubscribe-post post owner archive".split()
)
# ezmlm, Mailman, Majordomo, fml, Yahoo Groups and others, before or besides the standard fields.
_OLDER_FIELDS = (
    "mailing-list",
    "x-mailing-list",
    "x-mailman-version",
    "x-beenthere",
    "x-listname",
    "x-ml-name",
    "x-list",
)
_LIST_SENDER = re.compile(r"owner-.{1,200}@|.{1,200}-(?:owner|bounces|request|errors)@", re.IGNORECASE)
_ORIGINALS = ("x-original-from", "x-google-original-from")
_POST = re.compile(r"mailto:([^\s<>?]{1,320})", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>;,]{1,250}@[^\s<>;,]{1,250}")
_VIA = re.compile(r"[\"' ]via [^ ]", re.IGNORECASE)


def mailing_list_fields(message: Message) -> str:
    """Return a sentence that says why this counts as list mail; empty if it does not."""
    if any(message.all(name) for name in _LIST_FIELDS):
        return "it comes from a mailing list (List-* fields)"
    old = any(message.all(name) for name in _OLDER_FIELDS)
    sent = any(_LIST_SENDER.search(value[:400]) for value in message.all("sender"))
    through = any(value.lower().startswith("mailing list") for value in message.all("delivered-to"))
    return "it comes from a mailing list" if old or sent or through else ""


def came_through(message: Message, lists: AbstractSet[str]) -> bool:
    """True if the mail came through lists and each of them is among these, by List-Id or posting address."""
    named = {_list_id(value) for value in message.all("list-id")} or set(_posted_to(message))
    return bool(named) and named <= lists


def _posted_to(message: Message) -> Iterator[str]:
    """The posting addresses of a list without an id, such as some groups."""
    for value in message.all("list-post"):
        yield from (address.lower() for address in _POST.findall(value))
    for value in (*message.all("mailing-list"), *message.all("x-beenthere")):
        yield from (address.lower().rstrip(";,") for address in _ADDRESS.findall(value[:400]))


def hides_author(message: Message) -> bool:
    """True if a list replaced From with its own address, because the author's DMARC policy would have the mail refused.

    From then does not name the author, and nobody can be answered: the author controls Reply-To.
    """
    named = {address.lower() for reading in message.author_readings for address in reading}
    originals = original_authors(message)
    if originals:
        return not any(address in value.lower() for value in originals for address in named)
    if not message.all("list-id"):
        return False
    posts = {address.lower() for value in message.all("list-post") for address in _POST.findall(value)}
    # A degraded message has no authors, only the field.
    names = (*(author.name for author in message.authors), *message.all("from"))
    return bool(named & posts) or any(_VIA.search(name[:400]) for name in names)


def original_authors(message: Message) -> tuple[str, ...]:
    """The original values of From according to such a list. Nothing vouches for them."""
    return tuple(value for name in _ORIGINALS for value in message.all(name))


def _list_id(value: str) -> str:
    """The id in the brackets, after a phrase with any content (RFC 2919 section 3)."""
    return value.rpartition("<")[2].partition(">")[0].strip().lower()
