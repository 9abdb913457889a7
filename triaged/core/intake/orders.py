"""A colleague's answer to one of our mails to the team: whether it may give commands, and which ones.

The sealed Message-ID of our mail is the token. It counts only with a team sender whom our border vouches for: a digest may
have been forwarded, and anybody can forge a From field.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triaged.core.case.outbox import TeamLetter
from triaged.core.commands.answer import Said, read_answer
from triaged.core.intake.colleagues import is_automatic
from triaged.core.intake.correlate import Known
from triaged.core.intake.idle import idle
from triaged.core.intake.incoming import Past, Seen
from triaged.core.letters.house import House
from triaged.core.letters.spoken import bodies_of, subject_of
from triaged.core.mail.automatic.people import passed_on
from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours
from triaged.core.mail.parsing.echo import above_echo
from triaged.core.mail.parsing.quoting import below_quotation
from triaged.core.mail.sender import Sender

_TOKEN = re.compile(r"\btriaged ([0-9a-hjkmnp-tv-z]{24})\b", re.IGNORECASE)
"""The token in the subject of our mailto: links (`team.links`), because mail programs may drop their In-Reply-To."""
_REFERENCES = 100
_MOST, _MOST_IDLE = 100, 20
"""Transcripts to an address within an hour after which a mail with commands, or without, gets none: this ends a loop."""


@dataclass(frozen=True, slots=True)
class Orders:
    """The commands of a colleague, and the mail of ours that they answer."""

    said: tuple[Said, ...]
    about: str
    """The id of the one case that our mail was about; empty if it was about none or several."""
    sender: Sender
    message_id: str
    subject: str
    """As in `Answered`."""
    known_by: tuple[str, ...]
    """The keys of further copies of the mail: from its Message-ID, and from its author, date and text."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The mail of ours that a mail answers."""

    to: TeamLetter
    directly: bool
    """True if its first reference is our mail; False if our mail only appears further back in the thread."""
    subject: str
    """The subject of our mail, to be used after `Re:`."""


def answered(message: Message, known: Known, ours: Ours) -> Answered | None:
    """Our mail to the team that a message answers, whoever wrote the message; None if it answers none."""
    ids = message.references[:_REFERENCES]
    found = ((letter, number == 0, "") for number, each in enumerate(ids) if (letter := known.to_team(each)))
    letter, directly, by_link = next(found, None) or _by_link(message, known)
    # A store that was copied here without its key holds letters that our key did not seal.
    if letter is None or not ours.wrote(letter.letter.message_id):
        return None
    return Answered(letter, directly, f"{subject_of(letter.letter)}{by_link}")


def _by_link(message: Message, known: Known) -> tuple[TeamLetter | None, bool, str]:
    """Find our mail by the token in a link's subject. Returns it, whether it is answered directly, and the subject's suffix."""
    token = _TOKEN.search(message.subject[:400])
    return (known.to_team(token[1].lower()), True, f" (triaged {token[1].lower()})") if token else (None, False, "")


def by_hand(seen: Seen, ours: Ours) -> bool:
    """True if a person and not a mail program wrote it. Exchange asks for silence even in mail that people write."""
    why = seen.silence
    asks = why is not None and why.sign == "suppress" and why.strength == "marked"
    return not is_automatic(seen.mail.message, "" if why is None or asks else why.sign, ours.wrote)


def orders(seen: Seen, answered: Answered, house: House, past: Past) -> Orders | str:
    """The commands in the mail, or a sentence that says why none is carried out. Its sender is in the team, or claims to be."""
    said = _said(seen.mail.message, answered)
    return next(_objections(seen, answered, said, house, past), None) or Orders(
        said=said,
        about=answered.to.cases[0] if len(answered.to.cases) == 1 else "",
        sender=seen.sender,
        message_id=seen.mail.message.message_id or "",
        subject=answered.subject,
        known_by=known_by(seen.mail.message, seen.sender),
    )


def known_by(message: Message, sender: Sender) -> tuple[str, ...]:
    """The keys that copies share, whatever a relay or a forger changes in the rest; the key of the Message-ID comes first."""
    wrote = f"{sender.address.lower()}\n{message.first('date')}\n{message.whole or message.text}"
    return tuple(hashlib.sha256(each.encode()).hexdigest()[:32] for each in ((message.message_id or "").lower(), wrote))


def _objections(seen: Seen, answered: Answered, said: Sequence[Said], house: House, past: Past) -> Iterator[str]:
    message, sender = seen.mail.message, seen.sender
    commands = any(not isinstance(each.read, str) for each in said)
    copied = any(past.known.acted_on(each) for each in known_by(message, sender))
    many = past.transcripts(sender.address) >= (_MOST if commands else _MOST_IDLE)
    nothing = "" if commands else idle(message, seen.report)
    found = (
        (house.trust.authserv_id is None, "and no border is named (trust.authserv_id) that could vouch for its sender"),
        (sender.verdict != "verified", f"and our border does not vouch for its sender: {sender.reason}"),
        (not message.message_id, "and has no Message-ID, by which a copy of it would be known"),
        (copied, "as another copy of it did, which was acted on"),
        (message.encrypted or message.degraded, "and its text could not be read"),
        (passed_on(message), "and passes something on, which commands nothing"),
        (nothing, f"with {nothing}"),
        (not said, "and nothing stands beside the quotation"),
        (not commands and not answered.directly, "somewhere in its thread, and holds no command"),
        (many, "and its sender was sent too many transcripts within the hour"),
    )
    ours = answered.to.mail.kind
    yield from (f"it answers our {ours}, {why}; nothing was done" for holds, why in found if holds)


def _said(message: Message, answered: Answered) -> tuple[Said, ...]:
    """The author's text above our quoted mail; if that is empty, the text below it, where some mail programs put the answer."""
    text, ours = message.whole or message.text, bodies_of(answered.to.letter)
    return read_answer(above_echo(text, ours)) or read_answer(above_echo(below_quotation(text), ours))
