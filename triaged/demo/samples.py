"""The sample mails: a dozen of different kinds, one that is too old, and two answers to our acknowledgments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "mails"
_HOUR = timedelta(hours=1)

# How long before the demo each mail arrived; those not named here arrived within the last hour.
_ARRIVED_BEFORE = {"07-scanner": 47 * _HOUR, "12-two-senders": 30 * _HOUR, "14-last-week": 168 * _HOUR}

ANSWERS: Mapping[str, str] = {"15-follow-up": "02-incomplete-idor", "16-out-of-office": "03-sdk-prototype-pollution"}
"""A sample that answers the acknowledgment of another one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail and when it arrives."""

    name: str
    raw: bytes
    arrived_at: datetime


def reports(now: datetime) -> tuple[Sample, ...]:
    """The mails in the mailbox when the daemon first sees it."""
    names = sorted(path.stem for path in _FOLDER.glob("*.eml"))
    return tuple(_sample(name, now - _ARRIVED_BEFORE.get(name, _HOUR / 4)) for name in names if name not in ANSWERS)


def answer(name: str, message_id: str, subject: str, now: datetime) -> Sample:
    """The named sample, made an answer to the mail with this Message-ID and subject."""
    return _sample(name, now, ACK=message_id, SUBJECT=subject)


def sender_of(name: str) -> str:
    """The sender's address, from the sample's Return-Path."""
    first = _sample(name, datetime.fromtimestamp(0, UTC)).raw.split(b"\n", 1)[0]
    return first.decode("ascii").partition("<")[2].partition(">")[0]


def _sample(name: str, at: datetime, **facts: str) -> Sample:
    text = (_FOLDER / f"{name}.eml").read_text(encoding="utf-8")
    for key, value in {"DATE": format_datetime(at), **facts}.items():
        text = text.replace(f"@{key}@", value)
    return Sample(name, text.replace("\n", "\r\n").encode(), at)
