"""Decisions to finished mails: jinja2 for the words, our own few lines for the header, then the bytes are read again.

No sender's word is in an acknowledgment, and its header is compared with the exact list of fields before it may be owed:
header injection has been live in the standard library's own serialiser (CVE-2024-6923 and its kin).
"""

import email.header
import email.utils
import quopri
import re
import textwrap
import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment

from triaged.core.case.digest import Digest, Health, Item, Section
from triaged.core.case.events import Owed
from triaged.core.case.naming import message_id
from triaged.core.case.reply import ArrivedPart, Reply, Variant
from triaged.core.policy import Policy
from triaged.core.spans import written
from triaged.resources import resource
from triaged.settings import Identity

_WIDTH = 76
_DIGEST_TRIED_FOR = timedelta(hours=24)
_LEAST_TRIED_FOR = timedelta(hours=4)
_VARIANTS: tuple[Variant, ...] = ("complete", "needs-info", "out-of-scope", "encrypted", "unreadable")
_ACKNOWLEDGMENT_FIELDS = (
    "From To Subject Date Message-ID In-Reply-To References Auto-Submitted X-Auto-Response-Suppress Precedence "
    "MIME-Version Content-Type Content-Transfer-Encoding"
).split()
_OPTIONAL_FIELDS = {"In-Reply-To", "References"}
_MSG_ID = re.compile(r"[!-;=?-~]{1,200}@[!-;=?-~]{1,200}")


class JinjaRenderer:
    """Implements `ports.Renderer` with templates from a folder of the team's, then from those that the product ships."""

    def __init__(
        self,
        identity: Identity,
        policy: Policy,
        key: bytes,
        *,
        digest_to: Sequence[str],
        envelope_from: str = "",
        overrides: Path | None = None,
    ) -> None:
        self._identity = identity
        self._policy = policy
        self._key = key
        self._digest_to = tuple(digest_to)
        self._envelope_from = envelope_from
        folders = [overrides] if overrides else []
        loaders: list[BaseLoader] = [FileSystemLoader(folder) for folder in (*folders, resource("templates"))]
        self._environment = SandboxedEnvironment(
            loader=ChoiceLoader(loaders),
            undefined=StrictUndefined,
            # By the template's name and explicitly: select_autoescape() says no to "digest.html.j2".
            autoescape=lambda name: bool(name and name.endswith(".html.j2")),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"size": _size, "when": self._when, "clock": _clock}

    def acknowledgment(self, reply: Reply, now: datetime) -> Owed:
        """As the port says; ValueError should the finished bytes not be exactly what they must be."""
        domain = self._identity.address.rpartition("@")[2]
        own_id = message_id(self._key, f"{reply.case_id} acknowledgment", domain)
        text = self._acknowledgment_text(reply)
        header = [
            ("From", _mailbox(self._identity.name, self._identity.address)),
            ("To", reply.to),
            ("Subject", f"[{reply.case_id}] We received your report"),
            ("Date", email.utils.format_datetime(now)),
            ("Message-ID", f"<{own_id}>"),
            *_thread(reply),
            ("Auto-Submitted", "auto-replied"),
            ("X-Auto-Response-Suppress", "All"),
            ("Precedence", "bulk"),
            ("MIME-Version", "1.0"),
            *_text_fields(text, "plain"),
        ]
        raw = _joined(header, _encoded(text))
        _verify(raw, reply.to)
        return Owed(
            at=now,
            purpose="acknowledgment",
            message_id=own_id,
            envelope_from=self._envelope_from,
            to=(reply.to,),
            raw=raw,
            expires_at=max(self._promised_by(reply.received_at), now + _LEAST_TRIED_FOR),
        )

    def digest(self, digest: Digest, now: datetime, *, extra: bool = False) -> Owed:
        """As the port says; an `extra` one, sent by hand, has a Message-ID of its own beside the daily one's."""
        subject, text, html = self.digest_parts(digest)
        domain = self._identity.address.rpartition("@")[2]
        what = f"digest {digest.day.isoformat()}" + (f" {now.isoformat()}" if extra else "")
        own_id = message_id(self._key, what, domain)
        boundary = f"=_{own_id.partition('@')[0]}"
        header = [
            ("From", _mailbox(f"{self._identity.name} triage", self._identity.address)),
            ("To", ",\r\n ".join(self._digest_to)),
            ("Subject", subject),
            ("Date", email.utils.format_datetime(now)),
            ("Message-ID", f"<{own_id}>"),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("MIME-Version", "1.0"),
            ("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
        ]
        parts = "".join(
            f"--{boundary}\r\n{_joined(_text_fields(body, kind), _encoded(body))}\r\n"
            for kind, body in (("plain", text), ("html", html))
        )
        return Owed(
            at=now,
            purpose="digest",
            message_id=own_id,
            envelope_from=self._identity.address,
            to=self._digest_to,
            raw=_joined(header, f"{parts}--{boundary}--\r\n"),
            expires_at=now + _DIGEST_TRIED_FOR,
        )

    def digest_parts(self, digest: Digest) -> tuple[str, str, str]:
        """The subject, the text part and the HTML part."""
        facts = {"digest": digest, "organization": self._identity.organization}
        subject = f"[triaged] {digest.state} - {digest.day.isoformat()}"
        return subject, self._rendered("digest.txt.j2", facts), self._rendered("digest.html.j2", facts)

    def proof(self) -> None:
        """Render every mail with sample facts; ValueError names file and line of a template at fault."""
        try:
            self.digest_parts(_SAMPLE_DIGEST)
            for variant in _VARIANTS:
                self._acknowledgment_text(_sample(variant, self._policy))
        except TemplateSyntaxError as error:
            raise ValueError(f"{error.filename or error.name}:{error.lineno}: {error.message}") from error
        except Exception as error:  # a template can do whatever an expression can
            raise ValueError(f"{_template_line(error)}: {type(error).__name__}: {error}") from error

    def _acknowledgment_text(self, reply: Reply) -> str:
        facts = {
            "reply": reply,
            "identity": self._identity,
            "policy": self._policy,
            "scope_title": self._policy.scopes.titles[reply.scope],
            "acknowledge_within": written(self._policy.promised("acknowledge").within),
        }
        return _wrapped(self._rendered(f"acknowledgment-{reply.variant}.txt.j2", facts))

    def _rendered(self, name: str, facts: Mapping[str, Any]) -> str:
        template: Template = self._environment.get_template(name)
        return template.render(facts)

    def _when(self, at: datetime) -> str:
        """An instant in the policy's zone, absolute and with the zone's name."""
        local = at.astimezone(self._policy.calendar.timezone)
        return f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"

    def _promised_by(self, received_at: datetime) -> datetime:
        within = self._policy.promised("acknowledge").within
        return received_at + (within if isinstance(within, timedelta) else timedelta(days=within.count))


def _sample(variant: Variant, policy: Policy) -> Reply:
    at = _SAMPLE_AT
    missing = tuple(section for section in policy.sections if section.required)
    parts = (ArrivedPart(1234, "00" * 32),) * 5
    return Reply(variant, "SEC-0000-0000", "a@example.org", None, (), at, "unclear", parts, missing, at, at)


_SAMPLE_AT = datetime.fromisoformat("2026-01-05T09:00:00+00:00")
_SAMPLE_DIGEST = Digest(
    day=_SAMPLE_AT.date(),
    timezone=UTC,
    composed_at=_SAMPLE_AT,
    state="1 new",
    sections=(
        Section("New", (Item("SEC-0000-0000", "a subject", "triage it", "nobody", ("a note",), "triaged cases"),)),
    ),
    silent=(("a list mail", 1),),
    seen=(("opened", 1),),
    open_cases=1,
    health=Health(_SAMPLE_AT, ("a problem",), 1, _SAMPLE_AT, "1.0"),
)


def _template_line(error: Exception) -> str:
    """Where in a template it happened, as `file:line`; jinja2 makes tracebacks that point there."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "a template is missing"


def _thread(reply: Reply) -> list[tuple[str, str]]:
    """In-Reply-To and References, of well-formed msg-ids alone, folded one a line."""
    known = [found for found in reply.references if _MSG_ID.fullmatch(found)]
    fields = []
    if reply.in_reply_to and _MSG_ID.fullmatch(reply.in_reply_to):
        fields.append(("In-Reply-To", f"<{reply.in_reply_to}>"))
    if known:
        fields.append(("References", "\r\n ".join(f"<{found}>" for found in known)))
    return fields


def _mailbox(name: str, address: str) -> str:
    """A display name and an address; the name as an encoded word (RFC 2047) unless it is plain."""
    if re.fullmatch(r"[A-Za-z0-9 ]+", name):
        return f"{name} <{address}>"
    if name.isascii() and name.isprintable():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    words = email.header.Header(name, "utf-8", maxlinelen=70).encode(linesep="\r\n")
    return f"{words}\r\n <{address}>"


def _text_fields(text: str, kind: str) -> list[tuple[str, str]]:
    charset = "us-ascii" if text.isascii() else "utf-8"
    return [
        ("Content-Type", f"text/{kind}; charset={charset}"),
        ("Content-Transfer-Encoding", "7bit" if _is_7bit(text) else "quoted-printable"),
    ]


def _is_7bit(text: str) -> bool:
    return text.isascii() and all(len(line) <= 990 for line in text.splitlines())  # noqa: PLR2004 - RFC 5322 section 2.1.1


def _encoded(text: str) -> str:
    if not _is_7bit(text):
        text = quopri.encodestring(text.encode("utf-8")).decode("ascii")
    return "\r\n".join(text.rstrip("\n").split("\n")) + "\r\n"


def _joined(header: Sequence[tuple[str, str]], body: str) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in header) + "\r\n" + body


def _verify(raw: str, to: str) -> None:
    """Read the finished bytes as a receiver would, and let pass only exactly the fields that were meant."""
    received = BytesHeaderParser().parsebytes(raw.encode("ascii"))
    names = [name for name, _ in received.items()]
    meant = [name for name in _ACKNOWLEDGMENT_FIELDS if name in names or name not in _OPTIONAL_FIELDS]
    if sorted(names) != sorted(meant) or received.get_all("To") != [to]:
        raise ValueError("the finished acknowledgment has other header fields than it must have; it is not sent")


def _wrapped(text: str) -> str:
    """Lines of at most 76 characters, long words (URLs) whole; what is indented hangs under its bullet."""
    lines: list[str] = []
    for line in text.strip("\n").split("\n"):
        indent = re.match(r" *(?:[-*] |\d+\. )? *", line)
        hanging = " " * len(indent[0]) if indent else ""
        lines += textwrap.wrap(
            line, _WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
        ) or [""]
    return "\n".join(lines) + "\n"


def _size(octets: int) -> str:
    for factor, unit in ((1_000_000, "MB"), (1000, "kB")):
        if octets >= factor:
            return f"{octets / factor:.1f} {unit}"
    return f"{octets} bytes"


def _clock(at: datetime | None, zone: Any = None) -> str:  # noqa: ANN401 - a tzinfo from the template
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}" if at else "never"
