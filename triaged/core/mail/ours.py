"""What is our own: our addresses, the lists that deliver to us, and the mail that we wrote."""

from collections.abc import Callable
from dataclasses import dataclass

from triaged.core.mail.lists import came_through, hides_author
from triaged.core.mail.message import Message

_IDS_LOOKED_UP = 20


@dataclass(frozen=True, slots=True)
class Ours:
    """What is our own, as far as a sign has to know it."""

    addresses: frozenset[str]
    """Lower case."""
    lists: frozenset[str] = frozenset()
    """List-Ids, lower case, of lists that deliver to us: every true report comes through them."""
    wrote: Callable[[str], bool] = lambda _: False
    """Whether a Message-ID is one that we made."""


def by_us(message: Message, ours: Ours) -> str:
    """Whether we wrote it ourselves."""
    if message.message_id and ours.wrote(message.message_id):
        return "we wrote it ourselves: its Message-ID is one of ours"
    named = {address for reading in message.author_readings for address in reading}
    if not any(_untagged(address) in ours.addresses for address in named):
        return ""
    if came_through(message, ours.lists) and hides_author(message):
        # A person's mail, into which our own group has put its address ("'Ann' via Security").
        return ""
    return "it comes from our own address"


def answers_us(message: Message, ours: Ours) -> bool:
    """Whether it refers to a mail that we wrote."""
    return any(map(ours.wrote, message.references[:_IDS_LOOKED_UP]))


def _untagged(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
