"""What belongs to us: our addresses, the lists that deliver to us, and the mail that we wrote."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from triaged.core.mail.lists import came_through, hides_author
from triaged.core.mail.message import Message

_IDS_LOOKED_UP = 20
# Exchange, Google Groups and Workspace, SES and Sympa keep a replaced Message-ID under these names.
_FORMER_IDS = (
    "x-original-message-id",
    "x-google-original-message-id",
    "x-message-id-original",
    "x-microsoft-original-message-id",
    "original-message-id",
)
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")


@dataclass(frozen=True, slots=True)
class Ours:
    """Our addresses, lists and ids, as far as the signs need them."""

    addresses: frozenset[str]
    """Lower case."""
    lists: frozenset[str] = frozenset()
    """The List-Ids, in lower case, of lists that deliver to us: real reports come through them."""
    wrote: Callable[[str], bool] = lambda _: False
    """True if we made that Message-ID."""
    case_id: re.Pattern[str] | None = None
    """The pattern of our case ids; None: no subject is recognised by one."""

    @property
    def own_lists(self) -> frozenset[str]:
        """The lists, and groups at our own addresses: a group's List-Id is its address with a dot for the @."""
        return self.lists | {address.replace("@", ".") for address in self.addresses} | self.addresses

    def case_named_in(self, subject: str) -> re.Match[str] | None:
        """The first id of one of our cases in that subject."""
        return self.case_id.search(subject) if self.case_id else None


def by_us(message: Message, ours: Ours) -> str:
    """Return a sentence if we wrote the mail, proved by what nobody else can make: the seal in its Message-ID."""
    names = (*((message.message_id,) if message.message_id else ()), *_ids(message))
    return "we wrote it ourselves: its Message-ID is one of ours" if any(map(ours.wrote, names)) else ""


def in_our_name(message: Message, ours: Ours) -> str:
    """Return a sentence if it comes from our own address, as mail from our website's forms does."""
    named = {address for reading in message.author_readings for address in reading}
    if not any(_untagged(address) in ours.addresses for address in named):
        return ""
    if came_through(message, ours.own_lists) and hides_author(message):
        # A person's mail after our own group replaced its From ("'Ann' via Security").
        return ""
    return "it comes from our own address"


def answers_us(message: Message, ours: Ours) -> bool:
    """True if it refers to a mail that we wrote."""
    return any(map(ours.wrote, message.references))


def _ids(message: Message) -> tuple[str, ...]:
    """The ids that the mail had before a relay or forwarder replaced them, according to that relay."""
    fields = (value for name in _FORMER_IDS for value in message.all(name)[:_IDS_LOOKED_UP])
    return tuple(found[1] for value in fields if (found := _MESSAGE_ID.search(value[:400])))


def _untagged(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
