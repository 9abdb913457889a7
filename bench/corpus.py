"""The labelled texts that train and measure reading, in the folder $TRIAGED_DATA. They are not committed."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from triaged.composition import house
from triaged.config.loading import example
from triaged.core.intake.decision import Decision
from triaged.core.intake.incoming import Mail, Past
from triaged.core.intake.triage import triage
from triaged.core.letters.house import House
from triaged.core.mail.message import Message
from triaged.core.mail.parsing.reading import read_message
from triaged.core.mail.sender import Trust
from triaged.core.policy.policy import Policy

Row = Mapping[str, Any]
IN_SCOPE = ("model", "infrastructure", "sdk")
SCOPES = (*IN_SCOPE, "out-of-scope")
BORDER = "mx.smallest.ai"
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
# Notices by machines that must be filed like reports.
NOTICES = ("machine:notice-private-report", "machine:exposure-notice")


def folder() -> Path:
    """The folder of the data."""
    named = os.environ.get("TRIAGED_DATA")
    if not named or not Path(named).is_dir():
        raise SystemExit("Name the folder of the labelled texts in $TRIAGED_DATA.")
    return Path(named)


@cache
def rows(name: str) -> tuple[Row, ...]:
    """The rows of a JSON Lines file of the folder."""
    with (folder() / name).open(encoding="utf-8") as lines:
        return tuple(json.loads(line) for line in lines)


def letters() -> tuple[Row, ...]:
    """The mails that were written for the project: reports on models and reports that sound like letters, letters, notices."""
    return (*rows("train/model.jsonl"), *rows("train/kinds.jsonl"))


def half_of(kind: str) -> int:
    """The half that a kind falls into, which is always the same one."""
    return sha256(kind.encode()).digest()[0] % 2


def halves() -> tuple[Sequence[Row], Sequence[Row]]:
    """The written mails by whole kinds, in two halves."""
    both: tuple[list[Row], list[Row]] = ([], [])
    for row in letters():
        both[half_of(row["kind"])].append(row)
    return both


def is_report(row: Row) -> bool:
    """True if its writer reports a flaw of ours; a complaint about wrong answers is not one."""
    return bool(row["report"]) if "report" in row else row["label"] in IN_SCOPE


def is_machine(row: Row) -> bool:
    return str(row["kind"]).startswith("machine:")


def message_of(row: Row) -> Message:
    """A message made from a bare text."""
    return Message("", 0, (), None, (), row["title"], (), (), "text/plain", row["text"])


def decision_on(row: Row, ours: House) -> Decision:
    """The decision on a written mail, header included, from a sender whom the border vouches for."""
    return decided(raw_of(row), ours)


def decided(raw: bytes, ours: House) -> Decision:
    return triage(Mail(read_message(raw), NOW, "SEC-2222-2222"), ours, Past(), NOW)


def raw_of(row: Row) -> bytes:
    mail = EmailMessage(policy=SMTP)
    headers = dict(row.get("headers") or {})
    content_type = headers.pop("Content-Type", "")
    headers = {"From": "R <r@post.example>", "To": "security@smallest.ai", **headers}
    domain = headers["From"].rpartition("@")[2].rstrip(">") or "post.example"
    lines = [f"Authentication-Results: {BORDER}; dmarc=pass header.from={domain}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value.isascii()]
    mail.set_content(row["text"], cte="base64")
    mail["Subject"] = row["title"].replace("\n", " ")
    if content_type and not content_type.startswith("multipart/mixed"):
        lines.append(f"X-Content-Type-Said: {content_type}")
    return "\r\n".join(lines).encode() + b"\r\n" + mail.as_bytes()


def our_house(policy: Policy) -> House:
    """The example's house, whose border vouches for senders."""
    return replace(house(example(), b"bench"), policy=policy, trust=Trust(BORDER))


@dataclass(frozen=True)
class Field:
    """A mail of the field reports, and what was expected of it before the first run."""

    name: str
    raw: bytes
    expected: Row


def field_reports() -> Iterator[Field]:
    place = folder() / "field" / "reports"
    for expected in json.loads((place / "expected.json").read_text(encoding="utf-8")):
        yield Field(expected["id"], (place / "mails" / f"{expected['id']}.eml").read_bytes(), expected)


def by_source(every: Iterable[Row]) -> dict[str, list[Row]]:
    sources: dict[str, list[Row]] = {}
    for row in every:
        sources.setdefault(str(row["source"]), []).append(row)
    return sources
