"""Finished mails as bytes: our own header fields, bodies that any server takes, and the last check before sending.

The standard library's serialiser is not used: header injection has been live in it (CVE-2024-6923 and its kin).
"""

import email.header
import quopri
import re
import textwrap
from collections.abc import Iterable, Sequence
from email.parser import HeaderParser

_WIDTH = 76
_MSG_ID = re.compile(r"[!-;=?-~]{1,200}@[!-;=?-~]{1,200}")


def thread_fields(in_reply_to: str | None) -> list[tuple[str, str]]:
    """In-Reply-To and References (RFC 5322 section 3.6.4) of an answer; none if the mail answered has no well-formed msg-id."""
    if not in_reply_to or not _MSG_ID.fullmatch(in_reply_to):
        return []
    return [("In-Reply-To", f"<{in_reply_to}>"), ("References", f"<{in_reply_to}>")]


def mailbox(name: str, address: str) -> str:
    """A display name and an address; the name is an encoded word (RFC 2047) unless it is plain ASCII."""
    if re.fullmatch(r"[A-Za-z0-9 ]+", name):
        return f"{name} <{address}>"
    if name.isascii() and name.isprintable():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    words = email.header.Header(name, "utf-8", maxlinelen=70).encode(linesep="\r\n")
    return f"{words}\r\n <{address}>"


def text_fields(text: str, kind: str) -> list[tuple[str, str]]:
    """The fields that describe a text body, as `encoded` makes it."""
    charset = "us-ascii" if text.isascii() else "utf-8"
    return [
        ("Content-Type", f"text/{kind}; charset={charset}"),
        ("Content-Transfer-Encoding", "7bit" if _is_7bit(text) else "quoted-printable"),
    ]


def encoded(text: str) -> str:
    """The body: ASCII with short lines stays as it is, anything else becomes quoted-printable (RFC 2045 section 6.7)."""
    if not _is_7bit(text):
        text = quopri.encodestring(text.encode("utf-8")).decode("ascii")
    return "\r\n".join(text.rstrip("\n").split("\n")) + "\r\n"


def joined(header: Sequence[tuple[str, str]], body: str) -> str:
    """A header and its body. Values must be folded already and hold nothing that a sender wrote."""
    return "".join(f"{name}: {value}\r\n" for name, value in header) + "\r\n" + body


def multipart(kind: str, boundary: str, parts: Iterable[str]) -> tuple[list[tuple[str, str]], str]:
    """The Content-Type field and the body of finished parts (RFC 2046 section 5.1); `boundary` must occur in none of them."""
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return [("Content-Type", f'multipart/{kind}; boundary="{boundary}"')], f"{body}--{boundary}--\r\n"


def verify(raw: str, fields: Sequence[str], to: Sequence[str]) -> None:
    """Parse the finished mail as a receiver would; ValueError unless it has exactly the intended fields.

    Only the recipients' addresses may hold UTF-8 (RFC 6532).
    """
    received, recipients = HeaderParser().parsestr(raw), ", ".join(to)
    names = [name for name, _ in received.items()]
    if names != list(fields) or received.get_all("To") != [recipients]:
        raise ValueError("the finished mail has other header fields than it must have; it is not sent")
    if not raw.replace(f"\r\nTo: {recipients}\r\n", "", 1).isascii():
        raise ValueError("the finished mail has letters beyond ASCII outside its To field; it is not sent")


def wrapped(text: str) -> str:
    """Wrap lines at 76 characters. Long words such as URLs stay whole, and the lines of a list item hang under its bullet."""
    lines: list[str] = []
    for line in text.strip("\n").split("\n"):
        indent = re.match(r" *(?:[-*] |\d+\. )? *", line)
        hanging = " " * len(indent[0]) if indent else ""
        lines += textwrap.wrap(
            line, _WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
        ) or [""]
    return "\n".join(lines) + "\n"


def _is_7bit(text: str) -> bool:
    return text.isascii() and all(len(line) <= 990 for line in text.splitlines())  # noqa: PLR2004 - RFC 5322 section 2.1.1
