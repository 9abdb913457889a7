"""The demo's two mornings: the mailbox as it is found, then what comes back to our acknowledgments."""

from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from triaged.adapters.letters.render import JinjaRenderer
from triaged.adapters.notify import write_pulse
from triaged.composition import open_round, renderer, utc_now
from triaged.config.loading import Loaded, load
from triaged.core.case.case import Case
from triaged.core.plural import counted
from triaged.core.team.drafts import daily_digest
from triaged.demo.samples import ANSWERS, answer, reports, sender_of
from triaged.demo.servers import PASSWORD, USER, Servers
from triaged.ports import Pulse
from triaged.service.morning import compose_digest, health
from triaged.service.round import Round
from triaged.service.settling import Settled

_CONFIG = """\
# The demo's settings; its servers are gone, its state is real: try `triaged --config {folder}/triaged.yaml cases`.
identity:
  organization: Smallest.AI
  name: Smallest.AI Security
  address: {user}
mailbox:
  host: localhost
  port: {imap_port}
  security: none
  username: {user}
  password_file: password
smtp:
  host: localhost
  port: {smtp_port}
  security: none
digest:
  to: [team@smallest.ai]
  at: "09:00"
  timezone: UTC
trust:
  authserv_id: mx.smallest.ai
state_dir: state
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What the demo has to show."""

    loaded: Loaded
    first: list[Settled]
    """The mails that lay in the mailbox."""
    left_alone: int
    """Mails older than the window."""
    second: list[Settled]
    """The mails that came back to our acknowledgments."""
    cases: tuple[Case, ...]
    sent: list[bytes]
    digest: tuple[str, str, str]
    """Subject, text and HTML."""


def tell(folder: Path, servers: Servers, say: Callable[[str], None]) -> Told:
    """Run the daemon's own passes on the samples; `say` is told what happens. The state stays in `folder`."""
    loaded = _settings(folder, servers)
    samples = reports(utc_now())
    for sample in samples:
        servers.append(sample.raw, sample.arrived_at)
    lie = counted(len(samples), "mail lies", "mails lie")
    say(f"{lie} in the mailbox of {USER}; the daemon looks at it for the first time ...")
    with open_round(loaded) as rooms:
        first = _pass(rooms, loaded)
        say("... and again, after two answers to its acknowledgments have come in ...")
        _answer(rooms, servers)
        second = _pass(rooms, loaded)
        return Told(
            loaded=loaded,
            first=first,
            left_alone=len(samples) - len(first),
            second=second,
            cases=tuple(rooms.under_way.store.cases()),
            sent=servers.sent(),
            digest=_digest(rooms, loaded, renderer(loaded, rooms.under_way.key)),
        )


def _settings(folder: Path, servers: Servers) -> Loaded:
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    path = folder / "triaged.yaml"
    text = _CONFIG.format(folder=folder, user=USER, imap_port=servers.imap_port, smtp_port=servers.smtp_port)
    path.write_text(text, encoding="utf-8")
    return load(path)


def _pass(rooms: Round, loaded: Loaded) -> list[Settled]:
    done = rooms.once()
    if done.trouble:
        raise done.trouble
    write_pulse(loaded.settings.state_dir, Pulse(last_poll_at=utc_now()))
    return done.settled


def _answer(rooms: Round, servers: Servers) -> None:
    """Send what two reporters send back: one what was missing, the other an absence notice."""
    acknowledgments = {letter.to[0]: letter for case in rooms.under_way.store.cases() for letter in case.letters}
    for name, answered in ANSWERS.items():
        letter = acknowledgments[sender_of(answered)]
        subject = message_from_bytes(letter.raw.encode("ascii"))["Subject"]
        sample = answer(name, letter.message_id, subject, utc_now())
        servers.append(sample.raw, sample.arrived_at)


def _digest(rooms: Round, loaded: Loaded, write: JinjaRenderer) -> tuple[str, str, str]:
    now, settings = utc_now(), loaded.settings.digest
    well = health(rooms.under_way.store, Pulse(last_poll_at=now), now)
    day = now.astimezone(settings.timezone).date()
    composed = compose_digest(rooms.under_way.store, loaded.policy, well, now, day, settings)
    return write.words(daily_digest(composed, settings.to, now))
