"""What is our own: our addresses, the lists that deliver to us, and the mail that we wrote."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from triaged.core.mail.lists import came_through, hides_author
from triaged.core.mail.message import Message

_IDS_LOOKED_UP = 20
# Exchange, Google Groups and Workspace, SES and Sympa keep the id that they replace under these names.
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
    """What is our own, as far as a sign has to know it."""

    addresses: frozenset[str]
    """Lower case."""
    lists: frozenset[str] = frozenset()
    """List-Ids, lower case, of lists that deliver to us: every true report comes through them."""
    wrote: Callable[[str], bool] = lambda _: False
    """True if a Message-ID is one that we made."""
    case_id: re.Pattern[str] | None = None
    """What the ids of our cases look like; None: no subject is known by one."""

    @property
    def own_lists(self) -> frozenset[str]:
        """The lists, and the groups whose address is one of ours: a group's List-Id is its address with a dot for the @."""
        return self.lists | {address.replace("@", ".") for address in self.addresses} | self.addresses

    def case_named_in(self, subject: str) -> re.Match[str] | None:
        """The first id of a case of ours in that subject."""
        return self.case_id.search(subject) if self.case_id else None


def by_us(message: Message, ours: Ours) -> str:
    """True if we wrote it ourselves, by what nobody else can make: the seal in its Message-ID."""
    names = (*((message.message_id,) if message.message_id else ()), *_ids(message))
    return "we wrote it ourselves: its Message-ID is one of ours" if any(map(ours.wrote, names)) else ""


def in_our_name(message: Message, ours: Ours) -> str:
    """True if it comes from our own address: a form of our website's, which SPF and DMARC let write from nowhere else."""
    named = {address for reading in message.author_readings for address in reading}
    if not any(_untagged(address) in ours.addresses for address in named):
        return ""
    if came_through(message, ours.own_lists) and hides_author(message):
        # A person's mail, into which our own group has put its address ("'Ann' via Security").
        return ""
    return "it comes from our own address"


def answers_us(message: Message, ours: Ours) -> bool:
    """True if it refers to a mail that we wrote."""
    return any(map(ours.wrote, message.references))


def _ids(message: Message) -> tuple[str, ...]:
    """The ids that a relay or forwarder which gave the mail a new one says that it had."""
    fields = (value for name in _FORMER_IDS for value in message.all(name)[:_IDS_LOOKED_UP])
    return tuple(found[1] for value in fields if (found := _MESSAGE_ID.search(value[:400])))


def _untagged(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
