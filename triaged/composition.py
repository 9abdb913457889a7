"""The composition root: makes adapters and rooms from the settings, and runs single passes."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from triaged.adapters.clamd import Clamd
from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.erasures import ErasureBox
from triaged.adapters.disk.lock import locked
from triaged.adapters.disk.spool import FileSpool
from triaged.adapters.disk.state_dir import has_key, secret_key
from triaged.adapters.imap.mailbox import ImapMailbox
from triaged.adapters.letters.render import JinjaRenderer
from triaged.adapters.letters.smtp import SmtpSubmission
from triaged.adapters.letters.templates import folder_faults
from triaged.adapters.notify import read_pulse, write_pulse
from triaged.adapters.paging.program import CommandPager
from triaged.adapters.paging.webhook import WebhookPager, signing_key
from triaged.adapters.reader.reader import ChildReader
from triaged.adapters.store.store import open_store
from triaged.config.loading import Loaded
from triaged.config.settings import AlertsSettings, MailboxSettings
from triaged.config.yaml_source import SettingsError
from triaged.core.case.naming import CASE_ID_PATTERN, wrote
from triaged.core.erasure.retention import Kept
from triaged.core.intake.decision import Decision
from triaged.core.letters.caps import Caps
from triaged.core.letters.house import House, Team
from triaged.core.letters.reply import Away
from triaged.core.mail.automatic.signs import Ours
from triaged.core.mail.message import Message
from triaged.core.mail.sender import Trust
from triaged.ports import Fetched, Pager, Spool, Store, Unwritten
from triaged.service.erasing import Archive, sweep
from triaged.service.intake import orphans, preview
from triaged.service.morning import missing_mail
from triaged.service.opening import Shelf
from triaged.service.rooms import Mailroom, Outgoing, Pageroom, Scanroom, UnderWay, WritingDesk
from triaged.service.round import Done, Round


def utc_now() -> datetime:
    """The clock of the whole product."""
    return datetime.now(UTC)


def house(loaded: Loaded, key: bytes) -> House:
    """The settings that a decision on a mail needs; `key` recognises our own Message-IDs."""
    identity, replies = loaded.settings.identity, loaded.settings.replies
    own = frozenset(address.lower() for address in (identity.address, *identity.aliases))
    caps = Caps(**replies.model_dump(include={field.name for field in fields(Caps)}))
    trust = loaded.settings.trust
    ours = Ours(own, frozenset(trust.own_lists), partial(wrote, key), re.compile(CASE_ID_PATTERN))
    away = Away(replies.away.until, replies.away.contact) if replies.away else None
    in_a_row = replies.updates.in_a_row if replies.updates.enabled else 0
    alerts = loaded.settings.alerts
    told = alerts.enabled and bool(alerts.to or loaded.settings.digest.to)
    remind_after = replies.reminder.after if replies.reminder.enabled else None
    ours_only = Trust(trust.authserv_id, trust.inner_hops)
    return House(loaded.policy, ours, caps, ours_only, away, _team(loaded), in_a_row, told, remind_after)


def _team(loaded: Loaded) -> Team:
    """The team's addresses and domains, from the settings."""
    settings = loaded.settings
    own = (settings.identity.address, *settings.identity.aliases)
    addresses = settings.team.addresses or (() if settings.team.domains else settings.digest.to)
    return Team(
        # Mail from our own address is the team's only if a person sent it in a case's thread.
        frozenset(each.lower() for each in addresses) - frozenset(each.lower() for each in own),
        frozenset(settings.team.domains),
        frozenset(each.lower().rpartition("@")[2] for each in own),
    )


def renderer(loaded: Loaded, key: bytes, *, answers: bool = True) -> JinjaRenderer:
    """The renderer for these settings; `key` makes its Message-IDs. With `answers`, mail to the team says how to answer."""
    settings = loaded.settings
    return JinjaRenderer(
        settings.identity,
        loaded.policy,
        key,
        envelope_from=settings.smtp.envelope_from or "",
        overrides=settings.templates,
        answers=answers and settings.trust.authserv_id is not None,
    )


def prove(loaded: Loaded) -> None:
    """Raise SettingsError for a missing password or secret or a faulty template, which would soon stop the daemon."""
    settings = loaded.settings
    for server in (settings.mailbox, settings.smtp):
        server.password()
    if settings.alerts.webhook is not None:
        signing_key(settings.alerts.webhook.secret())
    if settings.templates is not None:
        prove_templates(loaded)


def prove_templates(loaded: Loaded) -> None:
    """Check the team's folder and render every mail with made-up facts; SettingsError names the fault and its place."""
    folder = loaded.settings.templates
    if folder is not None and (faults := tuple(folder_faults(folder))):
        raise SettingsError(faults)
    try:
        renderer(loaded, b"proof").proof()
    except Unwritten as error:
        raise SettingsError((f"{error}; mend it, or remove it to use the shipped one",)) from error


@contextmanager
def open_round(loaded: Loaded) -> Iterator[Round]:
    """Everything that the passes need, under the lock of the state directory; closed in order at the end.

    Raises SettingsError as `prove` does, AlreadyRunning or StateUnusable.
    """
    prove(loaded)
    state_dir = loaded.settings.state_dir
    with ExitStack() as stack:
        stack.enter_context(locked(state_dir))
        store = stack.enter_context(closing(open_store(state_dir)))
        spool = FileSpool(state_dir / "spool")
        under_way = UnderWay(
            store=store,
            spool=spool,
            reader=stack.enter_context(closing(ChildReader())),
            decisions=DecisionBox(state_dir / "decisions"),
            key=secret_key(state_dir),
            clock=utc_now,
            orphans=orphans(store, spool),
        )
        sweep(store, spool)
        rooms = furnished(loaded, under_way)
        stack.callback(rooms.outgoing.submission.close)
        stack.callback(hang_up, rooms)
        yield rooms


@contextmanager
def open_shelf(loaded: Loaded) -> Iterator[Shelf]:
    """Only what `opening` needs, under the lock of the state directory: no server, no password. Raises AlreadyRunning."""
    state_dir = loaded.settings.state_dir
    with ExitStack() as stack:
        stack.enter_context(locked(state_dir))
        store = stack.enter_context(closing(open_store(state_dir)))
        reader = stack.enter_context(closing(ChildReader(policy=loaded.policy)))
        key, spool = secret_key(state_dir), FileSpool(state_dir / "spool")
        sweep(store, spool)
        yield Shelf(store, spool, reader, house(loaded, key), key)


@contextmanager
def open_archive(loaded: Loaded) -> Iterator[Archive]:
    """All that is kept, to erase from it, under the lock of the state directory; raises AlreadyRunning."""
    state_dir = loaded.settings.state_dir
    with locked(state_dir), closing(open_store(state_dir)) as store:
        spool = FileSpool(state_dir / "spool")
        sweep(store, spool)
        yield archive_of(loaded, store, spool, secret_key(state_dir))


def archive_of(loaded: Loaded, store: Store, spool: Spool, key: bytes) -> Archive:
    """All that is kept, in this store and this spool."""
    box, retention = ErasureBox(loaded.settings.state_dir / "decisions"), loaded.settings.retention
    kept = Kept(retention.raw_mail, retention.identities)
    return Archive(store, spool, box, house(loaded, key), key, utc_now, kept)


def run_once(loaded: Loaded) -> tuple[int, int, int]:
    """Run one pass of everything; returns the numbers of mails taken in, letters sent, and letters still owed.

    If the mailbox cannot be read, it still tries every owed letter, then raises TryLater or Refused.
    """
    with open_round(loaded) as rooms:
        done = rooms.once()
        _keep_pulse(loaded, rooms, done)
        rooms.look_after()
        if done.trouble:
            raise done.trouble
        return len(done.settled), done.sent, len(rooms.under_way.store.owed())


def _keep_pulse(loaded: Loaded, rooms: Round, done: Done) -> None:
    """Record the result of the poll for `triaged status`."""
    pulse, now = replace(read_pulse(loaded.settings.state_dir), pid=0), utc_now()
    if done.trouble:
        pulse = replace(pulse, trouble=str(done.trouble), trouble_since=pulse.trouble_since or now)
    else:
        # The next run starts with a new memory, so a mail that failed once is reported at once.
        unreadable = missing_mail(rooms.mailrooms, times=1)
        pulse = replace(pulse, last_poll_at=now, trouble="", trouble_since=None, unreadable=unreadable)
    write_pulse(loaded.settings.state_dir, pulse)


def look(loaded: Loaded) -> Iterator[tuple[Fetched, Message, Decision]]:
    """What a poll would take in and decide. Reads the mailbox and the store, and changes neither."""
    settings = loaded.settings
    # With nothing to file or mark, the mailbox is opened read-only (EXAMINE).
    mailbox = ImapMailbox(settings.mailbox.model_copy(update={"file_to": None, "keyword": None}))
    with ExitStack() as stack:
        stack.enter_context(closing(mailbox))
        reader = stack.enter_context(closing(ChildReader(policy=loaded.policy)))
        folder = settings.state_dir
        if not folder.is_dir():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            open_store(folder).close()
        store = stack.enter_context(closing(open_store(folder, read_only=True)))
        yield from preview(mailbox, reader, store, house(loaded, _known_key(settings.state_dir)), utc_now)


def _known_key(state_dir: Path) -> bytes:
    """The key of that state directory, or a made-up one if it has none: a preview creates no files."""
    return secret_key(state_dir) if has_key(state_dir) else b"none yet"


def furnished(loaded: Loaded, under_way: UnderWay) -> Round:
    """The rooms for these settings. Work under way lives in `under_way`, so a reload loses none of it."""
    settings, key = loaded.settings, under_way.key
    under_way.reader.reads_by(loaded.policy)
    ours, pager = house(loaded, key), _pager(settings.alerts)
    desk = WritingDesk(
        under_way,
        house=ours,
        renderer=renderer(loaded, key),
        digest_settings=settings.digest,
        alert_settings=settings.alerts,
        paged=pager is not None,
    )
    mailroom = Mailroom(
        under_way,
        desk,
        mailbox=ImapMailbox(settings.mailbox),
        sent=_sent_mail(settings.mailbox),
        sent_folder=settings.mailbox.sent_folder,
    )
    return Round(
        under_way,
        mailrooms=(mailroom,),
        desk=desk,
        outgoing=Outgoing(
            under_way,
            ours,
            SmtpSubmission(settings.smtp),
            settings.replies.on_uncertain,
            settings.smtp.in_flight,
        ),
        scanroom=Scanroom(under_way, Clamd(settings.attachments.clamd) if settings.attachments.clamd else None),
        pageroom=Pageroom(under_way, pager),
        archive=replace(
            archive_of(loaded, under_way.store, under_way.spool, key),
            clock=under_way.clock,
            turn=under_way.turn,
            # Asked for when it is called: a daemon sets it once its rooms are there.
            alive=lambda: under_way.alive(),  # noqa: PLW0108
        ),
    )


def _sent_mail(mailbox: MailboxSettings) -> ImapMailbox | None:
    """The folder of sent mail, if one is watched. Nothing is filed from it, so it is opened read-only (EXAMINE)."""
    if mailbox.sent_folder is None:
        return None
    return ImapMailbox(mailbox.model_copy(update={"folder": mailbox.sent_folder, "file_to": None, "keyword": None}))


def _pager(alerts: AlertsSettings) -> Pager | None:
    if alerts.webhook is not None:
        return WebhookPager(alerts.webhook, utc_now)
    return CommandPager(alerts.command) if alerts.command else None


def hang_up(rooms: Round) -> None:
    """End every conversation except the one with the submission server: the thread that holds it ends that itself."""
    for room in rooms.mailrooms:
        room.mailbox.close()
        if room.sent is not None:
            room.sent.close()
    for outside in (rooms.scanroom.scanner, rooms.pageroom.pager):
        if outside is not None:
            outside.abort()
