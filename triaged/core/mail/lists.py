"""Mailing lists: whether one brought this mail, which, and whether it hides who wrote it."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from triaged.core.mail.message import Message

# RFC 2369 and RFC 2919; the ones that RFC 5230 section 4.6 names.
# List-Unsubscribe-Post is RFC 8058's one click, which mail services set for mailings.
_LIST_FIELDS = tuple(
    f"list-{name}" for name in "id help subscribe unsubscribe unsubscribe-post post owner archive".split()
)
# ezmlm, Mailman, Majordomo, fml, Yahoo Groups and others, before or beside the standard's fields.
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
    """Why this counts as a list's mail."""
    if any(message.all(name) for name in _LIST_FIELDS):
        return "it comes from a mailing list (List-* fields)"
    old = any(message.all(name) for name in _OLDER_FIELDS)
    sent = any(_LIST_SENDER.search(value[:400]) for value in message.all("sender"))
    through = any(value.lower().startswith("mailing list") for value in message.all("delivered-to"))
    return "it comes from a mailing list" if old or sent or through else ""


def came_through(message: Message, lists: AbstractSet[str]) -> bool:
    """True if lists brought it, and every one of them is among these: their List-Ids, or the addresses they are posted to."""
    named = {_list_id(value) for value in message.all("list-id")} or set(_posted_to(message))
    return bool(named) and named <= lists


def _posted_to(message: Message) -> Iterator[str]:
    """Of a list without an id, as some groups are: the addresses that it is posted to."""
    for value in message.all("list-post"):
        yield from (address.lower() for address in _POST.findall(value))
    for value in (*message.all("mailing-list"), *message.all("x-beenthere")):
        yield from (address.lower().rstrip(";,") for address in _ADDRESS.findall(value[:400]))


def hides_author(message: Message) -> bool:
    """True if a list has put its own address into From, as it does where the author's DMARC policy would have it refused.

    Whom From names is then not who wrote it, and nobody is left to answer: Reply-To is whatever the author wants it to be.
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
    """The values of From as such a list says it found them. Nothing vouches for them."""
    return tuple(value for name in _ORIGINALS for value in message.all(name))


def _list_id(value: str) -> str:
    """The id in the brackets, behind a phrase that may hold anything (RFC 2919 section 3)."""
    return value.rpartition("<")[2].partition(">")[0].strip().lower()
