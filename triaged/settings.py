"""What triaged.yaml says, as frozen, validated values; `loading` reads them from the file."""

import os
import re
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from triaged.core.case.alerts import QuietHours
from triaged.core.fields import Zone, within_reason
from triaged.core.spans import read_duration
from triaged.core.text import visible
from triaged.yaml_source import SettingsError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are this machine, so that nothing need be encrypted on the way."""
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_HIGHEST_PORT = 65_535
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
    if value is None or isinstance(value, QuietHours):
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


def _list_id(value: object) -> object:
    return value.strip(" <>").lower() if isinstance(value, str) else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
# One plain mailbox; what SMTP could take amiss (spaces, quotes, a leading dash) is refused, not escaped.
MailAddress = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._%+/=-]*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$")
]


ListId = Annotated[str, BeforeValidator(_list_id)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Identity(_Frozen):
    """Who writes the acknowledgments."""

    organization: str = Field(min_length=1)
    name: str = Field(min_length=1)
    address: MailAddress
    aliases: tuple[MailAddress, ...] = ()
    """Other addresses that deliver here; mail from any of them is our own and never answered."""


class Login(_Frozen):
    """A server, how to reach it, and where its password lies. The password itself is never in the YAML."""

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    security: Literal["tls", "starttls", "none"]
    username: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    password_credential: str | None = None
    """Name of a systemd credential (LoadCredential=)."""
    ca_file: Path | None = None
    """A CA to trust beside the system's, for a server of one's own."""

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("security: none is for a server on this machine (localhost); use tls or starttls")
        named = [self.password_file, self.password_env, self.password_credential]
        if sum(source is not None for source in named) > 1:
            raise ValueError("name one of password_file, password_env and password_credential, not several")
        if self.username is not None and not any(named):
            raise ValueError("a username needs a password_file, a password_env or a password_credential")
        return self

    def password(self) -> str:
        """The password, read anew at each login so that a changed one is used; SettingsError when it is not there."""
        if self.password_env is not None:
            if self.password_env in os.environ:
                return os.environ[self.password_env]
            raise SettingsError((f"${self.password_env} is not set, and {self.host} needs its password from there",))
        path = self.password_file
        if self.password_credential is not None:
            path = Path(os.environ.get("CREDENTIALS_DIRECTORY", "/run/credentials")) / self.password_credential
        if path is None:
            return ""
        try:
            return path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            cause = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise SettingsError((f"{path}: the password for {self.host} cannot be read: {cause}",)) from error


class MailboxSettings(Login):
    """The mailbox that reports arrive in."""

    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str
    folder: str = "INBOX"
    poll_every: Duration = timedelta(seconds=60)
    idle: bool = True
    """Whether the server may announce new mail between polls (IDLE, RFC 2177), where it can."""
    since: Duration = timedelta(hours=48)
    max_size: Annotated[int, BeforeValidator(_size), Field(ge=65536)] = 25_000_000
    """Bytes; of a larger mail only the beginning is fetched. It still becomes a case."""
    file_to: str | None = None
    """A folder to MOVE settled mail to; default: the mailbox is left exactly as it is."""
    keyword: str | None = Field(default=None, pattern=r"^\$?[A-Za-z0-9_-]+$")
    """A keyword to set on settled mail."""


class SmtpSettings(Login):
    """Where acknowledgments and digests are handed in."""

    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "starttls"
    envelope_from: MailAddress | None = None
    """Envelope sender of acknowledgments; default: the empty one, which nothing answers (RFC 3834 section 3.3)."""


class DigestSettings(_Frozen):
    """The team's daily work list."""

    to: tuple[MailAddress, ...] = Field(min_length=1)
    at: Annotated[time, BeforeValidator(_time_of_day)]
    timezone: Zone
    weekly: Weekday | None = "monday"
    """The day whose digest carries the week's figures; None: never."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    def is_weekly(self, day: date) -> bool:
        """Whether that date's digest carries the week's figures."""
        return self.weekly is not None and get_args(Weekday)[day.weekday()] == self.weekly


class AlertsSettings(_Frozen):
    """Mails to the team at once, when a deadline reaches a mark or is missed, or exploitation is suspected."""

    enabled: bool = True
    to: tuple[MailAddress, ...] = ()
    """Default: those who get the digest."""
    quiet: Annotated[QuietHours | None, BeforeValidator(_quiet_hours)] = None
    """In the digest's zone; what is not urgent waits until they end."""
    command: tuple[str, ...] = ()
    """A program and its arguments that is given each alert as JSON; default: none."""
    closed_days: bool = False
    """Whether days on which nobody works, by the policy's calendar, are quiet too."""


class AwaySettings(_Frozen):
    """The team is not at work: said in every mail to a reporter."""

    until: date
    """The last day of it; after that date nothing is said."""
    contact: MailAddress | None = None
    """Whom to write to if it cannot wait."""


class UpdatesSettings(_Frozen):
    """The automatic word to verified reporters that their case is still being worked on, when an update is due."""

    enabled: bool = False
    in_a_row: int = Field(default=2, ge=1)
    """So many without a person's word; then it is the team's work again."""


class RepliesSettings(_Frozen):
    """Caps on mails to reporters, and what to do when it is uncertain whether one went out."""

    per_address_per_day: int = Field(default=5, ge=1)
    per_domain_per_hour: int = Field(default=20, ge=1)
    per_hour: int = Field(default=60, ge=1)
    per_domain_per_day: int = Field(default=100, ge=1)
    per_day: int = Field(default=400, ge=1)
    flood_per_hour: int = Field(default=60, ge=1)
    """So many new cases in an hour are a flood: the team gets an alarm, acknowledgments shrink to two sentences."""
    away: AwaySettings | None = None
    updates: UpdatesSettings = UpdatesSettings()
    on_uncertain: Literal["resend", "hold"] = "resend"


class TrustSettings(_Frozen):
    """Whose word on a sender counts."""

    authserv_id: str | None = None
    """Our border MTA's id in Authentication-Results (RFC 8601); without it every sender is unverified."""
    inner_hops: int = Field(default=0, ge=0, le=20)
    """How many Received fields our own servers put above the border's results: 1 for a border that hands on by LMTP."""
    own_lists: tuple[ListId, ...] = ()
    """List-Ids of lists that deliver here: mail through them is people's, not list traffic."""


class AttachmentsSettings(_Frozen):
    """Who looks at what reporters attach."""

    clamd: Annotated[str, AfterValidator(_clamd)] | None = None
    """Where clamd listens: the path of its socket, or host:port; without it nothing is scanned."""


class Settings(_Frozen):
    """Everything in triaged.yaml, paths resolved against its folder."""

    identity: Identity
    mailbox: MailboxSettings
    smtp: SmtpSettings
    digest: DigestSettings
    alerts: AlertsSettings = AlertsSettings()
    replies: RepliesSettings = RepliesSettings()
    trust: TrustSettings = TrustSettings()
    attachments: AttachmentsSettings = AttachmentsSettings()
    state_dir: Path
    policy: Path | None = None
    templates: Path | None = None
