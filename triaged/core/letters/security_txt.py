"""The file security.txt (RFC 9116): where to report, with which key, under which policy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

VALID = timedelta(days=330)
"""Less than a year, as section 2.5.5 recommends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityTxt:
    """The contents of the file. Every URI is https."""

    address: str
    contact: Sequence[str] = ()
    """Other ways to report."""
    encryption: str = ""
    acknowledgments: str = ""
    languages: Sequence[str] = ()
    canonical: Sequence[str] = ()
    policy: str = ""


def security_txt(known: SecurityTxt, now: datetime) -> str:
    """The file's text, ASCII with LF line ends. It expires `VALID` from now, at midnight UTC."""
    return "".join(f"{name}: {value}\n" for name, value in _fields(known, now))


def _fields(known: SecurityTxt, now: datetime) -> Iterator[tuple[str, str]]:
    expires = (now.astimezone(UTC) + VALID).replace(hour=0, minute=0, second=0, microsecond=0)
    # The first contact is the preferred one (section 2.5.3).
    yield "Contact", f"mailto:{quote(known.address, safe='@+')}"
    yield from (("Contact", uri) for uri in known.contact)
    yield "Expires", f"{expires:%Y-%m-%dT%H:%M:%SZ}"
    single = (("Encryption", known.encryption), ("Acknowledgments", known.acknowledgments))
    yield from ((name, uri) for name, uri in single if uri)
    if known.languages:
        yield "Preferred-Languages", ", ".join(known.languages)
    yield from (("Canonical", uri) for uri in known.canonical)
    if known.policy:
        yield "Policy", known.policy
