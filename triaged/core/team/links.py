"""Links in our mail to the team: a tap opens a mail to us that contains a command (RFC 6068).

Few mail programs send the In-Reply-To that a link asks for. Therefore the subject contains the sealed part of our
Message-ID, which `intake.orders` looks for. No link contains anything that a sender wrote.
"""

from urllib.parse import quote


def subject_with(token: str, subject: str) -> str:
    """The subject of an answer to our mail; `token` is the part of our mail's Message-ID before the @."""
    return f"Re: {subject.removeprefix('Re: ')} (triaged {token})"


def mailto(command: str, address: str, subject: str) -> str:
    """A link that opens a mail to that address with that subject, and the command as its text."""
    fields = {"subject": subject, "body": f"{command}\r\n"}
    return f"mailto:{quote(address, safe='@')}?" + "&".join(
        f"{name}={quote(value, safe='')}" for name, value in fields.items()
    )
