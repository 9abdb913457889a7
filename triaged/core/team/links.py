"""Links in our mail to the team that write a command: a tap opens a mail to us with the command in it (RFC 6068).

Few mail programs send In-Reply-To along, even where a link asks for it. The subject therefore holds the sealed part of our
Message-ID, and `intake.orders` finds it there. Nothing that a sender wrote is in a link.
"""

from urllib.parse import quote


def subject_with(token: str, subject: str) -> str:
    """The subject of a mail that answers our mail of this subject; `token` is what stands before the @ of its Message-ID."""
    return f"Re: {subject.removeprefix('Re: ')} (triaged {token})"


def mailto(command: str, address: str, subject: str) -> str:
    """The link that writes a mail of that subject to that address, with the command as its text."""
    fields = {"subject": subject, "body": f"{command}\r\n"}
    return f"mailto:{quote(address, safe='@')}?" + "&".join(
        f"{name}={quote(value, safe='')}" for name, value in fields.items()
    )
