"""How values are written in triaged.yaml: lengths of time, times of day, sizes, addresses, URLs."""

import re
from datetime import time, timedelta
from ipaddress import IPv6Address
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from triaged.core.erasure.retention import Period
from triaged.core.policy.fields import within_reason
from triaged.core.policy.spans import read_duration
from triaged.core.team.alerts import QuietHours
from triaged.core.text import visible

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are this machine, so that nothing need be encrypted on the way."""
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_HIGHEST_PORT = 65_535
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_WEBHOOK_URL = re.compile(rf"(https?)://({_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::([0-9]{{1,5}}))?(?:[/?][!$-~]*)?")
"""Scheme, host, port; no user or password, and no fragment, which is never sent."""
_PUBLIC_URL = re.compile(rf"https://{_LABEL}(?:\.{_LABEL})+(?::[0-9]{{1,5}})?(?:[/?][!$-;=?-~]*)?")
# OpenPGP: version 4 has 20 octets (RFC 4880 section 12.2), version 6 has 32 (RFC 9580 section 5.5.4).
_FINGERPRINT = re.compile("[0-9A-F]{40}|[0-9A-F]{64}")
_SIZES = {"KB": 1000, "MB": 1000_000, "KiB": 1024, "MiB": 1024 * 1024}


def _duration(value: object) -> object:
    # A bare number has no unit: `since: 48` must not come to mean 48 seconds.
    return within_reason(value if isinstance(value, timedelta) else read_duration(str(value)))


def _time_of_day(value: object) -> object:
    if isinstance(value, time):
        return value
    if not _TIME.fullmatch(str(value)):
        raise ValueError(f'{str(value)!r} is no time of day; write it like "09:00"')
    return time.fromisoformat(str(value))


def _quiet_hours(value: object) -> object:
    if isinstance(value, QuietHours):
        return value
    begins, dash, ends = (part.strip() for part in str(value).partition("-"))
    if not (dash and _TIME.fullmatch(begins) and _TIME.fullmatch(ends)) or begins == ends:
        raise ValueError(f'{visible(str(value), 60)!r} are no quiet hours; write them like "20:00-08:00"')
    return QuietHours(time.fromisoformat(begins), time.fromisoformat(ends))


def _size(value: object) -> object:
    if not isinstance(value, str):
        return value
    for unit, factor in _SIZES.items():
        number = value.removesuffix(unit).strip()
        if value.endswith(unit) and number.isdecimal():
            return int(number) * factor
    raise ValueError(f"{value!r} is no size; write it like 25MB or 512KiB")


def _clamd(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if value.startswith("/") or (host and colon and port.isdecimal() and 0 < int(port) <= _HIGHEST_PORT):
        return value
    raise ValueError(
        f"{visible(value, 60)!r} is neither the path of a socket nor a host and port; write it like "
        '"/run/clamav/clamd.ctl" or "localhost:3310"'
    )


def _webhook_url(value: str) -> str:
    # What is wrong is said without showing it: its path may be a secret.
    parts = _WEBHOOK_URL.fullmatch(value)
    if parts is None or not (_is_host(parts[2]) and 0 < int(parts[3] or 1) <= _HIGHEST_PORT):
        raise ValueError(
            "is no URL that can be posted to, with a host and without user and password; write it like "
            "https://hooks.example.com/triaged"
        )
    if parts[1] == "http" and parts[2].strip("[]") not in LOOPBACK:
        raise ValueError("http is for a receiver on this machine (localhost); use https")
    return value


def _public_url(value: str) -> str:
    # RFC 9116 section 2.5: web URIs in it must begin with https.
    if not _PUBLIC_URL.fullmatch(value):
        raise ValueError("write it like https://example.com/path: https, a host, no spaces")
    return value


def _fingerprint(value: object) -> object:
    digits = "".join(str(value).split()).upper()
    if not _FINGERPRINT.fullmatch(digits):
        raise ValueError("write all of it: 40 hexadecimal digits, or 64; quote it, so that YAML takes it for no number")
    return digits


def _is_host(host: str) -> bool:
    """True if what stands in brackets, if anything does, is an address of IPv6."""
    try:
        return not host.startswith("[") or bool(IPv6Address(host[1:-1]))
    except ValueError:
        return False


def _period(value: object) -> object:
    return value if isinstance(value, Period) else Period.read(str(value))


def _list_id(value: object) -> object:
    return value.strip(" <>").lower() if isinstance(value, str) else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Quiet = Annotated[QuietHours, BeforeValidator(_quiet_hours)]
Size = Annotated[int, BeforeValidator(_size)]
"""In bytes."""
ClamdAddress = Annotated[str, AfterValidator(_clamd)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
Fingerprint = Annotated[str, BeforeValidator(_fingerprint)]
WebhookUrl = Annotated[str, AfterValidator(_webhook_url)]
DomainName = Annotated[str, Field(pattern=r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$")]
"""Lower case, as DNS has it."""
KeptFor = Annotated[Period, BeforeValidator(_period)]
ListId = Annotated[str, BeforeValidator(_list_id)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$")]
"""A tag of RFC 5646."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
