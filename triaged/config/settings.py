"""What triaged.yaml says, as frozen, validated values; `loading` reads them from the file."""

from datetime import date, timedelta
from pathlib import Path
from typing import Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, model_validator

from triaged.config.login import Frozen, Login, read_secret
from triaged.config.notation import (
    ClamdAddress,
    DomainName,
    Duration,
    Fingerprint,
    KeptFor,
    Language,
    ListId,
    PublicUrl,
    Quiet,
    Size,
    TimeOfDay,
    WebhookUrl,
    Weekday,
)
from triaged.core.policy.fields import MailAddress, Zone


class PublicKey(Frozen):
    """Our OpenPGP key, for who wants to write encrypted."""

    url: PublicUrl
    fingerprint: Fingerprint | None = None
    """Hexadecimal digits, upper case, without spaces."""

    @property
    def grouped(self) -> str:
        """The fingerprint in fours, as people compare it; empty where it is not known."""
        digits = self.fingerprint or ""
        return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


class SecurityTxt(Frozen):
    """What `triaged security-txt` cannot know otherwise (RFC 9116)."""

    canonical: tuple[PublicUrl, ...] = ()
    """Where the file is published."""
    languages: tuple[Language, ...] = ("en",)
    contact: tuple[PublicUrl, ...] = ()
    """Other ways to report, beside the mail address."""
    acknowledgments: PublicUrl | None = None
    """Where reporters are thanked."""


class Identity(Frozen):
    """Who writes the acknowledgments."""

    organization: str = Field(min_length=1)
    name: str = Field(min_length=1)
    address: MailAddress
    aliases: tuple[MailAddress, ...] = ()
    """Other addresses that deliver here; mail from any of them is our own and never answered."""
    key: PublicKey | None = None


class MailboxSettings(Login):
    """The mailbox that reports arrive in."""

    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str
    folder: str = "INBOX"
    poll_every: Duration = timedelta(seconds=60)
    idle: bool = True
    """True if the server may announce new mail between polls (IDLE, RFC 2177), where it can."""
    since: Duration = timedelta(hours=48)
    max_size: Size = Field(default=25_000_000, ge=65536)
    """Bytes; of a larger mail only the beginning is fetched. It still becomes a case."""
    file_to: str | None = None
    """A folder to MOVE settled mail to; default: the mailbox is left exactly as it is."""
    keyword: str | None = Field(default=None, pattern=r"^\$?[A-Za-z0-9_-]+$")
    """A keyword to set on settled mail."""
    sent_folder: str | None = None
    """The folder of sent mail: what the team writes from this mailbox is looked for there, and nothing is changed in it."""


class SmtpSettings(Login):
    """Where acknowledgments and digests are handed in."""

    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "starttls"
    in_flight: int = Field(default=8, ge=1, le=100)
    """Letters noted as on their way in one durable write. After a kill so many at most are in doubt."""
    envelope_from: MailAddress | None = None
    """Envelope sender of acknowledgments; default: the empty one, which nothing answers (RFC 3834 section 3.3)."""


class DigestSettings(Frozen):
    """The team's daily work list."""

    to: tuple[MailAddress, ...] = Field(min_length=1)
    at: TimeOfDay
    timezone: Zone
    weekly: Weekday | None = "monday"
    """The day whose digest carries the week's figures; None: never."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    def is_weekly(self, day: date) -> bool:
        """True if that date's digest carries the week's figures."""
        return self.weekly is not None and get_args(Weekday)[day.weekday()] == self.weekly


class WebhookSettings(Frozen):
    """Where alerts are posted to, and where the secret lies that signs them. The secret itself is never in the YAML."""

    url: WebhookUrl = Field(repr=False)
    secret_file: Path | None = None
    secret_env: str | None = None
    secret_credential: str | None = None
    """Name of a systemd credential (LoadCredential=)."""
    ca_file: Path | None = None
    """A CA to trust beside the system's, for a receiver of one's own."""

    @model_validator(mode="after")
    def _oneread_secret(self) -> Self:
        if sum(source is not None for source in (self.secret_file, self.secret_env, self.secret_credential)) != 1:
            raise ValueError("name one of secret_file, secret_env and secret_credential")
        return self

    @property
    def host(self) -> str:
        """All of the URL that is ever shown."""
        return urlsplit(self.url).hostname or ""

    def secret(self) -> str:
        """The secret, read anew for each alert so that a changed one is used; SettingsError when it is not there."""
        return read_secret("secret", self.host, self.secret_file, self.secret_env, self.secret_credential)


class AlertsSettings(Frozen):
    """Mails to the team at once, when a deadline reaches a mark or is missed, or exploitation is suspected."""

    enabled: bool = True
    to: tuple[MailAddress, ...] = ()
    """Default: those who get the digest."""
    quiet: Quiet | None = None
    """In the digest's zone; what is not urgent waits until they end."""
    command: tuple[str, ...] = ()
    """A program and its arguments that is given each alert as JSON; default: none."""
    webhook: WebhookSettings | None = None
    """Where each alert is posted to as JSON; default: nowhere."""
    closed_days: bool = False
    """True if days on which nobody works, by the policy's calendar, are quiet too."""
    unverified_claims_wait: bool = False
    """True if what is quiet also holds back exploitation that only an unverified sender has claimed."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.command and self.webhook:
            raise ValueError("name a command or a webhook, not both")
        return self


class AwaySettings(Frozen):
    """The team is not at work: said in every mail to a reporter."""

    until: date
    """The last day of it; after that date nothing is said."""
    contact: MailAddress | None = None
    """Whom to write to if it cannot wait."""


class UpdatesSettings(Frozen):
    """The automatic word to verified reporters that their case is still being worked on, when an update is due."""

    enabled: bool = False
    in_a_row: int = Field(default=2, ge=1)
    """So many without a person's word; then it is the team's work again."""


class ReminderSettings(Frozen):
    """The one reminder to verified reporters who are awaited."""

    enabled: bool = True
    after: Duration = timedelta(days=14)
    """How long they have been awaited."""


class RepliesSettings(Frozen):
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
    reminder: ReminderSettings = ReminderSettings()
    on_uncertain: Literal["resend", "hold"] = "resend"


class TrustSettings(Frozen):
    """Whose word on a sender counts."""

    authserv_id: str | None = None
    """Our border MTA's id in Authentication-Results (RFC 8601); without it every sender is unverified."""
    inner_hops: int = Field(default=0, ge=0, le=20)
    """How many Received fields our own servers put above the border's results: 1 for a border that hands on by LMTP."""
    own_lists: tuple[ListId, ...] = ()
    """List-Ids of lists that deliver here: mail through them is people's, not list traffic."""


class AttachmentsSettings(Frozen):
    """Who looks at what reporters attach."""

    clamd: ClamdAddress | None = None
    """Where clamd listens: the path of its socket, or host:port; without it nothing is scanned."""


class RetentionSettings(Frozen):
    """How long raw mail and people are kept; without it, for ever. Open cases, and those on hold, are always kept."""

    raw_mail: KeptFor | None = None
    identities: KeptFor | None = None


class TeamSettings(Frozen):
    """Who works on reports: their mail is never a report, and in a case's thread it is the answer that clocks wait for."""

    addresses: tuple[MailAddress, ...] = ()
    """Default: those who get the digest."""
    domains: tuple[DomainName, ...] = ()
    """Whoever writes from one of these is of the team."""


class Settings(Frozen):
    """Everything in triaged.yaml, paths resolved against its folder."""

    identity: Identity
    mailbox: MailboxSettings
    smtp: SmtpSettings
    digest: DigestSettings
    alerts: AlertsSettings = AlertsSettings()
    replies: RepliesSettings = RepliesSettings()
    team: TeamSettings = TeamSettings()
    trust: TrustSettings = TrustSettings()
    security_txt: SecurityTxt = SecurityTxt()
    attachments: AttachmentsSettings = AttachmentsSettings()
    retention: RetentionSettings = RetentionSettings()
    state_dir: Path
    policy: Path | None = None
    templates: Path | None = None
