"""What a letter that we sent says, read from its finished bytes."""

from collections.abc import Iterable
from email import message_from_string
from email.policy import default

from triaged.core.case.outbox import Letter
from triaged.core.mail.parsing.html import text_of
from triaged.core.policy.rules import Section


def words_of(letter: Letter) -> str:
    """The plain text; empty if there is none."""
    body = message_from_string(letter.raw, policy=default).get_body(("plain",))
    return str(body.get_content()) if body else ""


def bodies_of(letter: Letter) -> tuple[str, ...]:
    """All the text that a client may quote: the plain text, and the HTML as text."""
    html = message_from_string(letter.raw, policy=default).get_body(("html",))
    return (words_of(letter), *((text_of(str(html.get_content())),) if html else ()))


def asks_for(letter: Letter, sections: Iterable[Section]) -> bool:
    """True if it names one of these sections by its title, as a letter does that asks for it."""
    words = " ".join(words_of(letter).split()).casefold()
    return any(section.title.casefold() in words for section in sections)


def subject_of(letter: Letter) -> str:
    """The subject, decoded; empty if there is none."""
    return str(message_from_string(letter.raw, policy=default)["Subject"] or "")


def in_reply_to(letter: Letter) -> str:
    """The Message-ID of the mail that it answers, without angle brackets; empty if it answers none."""
    return str(message_from_string(letter.raw, policy=default)["In-Reply-To"] or "").strip().strip("<>")
