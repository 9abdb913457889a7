"""The words of a letter that we sent, out of its finished bytes."""

from email import message_from_string
from email.policy import default

from triaged.core.case.outbox import Letter


def words_of(letter: Letter) -> str:
    """Its plain text; empty where it has none."""
    body = message_from_string(letter.raw, policy=default).get_body(("plain",))
    return str(body.get_content()) if body else ""


def subject_of(letter: Letter) -> str:
    """Its subject, decoded; empty where it has none."""
    return str(message_from_string(letter.raw, policy=default)["Subject"] or "")


def in_reply_to(letter: Letter) -> str:
    """The id of the mail that it answers, without angle brackets; empty where it answers none."""
    return str(message_from_string(letter.raw, policy=default)["In-Reply-To"] or "").strip().strip("<>")
