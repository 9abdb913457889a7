"""`triaged check`: one line a check, each failure with its cause and what mends it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

import click

from triaged.adapters.clamd import Clamd
from triaged.adapters.disk.state_dir import exposure
from triaged.adapters.imap.mailbox import ImapMailbox
from triaged.adapters.letters.smtp import SmtpSubmission
from triaged.adapters.letters.smtp_session import WHILE_A_PERSON_WAITS
from triaged.adapters.paging.webhook import signing_key
from triaged.adapters.store.store import open_store
from triaged.cli.faults import BAD_CONFIG, IO_FAILED, LOGIN_REFUSED, OK, UNAVAILABLE, exit_code
from triaged.cli.tables import marked
from triaged.composition import house, prove_templates, utc_now
from triaged.config.loading import Loaded, find_config, load
from triaged.config.notation import LOOPBACK
from triaged.config.settings import MailboxSettings
from triaged.config.yaml_source import SettingsError
from triaged.core.intake.correlate import NO_CASES
from triaged.core.intake.incoming import Mail, Past
from triaged.core.intake.triage import triage
from triaged.core.letters.refusals import REMEDY
from triaged.core.mail.parsing.headers import degraded_message
from triaged.core.plural import counted
from triaged.core.text import visible
from triaged.ports import Refused, StateFault, TryLater

_COLOURS = {"ok": "green", "warning": "yellow", "fault": "red"}
_FREE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    name: str
    state: Literal["ok", "warning", "fault"]
    what: str
    """What was found; for a fault the cause and the remedy."""
    code: int = OK


@click.command()
@click.option("--offline", is_flag=True, help="Run only the checks that need no network.")
@click.pass_obj
def check(config: Path | None, *, offline: bool) -> int:
    """Check the settings, the state directory, the mailbox, the submission server and the scanner."""
    findings = []
    for finding in _findings(config, offline=offline):
        click.echo(
            f"{marked(f'{finding.state:<8}', _COLOURS[finding.state])}{finding.name:<14}{visible(finding.what, 400)}"
        )
        findings.append(finding)
    return next((finding.code for finding in findings if finding.state == "fault"), OK)


def _findings(config: Path | None, *, offline: bool) -> Iterator[Finding]:
    try:
        path = find_config(config)
        loaded = load(path)
    except SettingsError as error:
        yield from (Finding("config", "fault", fault, BAD_CONFIG) for fault in error.faults)
        return
    yield Finding("config", "ok", f"{path} is valid")
    yield Finding("policy", "ok", _policy(loaded))
    yield from (each(loaded) for each in _OFFLINE)
    if offline:
        return
    yield from _mailbox(loaded)
    yield _submission(loaded)
    yield _scanner(loaded)


def _policy(loaded: Loaded) -> str:
    assets = loaded.policy.scopes.assets
    named = len(assets.hosts) + len(assets.packages) + len(assets.models)
    hint = "" if named else "; it names no hosts, packages or models of yours, which are the strongest signs of scope"
    return (
        f"{counted(len(loaded.policy.scopes.rules), 'rule')}, {counted(len(loaded.policy.promises), 'promise')}{hint}"
    )


def _templates(loaded: Loaded) -> Finding:
    try:
        prove_templates(loaded)
    except SettingsError as error:
        return Finding("templates", "fault", "; ".join(error.faults), BAD_CONFIG)
    return Finding("templates", "ok", "every mail renders")


def _state_dir(loaded: Loaded) -> Finding:
    folder = loaded.settings.state_dir
    if not folder.exists():
        parent = next(parent for parent in folder.parents if parent.exists())
        if os.access(parent, os.W_OK):
            return Finding("state", "ok", f"{folder} will be made at the first run")
        return Finding(
            "state", "fault", f"{folder} is not there and cannot be made by this user: create it", BAD_CONFIG
        )
    try:
        if fault := exposure(folder):
            return Finding("state", "fault", fault, IO_FAILED)
        with closing(open_store(folder, read_only=True)) as store:
            count = sum(1 for _ in store.cases())
    except (StateFault, OSError) as error:
        return Finding("state", "fault", str(error), exit_code(error))
    free = shutil.disk_usage(folder).free
    if free < _FREE_BYTES:
        return Finding("state", "warning", f"{folder} has only {free // 1_000_000} MB left: free some space")
    return Finding("state", "ok", f"{folder}: {counted(count, 'case')}, {free // 1_000_000_000} GB free")


def _secrets(loaded: Loaded) -> Finding:
    servers = (loaded.settings.mailbox, loaded.settings.smtp)
    secrets: list[tuple[Callable[[], object], Path | None]] = [(each.password, each.password_file) for each in servers]
    if webhook := loaded.settings.alerts.webhook:
        secrets.append((lambda: signing_key(webhook.secret()), webhook.secret_file))
    for read, path in secrets:
        try:
            read()
        except SettingsError as error:
            return Finding("credentials", "fault", error.faults[0], BAD_CONFIG)
        if path and path.stat().st_mode & 0o077:
            return Finding("credentials", "warning", f"{path} can be read by others: chmod 600 {path}")
    return Finding("credentials", "ok", "passwords can be read")


def _alerts(loaded: Loaded) -> Finding:
    alerts = loaded.settings.alerts
    if not alerts.enabled:
        return Finding("alerts", "warning", "alerts.enabled is false: what is missed is told by the digest alone")
    if alerts.command and shutil.which(alerts.command[0]) is None:
        what = f"{alerts.command[0]} cannot be run: put it there, executable, or correct alerts.command"
        return Finding("alerts", "fault", what, BAD_CONFIG)
    besides = f", and given to {alerts.command[0]}" if alerts.command else ""
    if alerts.webhook:
        besides = f", and posted to {alerts.webhook.host}"
    return Finding("alerts", "ok", f"mailed to {', '.join(alerts.to or loaded.settings.digest.to)}{besides}")


def _updates(loaded: Loaded) -> Finding:
    updates = loaded.settings.replies.updates
    if not updates.enabled:
        return Finding("updates", "ok", "replies.updates is off: what follows an acknowledgment, people write")
    if loaded.settings.trust.authserv_id is None:
        what = "replies.updates is on, but goes to verified reporters only: without trust.authserv_id none is ever sent"
        return Finding("updates", "warning", what)
    return Finding("updates", "ok", f"at most {updates.in_a_row} in a row, to verified reporters of cases taken up")


def _clock(_loaded: Loaded) -> Finding:
    now = utc_now()
    if now.year < _RELEASED:
        return Finding(
            "clock", "fault", f"it says {now:%Y-%m-%d}: set it (timedatectl), deadlines count from it", UNAVAILABLE
        )
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")


_RELEASED = 2026


def _trust(loaded: Loaded) -> Finding:
    border = loaded.settings.trust.authserv_id
    if border is None:
        what = "trust.authserv_id is not set: nobody's address is verified, and the scope of a report is told to nobody"
        return Finding("trust", "warning", what)
    return Finding(
        "trust", "ok", f"the word of {border} on senders counts, above {loaded.settings.trust.inner_hops} inner hops"
    )


def _loop_guard(loaded: Loaded) -> Finding:
    """Mail as from ourselves must be silent: without that, two of our own addresses could talk for ever."""
    own = loaded.settings.identity.address
    raw = f"From: {own}\r\nTo: {own}\r\nSubject: a\r\n\r\nb\r\n".encode()
    now = utc_now()
    decision = triage(
        Mail(degraded_message(raw, "check"), now, "SEC-0000-0000"), house(loaded, b"check"), Past(NO_CASES), now
    )
    if decision.reply:
        return Finding("loop guard", "fault", f"mail from {own} itself would be answered; report this", BAD_CONFIG)
    return Finding("loop guard", "ok", "our own mail is never answered")


_OFFLINE: tuple[Callable[[Loaded], Finding], ...] = (
    _templates,
    _state_dir,
    _secrets,
    _alerts,
    _updates,
    _clock,
    _trust,
    _loop_guard,
)


def _mailbox(loaded: Loaded) -> Iterator[Finding]:
    settings = loaded.settings.mailbox
    # EXAMINE, whatever the settings ask for: SELECT takes \Recent from its mails (RFC 3501 section 2.3.2).
    readonly = settings.model_copy(update={"file_to": None, "keyword": None})
    with closing(ImapMailbox(readonly)) as mailbox:
        try:
            found = mailbox.probe()
        except (TryLater, Refused, SettingsError) as error:
            code = LOGIN_REFUSED if isinstance(error, TryLater) and error.login else UNAVAILABLE
            yield Finding("imap", "fault", str(error), code)
            return
    yield Finding("imap", "ok", f"logged in to {settings.host}:{settings.port} as {settings.username}")
    yield Finding("folder", "ok", f"{settings.folder} is there")
    yield Finding("capabilities", "ok", ", ".join(sorted(found)) or "none of the optional ones")
    if settings.file_to and not found & {"MOVE", "UIDPLUS"}:
        yield Finding(
            "filing", "warning", "file_to is set, but the server has neither MOVE nor UIDPLUS: mail stays put"
        )
    if settings.sent_folder:
        yield _sent_folder(readonly.model_copy(update={"folder": settings.sent_folder}))


def _sent_folder(settings: MailboxSettings) -> Finding:
    with closing(ImapMailbox(settings)) as mailbox:
        try:
            mailbox.probe()
        except (TryLater, Refused, SettingsError) as error:
            return Finding(
                "sent folder", "fault", str(error).replace("mailbox.folder", "mailbox.sent_folder"), UNAVAILABLE
            )
    return Finding("sent folder", "ok", f"{settings.folder} is there")


def _submission(loaded: Loaded) -> Finding:
    """What every acknowledgment and digest will meet: each sender is named, and the team's addresses, and no mail begun."""
    settings = loaded.settings.smtp
    senders = (settings.envelope_from or "", loaded.settings.identity.address)
    with closing(SmtpSubmission(settings, WHILE_A_PERSON_WAITS)) as submission:
        for sender, recipient in product(senders, loaded.settings.digest.to):
            try:
                submission.probe(sender, recipient)
            except (TryLater, SettingsError) as error:
                return Finding("smtp", "fault", str(error), exit_code(error))
            except Refused as error:
                remedy = "correct digest.to" if error.blame == "letter" else REMEDY
                what = f"mail from <{sender}> to <{recipient}>: {error}: {remedy}"
                return Finding("smtp", "fault", what, exit_code(error))
    who = f"logged in as {settings.username}" if settings.username else "no login"
    what = f"{settings.host}:{settings.port} answers, {who}, and would take mail for the team; no mail was sent"
    return Finding("smtp", "ok", what)


def _scanner(loaded: Loaded) -> Finding:
    """Never a fault: nothing waits for a scanner."""
    address = loaded.settings.attachments.clamd
    if address is None:
        return Finding("clamd", "ok", "attachments.clamd is not set: attachments are not scanned")
    try:
        version = Clamd(address, within=5.0).probe()
    except TryLater as error:
        return Finding("clamd", "warning", f"{error}; mails wait a day for it, then they stay unscanned")
    if not address.startswith("/") and address.rpartition(":")[0].strip("[]") not in LOOPBACK:
        return Finding("clamd", "warning", f"{address} answers, {version}; mails travel there unencrypted")
    return Finding("clamd", "ok", f"{address} answers, {version}")
